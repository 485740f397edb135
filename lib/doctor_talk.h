/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two doctors on two hosts, which have nothing in common but SPOOL/.doctor.
 * They talk by files there that are renamed into place and never changed:
 *
 *	<id>,0,<beat>	one that waits; the beat grows, so it lives
 *	<id>,1,<other>	wants to go on with that one
 *	<id>,<step>	what it says in this step, from 2 on
 *	<id>.<what>	what the two try
 *
 * Both go through the same steps.  Everything is looked for by listing: no
 * name is looked up before it was listed.
 */
#ifndef DOCTOR_TALK_H
#define DOCTOR_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor.h"
#include "token.h"

struct strs;

enum { DOCTOR_SAY_MAX = 256, DOCTOR_FILE_MAX = 64 };

struct doctor_talk {
	const struct doctor_options *options;
	int spool, dir;			/* SPOOL, SPOOL/.doctor */
	bool made;			/* SPOOL/.doctor, by one of the two */
	char me[TOKEN_ID_MAX], other[TOKEN_ID_MAX];
	bool left;			/* me < other; does what one does */
	int step;
	int64_t end_ms;			/* by clock_boot_ms */
	unsigned bells, late;		/* heard only after a bell */
	/* What the other said in this step, and when, by its clocks. */
	char heard[DOCTOR_SAY_MAX];
	int64_t heard_boot_ms, heard_wall_ms;
};

/* Opens SPOOL/.doctor, which is made when it is missing. */
int doctor_talk_open(struct doctor_talk *t, const char *spool,
	const struct doctor_options *o, struct fail *f);

/* Makes and opens the folder again, which another may have removed. */
int doctor_talk_open_folder(struct doctor_talk *t, struct fail *f);

/* Finds somebody; EX_TEMPFAIL when nobody came in time. */
int doctor_talk_meet(struct doctor_talk *t, struct fail *f);

/*
 * The next step: both say something and hear the other; or the left one asks
 * first and the right one answers, when the first argument says so.
 */
int doctor_talk_exchange(struct doctor_talk *t, const char *say,
	struct fail *f);
int doctor_talk_ask(struct doctor_talk *t, bool i_ask, const char *say,
	struct fail *f);

/* After the last step: until the other has heard all. */
void doctor_talk_leave(struct doctor_talk *t);

/* Removes what this side made, and the folder when the other is gone. */
void doctor_talk_close(struct doctor_talk *t);

/* "<id>.<what>" of this side or the other. */
void doctor_talk_file(char out[DOCTOR_FILE_MAX], const char *id,
	const char *what);

/* Changes the folder, for NFSv3 may not show a name until it changes again. */
void doctor_talk_ring(struct doctor_talk *t);

void doctor_talk_sleep(int64_t ms);

/*
 * Whom to go on with: the first by name of those alive that do not go on with
 * another, as the names in SPOOL/.doctor tell; "" for nobody.
 */
void doctor_talk_choose(const struct strs *names, const struct strs *alive,
	const char *me, char choice[TOKEN_ID_MAX]);

#endif
