/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "conf_key.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "name.h"
#include "program.h"
#include "yaml.h"

enum { FILE_SIZE_MOST = 256 * 1024, KNOWN_MOST = 128 };

static const char system_file[] = SYSCONFDIR "/adtspool/adtspool.yaml";

static int
refuse_key(const struct conf *c, const struct yaml *key, struct fail *f)
{
	const char *known[KNOWN_MOST] = { NULL };
	const struct conf_key *k;
	size_t n = 0;

	for (k = conf_keys; k->name && n < KNOWN_MOST - 1; k++)
		known[n++] = k->name;
	(void)yaml_unknown(f, "key", key->text, known);
	return yaml_place(f, c->file, key->line);
}

static const struct conf_key *
find_key(const char *name)
{
	const struct conf_key *k;

	for (k = conf_keys; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static int
set_words(struct conf *c, const struct conf_key *k, const char *value,
	struct fail *f)
{
	struct strs words = { 0 };
	int status = 0;

	strs_split(&words, value, " \t\r\n");
	for (size_t i = 0; i < words.n && status == 0; i++)
		status = k->set(c, k, words.v[i], f);
	strs_free(&words);
	return status;
}

/* null is no value, but among words it is one: the virt server's name. */
static bool
is_text(const struct conf_key *k, const struct yaml *y)
{
	return y->kind == YAML_TEXT || (y->kind == YAML_NULL &&
	    k->takes == CONF_TAKES_WORDS && strcmp(y->text, "null") == 0);
}

static int
read_value(struct conf *c, const struct conf_key *k, const struct yaml *y,
	struct fail *f)
{
	int status;

	if (!is_text(k, y))
		status = fail_set(f, EX_CONFIG, "%s: write %s", k->name,
		    k->want);
	else
		status = k->set(c, k, y->text, f);
	return status ? yaml_place(f, c->file, y->line) : 0;
}

static int
read_key(struct conf *c, const struct yaml *key, struct fail *f)
{
	const struct conf_key *k = find_key(key->text);
	const struct yaml *value = key + 1;
	int status = 0;

	if (!k)
		return refuse_key(c, key, f);
	if (value->kind == YAML_NULL && !is_text(k, value))
		return 0;
	if (is_text(k, value) && k->takes == CONF_TAKES_WORDS)
		return set_words(c, k, value->text, f) ?
		    yaml_place(f, c->file, value->line) : 0;
	if (k->takes == CONF_TAKES_VIRTS)
		return conf_virt_read(c, k, value, f);
	if (value->kind != YAML_LIST || k->takes == CONF_TAKES_ONE)
		return read_value(c, k, value, f);
	for (size_t i = 0; i < value->n && status == 0; i++)
		status = read_value(c, k, &value->items[i], f);
	return status;
}

static int
read_keys(struct conf *c, const struct yaml *y, struct fail *f)
{
	int status = 0;

	if (y->kind != YAML_MAP) {
		(void)fail_set(f, EX_CONFIG, "not a mapping; write lines like "
		    "\"spool: /srv/adtspool\"");
		return yaml_place(f, c->file, y->line);
	}
	for (size_t i = 0; i < y->n && status == 0; i++)
		status = read_key(c, &y->items[2 * i], f);
	return status;
}

static int
read_file(struct conf *c, const char *file, struct fail *f)
{
	struct buf b = { 0 };
	struct yaml *y = NULL;
	int status = -1;

	c->file = realpath(file, NULL);
	if (!c->file)
		return fail_errno(f, "%s", file);
	if (fs_read(AT_FDCWD, c->file, FILE_SIZE_MOST, &b, f) == 0)
		y = yaml_tree_parse(c->file, b.s ? b.s : "", b.len, f);
	if (y)
		status = read_keys(c, y, f);
	yaml_tree_free(y);
	buf_free(&b);
	return status;
}

static void
set_numbers(struct conf *c)
{
	*c = (struct conf){
		.slots = 1,
		.timeout_s = 8 * 3600,
		.attempts = 3,
		.backoff_s = 5 * 60,
		.elsewhere_s = 30 * 60,
		.bad_host = 3,
		.on_stop = CONF_STOP_FINISH,
		.isolate = CONF_ISOLATE_AUTO,
		.settle_s = 2,
		.poll_s = 5,
		.heartbeat_s = 10,
		.lease_s = 10 * 60,
		.expire_grace_s = 3600,
		.britney_window_s = 15 * 86400,
		.free_least_bytes = INT64_C(1) << 30,
		.log_most_bytes = INT64_C(20) << 20,
		.artifacts_most_bytes = INT64_C(1) << 30,
		.serve_clients = 256,
		.serve_each_client = 32,
		.processes_most = 8192,
		.inodes_least = 1000,
		.hook_timeout_s = 60,
	};
}

static void
default_text(char **to, const char *value)
{
	if (!*to)
		*to = mem_dup(value);
}

static void
default_words(struct strs *to, const char *value)
{
	if (!to->n)
		strs_split(to, value, " ");
}

/* The host's name; what cannot stand in a worker's becomes '-'. */
static int
default_worker(struct conf *c, struct fail *f)
{
	char name[NAME_WORKER_MAX + 1] = "";

	if (c->worker)
		return 0;
	/* Longer ones are cut, which gethostname calls an error. */
	(void)gethostname(name, sizeof name - 1);
	for (char *p = name; *p; p++) {
		char byte[] = { 'a', *p, '\0' };

		if (!name_worker_ok(byte))
			*p = '-';
	}
	if (!name_worker_ok(name))
		return fail_set(f, EX_CONFIG, "%s: the host's name, \"%s\", "
		    "cannot name a worker; set one, like \"worker: ci-host1\"",
		    c->file, name);
	c->worker = mem_dup(name);
	return 0;
}

static int
check_lease(const struct conf *c, struct fail *f)
{
	if (c->lease_s >= CONF_BEATS_LEAST * c->heartbeat_s)
		return 0;
	return fail_set(f, EX_CONFIG, "%s: lease: %lld s are not enough for "
	    "heartbeats every %lld s; at least %d times as long is needed",
	    c->file, (long long)c->lease_s, (long long)c->heartbeat_s,
	    CONF_BEATS_LEAST);
}

static int
set_defaults(struct conf *c, struct fail *f)
{
	if (!c->spool)
		return fail_set(f, EX_CONFIG, "%s: no spool; say where "
		    "requests are kept, like \"spool: /srv/adtspool\"",
		    c->file);
	if (!c->results)
		c->results = mem_printf("%s/results", c->spool);
	default_text(&c->suite, "unstable");
	default_text(&c->scratch, "/var/tmp/adtspool");
	if (!c->index_store)
		c->index_store = mem_printf("%s/index", c->scratch);
	default_text(&c->exit_20, "tmpfail");
	if (!c->failures)
		c->failures = conf_resolve(c->file, "failures.yaml");
	default_text(&c->serve_listen, "127.0.0.1:8080");
	default_text(&c->cgroup, "auto");
	default_text(&c->testbeds, "/var/lib/adtspool/testbeds");
	default_words(&c->mirror, "http://deb.debian.org/debian");
	default_words(&c->mmdebstrap, "mmdebstrap");
	default_words(&c->autopkgtest, "autopkgtest");
	default_words(&c->virt_server,
	    "unshare --release {suite} --arch {arch}");
	return check_lease(c, f) != 0 || conf_virt_check(c, f) != 0 ? -1 :
	    default_worker(c, f);
}

int
conf_read(struct conf *c, const char *file, struct fail *f)
{
	set_numbers(c);
	if (read_file(c, file, f) == 0 && set_defaults(c, f) == 0)
		return 0;
	conf_free(c);
	f->status = EX_CONFIG;
	return -1;
}

char *
conf_find(void)
{
	const char *named = getenv("ADTSPOOL_CONF");
	char *beside;

	if (named && *named)
		return mem_dup(named);
	beside = program_beside("../conf/adtspool.yaml");
	if (beside && access(beside, F_OK) == 0)
		return beside;
	free(beside);
	return mem_dup(system_file);
}

void
conf_free(struct conf *c)
{
	free(c->file);
	free(c->spool);
	free(c->results);
	free(c->suite);
	free(c->worker);
	free(c->scratch);
	free(c->index_store);
	free(c->exit_20);
	free(c->failures);
	free(c->serve_listen);
	free(c->hooks);
	free(c->metrics_file);
	free(c->apt_pocket);
	free(c->ppa_source);
	free(c->policy);
	free(c->reject_list);
	free(c->never_run);
	free(c->big_packages);
	free(c->long_tests);
	free(c->vm_packages);
	conf_virt_free(c);
	free(c->cgroup);
	free(c->testbeds);
	strs_free(&c->queues);
	strs_free(&c->autopkgtest);
	strs_free(&c->expose);
	strs_free(&c->arguments);
	strs_free(&c->virt_server);
	strs_free(&c->setup_commands);
	strs_free(&c->env);
	strs_free(&c->mirror);
	strs_free(&c->mmdebstrap);
	*c = (struct conf){ 0 };
}
