/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"
#include "conf_renew.h"
#include "fail.h"
#include "index_inside.h"
#include "notify.h"

static void
take_conf(struct indexer *x, struct conf *fresh)
{
	struct strs kept = { 0 };
	char *keys;

	conf_renew(x->live, fresh, &kept);
	log_say(x->log, LOG_LEVEL_INFO, "%s: reloaded", x->conf->file);
	if (kept.n) {
		keys = strs_join(&kept, ", ");
		log_say(x->log, LOG_LEVEL_ERROR, "restart the indexer for what "
		    "changed in %s", keys);
		free(keys);
	}
	strs_free(&kept);
}

void
index_reload(struct indexer *x)
{
	const struct index_options *o = x->options;
	struct conf fresh;
	struct fail f;

	x->reload = false;
	notify_reloading(o->notify);
	if (o->reread && o->reread(o->of, &fresh, &f) == 0)
		take_conf(x, &fresh);
	else if (o->reread)
		log_say(x->log, LOG_LEVEL_ERROR, "not reloaded, the "
		    "configuration from before holds: %s", f.text);
	notify_ready(o->notify);
}

void
index_tell(struct indexer *x, const char *problem)
{
	char text[NOTIFY_STATUS_MAX];

	(void)snprintf(text, sizeof text, "%s%s%s",
	    x->holds ? "has the role" : "stands by", problem ? "; " : "",
	    problem ? problem : "");
	notify_status(x->options->notify, text);
}
