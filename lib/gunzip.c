/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "fail.h"
#include "fs.h"
#include "gunzip.h"

enum { CHUNK = 65536 };

/* What is wrong with it; zlib says Z_BUF_ERROR at the end of half a file. */
static int
check(gzFile z, const char *name, struct fail *f)
{
	int err, saved = errno;
	const char *text = gzerror(z, &err);

	errno = saved;
	switch (err) {
	case Z_OK:
		return 0;
	case Z_ERRNO:
		return fail_errno(f, "%s", name);
	case Z_BUF_ERROR:
		return fail_set(f, EX_IOERR, "%s: is cut off", name);
	default:
		return fail_set(f, EX_IOERR, "%s: %s", name, text);
	}
}

static int
copy(gzFile z, const char *name, FILE *out, struct fail *f)
{
	char chunk[CHUNK];
	int n;

	while ((n = gzread(z, chunk, sizeof chunk)) > 0)
		if (fwrite(chunk, 1, (size_t)n, out) != (size_t)n)
			return fail_errno(f, "%s: writing", name);
	return check(z, name, f);
}

int
gunzip(int dir, const char *name, FILE *out, struct fail *f)
{
	int fd = fs_open_read(dir, name), rc;
	gzFile z;

	if (fd < 0)
		return fail_errno(f, "%s", name);
	z = gzdopen(fd, "rb");
	if (!z) {
		(void)close(fd);
		return fail_set(f, EX_OSERR, "%s: no memory to unpack it",
		    name);
	}
	rc = copy(z, name, out, f);
	(void)gzclose_r(z);
	return rc;
}
