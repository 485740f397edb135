/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "fail.h"
#include "mem.h"
#include "request.h"
#include "result.h"
#include "retry.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

static int
read_again(const struct result *result, const char *name, struct request *r,
	struct fail *f)
{
	if (!result->request)
		return fail_set(f, EX_DATAERR, "%s: its result.json does not "
		    "tell the request", name);
	if (request_parse(r, name, result->request, strlen(result->request),
	    f) != 0)
		return -1;
	r->submit_time_s = r->not_before_s = 0;
	return 0;
}

int
retry_run(const struct spool *s, const struct tree_run *run,
	struct request *r, struct fail *f)
{
	struct result result;
	int rc;

	*r = (struct request){ 0 };
	rc = tree_result(s, run->suite, run->arch, run->source, run->run_id,
	    &result, f);
	if (rc == 0)
		rc = read_again(&result, run->run_id, r, f);
	result_free(&result);
	return rc;
}

int
retry_request(const struct conf *c, const struct spool *s,
	const struct found *found, struct request *r, struct fail *f)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	struct result result;
	int rc;

	*r = (struct request){ 0 };
	rc = describe_run(c, s, found, &result, run_id, f);
	if (rc == 0 && result.request)
		rc = read_again(&result, run_id, r, f);
	else if (rc == 0)
		rc = find_read(c, s, found, r, f);
	r->submit_time_s = r->not_before_s = 0;
	result_free(&result);
	return rc;
}

struct walk {
	const struct retry_choice *x;
	int (*each)(void *context, const struct tree_run *run,
	    const char *status);
	void *context;
	struct tree_run run;	/* the newest so far of a package */
	char status[16];	/* "": there is none */
	int rc;
};

static void
pass_on(struct walk *w)
{
	bool failed = strcmp(w->status, "pass") != 0 &&
	    strcmp(w->status, "neutral") != 0;

	if (w->status[0] && (failed || w->x->all) && w->rc == 0)
		w->rc = w->each(w->context, &w->run, w->status);
	w->status[0] = '\0';
}

/* The runs of a package follow one another, the oldest first. */
static int
look_at(void *context, const struct result *r, const char *run_id)
{
	struct walk *w = context;
	const struct retry_choice *x = w->x;

	if ((x->package && strcmp(x->package, r->package) != 0) ||
	    (x->arch && strcmp(x->arch, r->arch) != 0) ||
	    !strs_has(&r->triggers, x->trigger))
		return 0;
	if (strcmp(w->run.source, r->package) != 0 ||
	    strcmp(w->run.arch, r->arch) != 0)
		pass_on(w);
	(void)snprintf(w->run.suite, sizeof w->run.suite, "%s", r->suite);
	(void)snprintf(w->run.arch, sizeof w->run.arch, "%s", r->arch);
	(void)snprintf(w->run.source, sizeof w->run.source, "%s", r->package);
	(void)snprintf(w->run.run_id, sizeof w->run.run_id, "%s", run_id);
	(void)snprintf(w->status, sizeof w->status, "%s", r->status);
	return w->rc;
}

int
retry_each(const struct spool *s, const struct retry_choice *x,
	int (*each)(void *context, const struct tree_run *run,
	const char *status), void *context, struct fail *f)
{
	struct walk w = { .x = x, .each = each, .context = context };
	int rc = tree_each(s, x->suite, x->since_s, look_at, &w, f);

	if (rc == 0)
		pass_on(&w);
	return rc;
}
