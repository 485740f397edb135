/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"

#define ID "aaaaaaaaaaaa"
#define CLAIM "hello," ID ",p5,e1,a0@here"

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64");
}

/* The names in control/, with blanks between; free() it. */
static char *
listed(void)
{
	struct strs names = { 0 };
	struct fail f;
	char *all;

	ck_assert_msg(control_list(s, &names, &f) == 0, "%s", f.text);
	all = strs_join(&names, " ");
	strs_free(&names);
	return all;
}

static void
lists(const char *want)
{
	char *all = listed();

	ck_assert_str_eq(all, want);
	free(all);
}

static const struct {
	const char *name, *object;
	enum control_verb verb;
} names[] = {
	{ "cancel," ID, ID, CONTROL_CANCEL },
	{ "kill," CLAIM, CLAIM, CONTROL_KILL },
	{ "hold,amd64.huge", "amd64.huge", CONTROL_HOLD },
	{ "drain,ci-host1", "ci-host1", CONTROL_DRAIN },
	{ "drain-host,ci.example.org", "ci.example.org", CONTROL_DRAIN_HOST },
};

START_TEST(a_name_says_it_all)
{
	enum control_verb verb = (enum control_verb)-1;
	char name[CONTROL_NAME_MAX];
	const char *object;

	object = control_parse(names[_i].name, &verb);
	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(object, names[_i].object);
	ck_assert_int_eq(verb, names[_i].verb);
	control_format(name, verb, object);
	ck_assert_str_eq(name, names[_i].name);
}
END_TEST

static const char *const others[] = { "README", "", ",", "cancel", "cancel,",
	"cancel,hello", "cancel," ID "x", "cancel,../../../etc", "Cancel," ID,
	"kill," ID, "kill,hello," ID ",p5,e1,a0", "hold,", "hold,a/b",
	"hold,.amd64", "drain,-x", "drain,a b", "drain,x.why", "undo," ID,
	".cancel," ID, "cancel-," ID, "canc," ID };

START_TEST(other_names_are_passed_over)
{
	enum control_verb verb;

	ck_assert_ptr_null(control_parse(others[_i], &verb));
}
END_TEST

START_TEST(what_is_asked_is_listed_until_it_is_taken_back)
{
	struct strs all = { 0 };
	struct fail f;

	set_scene();
	lists("");
	ck_assert_int_eq(control_put(s, CONTROL_HOLD, "amd64", "full", &f), 0);
	ck_assert_int_eq(control_put(s, CONTROL_CANCEL, ID, NULL, &f), 0);
	ck_assert_int_eq(control_put(s, CONTROL_CANCEL, ID, "why", &f), 0);
	harness_write("spool/control/note", "");
	lists("cancel," ID " hold,amd64");
	ck_assert_int_eq(control_list(s, &all, &f), 0);
	ck_assert(control_has(&all, CONTROL_HOLD, "amd64"));
	ck_assert(!control_has(&all, CONTROL_HOLD, "amd64.huge"));
	ck_assert(!control_has(&all, CONTROL_DRAIN, "amd64"));
	strs_free(&all);
	ck_assert_int_eq(control_drop(s, CONTROL_HOLD, "amd64", &f), 1);
	ck_assert_int_eq(control_drop(s, CONTROL_HOLD, "amd64", &f), 0);
	lists("cancel," ID);
}
END_TEST

START_TEST(a_spool_without_the_folder_asks_for_nothing)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(fs_remove_tree(s->fd, "control", &f), 0);
	lists("");
	ck_assert_int_eq(control_put(s, CONTROL_HOLD, "amd64", NULL, &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_ptr_nonnull(strstr(f.text, "adtspool init"));
}
END_TEST

START_TEST(a_reason_is_fit_for_a_terminal)
{
	struct control_order o;
	char *text;

	set_scene();
	harness_write("spool/control/hold,amd64", "a \033[31m b\nc\n");
	control_read(s, CONTROL_HOLD, "amd64", &o);
	ck_assert_str_eq(o.why, "a ?[31m b");
	ck_assert_int_gt(o.since_s, 0);
	harness_write("spool/control/drain,x", "");
	text = control_tell(s, CONTROL_DRAIN, "x", "drained");
	ck_assert_int_eq(strncmp(text, "drained by ", 11), 0);
	ck_assert_ptr_null(strchr(text, ':'));
	free(text);
	text = control_tell(s, CONTROL_DRAIN, "gone", "drained");
	ck_assert_str_eq(text, "drained by somebody");
	free(text);
}
END_TEST

START_TEST(whatever_fails_what_was_promised_is_there)
{
	unsigned n = 0;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); n++) {
		struct fail f = { 0 };
		char *all;
		int rc;

		(void)control_drop(s, CONTROL_CANCEL, ID, &f);
		f = (struct fail){ 0 };
		fault_on(&x);
		rc = control_put(s, CONTROL_CANCEL, ID, "why", &f);
		fault_off();
		all = listed();
		if (rc == 0)
			ck_assert_msg(strcmp(all, "cancel," ID) == 0, "%s: %s",
			    x.what, all);
		else
			ck_assert_msg(f.text[0], "%s", x.what);
		free(all);
	}
	ck_assert_uint_ge(n, 4 * FAULT_KINDS);
}
END_TEST

START_TEST(whatever_fails_what_was_taken_back_is_gone)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		char *all;
		int rc;

		ck_assert_int_eq(control_put(s, CONTROL_HOLD, "amd64", NULL,
		    &f), 0);
		fault_on(&x);
		rc = control_drop(s, CONTROL_HOLD, "amd64", &f);
		fault_off();
		all = listed();
		ck_assert_msg((rc < 0 && f.text[0]) || !*all, "%s: %s",
		    x.what, all);
		free(all);
	}
}
END_TEST

START_TEST(who_dies_at_any_call_has_asked_or_not)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		struct fail f;
		int status;
		pid_t pid;
		char *all;

		(void)control_drop(s, CONTROL_CANCEL, ID, &f);
		pid = fork();
		if (pid == 0) {
			fault_crash_at(nth);
			_exit(control_put(s, CONTROL_CANCEL, ID, "why", &f) ==
			    0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		all = listed();
		ck_assert(died ? !*all || strcmp(all, "cancel," ID) == 0 :
		    strcmp(all, "cancel," ID) == 0);
		free(all);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_name_says_it_all, 0,
	    sizeof names / sizeof *names);
	tcase_add_loop_test(tc, other_names_are_passed_over, 0,
	    sizeof others / sizeof *others);
	tcase_add_test(tc, what_is_asked_is_listed_until_it_is_taken_back);
	tcase_add_test(tc, a_spool_without_the_folder_asks_for_nothing);
	tcase_add_test(tc, a_reason_is_fit_for_a_terminal);
	tcase_add_test(tc, whatever_fails_what_was_promised_is_there);
	tcase_add_test(tc, whatever_fails_what_was_taken_back_is_gone);
	tcase_add_test(tc, who_dies_at_any_call_has_asked_or_not);
}
