/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "pack.h"
#include "pack_sink.h"

enum { CHUNK = 65536 };

static int
fail_archive(struct fail *f, const char *name, struct archive *a)
{
	const char *text = archive_error_string(a);
	int err = archive_errno(a);

	(void)fail_set(f, EX_IOERR, "%s: %s%s%s", name, text ? text : "broken",
	    err > 0 ? ": " : "", err > 0 ? strerror(err) : "");
	f->err = err > 0 ? err : 0;
	return -1;
}

static int
choose(struct archive *a, enum sink_format format)
{
	static const int formats[] = {
		[SINK_GZIP] = ARCHIVE_FORMAT_RAW,
		[SINK_TAR_GZIP] = ARCHIVE_FORMAT_TAR_GNUTAR,
		[SINK_TAR] = ARCHIVE_FORMAT_TAR_USTAR,
	};
	int r = archive_write_set_format(a, formats[format]);

	if (r == ARCHIVE_OK && format != SINK_TAR)
		r = archive_write_add_filter_gzip(a);
	/* 6 makes logs 1 or 2 % smaller, for half as much time again. */
	if (r == ARCHIVE_OK && format != SINK_TAR)
		r = archive_write_set_options(a,
		    "gzip:compression-level=5,gzip:!timestamp");
	return r;
}

int
sink_begin(struct sink *s, enum sink_format format, struct fail *f)
{
	struct archive *a = archive_write_new();

	s->a = a;
	s->fd = fs_create(s->dir, s->name);
	if (s->fd < 0) {
		(void)fail_errno(f, "%s", s->name);
		(void)archive_write_free(a);
		return -1;
	}
	if (choose(a, format) == ARCHIVE_OK &&
	    archive_write_open_fd(a, s->fd) == ARCHIVE_OK)
		return 0;
	(void)fail_archive(f, s->name, a);
	(void)archive_write_free(a);
	(void)close(s->fd);
	(void)fs_unlink(s->dir, s->name);
	return -1;
}

int
sink_finish(struct sink *s, int rc, struct fail *f)
{
	if (rc == 0 && archive_write_close(s->a) != ARCHIVE_OK)
		rc = fail_archive(f, s->name, s->a);
	(void)archive_write_free(s->a);
	if (rc == 0 && fs_sync(s->fd) != 0)
		rc = fail_errno(f, "%s", s->name);
	if (close(s->fd) != 0 && rc == 0)
		rc = fail_errno(f, "%s", s->name);
	if (rc != 0)
		(void)fs_unlink(s->dir, s->name);
	return rc;
}

int
sink_put_header(struct sink *s, const char *path, const struct stat *st,
	const char *target, struct fail *f)
{
	struct archive_entry *e = archive_entry_new();
	int rc;

	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, st->st_mode & (S_IFMT | 0777));
	archive_entry_set_mtime(e, st->st_mtim.tv_sec, 0);
	archive_entry_set_size(e, S_ISREG(st->st_mode) ? st->st_size : 0);
	if (target)
		archive_entry_set_symlink(e, target);
	rc = archive_write_header(s->a, e);
	archive_entry_free(e);
	return rc < ARCHIVE_WARN ? fail_archive(f, s->name, s->a) : 0;
}

static int
put_bytes(struct sink *s, const void *p, size_t n, struct fail *f)
{
	return archive_write_data(s->a, p, n) < 0 ?
	    fail_archive(f, s->name, s->a) : 0;
}

int
sink_put_file(struct sink *s, int fd, int64_t n, const char *path,
	struct fail *f)
{
	char chunk[CHUNK];

	while (n > 0) {
		ssize_t got = read(fd, chunk,
		    n < CHUNK ? (size_t)n : sizeof chunk);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(f, "%s", path);
		if (got == 0)
			break;
		if (put_bytes(s, chunk, (size_t)got, f) != 0)
			return -1;
		n -= got;
	}
	return 0;
}

int
sink_open_file(int dir, const char *name, struct stat *st)
{
	int fd = fs_open_read(dir, name);
	int err = EINVAL;

	if (fd < 0)
		return -1;
	if (fstat(fd, st) != 0)
		err = errno;
	else if (S_ISREG(st->st_mode))
		return fd;
	(void)close(fd);
	errno = err;
	return -1;
}

static int
put_log(struct sink *s, int fd, const struct stat *st, int64_t most_bytes,
	const char *from, struct fail *f)
{
	int64_t out_bytes = st->st_size - most_bytes;
	int64_t head_bytes = PACK_HEAD(most_bytes);
	char line[64];

	if (sink_put_header(s, from, st, NULL, f) != 0)
		return -1;
	if (out_bytes <= 0)
		return sink_put_file(s, fd, st->st_size, from, f);
	(void)snprintf(line, sizeof line,
	    "\n[... %" PRId64 " bytes left out ...]\n", out_bytes);
	if (sink_put_file(s, fd, head_bytes, from, f) != 0 ||
	    put_bytes(s, line, strlen(line), f) != 0)
		return -1;
	if (lseek(fd, head_bytes + out_bytes, SEEK_SET) < 0)
		return fail_errno(f, "%s", from);
	return sink_put_file(s, fd, most_bytes - head_bytes, from, f);
}

int
pack_log(int dir, const char *from, int to_dir, const char *to,
	int64_t most_bytes, bool *cut, struct fail *f)
{
	struct sink s = { .dir = to_dir, .name = to };
	struct stat st;
	int fd = sink_open_file(dir, from, &st);
	int rc;

	if (fd < 0)
		return fail_errno(f, "%s", from);
	*cut = st.st_size > most_bytes;
	rc = sink_begin(&s, SINK_GZIP, f);
	if (rc == 0) {
		rc = put_log(&s, fd, &st, most_bytes, from, f);
		rc = sink_finish(&s, rc, f);
	}
	(void)close(fd);
	return rc;
}

int
sink_put_text(struct sink *s, int dir, const char *name, const char *text,
	struct fail *f)
{
	struct stat st;

	/* The directory's time: a tar of the same input is the same tar. */
	if (fstat(dir, &st) != 0)
		return fail_errno(f, "%s", name);
	st.st_mode = S_IFREG | 0644;
	st.st_size = (off_t)strlen(text);
	if (sink_put_header(s, name, &st, NULL, f) != 0)
		return -1;
	return put_bytes(s, text, strlen(text), f);
}

static int
put_member(struct sink *s, int dir, const struct pack_member *m,
	struct fail *f)
{
	struct stat st;
	int fd, rc;

	if (m->text)
		return sink_put_text(s, dir, m->name, m->text, f);
	fd = sink_open_file(dir, m->name, &st);
	if (fd < 0)
		return errno == ENOENT || errno == EINVAL || errno == ELOOP ?
		    0 : fail_errno(f, "%s", m->name);
	rc = st.st_size > PACK_MEMBER_MOST ? 0 :
	    sink_put_header(s, m->name, &st, NULL, f);
	if (rc == 0 && st.st_size <= PACK_MEMBER_MOST)
		rc = sink_put_file(s, fd, st.st_size, m->name, f);
	(void)close(fd);
	return rc;
}

int
pack_members(int dir, const struct pack_member *m, size_t n, int to_dir,
	const char *to, struct fail *f)
{
	struct sink s = { .dir = to_dir, .name = to };
	int rc = sink_begin(&s, SINK_TAR, f);

	if (rc != 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put_member(&s, dir, &m[i], f);
	return sink_finish(&s, rc, f);
}

/* Opens an archive whose formats the caller has chosen; -1 or its fd. */
static int
open_archive(struct archive *a, int dir, const char *name, struct fail *f)
{
	struct stat st;
	int fd = sink_open_file(dir, name, &st);

	if (fd < 0)
		return fail_errno(f, "%s", name);
	(void)archive_read_support_filter_gzip(a);
	if (archive_read_open_fd(a, fd, CHUNK) == ARCHIVE_OK)
		return fd;
	(void)close(fd);
	return fail_archive(f, name, a);
}

static int
read_member(struct archive *a, const char *tar, size_t most, struct buf *out,
	struct fail *f)
{
	char chunk[CHUNK];
	size_t sum = 0;
	la_ssize_t n;

	while ((n = archive_read_data(a, chunk, sizeof chunk)) > 0) {
		sum += (size_t)n;
		if (sum > most) {
			errno = EFBIG;
			return fail_errno(f, "%s", tar);
		}
		buf_addn(out, chunk, (size_t)n);
	}
	if (n < 0)
		return fail_archive(f, tar, a);
	buf_add(out, "");
	return 0;
}

static int
find_member(struct archive *a, const char *tar, const char *member,
	struct fail *f)
{
	struct archive_entry *e;
	int r;

	while ((r = archive_read_next_header(a, &e)) >= ARCHIVE_WARN &&
	    r != ARCHIVE_EOF)
		if (strcmp(archive_entry_pathname(e), member) == 0)
			return 0;
	if (r != ARCHIVE_EOF)
		return fail_archive(f, tar, a);
	errno = ENOENT;
	return fail_errno(f, "%s: %s", tar, member);
}

int
pack_read_member(int dir, const char *tar, const char *member, size_t most,
	struct buf *out, struct fail *f)
{
	struct archive *a = archive_read_new();
	int fd, rc = -1;

	(void)archive_read_support_format_tar(a);
	fd = open_archive(a, dir, tar, f);
	if (fd >= 0) {
		rc = find_member(a, tar, member, f);
		if (rc == 0)
			rc = read_member(a, tar, most, out, f);
		(void)close(fd);
	}
	(void)archive_read_free(a);
	return rc;
}
