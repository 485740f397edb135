/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "disk.h"
#include "fault.h"
#include "rng.h"
#include "sched.h"

struct profile profile;
uint64_t fault_counts[FAULT_KINDS];

static struct rng rng;
static bool on;
static int64_t read_only_until, full_until;
static int full_err;

static const char *const names[FAULT_KINDS] = {
	[FAULT_LOST_REPLY] = "lost reply", [FAULT_COPY] = "late copy",
	[FAULT_LATE] = "late", [FAULT_EIO] = "EIO",
	[FAULT_ESTALE] = "ESTALE", [FAULT_ENOSPC] = "ENOSPC",
	[FAULT_EDQUOT] = "EDQUOT", [FAULT_EINTR] = "EINTR",
	[FAULT_SHORT] = "short I/O", [FAULT_KILL] = "kill",
	[FAULT_STALE_NAME] = "stale name",
	[FAULT_STALE_LIST] = "stale list",
	[FAULT_TORN_LIST] = "torn list",
	[FAULT_BLIND_LIST] = "blind list",
	[FAULT_STALE_DATA] = "stale data",
	[FAULT_EROFS] = "read-only", [FAULT_FULL] = "full",
	[FAULT_AWAY] = "server away", [FAULT_STOP] = "stop",
	[FAULT_MOUNT] = "mounted anew", [FAULT_TERM] = "SIGTERM",
	[FAULT_POWER] = "power cut", [FAULT_RELOAD] = "reload",
	[FAULT_TWIN] = "twin", [FAULT_GONE] = "gone for good",
	[FAULT_CLOCK] = "clock jump",
};

const char *
fault_name(enum fault f)
{
	return names[f];
}

/* How often each is to be met where it is harsh: one call in so many. */
static const uint32_t harsh[FAULT_KINDS] = {
	[FAULT_LOST_REPLY] = 20, [FAULT_COPY] = 20, [FAULT_LATE] = 60,
	[FAULT_EIO] = 100, [FAULT_ESTALE] = 100, [FAULT_ENOSPC] = 100,
	[FAULT_EDQUOT] = 100, [FAULT_EINTR] = 50, [FAULT_SHORT] = 50,
	[FAULT_KILL] = 1000,
	[FAULT_STALE_NAME] = 1, [FAULT_STALE_LIST] = 1,
	[FAULT_TORN_LIST] = 1, [FAULT_BLIND_LIST] = 1,
	[FAULT_STALE_DATA] = 1,
};

/* Some are absent, some rare, some frequent: by how much the harsh are
 * thinned out. */
static uint64_t
draw_chance(enum fault f, int mood)
{
	static const uint32_t thinner[] = { 1, 1, 2, 4, 10, 40, 200 };
	size_t most = sizeof thinner / sizeof *thinner;
	uint64_t i = rng_below(&rng, most + 3);

	if (!harsh[f] || mood == 0 || i >= most)
		return 0;
	if (mood == 1 && i < most - 2)
		i = most - 1 - rng_below(&rng, 2);
	return RNG_ALL / harsh[f] / thinner[i];
}

static enum fs_kind
draw_fs(void)
{
	switch (rng_below(&rng, 8)) {
	case 0:
		return FS_LOCAL;
	case 1:
	case 2:
	case 3:
		return FS_CEPH;
	default:
		return FS_NFS;
	}
}

/*
 * A server of CephFS knows its clients' calls by number, so that none is done
 * twice; and a local disk has none of what a network brings.
 */
static bool
can_be(enum fault f)
{
	if (profile.fs == FS_NFS)
		return true;
	if (f == FAULT_BLIND_LIST || f == FAULT_STALE_DATA ||
	    f == FAULT_LOST_REPLY || f == FAULT_COPY)
		return false;
	return profile.fs == FS_CEPH || (f >= FAULT_EIO &&
	    f <= FAULT_KILL && f != FAULT_ESTALE) || f >= FAULT_EROFS;
}

void
fault_init(uint64_t seed)
{
	int mood;

	rng = rng_make(seed, 1);
	on = false;
	read_only_until = full_until = 0;
	profile = (struct profile){ .fs = draw_fs() };
	mood = rng_one_in(&rng, 16) ? 0 : rng_one_in(&rng, 5) ? 1 : 2;
	for (enum fault f = 0; f < FAULT_KINDS; f++) {
		uint64_t chance = draw_chance(f, mood);

		profile.chances[f] = can_be(f) ? chance : 0;
		if (f < FAULT_PER_CALL)
			profile.any += profile.chances[f];
	}
	profile.cache_ns = rng_between(&rng, 3, 60) * SIM_S;
	profile.late_ns = rng_between(&rng, 1, 120) * SIM_S;
	profile.tick_ns = rng_between(&rng, 1, 10) * SIM_MS;
	profile.no_locks = profile.fs == FS_NFS && rng_one_in(&rng, 4);
	profile.copies_makes = rng_one_in(&rng, 2);
	profile.no_types = rng_one_in(&rng, 4);
}

void
fault_on(void)
{
	on = true;
}

void
fault_off(void)
{
	on = false;
}

bool
fault_happens(enum fault f)
{
	if (!on || !rng_chance(&rng, profile.chances[f]))
		return false;
	fault_counts[f]++;
	return true;
}

int64_t
fault_span(int64_t most)
{
	/* Mostly short: what is to collide must be near. */
	return rng_between(&rng, 1, most >> rng_below(&rng, 12));
}

void
fault_begin_period(enum fault f, int64_t until)
{
	fault_counts[f]++;
	if (f == FAULT_EROFS)
		read_only_until = until;
	else
		full_until = until;
	full_err = rng_one_in(&rng, 2) ? -ENOSPC : -EDQUOT;
}

bool
fault_is_full(const struct disk *d)
{
	return on && d->shared && sched_now < full_until &&
	    full_err == -ENOSPC;
}

bool
fault_is_read_only(const struct disk *d)
{
	return on && d->shared && sched_now < read_only_until;
}

/*
 * Copies of what makes files, or of all else, come late, but not of both in
 * one world: a file that is made anew, and then renamed anew to where it was
 * renamed, be it for a lost reply, is beyond what renames can be safe against.
 */
static bool
can_be_copied(enum call call)
{
	return profile.copies_makes == (call == CALL_MAKE);
}

static bool
can_befall(enum fault f, enum call call)
{
	bool changes = call == CALL_MAKE || call == CALL_RENAME ||
	    call == CALL_REMOVE;

	switch (f) {
	case FAULT_LOST_REPLY:
		return changes && (call != CALL_RENAME ||
		    !profile.copies_makes);
	case FAULT_LATE:
		return changes;
	case FAULT_COPY:
		return changes && can_be_copied(call);
	case FAULT_ENOSPC:
	case FAULT_EDQUOT:
		return call == CALL_MAKE || call == CALL_RENAME ||
		    call == CALL_WRITE || call == CALL_SYNC;
	case FAULT_EINTR:
		return call == CALL_WRITE || call == CALL_READ ||
		    (call == CALL_OPEN && profile.fs == FS_CEPH);
	case FAULT_SHORT:
		return call == CALL_WRITE || call == CALL_READ;
	case FAULT_ESTALE:
		return call != CALL_LOCK;
	default:
		return true;
	}
}

static void
befall(enum fault f, enum call call, struct fate *fate)
{
	switch (f) {
	case FAULT_LOST_REPLY:
		fate->is_done_twice = true;
		break;
	case FAULT_COPY:
		fate->copy_ns = fault_span(profile.late_ns);
		break;
	case FAULT_LATE:
		fate->err = -EIO;
		fate->is_done = rng_one_in(&rng, 2);
		if (!fate->is_done || can_be_copied(call))
			fate->copy_ns = fault_span(profile.late_ns);
		break;
	case FAULT_EIO:
		fate->err = -EIO;
		break;
	case FAULT_ESTALE:
		fate->err = -ESTALE;
		break;
	case FAULT_ENOSPC:
		fate->err = -ENOSPC;
		break;
	case FAULT_EDQUOT:
		fate->err = -EDQUOT;
		break;
	case FAULT_EINTR:
		fate->err = -EINTR;
		break;
	case FAULT_SHORT:
		fate->is_short = true;
		break;
	default:
		fate->kills = true;
		fate->is_done = rng_one_in(&rng, 2);
		if (rng_one_in(&rng, 4) && (!fate->is_done ||
		    can_be_copied(call)))
			fate->copy_ns = fault_span(profile.late_ns);
		break;
	}
}

struct fate
fault_draw(const struct disk *d, enum call call)
{
	bool changes = call >= CALL_MAKE && call <= CALL_WRITE;
	struct fate fate = { 0 };
	uint64_t r;

	if (!on || !d->shared)
		return fate;
	if (changes && sched_now < read_only_until)
		fate.err = -EROFS;
	else if (changes && call != CALL_REMOVE && sched_now < full_until)
		fate.err = full_err;
	r = rng_next(&rng) >> 32;
	if (fate.err || r >= profile.any)
		return fate;
	for (enum fault f = 0; f < FAULT_PER_CALL; f++) {
		if (r < profile.chances[f]) {
			if (can_befall(f, call)) {
				fault_counts[f]++;
				befall(f, call, &fate);
			}
			break;
		}
		r -= profile.chances[f];
	}
	return fate;
}
