/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the configuration: the table that conf.c reads it by. */
#ifndef CONF_KEY_H
#define CONF_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct fail;

enum conf_takes {
	CONF_TAKES_ONE,
	CONF_TAKES_LIST,	/* or one text */
	CONF_TAKES_WORDS,	/* or one text, which is split at blanks */
	CONF_TAKES_VIRTS,	/* names, each with such words: conf_virt.c */
};

struct conf_key {
	const char *name;
	enum conf_takes takes;
	/* Checks a value and sets or adds it; or -1 and "key: reason". */
	int (*set)(struct conf *c, const struct conf_key *k,
		const char *value, struct fail *f);
	size_t at;			/* of its member in struct conf */
	bool (*ok)(const char *);	/* of texts and lists */
	int64_t least, most;		/* of numbers, seconds, bytes */
	const char *want;		/* what a good value is, for messages */
};

struct yaml;

/* Whether it can stand among a virt server's words. */
bool conf_template_ok(const char *s);
bool conf_ppa_source_ok(const char *s);

/* Reads virt-servers; -1 with "file:line: reason". */
int conf_virt_read(struct conf *c, const struct conf_key *k,
	const struct yaml *y, struct fail *f);

/* That the names of virt servers are some. */
int conf_virt_check(const struct conf *c, struct fail *f);

void conf_virt_free(struct conf *c);

extern const struct conf_key conf_keys[];	/* ends with a NULL name */

/*
 * The path that somebody in the folder of file means; free() it.  file is
 * absolute and has no symlink in it.
 */
char *conf_resolve(const char *file, const char *path);

#endif
