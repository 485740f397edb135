/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From committed to published: two attempts of one package, each with its
 * sealed stage, and two workers that publish what they find in done/, at the
 * same time and for the same run ids.  README tells how to read this.
 */
#define ATTEMPTS 2
#define RUN_IDS 3
#define NOTHING 255

/* RESULTS/.staging/TOKEN@WORKER of each attempt */
bool stage[ATTEMPTS] = true;
bool plan[ATTEMPTS] = true;
bool in_stage[ATTEMPTS] = true;	/* its run/ */

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
byte late_stage = NOTHING, late_run_id;	/* a copy of a rename */

/* The server's side of renaming run/ to a run id. */
inline execute(s, r)
{
	if
	:: !in_stage[s] -> reply = ENOENT
	:: in_stage[s] && tree[r] != NOTHING -> reply = EEXIST
	:: in_stage[s] && tree[r] == NOTHING ->
		MUST(published_twice, tree[1] != s && tree[2] != s &&
		    tree[3] != s);
		in_stage[s] = false;
		tree[r] = s;
		reply = OK
	fi
}

inline rename(s, r)
{
	if
	:: execute(s, r);
		printf("stage %d: run -> run id %d: %e\n", s, r, reply)
	:: CAN_FAIL ->
		FAIL;
		execute(s, r);
		printf("stage %d: run -> run id %d: %e, ", s, r, reply);
		printf("but the reply is lost\n");
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
		execute(late_stage, late_run_id);
		printf("late: stage %d: run -> run id %d: %e\n", late_stage,
		    late_run_id, reply);
		reply = 0;
		late_stage = NOTHING;
		late_run_id = 0
	   }
	od
}

/* (c): a run id is listed with the inode of its run/, which the plan has. */
#ifdef NO_INODE
#define LISTED_AS(s, r) (tree[r] != NOTHING)
#else
#define LISTED_AS(s, r) (tree[r] == (s))
#endif
#define LISTED(s) (LISTED_AS(s, 1) || LISTED_AS(s, 2) || LISTED_AS(s, 3))

/* It is committed, and it has a plan. */
#define IS_WORK(s) (stage[s] && plan[s] && \
	(in_stage[s] || LISTED(s) || IS_OLD))

mtype = { IDLE, CHOOSE, RENAME, SEEK, DROP };

inline idle()
{
	at = IDLE;
	s = 0;
	r = 0
}

/* lib/publish.c, by the owner of the attempt or by anyone. */
active [2] proctype publisher()
{
	mtype at = IDLE;
	byte s, r;

end:	do
	:: atomic { at == IDLE && IS_WORK(0); s = 0; at = CHOOSE }
	:: atomic { at == IDLE && IS_WORK(1); s = 1; at = CHOOSE }
	/* move_run: a listing of the stage shows run, or it may be old */
	:: atomic {
		at == CHOOSE && (in_stage[s] || IS_OLD);
		if
		:: tree[1] == NOTHING || IS_OLD -> r = 1
		:: tree[2] == NOTHING || IS_OLD -> r = 2
		:: tree[3] == NOTHING || IS_OLD -> r = 3
		fi;
		at = RENAME
	   }
	:: atomic { at == CHOOSE && (!in_stage[s] || IS_OLD); at = SEEK }
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
	/* move_run: read_runs, for its inode */
	:: atomic {
		at == SEEK;
		if
		:: LISTED(s) -> at = DROP
		:: !LISTED(s) || IS_OLD -> idle()
#ifdef DROP_WITHOUT_RUN
		:: !in_stage[s] || IS_OLD ->
			printf("stage %d: no run is listed\n", s);
			at = DROP
#endif
		fi
	   }
	/* stage_drop: it is renamed away, so that it goes at once. */
	:: atomic {
		at == DROP;
#ifdef PIECEMEAL
		MUST(lost_a_result, !in_stage[s]);
		if
		:: plan[s] -> plan[s] = false;
			printf("stage %d: plan is removed\n", s)
		:: else -> stage[s] = false; idle()
		fi
#else
		printf("stage %d is dropped\n", s);
		MUST(lost_a_result, !in_stage[s]);
		stage[s] = false;
		plan[s] = false;
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
/* Faults come to an end; then so does all else, and it must be a good one. */
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
