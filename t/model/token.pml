/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request's way through the spool, from new/ to its published result, with
 * two workers that fail in every way.  README says what is modelled, what is
 * not, and what a -D breaks.
 *
 * The token's name is (place, epoch, attempt, owner).  A rename neither makes
 * nor destroys a file, so one token there is; what can go wrong is who acts on
 * it, and what becomes of the stages.
 */
#ifndef EPOCHS
#define EPOCHS 3	/* the highest one */
#endif
#ifndef CALLS
#define CALLS 1		/* that the network holds back at a time */
#endif
#ifndef OTHERS
#define OTHERS 1	/* that reap, publish and drop stages */
#endif
#define BUDGET 2	/* `attempts' of adtspool-conf(5) */
#define NOBODY 2

mtype = { NEW, CUR, DONE, BAD };
mtype place = NEW;
byte epoch = 1;
byte attempt = 0;
byte owner = NOBODY;

/*
 * RESULTS/.staging/TOKEN@WORKER.  MADE: what will be its run/ is still making/,
 * with a plan or without.  TAKEN: without its run/, that is published.
 */
mtype = { MADE, SEALED, TAKEN };
mtype stage[EPOCHS * 2 + 2];
bool published;
#ifdef STAGE_PER_REQUEST
#define STAGE(e, w) stage[0 * (e) * (w)]
#else
#define STAGE(e, w) stage[(e) * 2 + (w)]
#endif

#ifdef REASONS
bool why[EPOCHS + 1];	/* bad/TOKEN@WORKER.why */
#endif

/* What must never be.  The first of them ends the search. */
bool used_a_name_twice, shared_a_name, exceeded_the_budget,
	committed_without_result, lost_a_result, published_uncommitted,
	published_twice, refused_without_why, left_a_request, left_a_stage;
#define MUST(what, condition) what = !(condition); assert(!what)

/* Who believes to have the token, by its name in cur/; not in the spool. */
bool owned[EPOCHS * 2 + 2];
#ifdef SHARED_TARGET
#define OWNED(e, w) owned[(e) * 2 + 0 * (w)]
#else
#define OWNED(e, w) owned[(e) * 2 + (w)]
#endif

/*
 * With FAULTS there are at most so many, a worker may be dead for good, and no
 * listing shows what is gone: for the search for what never comes to its end.
 */
#ifdef FAULTS
byte faults = FAULTS;
bool dead[2];
#define CAN_FAIL (faults > 0)
#define FAIL faults--
#define IS_DEAD(w) dead[w]
#define WAS(e) false
#else
#define CAN_FAIL true
#define FAIL skip
#define IS_DEAD(w) false
#define WAS(e) (epoch > (e))
#endif

#ifdef NAMES_REUSED
#define NEXT(e) (e)
#else
#define NEXT(e) ((e) + 1)
#endif

#ifdef REGISTER		/* of all names that were; whatever the attempt */
bool was_new[EPOCHS + 1], was_cur[EPOCHS * 2 + 2];
#endif

/* The renames; TAKE, and to whom, is what adopts and what reaps. */
mtype = { CLAIM, TAKE, GIVE, RETRY, REFUSE, COMMIT, PUBLISH };
/* What else there is to do. */
mtype = { IDLE, HELD, RUN, DROP, DROP_AND_PASS };
bool ok;		/* what the last rename returned; false between steps */

#define IS_NAMED(e, a) (epoch == (e) && attempt == (a))
#ifdef SHARED_TARGET
#define IS_CLAIMED(e, a, w) (place == CUR && IS_NAMED(e, a))
#else
#define IS_CLAIMED(e, a, w) (place == CUR && IS_NAMED(e, a) && owner == (w))
#endif
#define IS_SOURCE(what, e, a, w) \
	(what == CLAIM -> place == NEW && IS_NAMED(e, a) : \
	(what == PUBLISH -> STAGE(e, w) == SEALED : IS_CLAIMED(e, a, w)))

/* A committed result is whole until it is published. */
inline check_result()
{
	MUST(lost_a_result, place != DONE || published ||
	    STAGE(epoch, owner) == SEALED)
}

inline check_reason()
{
#ifdef REASONS
	MUST(refused_without_why, place != BAD || why[epoch])
#else
	skip
#endif
}

inline check_name()
{
#ifdef REGISTER
	if
	:: place == NEW ->
		MUST(used_a_name_twice, !was_new[epoch]);
		was_new[epoch] = true
	:: place == CUR ->
		MUST(used_a_name_twice, !was_cur[epoch * 2 + owner]);
		was_cur[epoch * 2 + owner] = true
	:: else
	fi
#else
	skip
#endif
}

/* The server's side of a rename, where the source is there. */
inline execute(what, e, a, from, to)
{
	if
	:: what == CLAIM ->
		place = CUR;
		owner = to;
		check_name()
	:: what == TAKE ->
		epoch = NEXT(e);
		owner = to;
		check_name()
	:: what == GIVE || what == RETRY ->
		place = NEW;
		owner = NOBODY;
		epoch = NEXT(e);
		attempt = (what == RETRY -> a + 1 : a);
		MUST(exceeded_the_budget, attempt < BUDGET);
		check_name()
	:: what == REFUSE ->
		place = BAD;
		check_reason()
	:: what == COMMIT ->
		place = DONE;
		MUST(committed_without_result, STAGE(e, owner) == SEALED)
	:: what == PUBLISH ->
		MUST(published_uncommitted, place == DONE && epoch == e &&
		    owner == from);
		MUST(published_twice, !published);
		STAGE(e, from) = TAKEN;
		published = true
	fi
}

/*
 * What the network holds back: second copies of calls, and calls of which the
 * caller was cut off.  They are executed whenever it pleases.
 */
typedef call {
	mtype kind;
	byte on, nth, by, new_owner
};
call calls[CALLS];

inline hold_back(i, what, e, a, from, to)
{
	calls[i].kind = what;
	calls[i].on = e;
	calls[i].nth = a;
	calls[i].by = from;
	calls[i].new_owner = to;
	printf("    and a copy of that call is late\n")
}

/*
 * fs_rename.  It is executed and answered; or executed, and what comes back is
 * the ENOENT of its replay; or not executed, because an old negative entry says
 * ENOENT, or the caller is cut off.
 */
inline rename(what, e, a, from, to)
{
	if
	:: IS_SOURCE(what, e, a, from) ->
		if
		:: printf("%e e%d,a%d@%d\n", what, e, a, from);
			execute(what, e, a, from, to);
			ok = true
		:: CAN_FAIL ->
			FAIL;
			printf("%e e%d,a%d@%d, but the reply is lost\n", what,
			    e, a, from);
			execute(what, e, a, from, to)
		:: CAN_FAIL ->
			FAIL;
			printf("%e e%d,a%d@%d says ENOENT\n", what, e, a, from)
		fi
#ifdef SAME_TARGET
	:: what == CLAIM && IS_CLAIMED(e, a, from) ->
		ok = true;
		printf("%e e%d,a%d@%d says 0, as the target is there\n", what,
		    e, a, from)
#endif
	:: else ->
		printf("%e e%d,a%d@%d: the source is gone\n", what, e, a, from)
	fi;
	if
	:: calls[0].kind == 0 && CAN_FAIL ->
		FAIL;
		hold_back(0, what, e, a, from, to)
#if CALLS > 1
	:: calls[0].kind != 0 && calls[1].kind == 0 && CAN_FAIL ->
		FAIL;
		hold_back(1, what, e, a, from, to)
#endif
	:: true
	fi
}

inline deliver(i)
{
	printf("late: %e e%d,a%d@%d\n", calls[i].kind, calls[i].on,
	    calls[i].nth, calls[i].by);
	if
	:: IS_SOURCE(calls[i].kind, calls[i].on, calls[i].nth, calls[i].by) ->
		execute(calls[i].kind, calls[i].on, calls[i].nth, calls[i].by,
		    calls[i].new_owner)
	:: else
	fi;
	calls[i].kind = 0;
	calls[i].on = 0;
	calls[i].nth = 0;
	calls[i].by = 0;
	calls[i].new_owner = 0
}

active proctype network()
{
end:	do
	:: atomic { calls[0].kind != 0; deliver(0) }
#if CALLS > 1
	:: atomic { calls[1].kind != 0; deliver(1) }
#endif
	od
}

/*
 * A name that a listing shows: the token's own, or one that it had before, for
 * a listing may be older than what it is read for, but never newer.
 */
inline see_name(e, a)
{
	if
	:: e = epoch; a = attempt
	:: WAS(1) -> e = 1; a = 0
	:: WAS(2) -> e = 2; a = 0
	:: WAS(2) && attempt > 0 -> e = 2; a = 1
	:: WAS(3) -> e = 3; a = 0
	:: WAS(3) && attempt > 0 -> e = 3; a = 1
#if EPOCHS > 4
	:: WAS(4) -> e = 4; a = 0
	:: WAS(4) && attempt > 0 -> e = 4; a = 1
#endif
	fi
}

#include "actors.pml"
