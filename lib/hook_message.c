/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "hook_message.h"
#include "mem.h"
#include "program.h"
#include "request.h"
#include "result.h"

enum { VALUE_MOST = 1024 };	/* bytes of a variable */

const char *
hook_word(enum hook_kind kind)
{
	static const char *const words[] = { "claimed", "published", "failed",
	    "lost" };

	return words[kind];
}

static void
add(struct buf *out, const char *text)
{
	buf_addn(out, text, strlen(text) + 1);
}

/* On one line: control characters become blanks. */
static void
add_line(struct buf *out, const char *text)
{
	size_t from = out->len;

	buf_addf(out, "%.*s", VALUE_MOST, text);
	for (size_t i = from; i < out->len; i++)
		if ((unsigned char)out->s[i] < ' ' || out->s[i] == 127)
			out->s[i] = ' ';
	while (out->len > from && out->s[out->len - 1] == ' ')
		out->len--;
	buf_addn(out, "", 1);
}

static void
add_variable(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "ADTSPOOL_%s=", name);
	add_line(out, value ? value : "");
}

static void
add_program(struct buf *out)
{
	char *program = program_beside("adtspool");

	if (program)
		add_variable(out, "PROGRAM", program);
	free(program);
}

static void
add_variables(const struct conf *c, const struct hook_event *e,
	struct buf *out)
{
	char attempt[16];

	(void)snprintf(attempt, sizeof attempt, "%u", e->token->attempt + 1);
	add_variable(out, "EVENT", hook_word(e->kind));
	add_variable(out, "ID", e->token->id);
	add_variable(out, "PACKAGE", e->package);
	add_variable(out, "SUITE", e->suite);
	add_variable(out, "ARCH", e->arch);
	add_variable(out, "QUEUE", e->queue);
	add_variable(out, "WORKER", e->token->worker);
	add_variable(out, "ATTEMPT", attempt);
	add_variable(out, "CONF", c->file);
	add_program(out);
	if (e->kind == HOOK_PUBLISHED) {
		add_variable(out, "RUN_ID", e->run_id);
		add_variable(out, "RUN", e->run);
	}
	if (e->kind == HOOK_FAILED || e->kind == HOOK_LOST) {
		add_variable(out, "WHY", e->why);
		add_variable(out, "NEXT", e->is_over ? "bad" : "back");
	}
}

static void
add_known(const struct hook_event *e, const struct request *request,
	struct buf *out)
{
	struct buf why = { 0 };
	struct result r;

	result_begin(&r, e->token, request);
	if (e->why)
		add_line(&why, e->why);
	r.message = why.s;
	result_write(&r, out);
	result_free(&r);
}

/* result.json; where that is too large, of the request only what is tested. */
static void
add_result(const struct hook_event *e, struct buf *out)
{
	struct request brief = { .priority = -1 };
	size_t from = out->len;

	if (e->result && strlen(e->result) <= HOOK_INPUT_MOST) {
		add(out, e->result);
		return;
	}
	add_known(e, e->request ? e->request : &brief, out);
	if (e->request && out->len - from > HOOK_INPUT_MOST) {
		out->len = from;
		brief.package = e->request->package;
		brief.suite = e->request->suite;
		brief.arch = e->request->arch;
		add_known(e, &brief, out);
	}
	buf_addn(out, "", 1);
}

void
hook_message_write(const struct conf *c, const struct hook_event *e,
	struct buf *out)
{
	add(out, c->hooks);
	buf_addf(out, "%lld", (long long)c->hook_timeout_s * 1000);
	buf_addn(out, "", 1);
	add(out, e->token->id);
	add_variables(c, e, out);
	add(out, "");
	if (e->run) {
		buf_addf(out, "%s/result.json", e->run);
		buf_addn(out, "", 1);
	} else {
		add_result(e, out);
	}
}

/* The next string; NULL where none is left. */
static const char *
next(const char **p, const char *end)
{
	const char *text = *p;

	if (text >= end)
		return NULL;
	*p = text + strlen(text) + 1;
	return text;
}

int
hook_message_read(struct hook_message *m, const char *p, size_t n)
{
	const char *end = p + n, *folder, *timeout, *id, *text;

	*m = (struct hook_message){ 0 };
	if (n == 0 || p[n - 1])
		return -1;
	folder = next(&p, end);
	timeout = next(&p, end);
	id = next(&p, end);
	while ((text = next(&p, end)) && *text)
		strs_add(&m->env, text);
	text = next(&p, end);
	if (!id || !text)
		return -1;
	m->folder = mem_dup(folder);
	m->timeout_ms = strtoll(timeout, NULL, 10);
	m->id = mem_dup(id);
	m->input = mem_dup(text);
	return 0;
}

const char *
hook_message_get(const struct hook_message *m, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < m->env.n; i++)
		if (strncmp(m->env.v[i], name, n) == 0 &&
		    m->env.v[i][n] == '=')
			return m->env.v[i] + n + 1;
	return "";
}

void
hook_message_free(struct hook_message *m)
{
	free(m->folder);
	free(m->id);
	free(m->input);
	strs_free(&m->env);
	*m = (struct hook_message){ 0 };
}
