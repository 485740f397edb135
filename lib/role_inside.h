/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of role.h share: the paths, below RESULTS. */
#ifndef ROLE_INSIDE_H
#define ROLE_INSIDE_H

#include "role.h"

#define INDEX ".index"
#define ROLE INDEX "/role"

enum { ROLE_PATH_MAX = 2 * ROLE_NAME_MAX + 2 };

void role_token_path(char out[ROLE_PATH_MAX], const char *folder,
	const struct role_token *t);

int role_sync(const struct spool *s, const char *path, struct fail *f);

#endif
