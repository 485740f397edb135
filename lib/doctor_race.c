/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both rename the same files, each file at the same moment, and each to names
 * of its own.  Who was told that it lost does not look its name up: a listing
 * tells where each file went.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "doctor_peer.h"
#include "doctor_report.h"
#include "doctor_talk.h"
#include "fail.h"
#include "fs.h"

enum { HEAD_START_MS = 500, PACE_MS = 5, LOOKS = 6, LOOK_MS = 500 };

void
doctor_race_count(struct doctor_race *c, const char *mine, const char *theirs,
	const unsigned listed[DOCTOR_RACES])
{
	*c = (struct doctor_race){ 0 };
	for (size_t i = 0; i < DOCTOR_RACES && mine[i] && theirs[i]; i++) {
		bool i_won = mine[i] == 'W', they_won = theirs[i] == 'W';

		c->mine += i_won;
		c->theirs += they_won;
		c->errors += mine[i] == 'E' || theirs[i] == 'E';
		c->twice += (i_won && they_won) || listed[i] > 1;
		c->unanswered += mine[i] == 'L' && theirs[i] == 'L';
		c->lost += listed[i] == 0;
	}
}

static int
make_files(struct doctor_talk *t, const char *folder, struct fail *f)
{
	char name[DOCTOR_FILE_MAX + 8];
	int fd;

	if (fs_mkdir(t->dir, folder) != 0)
		return fail_errno(f, "%s", folder);
	for (int i = 0; i < DOCTOR_RACES; i++) {
		(void)snprintf(name, sizeof name, "%s/%03d", folder, i);
		fd = fs_create(t->dir, name);
		if (fd < 0)
			return fail_errno(f, "%s", name);
		(void)close(fd);
	}
	return 0;
}

static void
sleep_until_us(int64_t us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	(void)clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &t, NULL);
}

/*
 * How far the two clocks are apart is known to within doubt_ms, so one of the
 * two begins too early by that and ends too late by it: in between, they meet.
 */
static int64_t
when_us(int i, int64_t go_ms, int64_t doubt_ms)
{
	return (go_ms + (int64_t)i * PACE_MS) * 1000 - doubt_ms * 1000 +
	    2 * doubt_ms * 1000 * i / (DOCTOR_RACES - 1);
}

static void
race(const struct doctor_talk *t, int dir, const struct doctor_start *start,
	char letters[DOCTOR_RACES + 1])
{
	char from[16], to[DOCTOR_FILE_MAX];

	memset(letters, 0, DOCTOR_RACES + 1);
	for (int i = 0; i < DOCTOR_RACES; i++) {
		sleep_until_us(when_us(i, start->go_ms,
		    t->left ? 0 : start->doubt_ms));
		(void)snprintf(from, sizeof from, "%03d", i);
		(void)snprintf(to, sizeof to, "%03d@%s", i, t->me);
		letters[i] = fs_rename(dir, from, dir, to) == 0 ? 'W' :
		    errno == ENOENT ? 'L' : 'E';
	}
}

static int
count_name(void *context, const char *name, unsigned char type)
{
	unsigned *listed = context;
	unsigned long i = strtoul(name, NULL, 10);

	(void)type;
	if (i < DOCTOR_RACES)
		listed[i]++;
	return 0;
}

static int
list(struct doctor_talk *t, const char *folder,
	unsigned listed[DOCTOR_RACES], struct fail *f)
{
	memset(listed, 0, DOCTOR_RACES * sizeof *listed);
	return fs_each(t->dir, folder, count_name, listed, f);
}

/* A listing may be late, so it is looked at some more times. */
static int
judge(struct doctor_talk *t, const char *folder, const char *own,
	struct doctor_race *c, struct fail *f)
{
	unsigned listed[DOCTOR_RACES];

	for (int i = 0; i < LOOKS; i++) {
		if (i > 0)
			doctor_talk_sleep(LOOK_MS);
		if (list(t, folder, listed, f) != 0)
			return -1;
		doctor_race_count(c, own, t->heard, listed);
		if (c->lost == 0)
			break;
	}
	return 0;
}

static void
say_race(const struct doctor_race *c, struct doctor_report *r)
{
	static const char cure[] = "do not share a spool on this filesystem";

	if (c->twice)
		doctor_say(r, DOCTOR_BAD, "race", cure, "%zu of %d files were "
		    "renamed by both: a request would run twice", c->twice,
		    DOCTOR_RACES);
	if (c->lost)
		doctor_say(r, DOCTOR_BAD, "race", cure, "%zu of %d files are "
		    "listed under no name", c->lost, DOCTOR_RACES);
	if (c->errors)
		doctor_say(r, DOCTOR_BAD, "race", "see whether both may write "
		    "there", "%zu of %d files could not be renamed, "
		    "and not because the other was faster", c->errors,
		    DOCTOR_RACES);
	if (c->unanswered)
		doctor_say(r, DOCTOR_NOTE, "race", NULL, "%zu files are there "
		    "that neither was told to have got: answers were lost, "
		    "which adtspool mends", c->unanswered);
	if (!c->twice && !c->lost && !c->errors)
		doctor_say(r, DOCTOR_OK, "race", NULL, "%d files, each "
		    "renamed by both at the same time: %zu went here, %zu to "
		    "the other, none to both", DOCTOR_RACES, c->mine,
		    c->theirs);
}

/* The left one says when, and the other knows when that is by its clock. */
static int
agree_on_start(struct doctor_talk *t, struct doctor_start *start,
	struct fail *f)
{
	char text[32];

	start->go_ms = clock_boot_ms() + HEAD_START_MS;
	(void)snprintf(text, sizeof text, "%lld", (long long)start->go_ms);
	if (doctor_talk_ask(t, t->left, text, f) != 0)
		return -1;
	if (!t->left)
		start->go_ms = strtoll(t->heard, NULL, 10) - start->ahead_ms;
	if (start->go_ms > clock_boot_ms() + 2 * HEAD_START_MS)
		start->go_ms = clock_boot_ms();
	return 0;
}

int
doctor_peer_race(struct doctor_talk *t, struct doctor_start *start,
	struct doctor_report *r, struct fail *f)
{
	char folder[DOCTOR_FILE_MAX], own[DOCTOR_RACES + 1];
	struct doctor_race c;
	int dir, rc;

	doctor_talk_file(folder, t->left ? t->me : t->other, "race");
	if ((t->left && make_files(t, folder, f) != 0) ||
	    agree_on_start(t, start, f) != 0)
		return -1;
	dir = fs_open_dir(t->dir, folder);
	if (dir < 0)
		return fail_errno(f, "%s", folder);
	race(t, dir, start, own);
	(void)close(dir);
	rc = doctor_talk_exchange(t, own, f);
	if (rc == 0)
		rc = judge(t, folder, own, &c, f);
	if (rc == 0)
		say_race(&c, r);
	return rc;
}
