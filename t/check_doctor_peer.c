/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "doctor_peer.h"
#include "doctor_talk.h"
#include "harness.h"
#include "strs.h"

#define A "aaaaaaaaaaaa"
#define B "bbbbbbbbbbbb"
#define C "cccccccccccc"
#define D "dddddddddddd"

static const struct {
	const char *names, *alive;	/* words */
	const char *me, *choice;
} meetings[] = {
	{ "", "", B, "" },
	{ B ",0,4", B, B, "" },			/* not myself */
	{ B ",0,4 " C ",0,2", C, B, C },
	{ C ",0,2", "", B, "" },		/* there, but not alive */
	{ "", A " " C, B, A },			/* the first of two */
	{ "", C " " A, B, A },
	{ A ",1," C " " C ",1," A, A " " C, B, "" },	/* both are taken */
	{ A ",1," C " " C ",1," A, A " " C " " D, B, D },
	{ A ",1," C, A " " C, B, A },		/* not answered yet */
	{ A ",1," B " " B ",1," A, A " " C, B, A },	/* by me */
	{ "garbage x,1,y ,1, " A ",1", A, B, A },
};

START_TEST(the_first_one_that_is_free_is_chosen)
{
	struct strs names = { 0 }, alive = { 0 };
	char choice[TOKEN_ID_MAX];

	strs_split(&names, meetings[_i].names, " ");
	strs_split(&alive, meetings[_i].alive, " ");
	doctor_talk_choose(&names, &alive, meetings[_i].me, choice);
	ck_assert_str_eq(choice, meetings[_i].choice);
	strs_free(&names);
	strs_free(&alive);
}
END_TEST

/* All files went to this side but those that a test changes. */
static char mine[DOCTOR_RACES + 1], theirs[DOCTOR_RACES + 1];
static unsigned listed[DOCTOR_RACES];

static struct doctor_race
count(void)
{
	struct doctor_race c;

	doctor_race_count(&c, mine, theirs, listed);
	return c;
}

static void
run_race(void)
{
	memset(mine, 'W', DOCTOR_RACES);
	memset(theirs, 'L', DOCTOR_RACES);
	for (int i = 0; i < DOCTOR_RACES; i++)
		listed[i] = 1;
}

START_TEST(each_file_to_one_is_fine)
{
	struct doctor_race c;

	run_race();
	mine[3] = 'L';
	theirs[3] = 'W';
	c = count();
	ck_assert_uint_eq(c.mine, DOCTOR_RACES - 1);
	ck_assert_uint_eq(c.theirs, 1);
	ck_assert_uint_eq(c.twice + c.unanswered + c.lost + c.errors, 0);
}
END_TEST

START_TEST(two_winners_are_seen)
{
	struct doctor_race c;

	run_race();
	theirs[3] = 'W';
	listed[5] = 2;
	c = count();
	ck_assert_uint_eq(c.twice, 2);
}
END_TEST

START_TEST(a_lost_answer_and_a_lost_file_are_two_things)
{
	struct doctor_race c;

	run_race();
	mine[3] = mine[4] = 'L';
	listed[4] = 0;
	listed[5] = 0;
	c = count();
	ck_assert_uint_eq(c.unanswered, 2);
	ck_assert_uint_eq(c.lost, 2);
}
END_TEST

START_TEST(errors_count_once_a_file)
{
	struct doctor_race c;

	run_race();
	mine[0] = theirs[0] = 'E';
	theirs[1] = 'E';
	c = count();
	ck_assert_uint_eq(c.errors, 2);
	ck_assert_uint_eq(c.unanswered, 0);
}
END_TEST

START_TEST(a_text_that_is_too_short_is_read_to_its_end)
{
	struct doctor_race c;

	run_race();
	theirs[10] = '\0';
	c = count();
	ck_assert_uint_eq(c.mine, 10);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, the_first_one_that_is_free_is_chosen, 0,
	    (int)(sizeof meetings / sizeof *meetings));
	tcase_add_test(tc, each_file_to_one_is_fine);
	tcase_add_test(tc, two_winners_are_seen);
	tcase_add_test(tc, a_lost_answer_and_a_lost_file_are_two_things);
	tcase_add_test(tc, errors_count_once_a_file);
	tcase_add_test(tc, a_text_that_is_too_short_is_read_to_its_end);
}
