/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "mem.h"
#include "request.h"
#include "testbed.h"
#include "virt.h"

/* Fills in {suite}, {arch}, {package}, {id}: all of them checked names. */
static char *
fill_in(const char *word, const struct request *r, const char *id)
{
	const struct { const char *name, *value; } blanks[] = {
	    { "{suite}", r->suite }, { "{arch}", r->arch },
	    { "{package}", r->package }, { "{id}", id } };
	struct buf b = { 0 };

	buf_add(&b, "");
	while (*word) {
		size_t i = 0, n = sizeof blanks / sizeof *blanks;

		while (i < n && strncmp(word, blanks[i].name,
		    strlen(blanks[i].name)) != 0)
			i++;
		if (i < n) {
			buf_add(&b, blanks[i].value);
			word += strlen(blanks[i].name);
		} else {
			buf_addn(&b, word++, 1);
		}
	}
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

static void
add_request(struct strs *argv, const struct request *r)
{
	if (r->triggers.n) {
		char *all = strs_join(&r->triggers, " ");

		strs_addf(argv, "--env=ADT_TEST_TRIGGERS=%s", all);
		free(all);
	}
	add_options(argv, "env", &r->env);
	add_options(argv, "add-apt-source", &r->extra_apt_sources);
	for (size_t i = 0; i < r->ppas.n; i++)
		strs_addf(argv, "--add-apt-source=ppa:%s", r->ppas.v[i]);
	add_pins(argv, r);
	if (r->all_proposed)
		strs_add(argv, "--apt-pocket=proposed");
	add_options(argv, "test-name", &r->test_names);
	if (r->test_git)
		strs_add(argv, "--no-built-binaries");
	strs_add(argv, r->test_git ? r->test_git :
	    r->build_git ? r->build_git : r->package);
}

void
testbed_command(const struct conf *c, const struct request *r, const char *id,
	const char *output_dir, struct strs *argv, struct strs *virt)
{
	strs_add_all(argv, &c->autopkgtest);
	strs_addf(argv, "--output-dir=%s", output_dir);
	add_options(argv, "setup-commands", &c->setup_commands);
	add_options(argv, "env", &c->env);
	strs_add_all(argv, &c->arguments);
	add_request(argv, r);
	strs_add(argv, "--");
	for (size_t i = 0; i < c->virt_server.n; i++)
		strs_take(virt, fill_in(c->virt_server.v[i], r, id));
	virt_name(virt, id);
	strs_add_all(argv, virt);
}
