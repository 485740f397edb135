/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "entry.h"
#include "fail.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "result.h"

void
entry_put_time(struct json_writer *w, const char *key, int64_t s)
{
	char text[CLOCK_TEXT_MAX];

	clock_format_ms(text, s * 1000);
	json_put_string(w, key, s ? text : NULL);
}

char *
entry_ppa(const struct strs *ppas)
{
	const char *last;

	if (ppas->n == 0)
		return mem_dup("");
	last = ppas->v[ppas->n - 1];
	return mem_dupn(last, strcspn(last, ":"));
}

/* One trigger string: britney splits it and credits every word. */
static void
put_triggers(struct json_writer *w, const struct strs *triggers)
{
	char *all = strs_join(triggers, " ");

	json_put_string(w, "trigger", triggers->n ? all : NULL);
	free(all);
}

/* RELEASE=src:a,src:b as debci's ["src:a,src:b", "RELEASE"] */
static void
put_pins(struct json_writer *w, const struct strs *pins)
{
	json_put_array(w, "pin_packages");
	for (size_t i = 0; i < pins->n; i++) {
		size_t n = strcspn(pins->v[i], "=");
		char *release = mem_dupn(pins->v[i], n);

		json_put_array(w, NULL);
		json_put_string(w, NULL, pins->v[i] + n +
		    (pins->v[i][n] != '\0'));
		json_put_string(w, NULL, release);
		json_put_array_end(w);
		free(release);
	}
	json_put_array_end(w);
}

static void
put_duration(struct json_writer *w, const struct result *r)
{
	int64_t s = r->finished_s - r->started_s;
	char *human;

	if (r->started_s == 0 || r->finished_s == 0) {
		json_put_null(w, "duration_seconds");
		json_put_null(w, "duration_human");
		return;
	}
	json_put_number(w, "duration_seconds", s);
	human = s < 3600 ?
	    mem_printf("%ldm %lds", (long)s / 60, (long)s % 60) :
	    mem_printf("%ldh %ldm %lds", (long)s / 3600, (long)s / 60 % 60,
	    (long)s % 60);
	json_put_string(w, "duration_human", human);
	free(human);
}

/*
 * A version that is not known is "n/a", as in debci: null says that the
 * package is on the reject list.
 */
static const char *
version_of(const struct result *r)
{
	if (r->rejected)
		return NULL;
	return r->version ? r->version : "n/a";
}

/* What a result's request asked for. */
struct asked {
	struct strs pins, sources, ppas, tests, env;
	bool all_proposed;
};

static void
ask(struct asked *a, const struct result *r)
{
	struct fail f;
	struct json_tree *t = r->request ? json_tree_parse("request",
	    r->request, strlen(r->request), &f) : NULL;

	*a = (struct asked){ 0 };
	json_tree_get_strings(t, "pin-packages", &a->pins);
	json_tree_get_strings(t, "extra-apt-sources", &a->sources);
	json_tree_get_strings(t, "ppas", &a->ppas);
	json_tree_get_strings(t, "test-name", &a->tests);
	json_tree_get_strings(t, "env", &a->env);
	a->all_proposed = json_tree_get_bool(t, "all-proposed", false);
	json_tree_free(t);
}

static void
asked_free(struct asked *a)
{
	strs_free(&a->pins);
	strs_free(&a->sources);
	strs_free(&a->ppas);
	strs_free(&a->tests);
	strs_free(&a->env);
}

static char *
env_of(const struct asked *a)
{
	struct strs all = { 0 };
	char *text;

	if (a->all_proposed)
		strs_add(&all, "all-proposed=1");
	for (size_t i = 0; i < a->tests.n; i++)
		strs_addf(&all, "testname=%s", a->tests.v[i]);
	strs_add_all(&all, &a->env);
	text = strs_join(&all, ",");
	strs_free(&all);
	return text;
}

void
entry_make(struct entry *e, const struct result *r, const char *run_id)
{
	int64_t published_s = r->finished_s;
	struct json_writer w = { .out = &e->json };
	struct asked a;

	*e = (struct entry){ 0 };
	ask(&a, r);
	(void)clock_parse(run_id, &published_s);
	json_put_object(&w, NULL);
	json_put_string(&w, "run_id", run_id);
	entry_put_time(&w, "created_at", r->created_s);
	entry_put_time(&w, "updated_at", published_s);
	json_put_string(&w, "suite", r->suite);
	json_put_string(&w, "arch", r->arch);
	json_put_string(&w, "package", r->package);
	json_put_string(&w, "version", version_of(r));
	put_triggers(&w, &r->triggers);
	json_put_string(&w, "status", r->rejected ? "fail" : r->status);
	put_pins(&w, &a.pins);
	json_put_strings(&w, "extra_apt_sources", &a.sources);
	entry_put_time(&w, "date", r->finished_s);
	put_duration(&w, r);
	json_put_string(&w, "message", r->rejected ? r->rejected :
	    r->message);
	json_put_string(&w, "requestor", r->requester);
	json_put_string(&w, "worker", r->worker);
	e->ppa = entry_ppa(&a.ppas);
	e->env = env_of(&a);
	e->plain = a.pins.n == 0 && a.sources.n == 0 && a.ppas.n == 0 &&
	    !a.all_proposed;
	asked_free(&a);
}

void
entry_free(struct entry *e)
{
	buf_free(&e->json);
	free(e->ppa);
	free(e->env);
	*e = (struct entry){ 0 };
}

/*
 * updated_at is now: a request that waits longer than britney's window would
 * drop out of it, and be made again.
 */
void
entry_pending(struct buf *out, const struct request *r, const char *id,
	int64_t now_s)
{
	struct json_writer w = { .out = out };

	json_put_object(&w, NULL);
	json_put_string(&w, "run_id", id);
	entry_put_time(&w, "created_at", r->submit_time_s);
	entry_put_time(&w, "updated_at", now_s);
	json_put_string(&w, "suite", r->suite);
	json_put_string(&w, "arch", r->arch);
	json_put_string(&w, "package", r->package);
	json_put_string(&w, "version", r->version);
	put_triggers(&w, &r->triggers);
	json_put_null(&w, "status");
	put_pins(&w, &r->pin_packages);
	json_put_strings(&w, "extra_apt_sources", &r->extra_apt_sources);
	json_put_string(&w, "requestor", r->requester);
	json_put_object_end(&w);
}
