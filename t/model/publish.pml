/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From committed to published: two attempts of one package, each with its
 * sealed stage, and two workers that publish what they find in done/, at the
 * same time and for the same run ids.  README tells how to read this.
 */
#define ATTEMPTS 2
#define RUN_IDS 3
#define NOTHING 255
#define EMPTY 8		/* an empty directory */

/* RESULTS/.staging/TOKEN@WORKER of each attempt */
bool stage[ATTEMPTS] = true;
bool plan[ATTEMPTS] = true;		/* with the inode of run/ */
bool log[ATTEMPTS] = true;
bool in_stage[ATTEMPTS] = true;		/* run/, as it was sealed */
bool making[ATTEMPTS];		/* an empty making/, of a late mkdir */
bool again[ATTEMPTS];		/* an empty run/, of a late rename */

/* The package's folder: whose directory has the run id, known by its inode. */
byte tree[RUN_IDS + 1] = NOTHING;

bool lost_a_result, published_twice, left_a_result, left_a_stage;
#define MUST(what, condition) what = !(condition); assert(!what)

#ifdef FAULTS
byte faults = FAULTS;
#define CAN_FAIL (faults > 0)
#define FAIL faults--
#define IS_OLD false	/* a listing */
#else
#define CAN_FAIL true
#define FAIL skip
#define IS_OLD true
#endif

mtype = { OK, ENOENT, EEXIST };
mtype reply;	/* 0 between two steps */

/* The server's side of renaming run/ to a run id. */
inline execute(s, r)
{
	if
	:: !in_stage[s] && !again[s] -> reply = ENOENT
	:: (in_stage[s] || again[s]) && tree[r] != NOTHING -> reply = EEXIST
	:: again[s] && tree[r] == NOTHING ->
		again[s] = false;
		tree[r] = EMPTY;
		reply = OK;
		MUST(published_twice, false)
	:: in_stage[s] && tree[r] == NOTHING ->
		in_stage[s] = false;
		tree[r] = s;
		reply = OK
	fi
}

/* What the network holds back: a rename, and what made the stage. */
byte late_stage = NOTHING, late_run_id;

inline rename(s, r)
{
	if
	:: printf("stage %d: run -> run id %d\n", s, r);
		execute(s, r)
	:: CAN_FAIL ->
		FAIL;
		printf("stage %d: run -> run id %d, ", s, r);
		printf("but the reply is lost\n");
		execute(s, r);
		reply = ENOENT
	:: CAN_FAIL ->
		FAIL;
		printf("stage %d: run -> run id %d says ENOENT\n", s, r);
		reply = ENOENT
	fi;
	if
	:: late_stage == NOTHING && CAN_FAIL ->
		FAIL;
		late_stage = s;
		late_run_id = r;
		printf("    and a copy of that call is late\n")
	:: true
	fi
}

active proctype network()
{
end:	do
	:: atomic {
		late_stage != NOTHING;
		printf("late: stage %d: run -> run id %d\n", late_stage,
		    late_run_id);
		execute(late_stage, late_run_id);
		reply = 0;
		late_stage = NOTHING;
		late_run_id = 0
	   }
#ifdef LATE_MKDIR
	:: atomic {
		!stage[0] && CAN_FAIL;
		FAIL;
		printf("late: mkdir stage 0\n");
		stage[0] = true
	   }
#ifdef SEAL_IN_PLACE
	:: atomic {
		stage[0] && !in_stage[0] && !again[0] && CAN_FAIL;
		FAIL;
		printf("late: mkdir run of stage 0\n");
		again[0] = true
	   }
#else
	:: atomic {
		stage[0] && !making[0] && CAN_FAIL;
		FAIL;
		printf("late: mkdir making of stage 0\n");
		making[0] = true
	   }
#endif
#endif
#ifdef LATE_SEAL
	:: atomic {
		making[0] && !in_stage[0] && CAN_FAIL;
		FAIL;
		printf("late: stage 0: making -> run\n");
		making[0] = false;
		again[0] = true
	   }
#endif
	od
}

/* The package's folder lists the inode of its run/. */
#define IS_LISTED(s) (tree[1] == (s) || tree[2] == (s) || tree[3] == (s))

mtype = { IDLE, CHOOSE, RENAME, SEEK, DROP };

inline idle()
{
	at = IDLE;
	s = 0;
	r = 0
}

/* What is committed: done/ lists it, whether it was published or not. */
#define PUBLISH(number) \
	:: atomic { \
		at == IDLE && stage[number] && plan[number]; \
		s = number; \
		at = CHOOSE \
	   } \
	:: atomic { \
		at == IDLE && stage[number] && (IS_OLD || \
		    !(plan[number] || log[number] || in_stage[number])); \
		s = number; \
		drop_empty() \
	   }

/* stage_drop_empty, by rmdir, of what seems to have no plan. */
inline drop_empty()
{
	making[s] = false;
#ifdef DROP_UNPLANNED
	MUST(lost_a_result, !in_stage[s]);
	again[s] = false;
#endif
	stage[s] = plan[s] || log[s] || in_stage[s] || again[s];
	s = 0
}

/* recover_stage and publish_stage, by the owner of the attempt or by anyone. */
active [2] proctype publisher()
{
	mtype at = IDLE;
	byte s, r;

end:	do
	PUBLISH(0)
	PUBLISH(1)
	/* move_run: run/ is shown, and none of its inode among the runs */
	:: atomic {
		at == CHOOSE && (in_stage[s] || IS_OLD);
		if
		:: tree[1] == NOTHING || IS_OLD -> r = 1
		:: tree[2] == NOTHING || IS_OLD -> r = 2
		:: tree[3] == NOTHING || IS_OLD -> r = 3
		fi;
		at = RENAME
	   }
	/* or it is not shown; or is another, which rmdir removes when empty */
	:: atomic {
		at == CHOOSE && (!in_stage[s] || IS_OLD);
		again[s] = false;
		at = SEEK
	   }
	:: atomic {
		at == RENAME;
		rename(s, r);
		if
		:: reply == OK -> at = DROP
		:: reply == EEXIST -> at = CHOOSE
		:: reply == ENOENT -> at = SEEK
		fi;
		reply = 0
	   }
	/* It was published, as is seen; what is not seen says nothing. */
	:: atomic {
		at == SEEK;
		if
		:: IS_LISTED(s) -> at = DROP
		:: !IS_LISTED(s) || IS_OLD -> idle()
#ifdef DROP_WITHOUT_RUN
		:: !in_stage[s] || IS_OLD ->
			printf("stage %d: no run is listed\n", s);
			at = DROP
#endif
#ifdef NO_INODE
		:: r != 0 && tree[r] != NOTHING ->
			printf("stage %d: run id %d is listed\n", s, r);
			at = DROP
#endif
		fi
	   }
	/* stage_drop: renamed away, it goes at once. */
	:: atomic {
		at == DROP;
#ifdef PIECEMEAL
		MUST(lost_a_result, !in_stage[s]);
		if
		:: plan[s] -> plan[s] = false;
			printf("stage %d: plan is removed\n", s)
		:: log[s] -> log[s] = false
		:: !plan[s] && !log[s] -> drop_empty(); idle()
		fi
#else
		printf("stage %d is dropped\n", s);
		MUST(lost_a_result, !in_stage[s]);
		stage[s] = false;
		plan[s] = false;
		log[s] = false;
		making[s] = false;
		again[s] = false;
		idle()
#endif
	   }
	:: atomic {
		at != IDLE && CAN_FAIL;
		FAIL;
		printf("publisher %d is killed\n", _pid);
		idle()
	   }
	od
}

#ifdef FAULTS
/* When faults have an end, so has all else, and it must be a good one. */
active proctype judge()
{
	do
	:: faults > 0 -> faults = 0
	:: timeout -> break
	od;
	atomic {
		MUST(left_a_result, !in_stage[0] && !in_stage[1]);
		MUST(left_a_stage, !stage[0] && !stage[1])
	}
}
#endif
