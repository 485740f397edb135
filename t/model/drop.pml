/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that people drop into new/, until they are requests: two of them, two
 * workers, and what adopts or reaps.  Each claim draws an id; what is not
 * judged yet goes back to new/ itself, under that id.  A rename onto a name
 * that is there destroys a file.  README tells how to read this.
 */
#ifndef IDS
#define IDS 4		/* claims */
#endif

/* Names, and which file has them; 0: none. */
#define HAND 0				/* new/hello */
#define OTHER_HAND 1			/* new/hello2 */
#define UNJUDGED(id, w) (4 * (id) - 2 + (w))	/* cur/hello,ID,p5,e0,a0@W */
#define WAITING(id) (4 * (id))		/* new/hello,ID,p5,e0,a0 */
#define REQUEST(id) (4 * (id) + 1)	/* cur/hello,ID,p5,e1,a0@W */
#define NAMES (4 * IDS + 2)
byte file[NAMES];
byte next_id = 1;

/* The same, for messages: a word, and an id or a number. */
mtype = { DROPPED, UNJUDGED_BY_0, UNJUDGED_BY_1, WAITS, BECAME };
#define WORD(name) (name < 2 -> DROPPED : (name % 4 == 2 -> UNJUDGED_BY_0 : \
	(name % 4 == 3 -> UNJUDGED_BY_1 : (name % 4 == 0 -> WAITS : BECAME))))
#define NUMBER(name) (name < 2 -> name : (name + 2) / 4)

bool lost_a_request, left_a_request;
#define MUST(what, condition) what = !(condition); assert(!what)

#ifdef FAULTS
byte faults = FAULTS;
#define CAN_FAIL (faults > 0)
#define FAIL faults--
#else
#define CAN_FAIL true
#define FAIL skip
#endif

bool ok;	/* the reply to the last rename; false between two steps */
bool is_late;	/* a copy of a rename */
byte late_from, late_to;

inline execute(from, to)
{
	MUST(lost_a_request, file[to] == 0);
	file[to] = file[from];
	file[from] = 0
}

inline say(from, to)
{
	printf("%e %d -> %e %d", WORD(from), NUMBER(from), WORD(to),
	    NUMBER(to))
}

inline rename(from, to)
{
	if
	:: file[from] != 0 ->
		if
		:: say(from, to);
			printf("\n");
			execute(from, to);
			ok = true
		:: CAN_FAIL ->
			FAIL;
			say(from, to);
			printf(", but the reply is lost\n");
			execute(from, to)
		:: CAN_FAIL ->
			FAIL;
			say(from, to);
			printf(" says ENOENT\n")
		fi
	:: else
	fi;
	if
#ifndef PUNCTUAL
	:: !is_late && CAN_FAIL ->
		FAIL;
		is_late = true;
		late_from = from;
		late_to = to;
		printf("    and a copy of that call is late\n")
#endif
	:: true
	fi
}

active proctype network()
{
end:	do
	:: atomic {
		is_late;
		printf("late: ");
		say(late_from, late_to);
		printf("\n");
		if
		:: file[late_from] != 0 -> execute(late_from, late_to)
		:: else
		fi;
		is_late = false;
		late_from = 0;
		late_to = 0
	   }
	od
}

/* mv: a name that is there is not taken, a free one may have been used. */
active proctype people()
{
	file[HAND] = 1;
#ifdef NAMES_REUSED
end:	atomic {
		file[HAND] == 0;
		file[HAND] = 2;
		printf("DROPPED 0 once more\n")
	}
#else
	file[OTHER_HAND] = 2
#endif
}

/* What waits in new/ itself, dropped or put back. */
inline see_waiting()
{
	if
	:: file[HAND] != 0 -> from = HAND
	:: file[OTHER_HAND] != 0 -> from = OTHER_HAND
	:: file[WAITING(1)] != 0 -> from = WAITING(1)
	:: file[WAITING(2)] != 0 -> from = WAITING(2)
	:: file[WAITING(3)] != 0 -> from = WAITING(3)
	:: file[WAITING(4)] != 0 -> from = WAITING(4)
	fi
}
#define IS_WAITING (file[HAND] != 0 || file[OTHER_HAND] != 0 || \
	file[WAITING(1)] != 0 || file[WAITING(2)] != 0 || \
	file[WAITING(3)] != 0 || file[WAITING(4)] != 0)

/* Whose worker remembers that it has it. */
bool held[IDS + 1];

inline forget()
{
	held[id] = false;
	id = 0
}

/* job.c: settles, and becomes a request; or is given back unjudged. */
proctype worker(byte me)
{
	byte id;	/* of what settles */
	byte from;

end:	do
	/* claim_next */
	:: atomic {
#ifdef NO_ID
		id == 0 && IS_WAITING;
		id = 1;
#else
		id == 0 && IS_WAITING && next_id <= IDS;
		id = next_id;
		next_id++;
#endif
		see_waiting();
		rename(from, UNJUDGED(id, me));
		from = 0;
		if
		:: ok -> ok = false; held[id] = true
		:: else -> id = 0
		fi
	   }
	/* become_request, then commit_admit; from there on see token.pml */
	:: atomic {
		id != 0;
		rename(UNJUDGED(id, me), REQUEST(id));
		if
		:: ok -> ok = false; forget()
		:: !ok && file[UNJUDGED(id, me)]
		:: !ok && (!file[UNJUDGED(id, me)] || CAN_FAIL) -> forget()
		fi
	   }
	/* job_give_back */
	:: atomic {
		id != 0 && CAN_FAIL;
		FAIL;
		rename(UNJUDGED(id, me), WAITING(id));
		if
		:: ok -> ok = false; forget()
		:: !ok && file[UNJUDGED(id, me)]
		:: !ok && (!file[UNJUDGED(id, me)] || CAN_FAIL) -> forget()
		fi
	   }
	/* It ends at once. */
	:: atomic { id != 0 && CAN_FAIL; FAIL; forget() }
	od
}

/* commit_undrop; but from another worker it is taken first. */
#define PUT_BACK(id, w) \
	:: atomic { \
		file[UNJUDGED(id, w)] != 0 && (!held[id] || CAN_FAIL); \
		if \
		:: !held[id] \
		:: CAN_FAIL -> FAIL \
		fi; \
		rename(UNJUDGED(id, w), WAITING(id)); \
		ok = false \
	   } \
	:: atomic { \
		file[UNJUDGED(id, w)] != 0 && CAN_FAIL; \
		FAIL; \
		rename(UNJUDGED(id, w), UNJUDGED(id, 1 - w)); \
		ok = false \
	   }

/* slots_adopt, take_over */
active proctype other()
{
end:	do
	PUT_BACK(1, 0)
	PUT_BACK(1, 1)
	PUT_BACK(2, 0)
	PUT_BACK(2, 1)
	PUT_BACK(3, 0)
	PUT_BACK(3, 1)
	PUT_BACK(4, 0)
	PUT_BACK(4, 1)
	od
}

init
{
	atomic {
		run worker(0);
		run worker(1)
	}
}

#ifdef FAULTS
active proctype judge()
{
	do
	:: faults > 0 -> faults = 0
	:: timeout -> break
	od;
	MUST(left_a_request, (file[REQUEST(1)] != 0) + (file[REQUEST(2)] != 0) +
	    (file[REQUEST(3)] != 0) + (file[REQUEST(4)] != 0) == 2)
}
#endif
