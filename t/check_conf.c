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
#include "harness.h"
#include "mem.h"
#include "name.h"

static struct conf c;
static struct fail f;

static int
read_text(const char *text)
{
	char *file = mem_printf("%s/etc/adtspool.yaml", harness_dir());
	int status;

	harness_write("etc/adtspool.yaml", text);
	f = (struct fail){ 0 };
	status = conf_read(&c, file, &f);
	free(file);
	return status;
}

static void
must_read(const char *text)
{
	ck_assert_msg(read_text(text) == 0, "%s", f.text);
}

static const char *
join(const struct strs *l)
{
	static char *s;

	free(s);
	s = strs_join(l, " | ");
	return s;
}

START_TEST(fills_in_defaults)
{
	must_read("spool: /srv/spool\n");
	ck_assert_str_eq(c.spool, "/srv/spool");
	ck_assert_str_eq(c.results, "/srv/spool/results");
	ck_assert_str_eq(c.suite, "unstable");
	ck_assert(name_worker_ok(c.worker));
	ck_assert_uint_eq(c.queues.n, 0);
	ck_assert_uint_eq(c.slots, 1);
	ck_assert_str_eq(c.scratch, "/var/tmp/adtspool");
	ck_assert_str_eq(join(&c.autopkgtest), "autopkgtest");
	ck_assert_uint_eq(c.arguments.n, 0);
	ck_assert_str_eq(join(&c.virt_server),
	    "unshare | --release | {suite} | --arch | {arch}");
	ck_assert_int_eq(c.timeout_s, 28800);
	ck_assert_uint_eq(c.attempts, 3);
	ck_assert_int_eq(c.backoff_s, 300);
	ck_assert_str_eq(c.exit_20, "tmpfail");
	ck_assert_int_eq(c.on_stop, CONF_STOP_FINISH);
	ck_assert_int_eq(c.isolate, CONF_ISOLATE_AUTO);
	ck_assert_int_eq(c.settle_s, 2);
	ck_assert_int_eq(c.poll_s, 5);
	ck_assert_int_eq(c.heartbeat_s, 10);
	ck_assert_int_eq(c.britney_window_s, 1296000);
	ck_assert_int_eq(c.log_most_bytes, 20971520);
	ck_assert_int_eq(c.artifacts_most_bytes, 1073741824);
	ck_assert_str_eq(c.serve_listen, "127.0.0.1:8080");
	ck_assert_uint_eq(c.serve_clients, 256);
	ck_assert_uint_eq(c.serve_each_client, 32);
	ck_assert_str_eq(c.cgroup, "auto");
	ck_assert_int_eq(c.memory_most_bytes, 0);
	ck_assert_uint_eq(c.cpu_most_percent, 0);
	ck_assert_uint_eq(c.processes_most, 8192);
	ck_assert_uint_eq(c.inodes_least, 1000);
	ck_assert_str_eq(c.testbeds, "/var/lib/adtspool/testbeds");
	ck_assert_str_eq(join(&c.mirror), "http://deb.debian.org/debian");
	ck_assert_str_eq(join(&c.mmdebstrap), "mmdebstrap");
	ck_assert_ptr_null(c.hooks);
	ck_assert_int_eq(c.hook_timeout_s, 60);
	conf_free(&c);
}
END_TEST

START_TEST(takes_null_for_the_virt_server_of_that_name)
{
	must_read("spool: /s\nvirt-server: null\n");
	ck_assert_str_eq(join(&c.virt_server), "null");
	conf_free(&c);
	must_read("spool: /s\nvirt-server: [null]\n");
	ck_assert_str_eq(join(&c.virt_server), "null");
	conf_free(&c);
}
END_TEST

START_TEST(reads_every_key)
{
	must_read("spool: /s\nresults: /r\nsuite: kali-rolling\nworker: w1\n"
	    "queues: [amd64, amd64.huge]\nslots: 256\nscratch: /t\n"
	    "autopkgtest: [/opt/a b, -x]\narguments: --a  --b=c\n"
	    "virt-server: qemu /img/{suite}-{arch}.img {}\n"
	    "setup-commands:\n  - echo a b\n  - 'true'\nenv: A=b c\n"
	    "timeout: 90\nattempts: 1\nbackoff: 0s\nexit-20: retry\n"
	    "on-stop: give-back\nisolate: never\nsettle: 0\npoll: 1m\n"
	    "heartbeat: 1s\nlease: 6s\nmin-free: 0\n"
	    "log-max: 64K\nartifacts-max: 1T\nbritney-window: 12h\n"
	    "serve-listen: '[::1]:0'\nserve-clients: 10000\n"
	    "serve-each-client: 0\n"
	    "virt-servers:\n  vm: qemu  {suite}\n  no: null\n  c: [lxc, a b]\n"
	    "machine-virt-server: vm\nbig-virt-server: c\n"
	    "timeout-build: 2d\napt-pocket: edge\npolicy: p.yaml\n"
	    "cgroup: /sys/fs/cgroup/x\nmemory-max: 3G\ncpu-max: 150%\n"
	    "processes-max: 99\nmin-free-inodes: 7\n"
	    "hooks: /h\nhook-timeout: 1h\n");
	ck_assert_str_eq(c.spool, "/s");
	ck_assert_str_eq(c.hooks, "/h");
	ck_assert_int_eq(c.hook_timeout_s, 3600);
	ck_assert_str_eq(c.results, "/r");
	ck_assert_str_eq(c.suite, "kali-rolling");
	ck_assert_str_eq(c.worker, "w1");
	ck_assert_str_eq(join(&c.queues), "amd64 | amd64.huge");
	ck_assert_uint_eq(c.slots, 256);
	ck_assert_str_eq(c.scratch, "/t");
	ck_assert_str_eq(join(&c.autopkgtest), "/opt/a b | -x");
	ck_assert_str_eq(join(&c.arguments), "--a | --b=c");
	ck_assert_str_eq(join(&c.virt_server),
	    "qemu | /img/{suite}-{arch}.img | {}");
	ck_assert_str_eq(join(&c.setup_commands), "echo a b | true");
	ck_assert_str_eq(join(&c.env), "A=b c");
	ck_assert_int_eq(c.timeout_s, 90);
	ck_assert_uint_eq(c.attempts, 1);
	ck_assert_int_eq(c.backoff_s, 0);
	ck_assert_str_eq(c.exit_20, "retry");
	ck_assert_int_eq(c.on_stop, CONF_STOP_GIVE_BACK);
	ck_assert_int_eq(c.isolate, CONF_ISOLATE_NEVER);
	ck_assert_int_eq(c.settle_s, 0);
	ck_assert_int_eq(c.poll_s, 60);
	ck_assert_int_eq(c.heartbeat_s, 1);
	ck_assert_int_eq(c.lease_s, 6);
	ck_assert_int_eq(c.free_least_bytes, 0);
	ck_assert_int_eq(c.log_most_bytes, 65536);
	ck_assert_int_eq(c.artifacts_most_bytes, INT64_C(1) << 40);
	ck_assert_int_eq(c.britney_window_s, 43200);
	ck_assert_str_eq(c.serve_listen, "[::1]:0");
	ck_assert_uint_eq(c.serve_clients, 10000);
	ck_assert_uint_eq(c.serve_each_client, 0);
	ck_assert_str_eq(join(conf_virt_find(&c, "vm", &f)), "qemu | {suite}");
	ck_assert_str_eq(join(conf_virt_find(&c, "no", &f)), "null");
	ck_assert_str_eq(join(conf_virt_find(&c, "c", &f)), "lxc | a b");
	ck_assert_ptr_eq(conf_virt_find(&c, "default", &f), &c.virt_server);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_BUILD], 2 * 86400);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_TEST], 0);
	ck_assert_str_eq(c.apt_pocket, "edge");
	ck_assert_ptr_nonnull(strstr(c.policy, "/p.yaml"));
	ck_assert_str_eq(c.cgroup, "/sys/fs/cgroup/x");
	ck_assert_int_eq(c.memory_most_bytes, INT64_C(3) << 30);
	ck_assert_uint_eq(c.cpu_most_percent, 150);
	ck_assert_uint_eq(c.processes_most, 99);
	ck_assert_uint_eq(c.inodes_least, 7);
	conf_free(&c);
}
END_TEST

static const struct {
	const char *path, *below;	/* what is in harness_dir */
} paths[] = {
	{ "spool", "/etc/spool" },
	{ "./spool", "/etc/spool" },
	{ "../spool", "/spool" },
	{ ".././a/../b", "/a/../b" },
};

static const struct {
	const char *text;
	unsigned percent;
} cpus[] = { { "2", 200 }, { "1.5", 150 }, { "0.25", 25 }, { "1.05", 105 },
	{ "150%", 150 }, { "0", 0 }, { "1024", 102400 } };

START_TEST(takes_cpus_and_percents)
{
	char *text = mem_printf("spool: /s\ncpu-max: %s\n", cpus[_i].text);

	must_read(text);
	ck_assert_uint_eq(c.cpu_most_percent, cpus[_i].percent);
	free(text);
	conf_free(&c);
}
END_TEST

START_TEST(starts_relative_paths_at_the_file)
{
	char *text = mem_printf("spool: %s\n", paths[_i].path);
	char *dir = realpath(harness_dir(), NULL);
	char *want = mem_printf("%s%s", dir, paths[_i].below);

	must_read(text);
	ck_assert_str_eq(c.spool, want);
	free(text);
	free(dir);
	free(want);
	conf_free(&c);
}
END_TEST

START_TEST(goes_no_higher_than_the_root)
{
	must_read("spool: ../../../../../../../../../../../../../s\n");
	ck_assert_str_eq(c.spool, "/s");
	conf_free(&c);
}
END_TEST

START_TEST(follows_a_link_to_the_file)
{
	char *link = mem_printf("%s/link.yaml", harness_dir());
	char *dir = realpath(harness_dir(), NULL);

	harness_write("etc/adtspool.yaml", "spool: s\n");
	ck_assert_int_eq(symlink("etc/adtspool.yaml", link), 0);
	ck_assert_int_eq(conf_read(&c, link, &f), 0);
	ck_assert_ptr_eq(strstr(c.spool, dir), c.spool);
	ck_assert_str_eq(c.spool + strlen(dir), "/etc/s");
	free(link);
	free(dir);
	conf_free(&c);
}
END_TEST

/* Behind "spool: /s\n", so on line 2. */
static const struct {
	const char *text, *reason;
} bad[] = {
	{ "slot: 2\n", ":2: unknown key \"slot\"; did you mean \"slots\"?" },
	{ "xyzzy: 2\n", ":2: unknown key \"xyzzy\"" },
	{ "log_max: 2M\n", ":2: unknown key \"log_max\"; did you mean \"log-" },
	{ "slots: 0\n", ":2: slots: \"0\" is not a number from 1 to 256" },
	{ "slots: 257\n", ":2: slots: \"257\" is not" },
	{ "slots: -1\n", ":2: slots: \"-1\" is not" },
	{ "slots: 1x\n", ":2: slots: " },
	{ "slots: ''\n", ":2: slots: " },
	{ "slots: 4294967297\n", ":2: slots: " },
	{ "slots: [1]\n", ":2: slots: write a number" },
	{ "spool: /t\n", ":2: \"spool\" is said twice" },
	{ "results: ''\n", ":2: results: \"\" is not a directory" },
	{ "suite: a/b\n", ":2: suite: \"a/b\" is not a suite" },
	{ "worker: a_b\n", ":2: worker: " },
	{ "queues: [amd64,\n ../x]\n", ":3: queues: \"../x\" is not a queue" },
	{ "queues: {a: b}\n", ":2: queues: write a queue" },
	{ "autopkgtest: ['']\n", ":2: autopkgtest: \"\" is not" },
	{ "virt-server: [lxc, '{release}']\n", ":2: virt-server: " },
	{ "virt-server: lxc {suite}-{sweet}\n", ":2: virt-server: " },
	{ "env: [A]\n", ":2: env: \"A\" is not NAME=value" },
	{ "virt-servers: qemu\n", ":2: virt-servers: write names with a" },
	{ "virt-servers:\n  vm: []\n", ":3: virt-servers: write names" },
	{ "virt-servers:\n  vm: [a, [b]]\n", ":3: virt-servers: write" },
	{ "virt-servers:\n  vm: qemu {sweet}\n", ":3: virt-servers: \"{sw" },
	{ "ppa-source: deb http://x/{user} sid main\n", ":2: ppa-source: " },
	{ "ppa-source: http://x\n", ":2: ppa-source: " },
	{ "virt-servers:\n  a b: qemu\n", ":3: virt-servers: \"a b\" is no" },
	{ "virt-servers:\n  default: qemu\n", ":3: virt-servers: \"default" },
	{ "virt-servers: {qemu: qemu}\nmachine-virt-server: qemuu\n",
	    ": machine-virt-server: unknown virt server \"qemuu\"; did you "
	    "mean \"qemu\"?" },
	{ "big-virt-server: x\n", ": big-virt-server: unknown virt server" },
	{ "timeout-test: 31d\n", ":2: timeout-test: \"31d\" is not a time" },
	{ "apt-pocket: a=b\n", ":2: apt-pocket: \"a=b\" is not a pocket" },
	{ "timeout: 0\n", ":2: timeout: " },
	{ "timeout: 31d\n", ":2: timeout: \"31d\" is not a time from 1s" },
	{ "timeout: soon\n", ":2: timeout: " },
	{ "attempts: 0\n", ":2: attempts: " },
	{ "exit-20: pass\n", ":2: exit-20: \"pass\" is not tmpfail, retry or" },
	{ "on-stop: wait\n", ":2: on-stop: \"wait\" is not finish or give-" },
	{ "serve-listen: localhost\n", ":2: serve-listen: \"localhost\" is "
	    "not an address and port, like 127.0.0.1:8080" },
	{ "serve-listen: '::1:80'\n", ":2: serve-listen: \"::1:80\" is not" },
	{ "serve-listen: 1.2.3.4:http\n", ":2: serve-listen:" },
	{ "serve-clients: 0\n", ":2: serve-clients: \"0\" is not a number" },
	{ "isolate: yes\n", ":2: isolate: \"yes\" is not auto, always or" },
	{ "poll: 0\n", ":2: poll: " },
	{ "heartbeat: 11m\n", ":2: heartbeat: " },
	{ "lease: 5s\n", ":2: lease: " },
	{ "britney-window: 59m\n", ":2: britney-window: " },
	{ "lease: 59s\n", ": lease: 59 s are not enough for heartbeats every "
	    "10 s; at least 6 times" },
	{ "log-max: 20MB\n", ":2: log-max: \"20MB\" is not a size" },
	{ "log-max: 1\n", ":2: log-max: " },
	{ "log-max: 9999999T\n", ":2: log-max: " },
	{ "log-max: 18446744073709551616\n", ":2: log-max: " },
	{ "log-max: M\n", ":2: log-max: " },
	{ "cgroup: mine\n", ":2: cgroup: \"mine\" is not auto, always" },
	{ "cgroup: /\n", ":2: cgroup: " },
	{ "memory-max: lots\n", ":2: memory-max: \"lots\" is not a size" },
	{ "cpu-max: 1.234\n", ":2: cpu-max: \"1.234\" is not a number of" },
	{ "cpu-max: 1.5%\n", ":2: cpu-max: " },
	{ "cpu-max: 1.x\n", ":2: cpu-max: " },
	{ "cpu-max: .5\n", ":2: cpu-max: " },
	{ "cpu-max: 1025\n", ":2: cpu-max: " },
	{ "processes-max: -1\n", ":2: processes-max: " },
	{ "a: &x 1\n", ":2: an anchor" },
	{ "a: b: c\n", ":2: not YAML: " },
};

START_TEST(refuses_with_file_line_key_and_cure)
{
	char *text = mem_printf("spool: /s\n%s", bad[_i].text);
	char *dir = realpath(harness_dir(), NULL);
	char *want = mem_printf("%s/etc/adtspool.yaml%s", dir, bad[_i].reason);

	ck_assert_int_eq(read_text(text), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strncmp(f.text, want, strlen(want)) == 0, "%s\nnot %s",
	    f.text, want);
	ck_assert_ptr_null(c.spool);
	free(text);
	free(dir);
	free(want);
}
END_TEST

START_TEST(refuses_a_file_that_says_nothing)
{
	ck_assert_int_eq(read_text("# all comments\n"), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_int_eq(read_text("suite: sid\n"), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_ptr_nonnull(strstr(f.text, "adtspool.yaml: no spool; say"));
	ck_assert_int_eq(read_text("[a]\n"), -1);
	ck_assert_ptr_nonnull(strstr(f.text, "adtspool.yaml:1: not a mapp"));
}
END_TEST

START_TEST(refuses_a_file_that_is_not_there)
{
	ck_assert_int_eq(conf_read(&c, "/nowhere/adtspool.yaml", &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_str_eq(f.text,
	    "/nowhere/adtspool.yaml: No such file or directory");
}
END_TEST

START_TEST(finds_the_file_that_the_environment_names)
{
	char *file;

	ck_assert_int_eq(setenv("ADTSPOOL_CONF", "/a/b.yaml", 1), 0);
	file = conf_find();
	ck_assert_str_eq(file, "/a/b.yaml");
	free(file);
	ck_assert_int_eq(unsetenv("ADTSPOOL_CONF"), 0);
	file = conf_find();
	ck_assert_ptr_nonnull(strstr(file, "/adtspool.yaml"));
	free(file);
}
END_TEST

/* "#slots: 1" becomes "slots: 1"; other comments stay. */
static void
uncomment(struct buf *out, const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-0123456789";

	while (*text) {
		size_t n = strcspn(text, "\n") + 1;
		bool key = *text == '#' &&
		    text[1 + strspn(text + 1, letters)] == ':';

		buf_addn(out, text + key, n - key);
		text += n;
	}
}

START_TEST(ships_a_file_that_shows_every_key_and_its_default)
{
	struct conf shipped;
	struct buf text = { 0 }, all = { 0 };

	ck_assert_msg(conf_read(&shipped, "conf/adtspool.yaml", &f) == 0, "%s",
	    f.text);
	ck_assert_int_eq(fs_read(AT_FDCWD, "conf/adtspool.yaml", 1 << 20,
	    &text, &f), 0);
	uncomment(&all, text.s);
	for (const struct conf_key *k = conf_keys; k->name; k++) {
		char *line = mem_printf("\n%s: ", k->name);

		ck_assert_msg(strstr(all.s, line), "%s", k->name);
		free(line);
	}
	must_read(all.s);
	ck_assert_str_eq(c.suite, shipped.suite);
	ck_assert_uint_eq(c.slots, shipped.slots);
	ck_assert_str_eq(c.scratch, shipped.scratch);
	ck_assert_str_eq(join(&c.autopkgtest), "autopkgtest");
	ck_assert_str_eq(join(&c.virt_server),
	    "unshare | --release | {suite} | --arch | {arch}");
	ck_assert_int_eq(c.timeout_s, shipped.timeout_s);
	ck_assert_uint_eq(c.attempts, shipped.attempts);
	ck_assert_int_eq(c.backoff_s, shipped.backoff_s);
	ck_assert_str_eq(c.exit_20, shipped.exit_20);
	ck_assert_int_eq(c.elsewhere_s, shipped.elsewhere_s);
	ck_assert_uint_eq(c.bad_host, shipped.bad_host);
	ck_assert_ptr_nonnull(strstr(shipped.failures, "conf/failures.yaml"));
	ck_assert_int_eq(c.on_stop, shipped.on_stop);
	ck_assert_int_eq(c.isolate, shipped.isolate);
	ck_assert_int_eq(c.settle_s, shipped.settle_s);
	ck_assert_int_eq(c.poll_s, shipped.poll_s);
	ck_assert_int_eq(c.heartbeat_s, shipped.heartbeat_s);
	ck_assert_int_eq(c.lease_s, shipped.lease_s);
	ck_assert_int_eq(c.free_least_bytes, shipped.free_least_bytes);
	ck_assert_int_eq(c.britney_window_s, shipped.britney_window_s);
	ck_assert_int_eq(c.log_most_bytes, shipped.log_most_bytes);
	ck_assert_int_eq(c.artifacts_most_bytes, shipped.artifacts_most_bytes);
	ck_assert_str_eq(c.virt_servers[0].name, c.machine_virt_server);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_SHORT], 100);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_COPY], 300);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_INSTALL], 3000);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_TEST], 10000);
	ck_assert_int_eq(c.timeouts_s[CONF_TIMEOUT_BUILD], 100000);
	ck_assert_str_eq(c.serve_listen, shipped.serve_listen);
	ck_assert_uint_eq(c.serve_clients, shipped.serve_clients);
	ck_assert_uint_eq(c.serve_each_client, shipped.serve_each_client);
	conf_free(&shipped);
	conf_free(&c);
	buf_free(&text);
	buf_free(&all);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, fills_in_defaults);
	tcase_add_test(tc, takes_null_for_the_virt_server_of_that_name);
	tcase_add_test(tc, reads_every_key);
	tcase_add_loop_test(tc, takes_cpus_and_percents, 0,
	    sizeof cpus / sizeof *cpus);
	tcase_add_loop_test(tc, starts_relative_paths_at_the_file, 0,
	    sizeof paths / sizeof *paths);
	tcase_add_test(tc, goes_no_higher_than_the_root);
	tcase_add_test(tc, follows_a_link_to_the_file);
	tcase_add_loop_test(tc, refuses_with_file_line_key_and_cure, 0,
	    sizeof bad / sizeof *bad);
	tcase_add_test(tc, refuses_a_file_that_says_nothing);
	tcase_add_test(tc, refuses_a_file_that_is_not_there);
	tcase_add_test(tc, finds_the_file_that_the_environment_names);
	tcase_add_test(tc,
	    ships_a_file_that_shows_every_key_and_its_default);
}
