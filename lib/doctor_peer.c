/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "doctor_look.h"
#include "doctor_peer.h"
#include "doctor_talk.h"
#include "fail.h"

enum { PINGS = 10 };

/* Of the rounds that this side began: an answer takes two renames. */
struct pings {
	int64_t ms[PINGS];
	int64_t boot_ahead_ms, wall_ahead_ms, best_ms;
};

static int
greet(struct doctor_talk *t, struct doctor_report *r, struct fail *f)
{
	char own[DOCTOR_SAY_MAX], host[128] = "?", other[128];
	unsigned long uid;
	int made;

	(void)gethostname(host, sizeof host - 1);
	(void)snprintf(own, sizeof own, "%d %lu %s", t->made,
	    (unsigned long)geteuid(), host);
	if (doctor_talk_exchange(t, own, f) != 0)
		return -1;
	if (sscanf(t->heard, "%d %lu %127s", &made, &uid, other) != 3)
		return fail_set(f, EX_DATAERR, "what the other one says is "
		    "not understood; let both be of one version");
	t->made = t->made || made;
	doctor_say(r, DOCTOR_OK, "peer", NULL, "%s, as uid %lu", other, uid);
	if (strcmp(host, other) == 0)
		doctor_say(r, DOCTOR_NOTE, "peer", "run one of the two on "
		    "another host", "both are on this host: that says "
		    "something of others only where each has a mount of its "
		    "own");
	return 0;
}

/* The clocks of the other side, at the middle of a round, are what it said. */
static void
take_round(const struct doctor_talk *t, struct pings *p, int i,
	int64_t boot_ms, int64_t wall_ms)
{
	int64_t took_ms = clock_boot_ms() - boot_ms;

	p->ms[i] = took_ms;
	if (i > 0 && took_ms >= p->best_ms)
		return;
	p->best_ms = took_ms;
	p->boot_ahead_ms = t->heard_boot_ms - boot_ms - took_ms / 2;
	p->wall_ahead_ms = t->heard_wall_ms - wall_ms - took_ms / 2;
}

static int
ping(struct doctor_talk *t, struct pings *p, struct fail *f)
{
	for (int i = 0; i < 2 * PINGS; i++) {
		bool i_ask = (i < PINGS) == t->left;
		int64_t boot_ms = clock_boot_ms(), wall_ms = clock_now_ms();

		if (doctor_talk_ask(t, i_ask, "ping", f) != 0)
			return -1;
		if (i_ask)
			take_round(t, p, i % PINGS, boot_ms, wall_ms);
	}
	return 0;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
say_pings(const struct doctor_talk *t, struct pings *p,
	struct doctor_report *r)
{
	qsort(p->ms, PINGS, sizeof *p->ms, by_size);
	doctor_say(r, DOCTOR_OK, "seen", NULL, "a file renamed by one is "
	    "listed by the other, and an answer is back, within %lld ms "
	    "(median) to %lld ms", (long long)p->ms[PINGS / 2],
	    (long long)p->ms[PINGS - 1]);
	if (t->late)
		doctor_say(r, DOCTOR_WARN, "seen", "NFS: mount it with "
		    "vers=4.2, and without nocto", "%u of %d answers were "
		    "listed only after this side had changed the folder: what "
		    "other hosts do may be seen late", t->late, 2 * PINGS);
	doctor_say(r, DOCTOR_NOTE, "clock", NULL, "the other host's clock is "
	    "%lld ms %s this one's, give or take %lld ms",
	    llabs((long long)p->wall_ahead_ms),
	    p->wall_ahead_ms < 0 ? "behind" : "ahead of",
	    (long long)p->best_ms / 2 + 1);
}

/* Each tells how bad it was, so that both exit as the worse one does. */
static int
compare(struct doctor_talk *t, struct doctor_report *r, struct fail *f)
{
	char text[16];
	int theirs;

	(void)snprintf(text, sizeof text, "%d", (int)doctor_report_worst(r));
	if (doctor_talk_exchange(t, text, f) != 0)
		return -1;
	theirs = (int)strtol(t->heard, NULL, 10);
	if (theirs > (int)DOCTOR_WARN && theirs < DOCTOR_GRADES &&
	    theirs > (int)doctor_report_worst(r))
		doctor_say(r, (enum doctor_grade)theirs, "peer", "read what "
		    "the other one says", "the other side found what is %s",
		    doctor_grade_word((enum doctor_grade)theirs));
	return 0;
}

static int
try_the_rest(struct doctor_talk *t, const struct pings *p,
	struct doctor_report *r, struct fail *f)
{
	struct doctor_start start = { .ahead_ms = p->boot_ahead_ms,
	    .doubt_ms = p->best_ms / 2 + 1 };

	return doctor_peer_race(t, &start, r, f) == 0 &&
	    doctor_peer_fresh(t, r, f) == 0 &&
	    doctor_peer_lock(t, r, f) == 0 ? 0 : -1;
}

static int
go_through(struct doctor_talk *t, struct doctor_report *r, struct fail *f)
{
	struct pings p = { .best_ms = 0 };
	int closed;

	t->end_ms = clock_boot_ms() + DOCTOR_PEER_MOST_MS;
	if (greet(t, r, f) != 0 || ping(t, &p, f) != 0)
		return -1;
	say_pings(t, &p, r);
	closed = doctor_peer_swap(t, r, f);
	if (closed < 0 || (!closed && try_the_rest(t, &p, r, f) != 0) ||
	    compare(t, r, f) != 0)
		return -1;
	doctor_talk_leave(t);
	return 0;
}

static bool
is_refused(const struct fail *f)
{
	return f->err == EACCES || f->err == EPERM;
}

void
doctor_peer(const struct conf *c, const struct doctor_options *o,
	struct doctor_report *r)
{
	struct doctor_talk t;
	struct fail f;

	if (doctor_talk_open(&t, c->spool, o, &f) != 0)
		doctor_say(r, doctor_grade_of(f.err), "peer", is_refused(&f) ?
		    "let this user write to .doctor in the spool, or make it "
		    "there with mode 2775" : doctor_cure_of(f.err), "%s",
		    f.text);
	else if (doctor_talk_meet(&t, &f) != 0)
		doctor_say(r, is_refused(&f) ? DOCTOR_BAD : DOCTOR_UNSEEN,
		    "peer", is_refused(&f) ? "use umask 002, and one group, "
		    "on both hosts" : "run \"adtspool doctor --peer\" on two "
		    "hosts at the same time", "%s", f.text);
	else if (go_through(&t, r, &f) != 0)
		doctor_say(r, DOCTOR_UNSEEN, "peer", "see what the other one "
		    "says, and try again", "not all was tried: %s", f.text);
	doctor_talk_close(&t);
}
