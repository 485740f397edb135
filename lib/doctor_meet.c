/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How two doctors find each other; what others left there does not matter. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "doctor_talk.h"
#include "fail.h"
#include "fs.h"
#include "strs.h"

enum { TICK_MS = 200, ALIVE_MS = 5000, SEEN_MOST = 32, NAMES_MOST = 10000 };

/* Somebody whose beat was seen, and when it was seen to change. */
struct seen {
	char id[TOKEN_ID_MAX];
	unsigned long beat;
	int64_t changed_ms;	/* 0: never */
};

struct meeting {
	struct doctor_talk *t;
	struct seen seen[SEEN_MOST];
	size_t n;
	unsigned long beat;
	char choice[TOKEN_ID_MAX];	/* what my invitation says */
	struct strs names;		/* as just listed */
};

/* "<id>,<what>..." gives the id and the rest; NULL where it is not so. */
static const char *
parse(const char *name, char id[TOKEN_ID_MAX], const char *what)
{
	size_t n = strlen(what);

	if (strlen(name) < TOKEN_ID_MAX - 1)
		return NULL;
	memcpy(id, name, TOKEN_ID_MAX - 1);
	id[TOKEN_ID_MAX - 1] = '\0';
	if (!token_id_ok(id) || strncmp(name + TOKEN_ID_MAX - 1, what, n) != 0)
		return NULL;
	return name + TOKEN_ID_MAX - 1 + n;
}

static bool
invites(const struct strs *names, const char *who, const char *whom)
{
	char name[DOCTOR_FILE_MAX];

	(void)snprintf(name, sizeof name, "%s,1,%s", who, whom);
	return strs_has(names, name);
}

/* Whether it goes on with another than me. */
static bool
is_taken(const struct strs *names, const char *who, const char *me)
{
	char id[TOKEN_ID_MAX];
	const char *whom;

	for (size_t i = 0; i < names->n; i++) {
		whom = parse(names->v[i], id, ",1,");
		if (whom && strcmp(id, who) == 0 && strcmp(whom, me) != 0 &&
		    invites(names, whom, who))
			return true;
	}
	return false;
}

void
doctor_talk_choose(const struct strs *names, const struct strs *alive,
	const char *me, char choice[TOKEN_ID_MAX])
{
	choice[0] = '\0';
	for (size_t i = 0; i < alive->n; i++) {
		const char *id = alive->v[i];

		if (strcmp(id, me) != 0 && !is_taken(names, id, me) &&
		    (!choice[0] || strcmp(id, choice) < 0))
			(void)snprintf(choice, TOKEN_ID_MAX, "%s", id);
	}
}

static void
see(struct meeting *m, const char *id, unsigned long beat)
{
	size_t i = 0;

	while (i < m->n && strcmp(m->seen[i].id, id) != 0)
		i++;
	if (i == SEEN_MOST)
		return;
	if (i == m->n) {
		m->n++;
		memcpy(m->seen[i].id, id, TOKEN_ID_MAX);
	} else if (m->seen[i].beat != beat) {
		m->seen[i].changed_ms = clock_boot_ms();
	}
	m->seen[i].beat = beat;
}

static int
look(struct meeting *m, struct fail *f)
{
	char id[TOKEN_ID_MAX];
	const char *beat;

	strs_free(&m->names);
	if (fs_list(m->t->dir, ".", NAMES_MOST, &m->names, f) != 0)
		return -1;
	for (size_t i = 0; i < m->names.n; i++) {
		beat = parse(m->names.v[i], id, ",0,");
		if (beat && strcmp(id, m->t->me) != 0)
			see(m, id, strtoul(beat, NULL, 10));
	}
	return 0;
}

/* The file of this beat takes the place of the last one's. */
static int
beat(struct meeting *m, struct fail *f)
{
	char old[DOCTOR_FILE_MAX], next[DOCTOR_FILE_MAX];

	(void)snprintf(old, sizeof old, "%s,0,%lu", m->t->me, m->beat);
	(void)snprintf(next, sizeof next, "%s,0,%lu", m->t->me, ++m->beat);
	if (m->beat > 1 && fs_rename(m->t->dir, old, m->t->dir, next) == 0)
		return 0;
	/* The first; or another took the folder away that it was in. */
	if (fs_write_new(m->t->dir, next, "", 0, f) == 0)
		return 0;
	return f->err == ENOENT || f->err == ESTALE ?
	    doctor_talk_open_folder(m->t, f) : -1;
}

static int
invite(struct meeting *m, const char *choice, struct fail *f)
{
	char old[DOCTOR_FILE_MAX], next[DOCTOR_FILE_MAX];

	(void)snprintf(old, sizeof old, "%s,1,%s", m->t->me, m->choice);
	(void)snprintf(next, sizeof next, "%s,1,%s", m->t->me, choice);
	if (m->choice[0])
		(void)fs_unlink(m->t->dir, old);
	if (choice[0] && fs_write_new(m->t->dir, next, "", 0, f) != 0)
		return -1;
	memcpy(m->choice, choice, sizeof m->choice);
	return 0;
}

/* 1: with somebody who wants to go on with me, too; 0: not yet. */
static int
agree(struct meeting *m, struct fail *f)
{
	struct strs alive = { 0 };
	char choice[TOKEN_ID_MAX];
	int64_t now_ms = clock_boot_ms();

	if (m->choice[0] && invites(&m->names, m->choice, m->t->me))
		return 1;
	for (size_t i = 0; i < m->n; i++)
		if (m->seen[i].changed_ms &&
		    now_ms - m->seen[i].changed_ms < ALIVE_MS)
			strs_add(&alive, m->seen[i].id);
	doctor_talk_choose(&m->names, &alive, m->t->me, choice);
	strs_free(&alive);
	return strcmp(choice, m->choice) == 0 ? 0 : invite(m, choice, f);
}

static int
nobody_came(const struct meeting *m, struct fail *f)
{
	return fail_set(f, EX_TEMPFAIL, "nobody came in %llds%s",
	    (long long)m->t->options->limit_s, m->n == 0 ? "" : ", though "
	    "there were files of somebody who was there, or is and is not "
	    "seen to change");
}

int
doctor_talk_meet(struct doctor_talk *t, struct fail *f)
{
	int64_t end_ms = clock_boot_ms() + t->options->limit_s * 1000;
	struct meeting m = { .t = t };
	char name[DOCTOR_FILE_MAX];
	int rc;

	while ((rc = beat(&m, f)) == 0 && (rc = look(&m, f)) == 0 &&
	    (rc = agree(&m, f)) == 0) {
		if (*t->options->stop || clock_boot_ms() > end_ms) {
			rc = *t->options->stop ?
			    fail_set(f, EX_TEMPFAIL, "told to stop") :
			    nobody_came(&m, f);
			break;
		}
		doctor_talk_sleep(TICK_MS);
	}
	(void)snprintf(name, sizeof name, "%s,0,%lu", t->me, m.beat);
	(void)fs_unlink(t->dir, name);
	memcpy(t->other, m.choice, sizeof t->other);
	t->left = strcmp(t->me, t->other) < 0;
	strs_free(&m.names);
	return rc == 1 ? 0 : -1;
}
