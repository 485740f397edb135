/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "harness.h"
#include "mem.h"
#include "status.h"
#include "top.h"

enum { NOW = 1800000000, MINUTE = 60 };

static struct status st;
static struct top_view view;
static struct top_lines lines;
static struct buf text;

static void
add_queue(const char *name, size_t waiting)
{
	st.queues = mem_grow(st.queues, st.n_queues + 1, sizeof *st.queues);
	st.queues[st.n_queues++] = (struct queue_status){
	    .name = mem_dup(name), .waiting = waiting,
	    .oldest_s = waiting ? NOW - 90 : 0 };
}

static struct worker_state *
add_worker(const char *name, const char *state)
{
	struct worker_state w = { .worker = mem_dup(name),
	    .host = mem_dup("host"), .state = mem_dup(state), .slots = 4,
	    .heartbeat_s = 10, .beat_s = NOW - 3 };

	strs_add(&w.queues, "amd64");
	st.workers = mem_grow(st.workers, st.n_workers + 1,
	    sizeof *st.workers);
	st.workers[st.n_workers] = w;
	return &st.workers[st.n_workers++];
}

static void
add_running(const char *what, const char *queue, int64_t for_s,
	int64_t usual_s)
{
	st.claims = mem_grow(st.claims, st.running.n + 1, sizeof *st.claims);
	st.claims[st.running.n] = (struct running_status){ NOW - for_s,
	    usual_s };
	strs_addf(&st.running, "%s %s,aaaaaaaaaaaa,p5,e1,a0@one", queue,
	    what);
}

static void
set_scene(void)
{
	st = (struct status){ 0 };
	view = (struct top_view){ .rows = 24, .columns = 80,
	    .chosen = TOP_RUNNING, .now_s = NOW, .spool = "/srv/adtspool" };
	add_queue("amd64", 12);
	add_queue("arm64", 0);
	(void)add_worker("one", "running");
	add_running("short", "amd64", 2 * MINUTE, MINUTE * 10);
	add_running("long", "amd64", 50 * MINUTE, MINUTE * 60);
	add_running("over", "arm64", 40 * MINUTE, MINUTE * 10);
	strs_add(&st.recent, "2027-01-15T07:59:00Z fail 4 unstable amd64 bad "
	    "20270115_075900@ aaaaaaaaaaaa");
	strs_add(&st.recent, "2027-01-15T07:58:00Z pass 0 unstable amd64 good "
	    "20270115_075800@ aaaaaaaaaaaa");
}

static const char *
show(void)
{
	top_free(&lines);
	buf_reset(&text);
	top_layout(&st, &view, &lines);
	top_text(&lines, &text);
	return text.s ? text.s : "";
}

static void
clear(void)
{
	free(view.queue);
	status_free(&st);
	top_free(&lines);
	buf_free(&text);
}

/* The line that has it, or a failure. */
static const struct top_line *
line_of(const char *part)
{
	for (size_t i = 0; i < lines.n; i++)
		if (strstr(lines.v[i].text, part))
			return &lines.v[i];
	ck_abort_msg("no \"%s\" in\n%s", part, text.s);
	return NULL;
}

START_TEST(shows_all_parts)
{
	show();
	line_of("/srv/adtspool");
	line_of("waiting 12, later 0, refused 0; running 3 in 4 slots; "
	    "workers 1");
	line_of("amd64                        12        0");
	line_of("one@host             running       3/4       3s  -");
	line_of("long                   amd64      one              50m 0s ");
	line_of("fail        4  unstable/amd64/bad/20270115_075900@");
	line_of("q quit");
	ck_assert_uint_eq(lines.n, 24);
}
END_TEST

START_TEST(shows_only_results_that_are_bad)
{
	ck_assert_ptr_null(strstr(show(), "amd64/good"));
}
END_TEST

static int
width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void
assert_fits(void)
{
	show();
	ck_assert_uint_eq(lines.n, (size_t)view.rows);
	for (size_t i = 0; i < lines.n; i++) {
		ck_assert_int_le(width(lines.v[i].text), view.columns);
		for (const char *p = lines.v[i].text; *p; p++)
			ck_assert((unsigned char)*p >= ' ' && *p != 127);
	}
}

START_TEST(fits_a_screen_of_any_size)
{
	char name[80];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "package-with-a-long-name-"
		    "%d", i);
		add_queue(name, 1000000);
		add_running(name, "amd64", i * MINUTE, 0);
		add_worker(name, "running")->problem =
		    mem_dup("\033[2Jno space\non\tthe d\xc3\xafsk \xff");
	}
	for (view.rows = 1; view.rows <= 60; view.rows++)
		for (view.columns = 20; view.columns <= 200;
		    view.columns += 15)
			assert_fits();
	view.help = true;
	for (view.rows = 1; view.rows <= 60; view.rows++)
		assert_fits();
}
END_TEST

START_TEST(gives_each_part_its_share)
{
	char name[16];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "q%d", i);
		add_queue(name, 1);
	}
	show();
	line_of("long ");
	line_of("one@host");
	line_of("unstable/amd64/bad");
	line_of("    31 more");
}
END_TEST

START_TEST(scrolls_the_chosen_part_and_no_further)
{
	char name[16];

	for (int i = 10; i < 50; i++) {
		(void)snprintf(name, sizeof name, "p%d", i);
		add_running(name, "amd64", 10, 0);
	}
	view.from[TOP_RUNNING] = 1;
	ck_assert_ptr_null(strstr(show(), "long "));
	view.from[TOP_RUNNING] = 100000;
	show();
	line_of("p49 ");
	ck_assert_uint_lt(view.from[TOP_RUNNING], 43);
	ck_assert_ptr_null(strstr(text.s, " more"));
}
END_TEST

static void
assert_order(const char *a, const char *b, const char *c)
{
	const char *s = show();

	ck_assert_msg(strstr(s, a) < strstr(s, b) &&
	    strstr(s, b) < strstr(s, c), "%s", s);
}

START_TEST(sorts_what_runs)
{
	assert_order("long ", "over ", "short ");
	view.sort = TOP_BY_EXCESS;
	assert_order("over ", "short ", "long ");
	view.sort = TOP_BY_NAME;
	assert_order("long ", "over ", "short ");
	show();
	line_of("s by: name");
}
END_TEST

START_TEST(marks_what_takes_more_than_twice_as_long)
{
	show();
	ck_assert_int_eq(line_of("over ")->look, TOP_WARN);
	ck_assert_int_eq(line_of("long ")->look, TOP_PLAIN);
}
END_TEST

START_TEST(puts_workers_that_need_somebody_first)
{
	add_worker("ended", "stopped");
	add_worker("full", "running")->problem = mem_dup("no space");
	add_worker("dead", "running")->beat_s = NOW - 31;
	assert_order("dead@host", "full@host", "one@host");
	assert_order("full@host", "one@host", "ended@host");
	line_of("silent ");
	ck_assert_int_eq(line_of("dead@")->look, TOP_BAD);
	ck_assert_int_eq(line_of("full@")->look, TOP_WARN);
}
END_TEST

START_TEST(shows_one_queue_alone)
{
	top_next_queue(&st, &view);
	ck_assert_str_eq(view.queue, "amd64");
	show();
	line_of("n queue: amd64");
	ck_assert_ptr_null(strstr(text.s, "arm64"));
	top_next_queue(&st, &view);
	show();
	line_of("over ");
	ck_assert_ptr_null(strstr(text.s, "one@host"));
	ck_assert_ptr_null(strstr(text.s, "unstable/amd64"));
	top_next_queue(&st, &view);
	ck_assert_ptr_null(view.queue);
}
END_TEST

START_TEST(passes_nothing_on_that_a_terminal_obeys)
{
	st.workers[0].problem = mem_dup("\033]0;title\a\xc2\x9b" "31m\n");
	show();
	line_of("^[]0;title^G");
	ck_assert_ptr_null(strchr(text.s, '\033'));
	ck_assert_ptr_null(strstr(text.s, "\xc2\x9b"));
}
END_TEST

START_TEST(writes_ascii_where_there_is_nothing_else)
{
	st.workers[0].problem = mem_dup("d\xc3\xafsk");
	show();
	line_of("d\xc3\xafsk");
	view.ascii = true;
	show();
	line_of("d?sk");
}
END_TEST

START_TEST(tells_why_it_could_not_look)
{
	view.problem = "/srv/adtspool: Stale file handle";
	show();
	ck_assert_int_eq(line_of("Stale file")->look, TOP_BAD);
	line_of("long ");
}
END_TEST

START_TEST(looks_for_a_tenth_of_the_time_at_most)
{
	ck_assert_int_eq(top_wait_ms(0), 2000);
	ck_assert_int_eq(top_wait_ms(200), 2000);
	ck_assert_int_eq(top_wait_ms(1200), 12000);
	view.took_ms = 1200;
	show();
	line_of("a look every 12s (took 1200 ms)");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_scene, clear);
	tcase_add_test(tc, shows_all_parts);
	tcase_add_test(tc, shows_only_results_that_are_bad);
	tcase_add_test(tc, fits_a_screen_of_any_size);
	tcase_add_test(tc, gives_each_part_its_share);
	tcase_add_test(tc, scrolls_the_chosen_part_and_no_further);
	tcase_add_test(tc, sorts_what_runs);
	tcase_add_test(tc, marks_what_takes_more_than_twice_as_long);
	tcase_add_test(tc, puts_workers_that_need_somebody_first);
	tcase_add_test(tc, shows_one_queue_alone);
	tcase_add_test(tc, passes_nothing_on_that_a_terminal_obeys);
	tcase_add_test(tc, writes_ascii_where_there_is_nothing_else);
	tcase_add_test(tc, tells_why_it_could_not_look);
	tcase_add_test(tc, looks_for_a_tenth_of_the_time_at_most);
}
