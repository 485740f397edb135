/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that was dropped by hand may still be written to.  Where the kernel
 * can tell that nobody does, that is the answer; elsewhere the file must have
 * rested for a while, as seen on this host's own clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admit.h"
#include "buf.h"
#include "claim.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "pending.h"
#include "spool.h"
#include "writers.h"

static bool
is_dropped(const struct claim *claim)
{
	return claim->token.epoch == TOKEN_EPOCH_DROPPED;
}

static bool
has_settled(const struct conf *c, int fd, const struct stat *st,
	struct settling *s)
{
	int64_t now_ms = clock_boot_ms();
	enum writers w = writers_of(fd);

	if (!s->first_ms)
		s->first_ms = now_ms;
	if (!s->since_ms || !writers_left_alone(&s->last, st))
		s->since_ms = now_ms;
	s->last = *st;
	if (now_ms - s->first_ms > ADMIT_WAIT_MOST_S * 1000)
		return true;
	if (w == WRITERS_SOME)
		return false;
	/* Two names: delivered by link(2) and unlink(2), at this moment. */
	if (w == WRITERS_NONE && st->st_size > 0 && st->st_nlink == 1)
		return true;
	/* Over NFS, cp shows an empty file until it closes it. */
	if (w == WRITERS_UNKNOWN && st->st_size == 0)
		return now_ms - s->since_ms >= ADMIT_EMPTY_S * 1000;
	return now_ms - s->since_ms >= c->settle_s * 1000;
}

/* What a file must be before a byte of it is read. */
static int
check_kind(const char *name, const struct stat *st, struct fail *f)
{
	if (S_ISDIR(st->st_mode))
		return fail_set(f, EX_DATAERR, "%s: a directory is not a "
		    "request", name);
	if (!S_ISREG(st->st_mode))
		return fail_set(f, EX_DATAERR, "%s: not a regular file; drop "
		    "the request itself", name);
	if (st->st_size > REQUEST_SIZE_MOST)
		return fail_set(f, EX_DATAERR, "%s: %lld bytes are too many "
		    "for a request (at most %d)", name,
		    (long long)st->st_size, REQUEST_SIZE_MOST);
	return 0;
}

/* Opens it; ADMIT_RUN when there is a file that may be judged. */
static enum admit
open_claimed(const struct queue *q, const struct claim *claim,
	const char *name, int *fd, struct stat *st, struct fail *f)
{
	*fd = fs_open_read(q->cur, claim->name);
	if (*fd < 0 && errno == ELOOP) {
		(void)fail_set(f, EX_DATAERR, "%s: a symbolic link is not "
		    "followed; drop the request itself", name);
		return ADMIT_BAD;
	}
	/* What submit wrote others can read: it is this host that cannot. */
	if (*fd < 0 && (errno == ENXIO ||
	    (is_dropped(claim) && (errno == EACCES || errno == EPERM)))) {
		(void)fail_errno(f, "%s: cannot be read by the worker; drop a "
		    "regular file that it can read (chmod a+r)", name);
		return ADMIT_BAD;
	}
	if (*fd < 0 || fstat(*fd, st) != 0) {
		(void)fail_errno(f, "%s", name);
		return ADMIT_FAILED;
	}
	return check_kind(name, st, f) == 0 ? ADMIT_RUN : ADMIT_BAD;
}

/* Who asked: what the request says, or else whose file it is. */
static void
fill_requester(struct request *r, const struct stat *st)
{
	struct passwd pw, *found = NULL;
	char room[4096];

	if (r->requester)
		return;
	if (getpwuid_r(st->st_uid, &pw, room, sizeof room, &found) == 0 &&
	    found)
		r->requester = mem_dup(found->pw_name);
	else
		r->requester = mem_printf("uid-%u", (unsigned)st->st_uid);
}

static int
complete(const struct conf *c, const struct queue *q, const char *name,
	const struct stat *st, struct request *r, struct fail *f)
{
	if (r->arch && strcmp(r->arch, q->arch) != 0)
		return fail_set(f, EX_DATAERR, "%s: arch %s does not belong "
		    "into queue %s; drop it into %s/new", name, r->arch,
		    q->name, r->arch);
	if (request_is_public(r, name, f) != 0)
		return -1;
	if (!r->arch)
		r->arch = mem_dup(q->arch);
	if (!r->suite)
		r->suite = mem_dup(c->suite);
	if (!r->submit_time_s)
		r->submit_time_s = st->st_mtim.tv_sec;
	fill_requester(r, st);
	return 0;
}

/* A second drop of the same thing is refused while the first is pending. */
static enum admit
enter(const struct queue *q, const struct claim *claim, const char *name,
	const struct request *r, const char *digest, struct fail *f)
{
	char other[TOKEN_ID_MAX];

	switch (pending_enter(q, digest, claim->token.id, other, f)) {
	case 0:
		break;
	case 1:
		(void)fail_set(f, EX_DATAERR, "%s: %s waits or runs already: "
		    "the same request was made as %s; to insist: adtspool "
		    "submit --force", name, r->package, other);
		return ADMIT_BAD;
	default:
		return ADMIT_FAILED;
	}
	return r->not_before_s > clock_now_s() || r->priority >= 0 ?
	    ADMIT_SORT : ADMIT_RUN;
}

/* The text, and that no other name can change it after it was checked. */
static enum admit
read_text(int fd, const char *name, const struct stat *st, struct buf *b,
	struct fail *f)
{
	if (st->st_nlink != 1) {
		(void)fail_set(f, EX_DATAERR, "%s: the file has another name "
		    "(a hard link), by which it could be changed unseen; drop "
		    "a copy", name);
		return ADMIT_BAD;
	}
	if (fs_read_fd(fd, name, REQUEST_SIZE_MOST, b, f) != 0)
		return f->err == EFBIG ? ADMIT_BAD : ADMIT_FAILED;
	return ADMIT_RUN;
}

static enum admit
judge(const struct conf *c, const struct queue *q, const struct claim *claim,
	const char *name, const struct stat *st, const struct buf *b,
	struct request *r, char digest[DIGEST_ID_MAX], struct fail *f)
{
	if (request_parse(r, name, b->s, b->len, f) != 0 ||
	    complete(c, q, name, st, r, f) != 0)
		return ADMIT_BAD;
	request_digest(r, digest);
	return is_dropped(claim) ? enter(q, claim, name, r, digest, f) :
	    ADMIT_RUN;
}

enum admit
admit(const struct conf *c, const struct queue *q, const struct claim *claim,
	struct settling *s, struct request *r, char digest[DIGEST_ID_MAX],
	struct fail *f)
{
	/* The label, not the file's own name: messages are for terminals. */
	char *name = is_dropped(claim) ?
	    mem_printf("%s/new/%s", q->name, claim->token.label) :
	    mem_printf("%s/cur/%s", q->name, claim->name);
	struct buf text = { 0 };
	struct stat st;
	enum admit a;
	int fd;

	*r = (struct request){ 0 };
	a = open_claimed(q, claim, name, &fd, &st, f);
	if (a == ADMIT_RUN && is_dropped(claim) && !has_settled(c, fd, &st, s))
		a = ADMIT_WAIT;
	if (a == ADMIT_RUN)
		a = read_text(fd, name, &st, &text, f);
	if (a == ADMIT_RUN)
		a = judge(c, q, claim, name, &st, &text, r, digest, f);
	buf_free(&text);
	if (a != ADMIT_RUN && a != ADMIT_SORT)
		request_free(r);
	if (fd >= 0)
		(void)close(fd);
	free(name);
	return a;
}
