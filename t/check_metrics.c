/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "harness.h"
#include "lease.h"
#include "metrics.h"
#include "notice.h"
#include "status.h"

static char name[] = "here", host[] = "a \"host\\\n", version[] = "0.1",
	running[] = "running", stopped[] = "stopped", problem[] = "full";

static bool
has(const struct buf *b, const char *line)
{
	const char *at = strstr(b->s, line);

	return at && (at == b->s || at[-1] == '\n') && at[strlen(line)] == '\n';
}

START_TEST(a_worker_tells_of_itself_alone)
{
	struct worker_state w = { .worker = name, .host = host,
	    .version = version, .state = running, .problem = problem,
	    .slots = 4, .started_s = 17, .counts = { [LEASE_CLAIMS] = 9,
	    [LEASE_LOSSES] = 2, [LEASE_TMPFAIL] = 3 } };
	struct buf b = { 0 };

	strs_add(&w.running, "x");
	metrics_worker(&w, &b);
	ck_assert(has(&b, "adtspool_worker_info{worker=\"here\","
	    "host=\"a \\\"host\\\\\\n\",version=\"0.1\",state=\"running\"} 1"));
	ck_assert(has(&b, "adtspool_worker_slots{worker=\"here\"} 4"));
	ck_assert(has(&b, "adtspool_worker_running_tests{worker=\"here\"} 1"));
	ck_assert(has(&b, "adtspool_worker_problem{worker=\"here\"} 1"));
	ck_assert(has(&b, "adtspool_worker_warning{worker=\"here\"} 0"));
	ck_assert(has(&b, "adtspool_worker_start_time_seconds"
	    "{worker=\"here\"} 17"));
	ck_assert(has(&b, "adtspool_claims_total{worker=\"here\"} 9"));
	ck_assert(has(&b, "adtspool_lease_losses_total{worker=\"here\"} 2"));
	ck_assert(has(&b, "adtspool_results_total{worker=\"here\","
	    "status=\"tmpfail\"} 3"));
	ck_assert_ptr_null(strstr(b.s, "queue"));
	strs_free(&w.running);
	buf_free(&b);
}
END_TEST

START_TEST(the_age_of_a_heartbeat_is_told_until_a_worker_stops)
{
	struct worker_state w[] = { { .worker = name, .state = running,
	    .beat_s = clock_now_s() - 1000 },
	    { .worker = stopped, .state = stopped, .beat_s = 1 } };
	struct status st = { .workers = w, .n_workers = 2 };
	struct metrics_index x = { .holder = "there",
	    .beat_s = clock_now_s() + 1000 };
	struct buf b = { 0 };
	const char *age;

	metrics_all(&st, &x, &b);
	age = strstr(b.s, "heartbeat_age_seconds{worker=\"here\"} ");
	ck_assert_ptr_nonnull(age);
	ck_assert_int_ge(strtol(strchr(age, ' '), NULL, 10), 1000);
	ck_assert_ptr_null(strstr(b.s, "age_seconds{worker=\"stopped\"}"));
	ck_assert(has(&b, "adtspool_claims_total{worker=\"stopped\"} 0"));
	ck_assert(has(&b, "adtspool_index_held 1"));
	ck_assert(has(&b, "adtspool_index_heartbeat_age_seconds"
	    "{indexer=\"there\"} 0"));
	buf_free(&b);
}
END_TEST

START_TEST(the_oldest_notice_of_a_new_run_is_the_lag)
{
	const struct spool *s = harness_spool("amd64");
	struct metrics_index x;
	struct fail f;

	ck_assert_int_eq(metrics_read_index(s, &x, &f), 0);
	ck_assert_uint_eq(x.notices, 0);
	ck_assert_int_eq(x.oldest_s, 0);
	ck_assert_int_eq(notice_drop(s, NOTICE_NEW, "sid", "amd64", "hello",
	    "20261122_160102@", &f), 0);
	ck_assert_int_eq(notice_drop(s, NOTICE_NEW, "sid", "amd64", "bye",
	    "20261122_160101@", &f), 0);
	ck_assert_int_eq(notice_drop(s, NOTICE_GONE, "sid", "amd64", "old",
	    "20001122_160101@", &f), 0);
	ck_assert_int_eq(metrics_read_index(s, &x, &f), 0);
	ck_assert_uint_eq(x.notices, 3);
	ck_assert_int_eq(x.oldest_s, 1795363261);
	ck_assert_str_eq(x.holder, "");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_worker_tells_of_itself_alone);
	tcase_add_test(tc, the_age_of_a_heartbeat_is_told_until_a_worker_stops);
	tcase_add_test(tc, the_oldest_notice_of_a_new_run_is_the_lag);
}
