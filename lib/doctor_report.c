/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "doctor_report.h"
#include "fail.h"
#include "json.h"
#include "mem.h"

enum { COLUMNS = 80, GRADE_WIDTH = 7, CHECK_WIDTH = 12 };

static const char *const words[DOCTOR_GRADES] = { "ok", "note", "warn",
	"unseen", "bad" };

const char *
doctor_grade_word(enum doctor_grade grade)
{
	return words[grade];
}

static char *
clean_copy(const char *s)
{
	char *copy = s ? mem_dup(s) : NULL;

	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	return copy;
}

static void
put_finding(struct json_writer *w, const struct doctor_finding *x)
{
	json_put_object(w, NULL);
	json_put_string(w, "grade", words[x->grade]);
	json_put_string(w, "check", x->check);
	json_put_string(w, "text", x->text);
	json_put_string(w, "cure", x->cure);
	json_put_object_end(w);
}

/* Who reads the other end tells what is missing, should this not arrive. */
static void
send_finding(int wire, const struct doctor_finding *x)
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	size_t sent = 0;
	ssize_t n;

	put_finding(&w, x);
	buf_add(&b, "\n");
	while (sent < b.len && (n = write(wire, b.s + sent, b.len - sent)) > 0)
		sent += (size_t)n;
	buf_free(&b);
}

static void
add(struct doctor_report *r, enum doctor_grade grade, const char *check,
	const char *text, const char *cure)
{
	struct doctor_finding x = { grade, clean_copy(check),
	    clean_copy(text), clean_copy(cure) };

	if (r->n == r->room) {
		r->room = r->room * 2 + 16;
		r->v = mem_grow(r->v, r->room, sizeof *r->v);
	}
	r->v[r->n++] = x;
	if (r->wire)
		send_finding(r->wire, &x);
}

void
doctor_say(struct doctor_report *r, enum doctor_grade grade,
	const char *check, const char *cure, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	add(r, grade, check, b.s, cure);
	buf_free(&b);
}

int
doctor_report_add_line(struct doctor_report *r, const char *line, size_t n,
	struct fail *f)
{
	struct json_tree *t = json_tree_parse("finding", line, n, f);
	const char *grade = json_tree_get_string(t, "grade");
	const char *check = json_tree_get_string(t, "check");
	const char *text = json_tree_get_string(t, "text");
	int g = 0;

	while (grade && g < DOCTOR_GRADES && strcmp(words[g], grade) != 0)
		g++;
	if (grade && g < DOCTOR_GRADES && check && text) {
		add(r, (enum doctor_grade)g, check, text,
		    json_tree_get_string(t, "cure"));
		json_tree_free(t);
		return 0;
	}
	json_tree_free(t);
	return fail_set(f, EX_DATAERR, "not a finding");
}

enum doctor_grade
doctor_report_worst(const struct doctor_report *r)
{
	enum doctor_grade worst = DOCTOR_OK;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].grade > worst)
			worst = r->v[i].grade;
	return worst;
}

/* How much of s to put on a line of room: whole words, or up to a comma. */
static size_t
piece(const char *s, size_t room)
{
	size_t n = 0, next = 0, fits = 0;

	while (s[n]) {
		next = n + strspn(s + n, " ");
		next += strcspn(s + next, " ,");
		next += s[next] == ',';
		if (next > room)
			break;
		fits = n = next;
	}
	return fits ? fits : next;	/* one that is too long has a line */
}

static void
put_wrapped(struct buf *out, const char *s)
{
	enum { INDENT = GRADE_WIDTH + CHECK_WIDTH };
	size_t n;

	for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
		n = piece(s, COLUMNS - INDENT);
		buf_addn(out, s, n);
		buf_add(out, "\n");
		s += n;
		if (s[strspn(s, " ")])
			buf_addf(out, "%*s", INDENT, "");
	}
}

static void
put_sum(const struct doctor_report *r, struct buf *out)
{
	size_t sum[DOCTOR_GRADES] = { 0 };

	for (size_t i = 0; i < r->n; i++)
		sum[r->v[i].grade]++;
	for (int g = 0; g < DOCTOR_GRADES; g++)
		buf_addf(out, "%s%zu %s", g ? ", " : "", sum[g], words[g]);
	buf_add(out, "\n");
}

void
doctor_report_text(const struct doctor_report *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_finding *x = &r->v[i];

		buf_addf(out, "%-*s%-*s", GRADE_WIDTH, words[x->grade],
		    CHECK_WIDTH - 1, x->check);
		buf_add(out, " ");
		put_wrapped(out, x->text);
		if (x->cure) {
			buf_addf(out, "%*s", GRADE_WIDTH + CHECK_WIDTH - 6,
			    "");
			buf_add(out, "cure: ");
			put_wrapped(out, x->cure);
		}
	}
	put_sum(r, out);
}

void
doctor_report_json(const struct doctor_report *r, struct buf *out)
{
	struct json_writer w = { .out = out, .pretty = true };

	json_put_object(&w, NULL);
	json_put_string(&w, "grade", words[doctor_report_worst(r)]);
	json_put_array(&w, "findings");
	for (size_t i = 0; i < r->n; i++)
		put_finding(&w, &r->v[i]);
	json_put_array_end(&w);
	json_put_object_end(&w);
	buf_add(out, "\n");
}

void
doctor_report_free(struct doctor_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].check);
		free(r->v[i].text);
		free(r->v[i].cure);
	}
	free(r->v);
	*r = (struct doctor_report){ 0 };
}
