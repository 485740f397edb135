/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening what is in the results tree, and nothing else.  Each component is
 * opened in the one before it and never through a symbolic link; names that
 * begin with a dot, and what is neither a folder nor a regular file, are not
 * there.
 */
#ifndef SERVE_TREE_H
#define SERVE_TREE_H

#include <stddef.h>
#include <sys/stat.h>

struct strs;

/*
 * The folder that the first n parts lead to, below results; close(2) it.  -1
 * with errno otherwise: ENOENT where a client is told that there is nothing.
 */
int serve_tree_folder(int results, const struct strs *parts, size_t n);

/* The same for a regular file; st is of what was opened. */
int serve_tree_file(int results, const struct strs *parts, struct stat *st);

/*
 * by-version/SUITE/ARCH/SOURCE/VERSION/RUN_ID[/...] becomes
 * autopkgtest/SUITE/ARCH/H/SOURCE/RUN_ID[/...], if the link of that name is
 * there and says just that.  Other parts stay as they are.
 */
void serve_tree_resolve(int results, struct strs *parts);

#endif
