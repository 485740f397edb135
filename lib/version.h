/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The links by version, made after a run was published and removed after it
 * went:
 *	RESULTS/by-version/<suite>/<arch>/<source>/<version>/<run id>
 * A version that is NULL, "" or no version has no link.
 */
#ifndef VERSION_H
#define VERSION_H

struct fail;
struct notice;
struct spool;

/* Makes the link, relative; that it is there already is fine. */
int version_link(const struct spool *s, const struct notice *run,
	const char *version, struct fail *f);

/* Removes it, and its folder where it was the last one; gone is fine. */
int version_unlink(const struct spool *s, const struct notice *run,
	const char *version, struct fail *f);

#endif
