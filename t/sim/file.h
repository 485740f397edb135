/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files.  What is written is the server's at once, or when the file is
 * synced or closed, as NFS has it; until it is synced a power cut may undo it.
 */
#ifndef SIM_FILE_H
#define SIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct host;
struct node;
struct version;

enum file_kind { FILE_NODE, FILE_SIGNALS, FILE_WATCH };

struct file {
	unsigned refs;
	enum file_kind kind;
	struct host *host;
	struct node *node;
	int flags;		/* of open(2) */
	int64_t opened_at;
	size_t pos;
	const struct version *seen;	/* what is read of it */
	char *text;		/* what is written, with what was there */
	size_t size, room;
	bool is_dirty;		/* the server does not have that yet */
	struct file *next;	/* where it is not in use */
};

void files_init(void);

struct file *file_make(enum file_kind kind, struct host *h, struct node *n,
	int flags);

/* Gives one reference back; the last one closes it. */
void file_close(struct file *f);

/* What a reader sees: its bytes. */
const char *file_text(const struct file *f, size_t *size);

void file_write(struct file *f, size_t at, const void *p, size_t n);
void file_cut(struct file *f, size_t size);

/* Brings what was written to the server; with it, to its disk. */
void file_flush(struct file *f);
void file_sync(struct file *f);

/* What has not been brought is lost. */
void file_spoil(struct file *f);

/* What this host did not sync is lost. */
void files_power_cut(struct host *h);

/* Another host looks at the file: what a host has not synced is synced. */
void file_recall(struct node *n, const struct host *h);

#endif
