/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "log.h"
#include "serve_answer.h"
#include "serve_debci.h"
#include "serve_site.h"

/*
 * What is served was made by strangers' packages: a browser must not take it
 * for more than it is said to be, nor run anything in it.
 */
void
serve_answer_init(struct serve_answer *a, struct serve_site *site)
{
	*a = (struct serve_answer){ .site = site, .fd = -1 };
	serve_answer_header(a, "X-Content-Type-Options", "nosniff");
	serve_answer_header(a, "Content-Security-Policy",
	    "default-src 'none'; frame-ancestors 'none'");
	serve_answer_header(a, "Referrer-Policy", "no-referrer");
}

void
serve_answer_free(struct serve_answer *a)
{
	strs_free(&a->headers);
	buf_free(&a->text);
	if (a->fd >= 0)
		(void)close(a->fd);
	serve_debci_close(a->debci);
	serve_site_release(a->site, &a->held);
	*a = (struct serve_answer){ .site = a->site, .fd = -1 };
}

void
serve_answer_header(struct serve_answer *a, const char *name,
	const char *value)
{
	strs_add(&a->headers, name);
	strs_add(&a->headers, value);
}

void
serve_answer_say(struct serve_answer *a, int status)
{
	static const struct { int status; const char *text; } texts[] = {
		{ 301, "it has a slash at its end" },
		{ 400, "this is no request that is answered" },
		{ 401, "there is no such container" },
		{ 403, "it may not be read" },
		{ 404, "there is no such thing" },
		{ 405, "only GET and HEAD are answered" },
		{ 412, "a delimiter is one byte, a limit at most 10000" },
		{ 416, "the file has no such bytes" },
		{ 503, "it cannot be read at the moment" } };

	a->status = status;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].status == status)
			buf_addf(&a->text, "%d: %s\n", status, texts[i].text);
	serve_answer_header(a, "Content-Type", "text/plain; charset=UTF-8");
	if (status == 401)
		serve_answer_header(a, "WWW-Authenticate",
		    "Swift realm=\"adtspool\"");
	if (status == 405)
		serve_answer_header(a, "Allow", "GET, HEAD");
	if (status == 503)
		serve_answer_header(a, "Retry-After", "10");
}

void
serve_answer_fail(struct serve_answer *a, const struct fail *f)
{
	buf_reset(&a->text);
	if (f->err == ENOENT)
		serve_answer_say(a, 404);
	else if (f->err == EACCES || f->err == EPERM)
		serve_answer_say(a, 403);
	else
		serve_answer_say(a, 503);
	if (a->status != 404)
		log_say(a->site->log, LOG_LEVEL_ERROR, "%s", f->text);
}

int64_t
serve_answer_size(const struct serve_answer *a)
{
	if (a->debci)
		return -1;
	return a->fd >= 0 ? a->size : (int64_t)a->text.len;
}

static ssize_t
read_file(struct serve_answer *a, int64_t at, char *p, size_t n)
{
	ssize_t got;

	do
		got = pread(a->fd, p, n, (off_t)(a->first + at));
	while (got < 0 && errno == EINTR);
	/* One that became shorter was not promised so. */
	return got > 0 ? got : SERVE_BODY_BROKEN;
}

ssize_t
serve_answer_read(struct serve_answer *a, int64_t at, char *p, size_t n)
{
	int64_t left = serve_answer_size(a) - at;

	if (a->debci)
		return serve_debci_read(a->debci, p, n);
	if (left <= 0)
		return SERVE_BODY_END;
	if ((int64_t)n > left)
		n = (size_t)left;
	if (a->fd >= 0)
		return read_file(a, at, p, n);
	memcpy(p, a->text.s + at, n);
	return (ssize_t)n;
}
