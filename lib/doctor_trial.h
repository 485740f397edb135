/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What system calls must do for the protocol to hold. */
#ifndef DOCTOR_TRIAL_H
#define DOCTOR_TRIAL_H

struct fail;

struct doctor_trial {
	const char *check;	/* a word, for the finding */
	const char *fine;	/* what holds when it succeeds */
	/* In a folder for all of them: 0, or -1 and what is wrong. */
	int (*run)(int dir, struct fail *f);
};

extern const struct doctor_trial doctor_trials[];	/* ends with NULL */

#endif
