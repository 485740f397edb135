/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "serve_url.h"

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

/* Appends n bytes decoded; -1 where they are broken or hide control bytes. */
static int
decode(struct buf *b, const char *s, size_t n, bool plus_is_blank)
{
	buf_reset(b);
	buf_add(b, "");
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%') {
			if (n - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
				return -1;
			c = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		if ((unsigned char)c < ' ' || c == '\x7f')
			return -1;
		buf_addn(b, &c, 1);
	}
	return 0;
}

static bool
part_ok(const char *s, size_t n)
{
	return n > 0 && n <= SERVE_URL_PART_MOST &&
	    !(n == 1 && s[0] == '.') && !(n == 2 && s[0] == '.' && s[1] == '.');
}

static int
split_path(struct serve_url *u, const char *path)
{
	if (*path++ != '/')
		return -1;
	u->slash = true;
	while (*path) {
		size_t n = strcspn(path, "/");

		if (!part_ok(path, n) || u->parts.n == SERVE_URL_PARTS_MOST)
			return -1;
		strs_addf(&u->parts, "%.*s", (int)n, path);
		u->slash = path[n] == '/';
		path += n + u->slash;
	}
	return 0;
}

static int
split_query(struct serve_url *u, const char *query, struct buf *b)
{
	while (*query) {
		size_t n = strcspn(query, "&"), name = strcspn(query, "=&");

		if (u->names.n == SERVE_URL_VALUES_MOST ||
		    decode(b, query, name, true) != 0)
			return -1;
		strs_add(&u->names, b->s);
		if (decode(b, query + name + (name < n),
		    n - name - (name < n), true) != 0)
			return -1;
		strs_add(&u->values, b->s);
		query += n + (query[n] == '&');
	}
	return 0;
}

int
serve_url_parse(struct serve_url *u, const char *target, struct fail *f)
{
	size_t path = strcspn(target, "?#");
	const char *query = target[path] == '?' ? target + path + 1 : "";
	struct buf b = { 0 };
	int rc = -1;

	*u = (struct serve_url){ 0 };
	if (strlen(target) <= SERVE_URL_MOST &&
	    decode(&b, target, path, false) == 0 && split_path(u, b.s) == 0 &&
	    split_query(u, query, &b) == 0)
		rc = 0;
	buf_free(&b);
	if (rc == 0)
		return 0;
	serve_url_free(u);
	return fail_set(f, EX_DATAERR, "not a path that is answered");
}

void
serve_url_free(struct serve_url *u)
{
	strs_free(&u->parts);
	strs_free(&u->names);
	strs_free(&u->values);
}

const char *
serve_url_value(const struct serve_url *u, const char *name)
{
	for (size_t i = u->names.n; i > 0; i--)
		if (strcmp(u->names.v[i - 1], name) == 0)
			return u->values.v[i - 1];
	return "";
}

void
serve_url_encode(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@";

	for (; *s; s++)
		if (strchr(plain, *s))
			buf_addn(b, s, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
}

void
serve_url_html(struct buf *b, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&':
			buf_add(b, "&amp;");
			break;
		case '<':
			buf_add(b, "&lt;");
			break;
		case '>':
			buf_add(b, "&gt;");
			break;
		case '"':
			buf_add(b, "&quot;");
			break;
		case '\'':
			buf_add(b, "&#39;");
			break;
		default:
			buf_addn(b, s, 1);
		}
}
