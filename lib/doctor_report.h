/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the doctor found, in the order of looking, and how it is told. */
#ifndef DOCTOR_REPORT_H
#define DOCTOR_REPORT_H

#include <stddef.h>

struct buf;
struct fail;

/* The later ones are worse. */
enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_NOTE,	/* good to know, and nothing is wrong with it */
	DOCTOR_WARN,	/* works, but for a reservation */
	DOCTOR_UNSEEN,	/* could not be looked at */
	DOCTOR_BAD,	/* breaks what adtspool-spool(5) guarantees */
	DOCTOR_GRADES
};

struct doctor_finding {
	enum doctor_grade grade;
	char *check;	/* a word, the same for the same kind of finding */
	char *text;
	char *cure;	/* what to do; NULL: nothing, or not known */
};

/* A zeroed one is empty. */
struct doctor_report {
	struct doctor_finding *v;
	size_t n, room;
	int wire;	/* where findings go as lines of JSON; 0: into v */
};

/* Adds a finding; control bytes, for texts may be strangers', become '?'. */
void doctor_say(struct doctor_report *r, enum doctor_grade grade,
	const char *check, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Adds one from its line of JSON; EX_DATAERR where it is none. */
int doctor_report_add_line(struct doctor_report *r, const char *line,
	size_t n, struct fail *f);

enum doctor_grade doctor_report_worst(const struct doctor_report *r);
const char *doctor_grade_word(enum doctor_grade grade);

/* For people, 80 columns wide; ends with a line that sums up. */
void doctor_report_text(const struct doctor_report *r, struct buf *out);
void doctor_report_json(const struct doctor_report *r, struct buf *out);

void doctor_report_free(struct doctor_report *r);

#endif
