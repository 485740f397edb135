/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reading and writing of manifest.h share. */
#ifndef MANIFEST_INSIDE_H
#define MANIFEST_INSIDE_H

#include "manifest.h"

#define MANIFEST_FOLDER "manifests"

enum { MANIFEST_LINE_MAX = NOTICE_PATH_MAX + 3 };

/* Opens an hour's file for reading; the caller closes. */
int manifest_open(const struct spool *s, const char *hour, uint64_t *size,
	struct fail *f);

/* The mark moves behind a line of n bytes. */
void manifest_note(struct manifest_mark *m, const char *line, size_t n);

#endif
