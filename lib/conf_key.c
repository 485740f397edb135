/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "conf_key.h"
#include "fail.h"
#include "mem.h"
#include "name.h"
#include "request_check.h"

#define AT(member) offsetof(struct conf, member)
#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86400
#define KIB INT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)

static int
refuse(const struct conf_key *k, const char *value, struct fail *f)
{
	return fail_set(f, EX_CONFIG, "%s: \"%.80s\" is not %s", k->name,
	    value, k->want);
}

char *
conf_resolve(const char *file, const char *path)
{
	size_t n = (size_t)(strrchr(file, '/') - file);

	/* No part of file is a symlink, so ".." can be taken as it reads. */
	if (*path == '/')
		return mem_dup(path);
	for (;;) {
		if (strncmp(path, "./", 2) == 0) {
			path += 2;
		} else if (strncmp(path, "../", 3) == 0) {
			path += 3;
			while (n > 0 && file[--n] != '/')
				;
		} else {
			return mem_printf("%.*s/%s", (int)n, file, path);
		}
	}
}

static bool
is_filled(const char *s)
{
	return *s;
}

static bool
is_exit_20(const char *s)
{
	return !strcmp(s, "tmpfail") || !strcmp(s, "retry") ||
	    !strcmp(s, "fail");
}

/* Whether it looks like one; to listen there shows whether it is. */
static bool
is_address(const char *s)
{
	const char *colon = strrchr(s, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	return colon && colon > s && digits >= 1 && digits <= 5 &&
	    !colon[1 + digits] && (s[0] == '[' || strchr(s, ':') == colon);
}

static int
set_path(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;

	if (!*value)
		return refuse(k, value, f);
	*(char **)to = conf_resolve(c->file, value);
	return 0;
}

static int
add_path(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;

	if (!*value)
		return refuse(k, value, f);
	strs_take(to, conf_resolve(c->file, value));
	return 0;
}

static int
set_text(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;

	if (!k->ok(value))
		return refuse(k, value, f);
	*(char **)to = mem_dup(value);
	return 0;
}

static int
add_item(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;

	if (!k->ok(value))
		return refuse(k, value, f);
	strs_add(to, value);
	return 0;
}

static int
set_number(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;
	size_t digits = strspn(value, "0123456789");
	int64_t n = strtoll(value, NULL, 10);

	if (digits < 1 || digits > 9 || value[digits] || n < k->least ||
	    n > k->most)
		return refuse(k, value, f);
	*(unsigned *)to = (unsigned)n;
	return 0;
}

static int
set_span(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;
	int64_t s;

	if (clock_parse_span(value, &s) != 0 || s < k->least || s > k->most)
		return refuse(k, value, f);
	*(int64_t *)to = s;
	return 0;
}

static int
parse_size(const char *value, int64_t *size)
{
	static const struct { const char *unit; int64_t size; } units[] = {
	    { "", 1 }, { "K", KIB }, { "M", MIB }, { "G", GIB },
	    { "T", TIB } };
	size_t digits = strspn(value, "0123456789");

	/* Six digits of TiB are still far from 63 bits. */
	if (digits < 1 || digits > (value[digits] ? 6 : 15))
		return -1;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(value + digits, units[i].unit) == 0) {
			*size = strtoll(value, NULL, 10) * units[i].size;
			return 0;
		}
	return -1;
}

static int
set_size(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	void *to = (char *)c + k->at;
	int64_t size;

	if (parse_size(value, &size) != 0 || size < k->least || size > k->most)
		return refuse(k, value, f);
	*(int64_t *)to = size;
	return 0;
}

static int
set_on_stop(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	if (strcmp(value, "finish") == 0)
		c->on_stop = CONF_STOP_FINISH;
	else if (strcmp(value, "give-back") == 0)
		c->on_stop = CONF_STOP_GIVE_BACK;
	else
		return refuse(k, value, f);
	return 0;
}

static int
set_isolate(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	if (strcmp(value, "auto") == 0)
		c->isolate = CONF_ISOLATE_AUTO;
	else if (strcmp(value, "always") == 0)
		c->isolate = CONF_ISOLATE_ALWAYS;
	else if (strcmp(value, "never") == 0)
		c->isolate = CONF_ISOLATE_NEVER;
	else
		return refuse(k, value, f);
	return 0;
}

/* A word, or a directory by its whole path: it is nobody's to move. */
static int
set_cgroup(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
	    strcmp(value, "never") != 0 && (value[0] != '/' || !value[1]))
		return refuse(k, value, f);
	c->cgroup = mem_dup(value);
	return 0;
}

/* "150%" or "1.5"; to whole percents of a CPU. */
static int
set_cpu(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	size_t whole = strspn(value, "0123456789");
	size_t part = value[whole] == '.' ?
	    strspn(value + whole + 1, "0123456789") : 0;
	const char *rest = value + whole + (part ? part + 1 : 0);
	bool percent = strcmp(rest, "%") == 0;
	long n = strtol(value, NULL, 10);

	if (whole < 1 || whole > 6 || part > 2 || (percent && part) ||
	    (*rest && !percent))
		return refuse(k, value, f);
	if (!percent)
		n *= 100;
	if (part)
		n += strtol(value + whole + 1, NULL, 10) * (part == 1 ? 10 : 1);
	if (n < k->least || n > k->most)
		return refuse(k, value, f);
	c->cpu_most_percent = (unsigned)n;
	return 0;
}

#define TIMEOUT(key, which) \
	{ .name = key, .set = set_span, \
	  .at = AT(timeouts_s) + (which) * sizeof(int64_t), .least = 1, \
	  .most = 30 * DAY_S, .want = "a time from 1s to 30d, like 3h" }
#define LIST_FILE(key, member) \
	{ .name = key, .set = set_path, .at = AT(member), .want = "a file" }

const struct conf_key conf_keys[] = {
	{ .name = "spool", .set = set_path, .at = AT(spool),
	  .want = "a directory" },
	{ .name = "results", .set = set_path, .at = AT(results),
	  .want = "a directory" },
	{ .name = "suite", .set = set_text, .at = AT(suite),
	  .ok = name_suite_ok, .want = "a suite, like unstable" },
	{ .name = "worker", .set = set_text, .at = AT(worker),
	  .ok = name_worker_ok, .want = "a worker's name, like ci-host1" },
	{ .name = "queues", .takes = CONF_TAKES_LIST, .set = add_item,
	  .at = AT(queues), .ok = name_queue_ok,
	  .want = "a queue, like amd64 or amd64.huge" },
	{ .name = "slots", .set = set_number, .at = AT(slots), .least = 1,
	  .most = CONF_SLOTS_MOST, .want = "a number from 1 to 256" },
	{ .name = "scratch", .set = set_path, .at = AT(scratch),
	  .want = "a directory" },
	{ .name = "expose", .takes = CONF_TAKES_LIST, .set = add_path,
	  .at = AT(expose), .want = "a file or a directory" },
	{ .name = "autopkgtest", .takes = CONF_TAKES_WORDS, .set = add_item,
	  .at = AT(autopkgtest), .ok = is_filled, .want = "a command" },
	{ .name = "arguments", .takes = CONF_TAKES_WORDS, .set = add_item,
	  .at = AT(arguments), .ok = is_filled,
	  .want = "an option of autopkgtest's" },
	{ .name = "virt-server", .takes = CONF_TAKES_WORDS, .set = add_item,
	  .at = AT(virt_server), .ok = conf_template_ok,
	  .want = "a word in which only {suite}, {arch}, {package} and {id} "
	  "are in braces" },
	{ .name = "setup-commands", .takes = CONF_TAKES_LIST, .set = add_item,
	  .at = AT(setup_commands), .ok = is_filled,
	  .want = "a shell command" },
	{ .name = "env", .takes = CONF_TAKES_LIST, .set = add_item,
	  .at = AT(env), .ok = request_env_ok,
	  .want = "NAME=value on one line, without '" },
	{ .name = "timeout", .set = set_span, .at = AT(timeout_s), .least = 1,
	  .most = 30 * DAY_S, .want = "a time from 1s to 30d, like 8h" },
	{ .name = "attempts", .set = set_number, .at = AT(attempts),
	  .least = 1, .most = 100, .want = "a number from 1 to 100" },
	{ .name = "backoff", .set = set_span, .at = AT(backoff_s),
	  .most = 7 * DAY_S, .want = "a time from 0s to 7d, like 5m" },
	{ .name = "exit-20", .set = set_text, .at = AT(exit_20),
	  .ok = is_exit_20, .want = "tmpfail, retry or fail" },
	{ .name = "elsewhere", .set = set_span, .at = AT(elsewhere_s),
	  .most = 7 * DAY_S, .want = "a time from 0s to 7d, like 30m" },
	{ .name = "bad-host", .set = set_number, .at = AT(bad_host),
	  .most = 1000, .want = "a number from 0 to 1000" },
	{ .name = "failures", .set = set_path, .at = AT(failures),
	  .want = "a file" },
	{ .name = "on-stop", .set = set_on_stop,
	  .want = "finish or give-back" },
	{ .name = "isolate", .set = set_isolate,
	  .want = "auto, always or never" },
	{ .name = "settle", .set = set_span, .at = AT(settle_s),
	  .most = HOUR_S, .want = "a time from 0s to 1h, like 2s" },
	{ .name = "poll", .set = set_span, .at = AT(poll_s), .least = 1,
	  .most = HOUR_S, .want = "a time from 1s to 1h, like 5s" },
	{ .name = "heartbeat", .set = set_span, .at = AT(heartbeat_s),
	  .least = 1, .most = 10 * MINUTE_S,
	  .want = "a time from 1s to 10m, like 10s" },
	{ .name = "lease", .set = set_span, .at = AT(lease_s),
	  .least = CONF_LEASE_LEAST_S, .most = CONF_LEASE_MOST_S,
	  .want = "a time from 6s to 1d, like 10m" },
	{ .name = "min-free", .set = set_size, .at = AT(free_least_bytes),
	  .most = TIB, .want = "a size from 0 to 1T, like 1G" },
	{ .name = "log-max", .set = set_size, .at = AT(log_most_bytes),
	  .least = 64 * KIB, .most = TIB,
	  .want = "a size from 64K to 1T, like 20M" },
	{ .name = "artifacts-max", .set = set_size,
	  .at = AT(artifacts_most_bytes), .most = TIB,
	  .want = "a size from 0 to 1T, like 1G" },
	{ .name = "index-store", .set = set_path, .at = AT(index_store),
	  .want = "a directory" },
	{ .name = "expire-grace", .set = set_span, .at = AT(expire_grace_s),
	  .most = 30 * DAY_S, .want = "a time from 0s to 30d, like 1h" },
	{ .name = "britney-window", .set = set_span,
	  .at = AT(britney_window_s), .least = HOUR_S, .most = 366 * DAY_S,
	  .want = "a time from 1h to 366d" },
	{ .name = "serve-listen", .set = set_text, .at = AT(serve_listen),
	  .ok = is_address, .want = "an address and port, like "
	  "127.0.0.1:8080 or [::1]:8080" },
	{ .name = "serve-clients", .set = set_number,
	  .at = AT(serve_clients), .least = 1, .most = 10000,
	  .want = "a number from 1 to 10000" },
	{ .name = "serve-each-client", .set = set_number,
	  .at = AT(serve_each_client), .most = 10000,
	  .want = "a number from 0 to 10000" },
	{ .name = "hooks", .set = set_path, .at = AT(hooks),
	  .want = "a directory" },
	{ .name = "hook-timeout", .set = set_span, .at = AT(hook_timeout_s),
	  .least = 1, .most = HOUR_S, .want = "a time from 1s to 1h" },
	{ .name = "metrics-file", .set = set_path, .at = AT(metrics_file),
	  .want = "a file" },
	{ .name = "virt-servers", .takes = CONF_TAKES_VIRTS,
	  .want = "names with a virt server's words each, like \"vm: qemu "
	  "/srv/{suite}.img\"" },
	{ .name = "machine-virt-server", .set = set_text,
	  .at = AT(machine_virt_server), .ok = is_filled,
	  .want = "one of virt-servers" },
	{ .name = "big-virt-server", .set = set_text,
	  .at = AT(big_virt_server), .ok = is_filled,
	  .want = "one of virt-servers" },
	TIMEOUT("timeout-short", CONF_TIMEOUT_SHORT),
	TIMEOUT("timeout-copy", CONF_TIMEOUT_COPY),
	TIMEOUT("timeout-install", CONF_TIMEOUT_INSTALL),
	TIMEOUT("timeout-test", CONF_TIMEOUT_TEST),
	TIMEOUT("timeout-build", CONF_TIMEOUT_BUILD),
	{ .name = "apt-pocket", .set = set_text, .at = AT(apt_pocket),
	  .ok = name_suite_ok, .want = "a pocket, like proposed" },
	{ .name = "ppa-source", .set = set_text, .at = AT(ppa_source),
	  .ok = conf_ppa_source_ok, .want = "a line of apt sources in which "
	  "only {owner}, {name}, {suite} and {arch} are in braces" },
	LIST_FILE("policy", policy),
	LIST_FILE("reject-list", reject_list),
	LIST_FILE("never-run", never_run),
	LIST_FILE("big-packages", big_packages),
	LIST_FILE("long-tests", long_tests),
	LIST_FILE("vm-packages", vm_packages),
	{ .name = "cgroup", .set = set_cgroup,
	  .want = "auto, always, never, or a directory like "
	  "/sys/fs/cgroup/adtspool" },
	{ .name = "memory-max", .set = set_size, .at = AT(memory_most_bytes),
	  .most = TIB, .want = "a size from 0 to 1T, like 4G" },
	{ .name = "cpu-max", .set = set_cpu, .most = 100 * 1024,
	  .want = "a number of CPUs from 0 to 1024, like 1.5 or 150%" },
	{ .name = "processes-max", .set = set_number,
	  .at = AT(processes_most), .most = 4194304,
	  .want = "a number from 0 to 4194304" },
	{ .name = "min-free-inodes", .set = set_number,
	  .at = AT(inodes_least), .most = 999999999,
	  .want = "a number from 0 to 999999999" },
	{ .name = "testbeds", .set = set_path, .at = AT(testbeds),
	  .want = "a directory" },
	{ .name = "mirror", .takes = CONF_TAKES_LIST, .set = add_item,
	  .at = AT(mirror), .ok = is_filled, .want = "an archive's address, "
	  "a line of apt sources or a file with such" },
	{ .name = "mmdebstrap", .takes = CONF_TAKES_WORDS, .set = add_item,
	  .at = AT(mmdebstrap), .ok = is_filled, .want = "a command" },
	{ .name = NULL },
};
