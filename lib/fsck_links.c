/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pending/ and tries/: what is left of requests that have ended, or that never
 * came.  Both are looked at after all queues, so what a request left when it
 * had ended is told from where the request is now.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fsck_look.h"

static bool
is_pending(const struct fsck *x, const char *id)
{
	return fsck_ids_places(&x->ids, fsck_id_number(id)) &
	    (1u << FSCK_WAITING | 1u << FSCK_CLAIMED);
}

static bool
has_ended(const struct fsck *x, const char *id)
{
	return fsck_ids_places(&x->ids, fsck_id_number(id)) &
	    (1u << FSCK_DONE | 1u << FSCK_BAD);
}

/* Where not all was seen, a request that was not may still be there. */
static bool
is_over(const struct fsck *x, const char *id)
{
	return !is_pending(x, id) && (has_ended(x, id) || !x->partial);
}

static int
in_pending(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	char *object = fsck_object(d, name), id[TOKEN_ID_MAX + 1];
	ssize_t n = type == DT_LNK ?
	    readlinkat(d->fd, name, id, sizeof id - 1) : 0;

	id[n < 0 ? 0 : n] = '\0';
	if (type != DT_LNK)
		fsck_raise(d->x, FSCK_STRANGER_PENDING, object, "is no link");
	else if (n > 0 && !token_id_ok(id))
		fsck_raise(d->x, FSCK_LINK_STRANGE, object, "is a link to "
		    "what is no request's id");
	else if (n > 0 && !token_id_ok(name))
		fsck_raise(d->x, FSCK_LINK_STRANGE, object, "does not have the "
		    "name of a digest");
	else if (n > 0 && is_over(d->x, id))
		fsck_raise_id(d->x, FSCK_LINK_STALE, object, id, "stands for "
		    "a request that neither waits nor runs");
	free(object);
	return 0;
}

void
fsck_look_links(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/pending", q->name);
	d.fd = q->pending;
	fsck_step(x, d.path);
	fsck_each(&d, q->pending, ".", in_pending);
}

/* ID.aN; the id is copied out. */
static bool
parse_try(const char *name, char id[TOKEN_ID_MAX])
{
	size_t n = TOKEN_ID_MAX - 1;

	if (strlen(name) < n + 3 || name[n] != '.' || name[n + 1] != 'a' ||
	    strspn(name + n + 2, "0123456789") != strlen(name + n + 2))
		return false;
	memcpy(id, name, n);
	id[n] = '\0';
	return token_id_ok(id);
}

static int
in_tries(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	char *object = fsck_object(d, name), id[TOKEN_ID_MAX];

	if (type != DT_REG || !parse_try(name, id))
		fsck_raise(d->x, FSCK_STRANGER_TRIES, object, "does not have "
		    "the name of a lost attempt");
	else if (is_over(d->x, id))
		fsck_raise_id(d->x, FSCK_TRY_OLD, object, id, "tells of a "
		    "request that neither waits nor runs");
	free(object);
	return 0;
}

void
fsck_look_tries(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/tries", q->name);
	fsck_each(&d, q->tries, ".", in_tries);
}
