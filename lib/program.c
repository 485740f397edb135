/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "program.h"

char *
program_beside(const char *path)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);

	if (n < 0)
		return NULL;
	own[n] = '\0';
	return mem_printf("%.*s/%s", (int)(strrchr(own, '/') - own), own,
	    path);
}
