/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lists of debci and of autopkgtest-cloud, a line a package.  Lines that
 * begin with # before one are its reason.
 */
#include <fcntl.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "policy.h"
#include "policy_inside.h"
#include "yaml.h"

struct list {
	const struct conf *conf;
	const char *file;
	enum policy_list what;
	struct policy_rules *rules;
	struct buf reason;	/* of the line to come */
	bool told;		/* the reason has had its line */
	unsigned line;
};

/* Comments in a row are one text; what is longer is cut. */
static void
add_reason(struct list *l, const char *text)
{
	size_t n;

	if (l->told)
		buf_reset(&l->reason);
	l->told = false;
	text += strspn(text, "# \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t", text[n - 1]))
		n--;
	if (n == 0 || l->reason.len + n + 1 > POLICY_REASON_MOST)
		return;
	if (l->reason.len)
		buf_add(&l->reason, " ");
	buf_addn(&l->reason, text, n);
	for (char *p = l->reason.s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
}

static void
say(const struct list *l, struct policy_rule *r)
{
	const char *base = strrchr(l->file, '/');

	switch (l->what) {
	case POLICY_REJECT:
	case POLICY_NEVER:
		r->is_never = POLICY_YES;
		r->never = l->reason.len ? mem_dup(l->reason.s) :
		    mem_printf("It is in %s", base ? base + 1 : l->file);
		break;
	case POLICY_BIG:
		r->is_big = POLICY_YES;
		break;
	case POLICY_LONG:
		r->is_long = POLICY_YES;
		break;
	case POLICY_VM:
		r->virt_server = mem_dup(l->conf->machine_virt_server);
		break;
	}
}

static bool
is_all(const struct list *l, const char *word)
{
	return strcmp(word, "*") == 0 ||
	    (l->what != POLICY_REJECT && strcmp(word, "all") == 0);
}

static int
refuse(const struct list *l, const char *reason, struct fail *f)
{
	(void)fail_set(f, EX_CONFIG, "%s", reason);
	return yaml_place(f, l->file, l->line);
}

static int
add_rule(struct list *l, const struct strs *words, struct fail *f)
{
	struct policy_rule *r = policy_rules_add(l->rules, l->file, l->line,
	    f);
	struct strs *to[4];

	if (!r)
		return -1;
	to[0] = &r->package;
	to[1] = l->what == POLICY_REJECT ? &r->suite : &r->arch;
	to[2] = l->what == POLICY_REJECT ? &r->arch : &r->suite;
	to[3] = &r->version;
	for (size_t i = 0; i < words->n; i++) {
		if (!policy_glob_ok(words->v[i]))
			return refuse(l, "not a glob of names, like lib*", f);
		if (!is_all(l, words->v[i]))
			strs_add(to[i], words->v[i]);
	}
	say(l, r);
	return 0;
}

/* One line, without its end. */
static int
read_line(struct list *l, char *line, struct fail *f)
{
	bool is_reject = l->what == POLICY_REJECT;
	struct strs words = { 0 };
	char *comment;
	int rc = 0;

	l->line++;
	line += strspn(line, " \t");
	if (*line == '#') {
		add_reason(l, line);
		return 0;
	}
	comment = strchr(line, '#');
	if (comment)
		*comment = '\0';
	strs_split(&words, line, is_reject ? " \t\r" : "/ \t\r");
	if (words.n == 0)
		buf_reset(&l->reason);
	else if (words.n > (is_reject ? 4 : 3))
		rc = refuse(l, is_reject ?
		    "too many words; write PACKAGE [SUITE [ARCH [VERSION]]]" :
		    "too many parts; write PACKAGE[/ARCH[/RELEASE]]", f);
	else
		rc = add_rule(l, &words, f);
	l->told = words.n > 0;
	strs_free(&words);
	return rc;
}

static int
read_lines(struct list *l, struct buf *b, struct fail *f)
{
	char *next = b->s;

	if (strlen(b->s) != b->len)
		return fail_set(f, EX_CONFIG, "%s: has bytes of zero in it",
		    l->file);
	while (next && *next) {
		char *line = next, *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		next = end;
		if (read_line(l, line, f) != 0)
			return -1;
	}
	return 0;
}

int
policy_read_list(const struct conf *c, const char *file,
	enum policy_list what, struct policy_rules *rules, struct fail *f)
{
	struct list l = { .conf = c, .file = file, .what = what,
	    .rules = rules };
	struct buf b = { 0 };
	int rc;

	if (what == POLICY_VM && !c->machine_virt_server)
		return fail_set(f, EX_CONFIG, "%s: vm-packages: to run them "
		    "on a machine of their own, set machine-virt-server",
		    c->file);
	buf_add(&b, "");
	buf_add(&l.reason, "");
	rc = fs_read(AT_FDCWD, file, POLICY_FILE_MOST, &b, f);
	if (rc == 0)
		rc = read_lines(&l, &b, f);
	buf_free(&b);
	buf_free(&l.reason);
	return rc;
}
