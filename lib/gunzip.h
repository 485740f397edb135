/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to zlib: prints a published log.  libarchive could, too, but that
 * brings ICU and libxml2 into each process, and who prints a log needs neither.
 */
#ifndef GUNZIP_H
#define GUNZIP_H

#include <stdio.h>

struct fail;

/*
 * Writes a file's text to out, unpacked where it is gzipped.  Fails where that
 * is cut off or damaged: what was good of it is written then.
 */
int gunzip(int dir, const char *name, FILE *out, struct fail *f);

#endif
