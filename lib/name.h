/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a name may look like.  Requests come from strangers: no path, command
 * line or page is built from a name that has not passed here.  All of these
 * refuse the empty string, a slash, a leading dot or dash and control bytes.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

enum {
	NAME_SOURCE_MAX = 100,
	NAME_VERSION_MAX = 128,
	NAME_SUITE_MAX = 64,
	NAME_ARCH_MAX = 32,
	NAME_QUEUE_MAX = 64,
	NAME_WORKER_MAX = 64,
};

/* Debian policy 5.6.1: [a-z0-9][a-z0-9+.-]+ */
bool name_source_ok(const char *s);

/* Debian policy 5.6.12: a digit, then [A-Za-z0-9.+:~-] */
bool name_version_ok(const char *s);

/* [A-Za-z0-9][A-Za-z0-9._+-]*: sid, kali-rolling, noble-proposed */
bool name_suite_ok(const char *s);

/* [a-z0-9][a-z0-9-]*: amd64, kfreebsd-amd64 */
bool name_arch_ok(const char *s);

/* An arch, or an arch, a dot and a class [a-z0-9-]+: amd64.huge */
bool name_queue_ok(const char *s);

/*
 * [A-Za-z0-9][A-Za-z0-9.-]*: a host name, most often.  Not *.why, which would
 * make a reason in bad/ look like a token.
 */
bool name_worker_ok(const char *s);

/* source/version; migration-reference/0 is one */
bool name_trigger_ok(const char *s);

/* The pool's prefix H: "libx" of libxyz, "h" of hello. */
void name_pool_prefix(char out[5], const char *source);

/*
 * Whether the name begins as the shape has it, where each "d" is a digit and
 * all else is itself: "dddddddd_dddddd@".  What follows is the caller's.
 */
bool name_begins_as(const char *name, const char *shape);

/*
 * Whether a file in new/ is somebody's unfinished business and not a request:
 * dotfiles, editors' backups and swap files, partial transfers, README.
 */
bool name_is_dropping(const char *file);

#endif
