/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"

static int
status_of(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
	case EROFS:
		return EX_NOPERM;
	case ENOENT:
	case ENOTDIR:
		return EX_NOINPUT;
	case EIO:
		return EX_IOERR;
	default:
		return EX_TEMPFAIL;
	}
}

int
fail_set(struct fail *f, int status, const char *fmt, ...)
{
	va_list ap;

	f->status = status;
	f->err = 0;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
fail_errno(struct fail *f, const char *fmt, ...)
{
	int err = errno;
	size_t len;
	va_list ap;

	f->status = status_of(err);
	f->err = err;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	len = strlen(f->text);
	(void)snprintf(f->text + len, sizeof f->text - len, ": %s",
	    strerror(err));
	errno = err;
	return -1;
}

int
fail_prefix(struct fail *f, const char *fmt, ...)
{
	char old[sizeof f->text];
	size_t len;
	va_list ap;

	memcpy(old, f->text, sizeof old);
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	len = strlen(f->text);
	(void)snprintf(f->text + len, sizeof f->text - len, ": %s", old);
	return -1;
}
