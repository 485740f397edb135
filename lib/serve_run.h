/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which Swift container a run is in. */
#ifndef SERVE_RUN_H
#define SERVE_RUN_H

struct fail;

/*
 * Whether the run in an open folder is in the container, whose name is given
 * without "autopkgtest-"; path begins with the suite and a slash.  1, 0, or -1
 * where that cannot be read at the moment: to pass the run over would be to
 * lose it for who asks for what is newer the next time.
 */
int serve_run_is_listed(int folder, const char *container, const char *path,
	struct fail *f);

#endif
