/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "export_file.h"
#include "export_place.h"
#include "fail.h"
#include "fs.h"

enum { PIECE_BYTES = 256 * 1024 };

int
export_file_begin(struct export_file *e, const struct export_place *place,
	const char *name, struct fail *f)
{
	*e = (struct export_file){ .place = place, .name = name, .fd = -1 };
	(void)fs_unlink(place->out, name);	/* of one that was given up */
	e->fd = fs_create(place->out, name);
	return e->fd < 0 ? fail_errno(f, "%s", name) : 0;
}

static int
write_out(struct export_file *e, struct fail *f)
{
	const char *p = e->text.s;
	size_t left = e->text.len;

	while (left > 0) {
		ssize_t n = write(e->fd, p, left);

		if (n < 0)
			return fail_errno(f, "%s", e->name);
		p += n;
		left -= (size_t)n;
	}
	buf_reset(&e->text);
	return 0;
}

int
export_file_more(struct export_file *e, struct fail *f)
{
	return e->text.len < PIECE_BYTES ? 0 : write_out(e, f);
}

int
export_file_sync(struct export_file *e, struct fail *f)
{
	if (write_out(e, f) != 0)
		return -1;
	return fs_sync(e->fd) == 0 ? 0 : fail_errno(f, "%s", e->name);
}

int
export_file_end(struct export_file *e, const char *target, struct fail *f)
{
	int rc = export_file_sync(e, f);

	if (close(e->fd) != 0 && rc == 0)
		rc = fail_errno(f, "%s", e->name);
	e->fd = -1;
	if (rc == 0)
		rc = e->place->put_file(e->place->of, e->name, target, f);
	if (rc != 0)
		(void)fs_unlink(e->place->out, e->name);
	buf_free(&e->text);
	return rc;
}

void
export_file_give_up(struct export_file *e)
{
	if (e->fd >= 0) {
		(void)close(e->fd);
		(void)fs_unlink(e->place->out, e->name);
	}
	e->fd = -1;
	buf_free(&e->text);
}
