/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "doctor_talk.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "strs.h"

enum { SILENCE_MS = 20000, TICK_MS = 5, BELL_MS = 500, MESSAGE_MOST = 4096,
	LEAVE_MS = 3000, NAMES_MOST = 10000 };

static const char folder[] = ".doctor";

void
doctor_talk_sleep(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0)
		(void)nanosleep(&t, NULL);
}

void
doctor_talk_file(char out[DOCTOR_FILE_MAX], const char *id, const char *what)
{
	(void)snprintf(out, DOCTOR_FILE_MAX, "%s.%s", id, what);
}

int
doctor_talk_open_folder(struct doctor_talk *t, struct fail *f)
{
	if (t->dir >= 0)
		(void)close(t->dir);
	t->dir = -1;
	if (fs_mkdir(t->spool, folder) == 0)
		t->made = true;
	else if (errno != EEXIST)
		return fail_errno(f, "%s cannot be made in the spool", folder);
	t->dir = fs_open_dir(t->spool, folder);
	return t->dir >= 0 ? 0 : fail_errno(f, "%s", folder);
}

int
doctor_talk_open(struct doctor_talk *t, const char *spool,
	const struct doctor_options *o, struct fail *f)
{
	struct token id;

	token_new(&id, "doctor", TOKEN_PRIORITY_DEFAULT);
	*t = (struct doctor_talk){ .options = o, .dir = -1, .step = 1,
	    .end_ms = INT64_MAX };
	memcpy(t->me, id.id, sizeof t->me);
	t->spool = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->spool < 0)
		return fail_errno(f, "%s", spool);
	return doctor_talk_open_folder(t, f);
}

void
doctor_talk_ring(struct doctor_talk *t)
{
	char what[24], name[DOCTOR_FILE_MAX];
	struct fail ignored;

	(void)snprintf(what, sizeof what, "bell%u", t->bells++);
	doctor_talk_file(name, t->me, what);
	if (fs_write_new(t->dir, name, "", 0, &ignored) == 0)
		(void)fs_unlink(t->dir, name);
}

/* Written aside, then renamed: whoever lists it can read it whole. */
static int
say(struct doctor_talk *t, const char *text, struct fail *f)
{
	char aside[DOCTOR_FILE_MAX + 8], name[DOCTOR_FILE_MAX];
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	int rc;

	json_put_object(&w, NULL);
	json_put_number(&w, "boot", clock_boot_ms());
	json_put_number(&w, "wall", clock_now_ms());
	json_put_string(&w, "say", text);
	json_put_object_end(&w);
	(void)snprintf(name, sizeof name, "%s,%d", t->me, t->step);
	(void)snprintf(aside, sizeof aside, ".%s", name);
	rc = fs_write_new(t->dir, aside, b.s, b.len, f);
	buf_free(&b);
	if (rc == 0 && fs_rename(t->dir, aside, t->dir, name) != 0)
		rc = fail_errno(f, "%s/%s", folder, name);
	return rc;
}

static int
read_message(struct doctor_talk *t, const char *name, struct fail *f)
{
	struct buf b = { 0 };
	struct json_tree *j = NULL;
	const char *text;

	if (fs_read(t->dir, name, MESSAGE_MOST, &b, f) == 0)
		j = json_tree_parse(name, b.s, b.len, f);
	buf_free(&b);
	if (!j)
		return fail_prefix(f, "what it said cannot be read");
	text = json_tree_get_string(j, "say");
	(void)snprintf(t->heard, sizeof t->heard, "%s", text ? text : "");
	t->heard_boot_ms = json_tree_get_number(j, "boot", 0);
	t->heard_wall_ms = json_tree_get_number(j, "wall", 0);
	json_tree_free(j);
	return 0;
}

static int
stop_at_name(void *context, const char *name, unsigned char type)
{
	const char **wanted = context;

	(void)type;
	if (*wanted && strcmp(*wanted, name) == 0)
		*wanted = NULL;
	return *wanted == NULL;
}

/* Waits for the other's word in this step. */
static int
hear(struct doctor_talk *t, struct fail *f)
{
	char name[DOCTOR_FILE_MAX];
	int64_t start_ms = clock_boot_ms(), bell_ms = start_ms, now_ms;
	const char *wanted = name;
	bool rang = false;

	(void)snprintf(name, sizeof name, "%s,%d", t->other, t->step);
	for (;;) {
		if (fs_each(t->dir, ".", stop_at_name, &wanted, f) != 0)
			return fail_prefix(f, "%s", folder);
		if (!wanted) {
			t->late += rang;
			return read_message(t, name, f);
		}
		now_ms = clock_boot_ms();
		rang = now_ms - bell_ms > BELL_MS;
		if (*t->options->stop)
			return fail_set(f, EX_TEMPFAIL, "told to stop");
		if (now_ms > t->end_ms || now_ms - start_ms > SILENCE_MS)
			return fail_set(f, EX_TEMPFAIL, "the other one says "
			    "nothing any more (step %d)", t->step);
		if (rang) {
			doctor_talk_ring(t);
			bell_ms = now_ms;
		}
		doctor_talk_sleep(TICK_MS);
	}
}

int
doctor_talk_exchange(struct doctor_talk *t, const char *text, struct fail *f)
{
	t->step++;
	return say(t, text, f) == 0 && hear(t, f) == 0 ? 0 : -1;
}

int
doctor_talk_ask(struct doctor_talk *t, bool i_ask, const char *text,
	struct fail *f)
{
	t->step++;
	if (i_ask)
		return say(t, text, f) == 0 && hear(t, f) == 0 ? 0 : -1;
	return hear(t, f) == 0 && say(t, text, f) == 0 ? 0 : -1;
}

/* Whether name begins with the id, or with a dot and the id. */
static bool
is_of(const char *name, const char *id)
{
	return strncmp(name + (*name == '.'), id, strlen(id)) == 0;
}

/*
 * What was said last must have been read before it is removed: so each says
 * once more that it is done, and waits for that, or for the other to be gone.
 */
void
doctor_talk_leave(struct doctor_talk *t)
{
	int64_t end_ms = clock_boot_ms() + LEAVE_MS;
	char bye[DOCTOR_FILE_MAX];
	bool there = true;
	struct fail ignored;

	t->step++;
	if (say(t, "bye", &ignored) != 0)
		return;
	(void)snprintf(bye, sizeof bye, "%s,%d", t->other, t->step);
	while (there && clock_boot_ms() < end_ms && !*t->options->stop) {
		struct strs names = { 0 };

		if (fs_list(t->dir, ".", NAMES_MOST, &names, &ignored) != 0)
			return;
		there = false;
		for (size_t i = 0; i < names.n; i++)
			there = there || is_of(names.v[i], t->other);
		there = there && !strs_has(&names, bye);
		strs_free(&names);
		doctor_talk_sleep(TICK_MS);
	}
}

void
doctor_talk_close(struct doctor_talk *t)
{
	int64_t end_ms = clock_boot_ms() + LEAVE_MS;
	struct strs names = { 0 };
	struct fail ignored;

	if (t->dir >= 0) {
		(void)fs_list(t->dir, ".", NAMES_MOST, &names, &ignored);
		for (size_t i = 0; i < names.n; i++)
			if (is_of(names.v[i], t->me))
				(void)fs_remove_tree(t->dir, names.v[i],
				    &ignored);
		(void)close(t->dir);
	}
	strs_free(&names);
	/* Made by one of the two, it goes with the last to leave. */
	while (t->made && fs_rmdir(t->spool, folder) != 0 &&
	    (errno == ENOTEMPTY || errno == EEXIST) && t->other[0] &&
	    clock_boot_ms() < end_ms)
		doctor_talk_sleep(100);
	if (t->spool >= 0)
		(void)close(t->spool);
}
