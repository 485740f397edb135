/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "conf.h"
#include "conf_renew.h"
#include "fail.h"
#include "harness.h"

static struct conf
conf_of(const char *lines)
{
	struct conf c;
	struct fail f;

	harness_write("c.yaml", lines);
	ck_assert_msg(conf_read(&c, harness_path("c.yaml"), &f) == 0, "%s",
	    f.text);
	return c;
}

START_TEST(what_can_change_does)
{
	struct conf live = conf_of("spool: /s\nworker: here\nslots: 2\n"
	    "queues: [amd64]\n");
	struct conf fresh = conf_of("spool: /s\nworker: here\nslots: 5\n"
	    "queues: [amd64, arm64]\narguments: -U\ntimeout: 2h\n"
	    "virt-server: [lxc, sid]\non-stop: give-back\n");
	struct strs kept = { 0 };

	conf_renew(&live, &fresh, &kept);
	ck_assert_uint_eq(kept.n, 0);
	ck_assert_uint_eq(live.slots, 5);
	ck_assert_uint_eq(live.queues.n, 2);
	ck_assert_str_eq(live.arguments.v[0], "-U");
	ck_assert_str_eq(live.virt_server.v[1], "sid");
	ck_assert_int_eq(live.timeout_s, 7200);
	ck_assert_int_eq(live.on_stop, CONF_STOP_GIVE_BACK);
	ck_assert_ptr_null(fresh.spool);
	conf_free(&live);
	conf_free(&fresh);
}
END_TEST

START_TEST(what_cannot_change_stays_and_is_named)
{
	struct conf live = conf_of("spool: /s\nworker: here\n");
	struct conf fresh = conf_of("spool: /other\nworker: there\n"
	    "results: /r\nscratch: /x\nlease: 1h\nheartbeat: 5s\n"
	    "isolate: never\nserve-listen: 127.0.0.1:1\ncgroup: never\n"
	    "hooks: /h\nhook-timeout: 7s\n");
	const char *worker = live.worker;
	struct strs kept = { 0 };
	char *all;

	conf_renew(&live, &fresh, &kept);
	all = strs_join(&kept, " ");
	ck_assert_str_eq(all, "spool results worker scratch index-store "
	    "serve-listen cgroup hooks heartbeat lease hook-timeout isolate");
	ck_assert_ptr_null(live.hooks);
	ck_assert_str_eq(live.spool, "/s");
	ck_assert_ptr_eq(live.worker, worker);
	ck_assert_str_eq(live.worker, "here");
	ck_assert_int_eq(live.lease_s, 600);
	ck_assert_int_eq(live.heartbeat_s, 10);
	ck_assert_int_eq(live.isolate, CONF_ISOLATE_AUTO);
	free(all);
	strs_free(&kept);
	conf_free(&live);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_can_change_does);
	tcase_add_test(tc, what_cannot_change_stays_and_is_named);
}
