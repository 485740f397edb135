/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_renew.h"

#define AT(member) offsetof(struct conf, member)

/* The others compare with pointers into it, or have opened what it names. */
static const struct { const char *key; size_t at; } texts[] = {
	{ "spool", AT(spool) }, { "results", AT(results) },
	{ "worker", AT(worker) }, { "scratch", AT(scratch) },
	{ "index-store", AT(index_store) },
	{ "serve-listen", AT(serve_listen) }, { "cgroup", AT(cgroup) },
	{ "hooks", AT(hooks) },
};

static void
keep_text(struct strs *kept, const char *key, char **live, char **fresh)
{
	if (*live && *fresh ? strcmp(*live, *fresh) != 0 : *live != *fresh)
		strs_add(kept, key);
	free(*fresh);
	*fresh = *live;
	*live = NULL;
}

static void
keep_span(struct strs *kept, const char *key, const int64_t *live,
	int64_t *fresh)
{
	if (*live != *fresh)
		strs_add(kept, key);
	*fresh = *live;
}

void
conf_renew(struct conf *live, struct conf *fresh, struct strs *kept)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		void *from = (char *)live + texts[i].at;
		void *to = (char *)fresh + texts[i].at;

		keep_text(kept, texts[i].key, from, to);
	}
	keep_span(kept, "heartbeat", &live->heartbeat_s, &fresh->heartbeat_s);
	keep_span(kept, "lease", &live->lease_s, &fresh->lease_s);
	keep_span(kept, "hook-timeout", &live->hook_timeout_s,
	    &fresh->hook_timeout_s);
	if (live->isolate != fresh->isolate)
		strs_add(kept, "isolate");
	fresh->isolate = live->isolate;
	conf_free(live);
	*live = *fresh;
	*fresh = (struct conf){ 0 };
}
