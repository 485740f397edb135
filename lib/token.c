/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "token.h"

/*
 * strspn(3) for names, of which a million may be read: it would go through the
 * set first, each time.
 */
static size_t
span(const char *s, bool (*is_one)(char c))
{
	size_t n = 0;

	while (s[n] && is_one(s[n]))
		n++;
	return n;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_id_byte(char c)
{
	return is_digit(c) || (is_lower(c) && c != 'i' && c != 'l' &&
	    c != 'o' && c != 'u');
}

static bool
is_label_byte(char c)
{
	return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') ||
	    c == '.' || c == '_' || c == '+' || c == '-';
}

void
token_label(struct token *t, const char *text)
{
	size_t n = strcspn(text, ",@");		/* a token moved back by hand */

	if (n == 0)
		n = strlen(text);
	if (n >= sizeof t->label)
		n = sizeof t->label - 1;
	memcpy(t->label, text, n);
	t->label[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!is_label_byte(t->label[i]))
			t->label[i] = '-';
	if (n == 0 || strchr("._+-", t->label[0])) {
		if (n == sizeof t->label - 1)
			n--;
		memmove(t->label + 1, t->label, n);
		t->label[0] = 'x';
		t->label[n + 1] = '\0';
	}
}

void
token_draw_id(char id[TOKEN_ID_MAX])
{
	unsigned char seed[16];

	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		abort();	/* never, for so few bytes: getrandom(2) */
	digest_id(id, seed, sizeof seed);
}

void
token_make(struct token *t, const char id[TOKEN_ID_MAX], const char *label,
	unsigned priority)
{
	*t = (struct token){ .priority = priority, .epoch = 1 };
	memcpy(t->id, id, sizeof t->id);
	token_label(t, label);
}

void
token_new(struct token *t, const char *label, unsigned priority)
{
	char id[TOKEN_ID_MAX];

	token_draw_id(id);
	token_make(t, id, label, priority);
}

bool
token_id_ok(const char *s)
{
	return span(s, is_id_byte) == TOKEN_ID_MAX - 1 &&
	    !s[TOKEN_ID_MAX - 1];
}

/* Copies up to the separator into out; returns what follows it, or NULL. */
static const char *
field(char *out, size_t room, const char *s, char separator)
{
	const char *end = strchr(s, separator);

	if (!end || (size_t)(end - s) >= room)
		return NULL;
	memcpy(out, s, (size_t)(end - s));
	out[end - s] = '\0';
	return end + 1;
}

/* Reads <letter><number> up to the separator (or the end). */
static const char *
number(unsigned *n, const char *s, char letter, char separator)
{
	size_t digits;

	if (s[0] != letter)
		return NULL;
	digits = span(++s, is_digit);
	if (digits == 0 || digits > 6 || (digits > 1 && s[0] == '0'))
		return NULL;
	*n = (unsigned)strtoul(s, NULL, 10);
	s += digits;
	if (*s != separator)
		return NULL;
	return separator ? s + 1 : s;
}

int
token_parse(struct token *t, const char *name)
{
	const char *at = strchr(name, '@');
	struct token r = { 0 };
	const char *p = name;

	if (strlen(name) >= TOKEN_NAME_MAX ||
	    !(p = field(r.label, sizeof r.label, p, ',')) ||
	    !(p = field(r.id, sizeof r.id, p, ',')) ||
	    !(p = number(&r.priority, p, 'p', ',')) ||
	    !(p = number(&r.epoch, p, 'e', ',')) ||
	    !(p = number(&r.attempt, p, 'a', at ? '@' : '\0')))
		return -1;
	if (!r.label[0] || strchr("._+-", r.label[0]) ||
	    r.label[span(r.label, is_label_byte)] ||
	    !token_id_ok(r.id) || r.priority > TOKEN_PRIORITY_MOST)
		return -1;
	if (at) {
		if (!name_worker_ok(p))
			return -1;
		memcpy(r.worker, p, strlen(p) + 1);
	}
	*t = r;
	return 0;
}

void
token_format(char out[TOKEN_NAME_MAX], const struct token *t)
{
	int n = snprintf(out, TOKEN_NAME_MAX, "%s,%s,p%u,e%u,a%u%s%s",
	    t->label, t->id, t->priority, t->epoch, t->attempt,
	    t->worker[0] ? "@" : "", t->worker);

	if (n < 0 || n >= TOKEN_NAME_MAX)
		abort();	/* label, id and worker are bounded */
}
