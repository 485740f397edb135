/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "buf.h"
#include "digest.h"
#include "publish.h"
#include "serve_file.h"
#include "strs.h"

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && strcmp(s + n - m, with) == 0;
}

struct serve_type
serve_file_type(const char *name)
{
	static const struct {
		const char *end;
		struct serve_type type;
	} types[] = {
		{ "log.gz", { "text/plain; charset=UTF-8", true, false } },
		{ ".json", { "application/json", false, false } },
		{ ".tar", { "application/x-tar", false, true } },
		{ ".tar.gz", { "application/gzip", false, true } },
		{ ".sha256", { "text/plain; charset=UTF-8", false, false } },
		{ ".db", { "application/vnd.sqlite3", false, true } },
		{ ".xml", { "application/xml", false, false } },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (ends(name, types[i].end))
			return types[i].type;
	if (!strchr(name, '.'))
		return (struct serve_type){ "text/plain; charset=UTF-8",
		    false, false };
	return (struct serve_type){ "application/octet-stream", false, true };
}

void
serve_file_etag(char out[SERVE_ETAG_MAX], const struct strs *parts,
	const struct stat *st)
{
	bool of_run = parts->n == 7 && !strcmp(parts->v[0], "autopkgtest") &&
	    publish_run_id_ok(parts->v[5]);
	char id[DIGEST_ID_MAX], *path;
	struct buf b = { 0 };

	if (!of_run) {
		(void)snprintf(out, SERVE_ETAG_MAX, "W/\"%jx.%lx-%jx\"",
		    (uintmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		    (uintmax_t)st->st_size);
		return;
	}
	path = strs_join(parts, "/");
	buf_addf(&b, "%s %jd", path, (intmax_t)st->st_size);
	digest_id(id, b.s, b.len);
	(void)snprintf(out, SERVE_ETAG_MAX, "\"%s\"", id);
	buf_free(&b);
	free(path);
}

int
serve_file_parse_time(const char *text, int64_t *s)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, SERVE_FILE_TIME, &tm);

	if (!end || *end)
		return -1;
	*s = (int64_t)timegm(&tm);
	return 0;
}

/* Whether one of a list of ETags is this one, weak or not; or it is a star. */
static bool
is_among(const char *list, const char *etag)
{
	const char *opaque = strchr(etag, '"');
	size_t n = strlen(opaque);

	if (strcmp(list, "*") == 0)
		return true;
	while ((list = strchr(list, '"'))) {
		const char *end = strchr(list + 1, '"');

		if (!end)
			return false;
		if ((size_t)(end + 1 - list) == n &&
		    strncmp(list, opaque, n) == 0)
			return true;
		list = end + 1;
	}
	return false;
}

static bool
is_unchanged(const struct serve_conditions *c, const char *etag,
	int64_t changed_s)
{
	int64_t since_s;

	if (c->none_match)
		return is_among(c->none_match, etag);
	return c->modified_since &&
	    serve_file_parse_time(c->modified_since, &since_s) == 0 &&
	    changed_s <= since_s;
}

/* Eighteen digits, which is more than there are bytes anywhere. */
static const char *
read_number(const char *s, int64_t *n)
{
	size_t digits = strspn(s, "0123456789");

	*n = -1;
	if (digits > 18)
		return NULL;
	if (digits)
		*n = strtoll(s, NULL, 10);
	return s + digits;
}

/* 206; 416 where nothing of it is there; 200 where it is no range. */
static struct serve_part
read_range(const char *s, int64_t size)
{
	struct serve_part all = { 200, 0, size }, none = { 416, 0, 0 };
	int64_t first, last;

	if (strncmp(s, "bytes=", 6) != 0 ||
	    !(s = read_number(s + 6, &first)) || *s != '-' ||
	    !(s = read_number(s + 1, &last)) || *s ||
	    (first < 0 && last < 0) ||
	    (first >= 0 && last >= 0 && last < first))
		return all;
	if (first < 0) {
		if (last == 0 || size == 0)
			return none;
		first = last < size ? size - last : 0;
		last = size - 1;
	}
	if (first >= size)
		return none;
	if (last < 0 || last >= size)
		last = size - 1;
	return (struct serve_part){ 206, first, last - first + 1 };
}

struct serve_part
serve_file_part(const struct serve_conditions *c, const char *etag,
	int64_t changed_s, int64_t size)
{
	if (is_unchanged(c, etag, changed_s))
		return (struct serve_part){ 304, 0, size };
	/* Bytes of another file must never be put behind those of one. */
	if (!c->range || (c->if_range && (etag[0] != '"' ||
	    strcmp(c->if_range, etag) != 0)))
		return (struct serve_part){ 200, 0, size };
	return read_range(c->range, size);
}
