/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "sweep.h"

static bool
is_old(int dir, const char *name)
{
	struct stat st;

	return strcmp(name, "README") != 0 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) &&
	    clock_now_s() - st.st_mtim.tv_sec > SWEEP_AGE_S;
}

static int
sweep_tmp(const struct queue *q, struct fail *f)
{
	struct strs names = { 0 };
	int rc = fs_list(q->tmp, ".", SIZE_MAX, &names, f);

	for (size_t i = 0; i < names.n; i++)
		if (is_old(q->tmp, names.v[i]))
			(void)fs_unlink(q->tmp, names.v[i]);
	strs_free(&names);
	return rc;
}

int
sweep(const struct spool *s, const struct log *log, struct fail *f)
{
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct fail why;
		struct queue q;

		if (queue_open(&q, s, queues.v[i], &why) != 0 ||
		    sweep_tmp(&q, &why) != 0)
			log_say(log, LOG_LEVEL_ERROR, "%s", why.text);
		queue_close(&q);
	}
	strs_free(&queues);
	return rc != 0 ? rc : stage_sweep(s, NULL, log, f);
}
