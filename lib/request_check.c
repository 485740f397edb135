/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "name.h"
#include "request_check.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"
#define HEX "0123456789abcdefABCDEF"
#define PACKAGE LOWER DIGIT "+.-"

enum {
	VALUE_MOST = 4096,
	SIGNING_KEY_MOST = 64 * 1024,
	PERSON_MOST = 128,
	FINGERPRINT_LEAST = 8,
	FINGERPRINT_MOST = 64,
};

/* The end of the word of `of` that s begins with; NULL where it is empty or
 * its first byte is punctuation, as an option's is. */
static const char *
pass(const char *s, const char *of)
{
	if (!*s || !strchr(LOWER UPPER DIGIT, *s) || !strchr(of, *s))
		return NULL;
	return s + strspn(s, of);
}

static bool
is_word(const char *s, const char *of)
{
	const char *end = pass(s, of);

	return end && !*end;
}

/* C0, DEL, C1, line ends and what no YAML may hold (U+FEFF, U+FFFE). */
static bool
is_control(const unsigned char *p)
{
	if (p[0] < ' ' || p[0] == 0x7f)
		return true;
	if (p[0] == 0xc2)
		return p[1] < 0xa0;
	if (p[0] == 0xe2)
		return p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9);
	if (p[0] == 0xef)
		return (p[1] == 0xbb && p[2] == 0xbf) ||
		    (p[1] == 0xbf && p[2] >= 0xbe);
	return false;
}

static bool
is_line(const char *s, size_t most)
{
	for (const char *p = s; *p; p++)
		if (is_control((const unsigned char *)p))
			return false;
	return strlen(s) <= most;
}

bool
request_class_ok(const char *s)
{
	char queue[NAME_QUEUE_MAX + 1] = "a.";
	size_t n = strlen(s);

	if (n + 2 > NAME_QUEUE_MAX)
		return false;
	memcpy(queue + 2, s, n + 1);
	return name_queue_ok(queue);
}

bool
request_pin_ok(const char *s)
{
	const char *p = strchr(s, '=');
	char release[NAME_SUITE_MAX + 1];

	if (!p || (size_t)(p - s) >= sizeof release)
		return false;
	memcpy(release, s, (size_t)(p - s));
	release[p - s] = '\0';
	if (!name_suite_ok(release))
		return false;
	do {
		p++;
		if (strncmp(p, "src:", 4) == 0)
			p += 4;
		p = pass(p, PACKAGE);
	} while (p && *p == ',');
	return p && !*p;
}

bool
request_apt_source_ok(const char *s)
{
	if (strncmp(s, "deb ", 4) != 0 && strncmp(s, "deb-src ", 8) != 0)
		return false;
	/* autopkgtest gives it to echo, which dash expands \n in. */
	for (const char *p = s; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '\\')
			return false;
	return strlen(s) <= VALUE_MOST;
}

bool
request_signing_key_ok(const char *s)
{
	size_t n = strspn(s, LOWER UPPER DIGIT "+/"), end = strspn(s + n, "=");

	return n > 0 && !s[n + end] && end <= 2 && (n + end) % 4 == 0 &&
	    n + end <= SIGNING_KEY_MOST;
}

bool
request_ppa_ok(const char *s)
{
	const char *p = pass(s, PACKAGE);
	size_t n;

	if (strlen(s) > VALUE_MOST)
		return false;
	if (!p || *p != '/')
		return false;
	p = pass(p + 1, PACKAGE);
	if (!p || !*p)
		return p != NULL;
	n = strlen(p + 1);
	return *p == ':' && n >= FINGERPRINT_LEAST && n <= FINGERPRINT_MOST &&
	    strspn(p + 1, HEX) == n;
}

bool
request_env_ok(const char *s)
{
	size_t n = strspn(s, LOWER UPPER DIGIT "_");

	return n > 0 && !strchr(DIGIT, *s) && s[n] == '=' &&
	    !strchr(s, '\'') && is_line(s, VALUE_MOST);
}

bool
request_test_name_ok(const char *s)
{
	return is_word(s, LOWER UPPER DIGIT "+._-") && strlen(s) <= VALUE_MOST;
}

bool
request_git_ok(const char *s)
{
	static const char *const schemes[] = { "https://", "http://",
	    "git://" };
	const char *p = NULL;

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncmp(s, schemes[i], strlen(schemes[i])) == 0)
			p = s + strlen(schemes[i]);
	if (!p || strlen(s) > VALUE_MOST)
		return false;
	p = pass(p, LOWER UPPER DIGIT "._~:/@%+=,-");
	return p && (!*p || (*p == '#' &&
	    is_word(p + 1, LOWER UPPER DIGIT "._~/@%+=,-")));
}

bool
request_person_ok(const char *s)
{
	return *s && is_line(s, PERSON_MOST);
}
