/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test of two hosts: what one of them does, the other must see, and what
 * both try, one must get.
 */
#ifndef DOCTOR_PEER_H
#define DOCTOR_PEER_H

#include <stddef.h>
#include <stdint.h>

struct conf;
struct doctor_options;
struct doctor_report;
struct doctor_talk;
struct fail;

enum { DOCTOR_PEER_MOST_MS = 60000, DOCTOR_RACES = 100 };

/* Waits for the other doctor, goes through the test with it, and says all. */
void doctor_peer(const struct conf *c, const struct doctor_options *o,
	struct doctor_report *r);

/* For both to begin at one moment. */
struct doctor_start {
	int64_t ahead_ms;	/* how much the other's clock_boot_ms is */
	int64_t doubt_ms;	/* about that, this much or less */
	int64_t go_ms;		/* the moment, by this side's clock */
};

/*
 * The parts: 0, or -1 where the other one is silent or the mount fails; 1 of
 * the first, where what one makes is closed to the other.
 */
int doctor_peer_swap(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f);
int doctor_peer_race(struct doctor_talk *t, struct doctor_start *start,
	struct doctor_report *r, struct fail *f);
int doctor_peer_fresh(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f);
int doctor_peer_lock(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f);

/*
 * What came of a race: each side's letters, a file each (W: won, L: told that
 * it lost, E: an error), and how often each file's name, original or a
 * winner's, is listed.
 */
struct doctor_race {
	size_t mine, theirs;	/* won */
	size_t twice;		/* both won, or two names are listed */
	size_t unanswered;	/* both were told that they lost */
	size_t lost;		/* no name is listed */
	size_t errors;
};
void doctor_race_count(struct doctor_race *c, const char *mine,
	const char *theirs, const unsigned listed[DOCTOR_RACES]);

#endif
