/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door to libinotifytools: a local alarm clock.  It tells that something
 * changed here, never what; it does not see other hosts, and may miss things.
 * So whoever uses it lists directories at intervals, too, and goes on by that
 * alone where there is no watch to be had.
 *
 * The library has one state for the whole process, so there is one watch a
 * process, for one thread.  A forked child leaves it alone (exec closes it).
 */
#ifndef WATCH_H
#define WATCH_H

struct fail;

enum watch_news {
	WATCH_NOTHING,
	WATCH_NEWS,	/* something came: look */
	WATCH_LOST,	/* look everywhere, close, open and add again */
};

/*
 * Returns a descriptor for poll(2), readable when there is something to
 * drain; it is closed by watch_close alone.  -1 where the system has none.
 * Open early: the library cannot use descriptors from 1024 up.
 */
int watch_open(struct fail *f);

enum watch_what { WATCH_ARRIVALS, WATCH_LEAVINGS_TOO };

/*
 * Watches one directory (not what is below it) for files that arrive by
 * rename, are created, or are closed after writing, and for new directories;
 * or for those that are removed or renamed away, too.
 * For a fixed handful: a directory is added once, and never taken away.
 */
int watch_add(const char *dir, enum watch_what what, struct fail *f);

/* Takes all that is pending and never waits: for when poll(2) says so. */
enum watch_news watch_drain(void);

void watch_close(void);

#endif
