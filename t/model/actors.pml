/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who acts on the token and the stages of token.pml. */

inline drop(e, w)
{
	STAGE(e, w) = 0;
	printf("drop the stage e%d@%d\n", e, w);
	check_result()
}

/* commit_bad: the reason comes first; when it lost, so it seems, it goes. */
inline give_reason(e)
{
#ifdef REASONS
	why[e] = true
#else
	skip
#endif
}

inline take_back_reason(e)
{
#ifdef UNLINK_WHY
	why[e] = false;
	check_reason()
#else
	skip
#endif
}

/* A worker has the token, as it believes. */
inline take_over()
{
	MUST(shared_a_name, !OWNED(e, me));
	OWNED(e, me) = true;
	at = HELD
}

inline forget()
{
	OWNED(e, me) = false;
	at = IDLE;
	e = 0;
	a = 0
}

/*
 * COMMIT_LOST.  A stage that was not to be committed has no use in any case.
 */
inline lose()
{
	if
#ifndef DROP_ON_LOST
	:: at == COMMIT -> forget()
#endif
	:: at == REFUSE -> take_back_reason(e); at = DROP
	:: else -> at = DROP
	fi
}

/*
 * A worker with one slot.  `me' is the name that it goes by, and all that one
 * life of it has in common with the next.
 */
proctype worker(byte me)
{
	mtype at = IDLE;	/* or the rename that it tries */
	byte e, a;		/* of the name that it has in cur/ */

end:	do
	/* claim_next */
	:: atomic {
		at == IDLE && (place == NEW || WAS(0));
		see_name(e, a);
		rename(CLAIM, e, a, me, me);
#ifdef LOOK_UP
		ok = ok || IS_CLAIMED(e, a, me);
#endif
		if
		:: ok -> ok = false; take_over()
		:: else -> e = 0; a = 0
		fi
	   }
	/* slots_adopt: what bears its name though it knows nothing of it */
#ifndef NO_ADOPTION
	:: atomic {
		at == IDLE && place != NEW && epoch < EPOCHS &&
		    (IS_CLAIMED(epoch, attempt, me) || WAS(0));
		see_name(e, a);
#ifdef ADOPT_IN_PLACE
		ok = IS_CLAIMED(e, a, me);
		e--;
#else
		rename(TAKE, e, a, me, me);
#endif
#ifdef ADOPT_BY_LISTING
		ok = ok || IS_CLAIMED(e + 1, a, me);
#endif
		if
		:: ok -> ok = false; e = NEXT(e); take_over()
		:: else -> e = 0; a = 0
		fi
	   }
#endif
	/* job_settle: stage_make, or back for want of room */
	:: atomic {
		at == HELD;
		if
		:: STAGE(e, me) = MADE;
			printf("make the stage e%d@%d\n", e, me);
			check_result();
			at = RUN
		:: e < EPOCHS && CAN_FAIL -> FAIL; at = GIVE
		fi
	   }
	/*
	 * run_start; then stage_seal, or job_ended, or job_give_back.  It is
	 * sealed when that is seen, whether a reply came or not; when it is
	 * not seen, no result could be made.
	 */
	:: atomic {
		at == RUN;
		if
		:: STAGE(e, me) == MADE || STAGE(e, me) == SEALED ->
			STAGE(e, me) = SEALED;
			printf("seal the stage e%d@%d\n", e, me);
#ifdef PUBLISH_FIRST
			rename(PUBLISH, e, a, me, me);
			ok = false;
#endif
			at = COMMIT
#ifdef COMMIT_UNSEALED
		:: at = COMMIT
#endif
		:: a + 1 < BUDGET && e < EPOCHS -> at = RETRY
#ifdef NO_BUDGET
		:: e < EPOCHS -> at = RETRY
#endif
		:: a + 1 >= BUDGET -> give_reason(e); at = REFUSE
		:: e < EPOCHS && CAN_FAIL -> FAIL; at = GIVE
		fi
	   }
	/* job_push: commit_done, commit_back or commit_bad; and settle */
	:: atomic {
		at == COMMIT || at == GIVE || at == RETRY || at == REFUSE;
		rename(at, e, a, me, me);
		if
		:: ok && at == COMMIT -> ok = false; forget()
		:: ok && at != COMMIT -> ok = false; at = DROP
		/* A listing of cur/ shows it, so again.  Or does not. */
		:: !ok && IS_CLAIMED(e, a, me)
		:: !ok && !IS_CLAIMED(e, a, me) -> lose()
		/* Or the listing is old. */
		:: !ok && IS_CLAIMED(e, a, me) && CAN_FAIL -> FAIL; lose()
		:: !ok && !IS_CLAIMED(e, a, me) && CAN_FAIL -> FAIL
		fi
	   }
	:: atomic { at == DROP; drop(e, me); forget() }
	/* It ends at any time, and starts anew, or does not. */
	:: atomic {
		at != IDLE && CAN_FAIL;
		FAIL;
		printf("worker %d is killed, and starts anew\n", me);
		forget()
	   }
#ifdef FAULTS
	:: atomic {
		CAN_FAIL && !dead[1 - me];
		FAIL;
		printf("worker %d is killed for good\n", me);
		forget();
		dead[me] = true;
		break
	   }
#endif
	od
}

/* The network: what seals a stage is late, and done now. */
#ifdef LATE_SEAL
#define SEALED_LATE(number, name) \
	:: atomic { \
		STAGE(number, name) == MADE && CAN_FAIL; \
		FAIL; \
		printf("late: seal the stage e%d@%d\n", number, name); \
		STAGE(number, name) = SEALED \
	   }
#else
#define SEALED_LATE(number, name)
#endif

/* recover_stage: its request is seen to have gone on without it. */
#if defined(DROP_UNPLANNED)	/* a listing may omit what is there */
#define IS_OVER(e, w) (place != CUR)
#elif defined(DROP_UNLISTED)
#define IS_OVER(e, w) (place != CUR && STAGE(e, w) == SEALED)
#elif defined(DROP_BY_ANY_EPOCH)
#define IS_OVER(e, w) (epoch > e || e > 1 || place == BAD)
#else
#define IS_OVER(e, w) (epoch > e || place == BAD || \
	(place == DONE && owner != w))
#endif
#define OLD_STAGE(number, name) \
	SEALED_LATE(number, name) \
	:: atomic { \
		at == IDLE && STAGE(number, name) != 0 && \
		    IS_OVER(number, name); \
		e = number; \
		w = name; \
		at = DROP \
	   }

#if defined(PUBLISH_UNLISTED)
#define MAY_PUBLISH (place == CUR)
#elif defined(OWNER_PUBLISHES)
#define MAY_PUBLISH (place == DONE && !published && !IS_DEAD(owner))
#else
#define MAY_PUBLISH (place == DONE && !published)
#endif

inline done()
{
	at = IDLE;
	e = 0;
	a = 0;
	w = 0
}

/*
 * take_over, from whom it suspects, be he dead or not: to a name with its own,
 * that of either worker; and on from there, in pass_on.
 */
inline take_from(suspect)
{
	w = suspect;
#ifdef REAPER_DROPS_FIRST
	drop(e, w);
#endif
	if
	:: e < EPOCHS && !IS_DEAD(0) -> rename(TAKE, e, a, w, 0); by = 0
	:: e < EPOCHS && !IS_DEAD(1) -> rename(TAKE, e, a, w, 1); by = 1
	:: e == EPOCHS
	fi;
	if
	:: ok -> ok = false; at = DROP_AND_PASS
	/* The new name is listed: whoever made it, the old one is gone. */
	:: !ok && e < EPOCHS && IS_CLAIMED(e + 1, a, by) -> at = DROP_AND_PASS
	:: !ok -> done(); by = 0
	fi
}

/*
 * What a worker does for others, and for its own earlier lives: it gives back
 * what a dead one held, publishes what was committed, drops what is left.  It
 * may be cut off after each step.
 */
proctype other()
{
	mtype at = IDLE;
	byte e, a, w;		/* of the name that it has from somebody */
	byte by;		/* whose is the name that it took */

end:	do
	/* recover_claims */
#ifndef NO_REAPER
	:: atomic {
		at == IDLE && place == CUR && IS_DEAD(owner);
		e = epoch;
		a = attempt;
		take_from(owner)
	   }
#endif
	:: atomic {
		at == IDLE && place != NEW && (place == CUR || WAS(0)) &&
		    CAN_FAIL;
		FAIL;
		see_name(e, a);
		if
		:: take_from(0)
		:: take_from(1)
		fi
	   }
	:: atomic {
		at == DROP_AND_PASS;
		drop(e, w);
		w = by;
		by = 0;
		e = NEXT(e);
		if
		:: a + 1 >= BUDGET -> give_reason(e); at = REFUSE
		:: a + 1 < BUDGET && e < EPOCHS -> at = RETRY
		:: else -> done()
		fi
	   }
	/* pass_on: commit_back, commit_bad */
	:: atomic {
		at == RETRY || at == REFUSE;
		rename(at, e, a, w, w);
		if
		:: !ok && at == REFUSE -> take_back_reason(e)
		:: else
		fi;
		ok = false;
		done()
	   }
	OLD_STAGE(1, 0)
	OLD_STAGE(1, 1)
	OLD_STAGE(2, 0)
	OLD_STAGE(2, 1)
#if EPOCHS > 2
	OLD_STAGE(3, 0)
	OLD_STAGE(3, 1)
#endif
#if EPOCHS > 3
	OLD_STAGE(4, 0)
	OLD_STAGE(4, 1)
#endif
#if EPOCHS > 4
	OLD_STAGE(5, 0)
	OLD_STAGE(5, 1)
#endif
#if EPOCHS > 5
	OLD_STAGE(6, 0)
	OLD_STAGE(6, 1)
	OLD_STAGE(7, 0)
	OLD_STAGE(7, 1)
	OLD_STAGE(8, 0)
	OLD_STAGE(8, 1)
#endif
	/* publish_stage, of what done/DAY lists; publish.pml has it in full */
	:: atomic {
		at == IDLE && MAY_PUBLISH;
		e = epoch;
		w = owner;
		rename(PUBLISH, e, 0, w, w);
		if
		:: ok -> ok = false; at = DROP
		:: else -> done()
		fi
	   }
	:: atomic {
		at == IDLE && published && STAGE(epoch, owner) == TAKEN;
		e = epoch;
		w = owner;
		at = DROP
	   }
	:: atomic { at == DROP; drop(e, w); done() }
	/* It is cut off. */
	:: atomic { at != IDLE && CAN_FAIL; FAIL; by = 0; done() }
	od
}

init
{
	atomic {
#ifdef REGISTER
		was_new[epoch] = true;
#endif
#ifdef TWINS
		run worker(0);
		run worker(0);
#else
		run worker(0);
		run worker(1);
#endif
#if OTHERS > 1
		run other();
#endif
		run other()
	}
}

#ifdef FAULTS
/* When faults have an end, so has all else, and it must be a good one. */
active proctype judge()
{
	byte i;

	do
	:: faults > 0 -> faults = 0
	:: timeout -> break
	od;
	atomic {
		MUST(left_a_request, place == BAD ||
		    (place == DONE && published));
		for (i : 2 .. EPOCHS * 2 + 1) {
			MUST(left_a_stage, stage[i] == 0)
		}
	}
}
#endif
