/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "policy.h"
#include "request.h"
#include "testbed.h"
#include "virt.h"

/* Fills in {suite}, {arch}, {package}, {id}: all of them checked names. */
static char *
fill_in(const char *word, const struct request *r, const char *id)
{
	const struct buf_blank blanks[] = { { "{suite}", r->suite },
	    { "{arch}", r->arch }, { "{package}", r->package },
	    { "{id}", id } };
	struct buf b = { 0 };

	buf_fill_in(&b, word, blanks, sizeof blanks / sizeof *blanks);
	return b.s;
}

static void
add_options(struct strs *argv, const char *option, const struct strs *values)
{
	for (size_t i = 0; i < values->n; i++)
		strs_addf(argv, "--%s=%s", option, values->v[i]);
}

/*
 * As debci does it: each release that is pinned from is added once, but not
 * where the request brings apt sources of its own.
 */
static void
add_pins(struct strs *argv, const struct request *r)
{
	struct strs releases = { 0 };

	for (size_t i = 0; i < r->pin_packages.n; i++) {
		const char *pin = r->pin_packages.v[i];
		char *release = mem_dupn(pin, strcspn(pin, "="));

		if (strs_has(&releases, release))
			free(release);
		else
			strs_take(&releases, release);
	}
	if (r->extra_apt_sources.n == 0)
		add_options(argv, "add-apt-release", &releases);
	add_options(argv, "pin-packages", &r->pin_packages);
	strs_free(&releases);
}

/*
 * As autopkgtest-cloud does it: only what triggered the test is taken from the
 * pocket, unless all is asked for; what comes from elsewhere needs none.
 */
static void
add_pocket(struct strs *argv, const struct conf *c, const struct request *r)
{
	const char *pocket = c->apt_pocket ? c->apt_pocket : "proposed";
	struct strs sources = { 0 };
	char *all;

	if (r->all_proposed && !r->test_git) {
		strs_addf(argv, "--apt-pocket=%s", pocket);
		return;
	}
	if (!c->apt_pocket || r->test_git || r->ppas.n)
		return;
	for (size_t i = 0; i < r->triggers.n; i++) {
		const char *t = r->triggers.v[i];

		if (strcmp(t, "migration-reference/0") != 0)
			strs_addf(&sources, "src:%.*s",
			    (int)strcspn(t, "/"), t);
	}
	all = strs_join(&sources, ",");
	if (sources.n)
		strs_addf(argv, "--apt-pocket=%s=%s", pocket, all);
	free(all);
	strs_free(&sources);
}

/* Each as owner/name[:fingerprint]: both are checked names. */
static void
add_ppas(struct strs *argv, const struct conf *c, const struct request *r)
{
	for (size_t i = 0; i < r->ppas.n; i++) {
		const char *ppa = r->ppas.v[i], *slash = strchr(ppa, '/');
		char *owner = mem_dupn(ppa, (size_t)(slash - ppa));
		char *name = mem_dupn(slash + 1, strcspn(slash + 1, ":"));
		const struct buf_blank blanks[] = { { "{owner}", owner },
		    { "{name}", name }, { "{suite}", r->suite },
		    { "{arch}", r->arch } };
		struct buf b = { 0 };

		buf_add(&b, "--add-apt-source=");
		if (c->ppa_source)
			buf_fill_in(&b, c->ppa_source, blanks,
			    sizeof blanks / sizeof *blanks);
		else
			buf_addf(&b, "ppa:%s", ppa);
		strs_take(argv, b.s);
		free(owner);
		free(name);
	}
}

static void
add_request(struct strs *argv, const struct testbed *t)
{
	const struct request *r = t->request;

	if (r->triggers.n) {
		char *all = strs_join(&r->triggers, " ");

		strs_addf(argv, "--env=ADT_TEST_TRIGGERS=%s", all);
		free(all);
	}
	add_options(argv, "env", &r->env);
	testbed_add_keys(t, argv);
	add_options(argv, "add-apt-source", &r->extra_apt_sources);
	add_ppas(argv, t->conf, r);
	add_pins(argv, r);
	add_pocket(argv, t->conf, r);
	add_options(argv, "test-name", &r->test_names);
	if (r->test_git)
		strs_add(argv, "--no-built-binaries");
	strs_add(argv, r->test_git ? r->test_git :
	    r->build_git ? r->build_git : r->package);
}

static const struct strs *
virt_server(const struct testbed *t)
{
	const struct policy_verdict *v = t->verdict;
	const struct conf *c = t->conf;
	const char *name = CONF_VIRT_DEFAULT;
	const struct strs *words;
	struct fail f;

	if (t->machine && c->machine_virt_server)
		name = c->machine_virt_server;
	else if (v && v->virt_server)
		name = v->virt_server;
	else if (v && v->big && c->big_virt_server)
		name = c->big_virt_server;
	words = conf_virt_find(c, name, &f);
	return words ? words : &c->virt_server;
}

char *
testbed_output(const char *scratch)
{
	return mem_printf("%s/output", scratch);
}

void
testbed_command(const struct testbed *t, struct strs *argv, struct strs *virt)
{
	const struct conf *c = t->conf;
	const struct strs *words = virt_server(t);
	char *output = testbed_output(t->scratch);

	strs_add_all(argv, &c->autopkgtest);
	strs_addf(argv, "--output-dir=%s", output);
	add_options(argv, "setup-commands", &c->setup_commands);
	add_options(argv, "env", &c->env);
	strs_add_all(argv, &c->arguments);
	testbed_add_timeouts(t, argv);
	if (t->verdict) {
		add_options(argv, "env", &t->verdict->env);
		strs_add_all(argv, &t->verdict->arguments);
	}
	add_request(argv, t);
	strs_add(argv, "--");
	for (size_t i = 0; i < words->n; i++)
		strs_take(virt, fill_in(words->v[i], t->request, t->id));
	virt_name(virt, t->id, t->epoch);
	strs_add_all(argv, virt);
	free(output);
}

/*
 * TEST SKIP Test restriction "isolation-machine" requires testbed capability
 * "isolation-machine": and so for isolation-container, which a machine is, too.
 */
static bool
is_skip(const char *line)
{
	static const char skip[] = " SKIP Test restriction \"isolation-",
	    needs[] = " requires testbed capability ",
	    machine[] = "\"isolation-machine\"";
	const char *p = strstr(line, skip);

	p = p ? strstr(p, needs) : NULL;
	return p && strstr(p, machine);
}

bool
testbed_wants_machine(const struct testbed *t, const char *summary)
{
	const char *name = t->conf->machine_virt_server;
	struct strs lines = { 0 };
	bool wants = false;
	struct fail f;

	if (t->machine || !name ||
	    virt_server(t) == conf_virt_find(t->conf, name, &f))
		return false;
	strs_split(&lines, summary, "\n");
	for (size_t i = 0; i < lines.n; i++)
		wants |= is_skip(lines.v[i]);
	strs_free(&lines);
	return wants;
}
