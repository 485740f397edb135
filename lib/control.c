/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "control.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"
#include "strs.h"

enum { WHY_SIZE_MOST = 65536 };

static bool
is_attempt(const char *s)
{
	struct token t;

	return token_parse(&t, s) == 0 && t.worker[0];
}

/* A host is named as a worker is: most workers have the name of theirs. */
static const struct { const char *word; bool (*ok)(const char *object); }
verbs[] = {
	[CONTROL_CANCEL] = { "cancel", token_id_ok },
	[CONTROL_KILL] = { "kill", is_attempt },
	[CONTROL_HOLD] = { "hold", name_queue_ok },
	[CONTROL_DRAIN] = { "drain", name_worker_ok },
	[CONTROL_DRAIN_HOST] = { "drain-host", name_worker_ok },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

void
control_format(char out[CONTROL_NAME_MAX], enum control_verb verb,
	const char *object)
{
	(void)snprintf(out, CONTROL_NAME_MAX, "%s,%s", verbs[verb].word,
	    object);
}

const char *
control_parse(const char *name, enum control_verb *verb)
{
	size_t length = strcspn(name, ",");

	for (size_t i = 0; name[length] && i < VERBS; i++)
		if (strlen(verbs[i].word) == length &&
		    strncmp(verbs[i].word, name, length) == 0 &&
		    verbs[i].ok(name + length + 1)) {
			*verb = (enum control_verb)i;
			return name + length + 1;
		}
	return NULL;
}

static int
keep(void *context, const char *name, unsigned char type)
{
	enum control_verb verb;

	(void)type;
	if (control_parse(name, &verb))
		strs_add(context, name);
	return 0;
}

int
control_list(const struct spool *s, struct strs *names, struct fail *f)
{
	if (fs_each(s->fd, "control", keep, names, f) != 0 &&
	    f->err != ENOENT)
		return fail_prefix(f, "%s", s->path);
	strs_sort(names);
	return 0;
}

bool
control_has(const struct strs *names, enum control_verb verb,
	const char *object)
{
	char name[CONTROL_NAME_MAX];

	if (!names->n)
		return false;
	control_format(name, verb, object);
	return strs_has(names, name);
}

static int
open_folder(const struct spool *s, struct fail *f)
{
	int dir = fs_open_dir(s->fd, "control");

	if (dir >= 0)
		return dir;
	(void)fail_errno(f, "%s/control", s->path);
	if (f->err == ENOENT)
		return fail_set(f, EX_CONFIG, "%s/control is missing; make it "
		    "with: adtspool init", s->path);
	return -1;
}

int
control_put(const struct spool *s, enum control_verb verb,
	const char *object, const char *why, struct fail *f)
{
	char name[CONTROL_NAME_MAX], *text;
	int dir = open_folder(s, f), rc;

	if (dir < 0)
		return -1;
	control_format(name, verb, object);
	text = mem_printf("%s%s", why ? why : "", why ? "\n" : "");
	rc = fs_replace(dir, name, text, strlen(text), f);
	if (rc != 0)
		(void)fail_prefix(f, "%s/control", s->path);
	free(text);
	(void)close(dir);
	return rc;
}

int
control_drop(const struct spool *s, enum control_verb verb,
	const char *object, struct fail *f)
{
	char name[CONTROL_NAME_MAX];
	int dir = open_folder(s, f), rc;

	if (dir < 0)
		return -1;
	control_format(name, verb, object);
	rc = fs_unlink(dir, name) == 0;
	if (!rc && errno != ENOENT)
		rc = fail_errno(f, "%s/control/%s", s->path, name);
	/* One that comes back is done again, or removed again. */
	if (rc == 1 && (verb == CONTROL_HOLD || verb == CONTROL_DRAIN ||
	    verb == CONTROL_DRAIN_HOST))
		(void)fs_sync(dir);
	(void)close(dir);
	return rc;
}

static void
name_owner(uid_t uid, char *who, size_t room)
{
	struct passwd pw, *found = NULL;
	char text[4096];

	if (getpwuid_r(uid, &pw, text, sizeof text, &found) == 0 && found)
		(void)snprintf(who, room, "%s", found->pw_name);
	else
		(void)snprintf(who, room, "uid-%u", (unsigned)uid);
}

void
control_read(const struct spool *s, enum control_verb verb,
	const char *object, struct control_order *o)
{
	char name[CONTROL_NAME_MAX], *path;
	struct buf text = { 0 };
	struct fail passed;
	struct stat st;

	*o = (struct control_order){ .who = "somebody" };
	control_format(name, verb, object);
	path = mem_printf("control/%s", name);
	if (fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		o->since_s = st.st_mtim.tv_sec;
		name_owner(st.st_uid, o->who, sizeof o->who);
	}
	if (fs_read(s->fd, path, WHY_SIZE_MOST, &text, &passed) == 0 && text.s)
		(void)snprintf(o->why, sizeof o->why, "%.*s",
		    (int)strcspn(text.s, "\n"), text.s);
	for (char *p = o->why; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	buf_free(&text);
	free(path);
}

char *
control_tell(const struct spool *s, enum control_verb verb,
	const char *object, const char *what)
{
	struct control_order o;

	control_read(s, verb, object, &o);
	return mem_printf("%s by %s%s%s", what, o.who, o.why[0] ? ": " : "",
	    o.why);
}
