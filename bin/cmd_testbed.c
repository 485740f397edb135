/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "enqueue.h"
#include "image.h"
#include "json.h"
#include "name.h"
#include "strs.h"

/* What was asked for; an empty list is no choice. */
struct wish {
	struct strs suites, archs, virts;
	bool json;
};

static bool
is_wished(const struct strs *l, const char *name)
{
	return !l->n || strs_has(l, name);
}

/* Which there are, before any of them is replaced. */
struct found {
	const struct wish *wish;
	struct strs names;	/* virt server, suite, arch, each in turn */
};

static void
note(void *context, const struct image_entry *e)
{
	struct found *found = context;
	const char *virt = image_virt_server(e->image.kind);

	if (!is_wished(&found->wish->suites, e->image.suite) ||
	    !is_wished(&found->wish->archs, e->image.arch) ||
	    !is_wished(&found->wish->virts, virt))
		return;
	strs_add(&found->names, virt);
	strs_add(&found->names, e->image.suite);
	strs_add(&found->names, e->image.arch);
}

/* One that fails does not keep the others from being made. */
static int
make(struct cmd *cmd, const char *virt, const struct image *i,
	enum image_when when)
{
	struct fail f;

	if (image_make(&cmd->conf, i, when, &f) != 0)
		return cmd_fail(&f);
	(void)printf("%s %s %s: made\n", virt, i->suite, i->arch);
	return EX_OK;
}

/* The line to write into the configuration. */
static void
print_virt_server(struct cmd *cmd, const char *virt)
{
	const struct image any = { .kind = (enum image_kind)image_kind(virt) };
	struct strs words = { 0 };
	char *line;

	image_words(&cmd->conf, &any, &words);
	line = strs_join(&words, " ");
	(void)printf("virt-server: %s\n", line);
	free(line);
	strs_free(&words);
}

static int
create_for(struct cmd *cmd, const struct wish *w, const char *virt)
{
	int status = EX_OK;

	for (size_t s = 0; s < w->suites.n; s++)
		for (size_t a = 0; a < w->archs.n; a++) {
			const struct image i = {
			    (enum image_kind)image_kind(virt), w->suites.v[s],
			    w->archs.v[a] };
			int rc = make(cmd, virt, &i, IMAGE_CREATE);

			status = rc != EX_OK ? rc : status;
		}
	if (status == EX_OK)
		print_virt_server(cmd, virt);
	return status;
}

static int
create(struct cmd *cmd, const struct wish *w)
{
	int status = EX_OK;

	for (size_t v = 0; v < w->virts.n; v++) {
		int rc = create_for(cmd, w, w->virts.v[v]);

		status = rc != EX_OK ? rc : status;
	}
	return status != EX_OK ? status : cmd_flush();
}

static int
update(struct cmd *cmd, const struct wish *w)
{
	struct found found = { .wish = w };
	int status = EX_OK;
	struct fail f;

	if (image_each(&cmd->conf, note, &found, &f) != 0)
		status = cmd_fail(&f);
	else if (!found.names.n) {
		(void)fprintf(stderr, "adtspool: %s: no such testbed to "
		    "update; adtspool testbed create makes one\n",
		    cmd->conf.testbeds);
		status = EX_NOINPUT;
	}
	for (size_t k = 0; k + 2 < found.names.n; k += 3) {
		const char *virt = found.names.v[k];
		const struct image i = { (enum image_kind)image_kind(virt),
		    found.names.v[k + 1], found.names.v[k + 2] };
		int rc = make(cmd, virt, &i, IMAGE_UPDATE);

		status = rc != EX_OK ? rc : status;
	}
	strs_free(&found.names);
	return status != EX_OK ? status : cmd_flush();
}

struct view {
	const struct cmd *cmd;
	const struct wish *wish;
	struct json_writer w;
	struct buf out;
};

static void
print_text(struct view *v, const struct image_entry *e,
	const struct strs *words)
{
	char age[CLOCK_TEXT_MAX];
	char *line = strs_join(words, " ");

	clock_format_span(age, clock_now_s() - e->made_s);
	if (!v->out.len)
		buf_addf(&v->out, "%-8s %-14s %-8s %9s %8s  %s\n", "VIRT",
		    "SUITE", "ARCH", "AGE", "MIB", "virt-server:");
	buf_addf(&v->out, "%-8s %-14s %-8s %9s %8lld  %s\n", words->v[0],
	    e->image.suite, e->image.arch, age,
	    (long long)(e->size_bytes >> 20), line);
	if (e->old)
		buf_addf(&v->out, "%-8s + %u older, until their tests have "
		    "ended and an update\n", "", e->old);
	free(line);
}

static void
print_json(struct view *v, const struct image_entry *e,
	const struct strs *words)
{
	json_put_object(&v->w, NULL);
	json_put_string(&v->w, "virt", words->v[0]);
	json_put_string(&v->w, "suite", e->image.suite);
	json_put_string(&v->w, "arch", e->image.arch);
	json_put_string(&v->w, "version", e->version);
	json_put_time(&v->w, "made", e->made_s);
	json_put_number(&v->w, "size", e->size_bytes);
	json_put_number(&v->w, "older", e->old);
	json_put_strings(&v->w, "virt_server", words);
	json_put_object_end(&v->w);
}

static void
put(void *context, const struct image_entry *e)
{
	struct view *v = context;
	struct strs words = { 0 };

	image_words(&v->cmd->conf, &e->image, &words);
	if (!is_wished(&v->wish->suites, e->image.suite) ||
	    !is_wished(&v->wish->archs, e->image.arch) ||
	    !is_wished(&v->wish->virts, words.v[0]))
		;
	else if (v->wish->json)
		print_json(v, e, &words);
	else
		print_text(v, e, &words);
	strs_free(&words);
}

static int
list(struct cmd *cmd, const struct wish *w)
{
	struct view v = { .cmd = cmd, .wish = w };
	struct fail f;
	int rc;

	v.w = (struct json_writer){ .out = &v.out, .pretty = true };
	if (w->json)
		json_put_array(&v.w, NULL);
	rc = image_each(&cmd->conf, put, &v, &f);
	if (w->json) {
		json_put_array_end(&v.w);
		buf_add(&v.out, "\n");
	}
	if (rc == 0 && v.out.len)
		(void)fwrite(v.out.s, 1, v.out.len, stdout);
	buf_free(&v.out);
	return rc == 0 ? cmd_flush() : cmd_fail(&f);
}

static int
check_virt(const char *virt)
{
	if (image_kind(virt) >= 0)
		return EX_OK;
	if (strcmp(virt, "null") == 0)
		(void)fprintf(stderr, "adtspool: null: its testbed is this "
		    "host, so that there is none to make\n");
	else
		(void)fprintf(stderr, "adtspool: \"%s\": no testbeds are made "
		    "for it; --virt is chroot, lxc, podman, qemu, schroot or "
		    "unshare\n", virt);
	return EX_USAGE;
}

static const struct option options[] = {
	{ "suite", required_argument, NULL, 's' },
	{ "arch", required_argument, NULL, 'a' },
	{ "virt", required_argument, NULL, 'v' },
	{ "json", no_argument, NULL, 'j' }, { 0 } };

static int
take_option(const struct cmd *cmd, struct wish *w, int o)
{
	switch (o) {
	case 's':
		strs_add(&w->suites, optarg);
		return name_suite_ok(optarg) ? EX_OK :
		    cmd_refuse("--suite", optarg, "name of a suite");
	case 'a':
		strs_add(&w->archs, optarg);
		return name_arch_ok(optarg) ? EX_OK :
		    cmd_refuse("--arch", optarg, "name of an architecture");
	case 'v':
		strs_add(&w->virts, optarg);
		return check_virt(optarg);
	case 'j':
		w->json = true;
		return EX_OK;
	default:
		return cmd_usage(cmd);
	}
}

/* To create, something has to be chosen: what this host would use. */
static int
choose_own(const struct conf *c, struct wish *w)
{
	char arch[NAME_ARCH_MAX + 1];

	enqueue_host_arch(arch);
	if (!w->suites.n)
		strs_add(&w->suites, c->suite);
	if (!w->archs.n && arch[0])
		strs_add(&w->archs, arch);
	if (!w->virts.n)
		strs_add(&w->virts, c->virt_server.v[0]);
	return check_virt(w->virts.v[0]);
}

static int
obey(struct cmd *cmd, const char *verb, struct wish *w)
{
	struct fail f;
	int status;

	if (cmd_configure(cmd, &f) != 0)
		return cmd_fail(&f);
	if (strcmp(verb, "list") == 0)
		return list(cmd, w);
	if (strcmp(verb, "update") == 0)
		return update(cmd, w);
	status = choose_own(&cmd->conf, w);
	return status == EX_OK ? create(cmd, w) : status;
}

int
cmd_testbed(struct cmd *cmd, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct wish w = { 0 };
	int o, status = EX_OK;

	if (strcmp(verb, "create") != 0 && strcmp(verb, "update") != 0 &&
	    strcmp(verb, "list") != 0)
		return cmd_usage(cmd);
	while (status == EX_OK && (o = getopt_long(argc - 1, argv + 1, "s:a:",
	    options, NULL)) != -1)
		status = take_option(cmd, &w, o);
	if (status == EX_OK && optind < argc - 1)
		status = cmd_usage(cmd);
	if (status == EX_OK)
		status = obey(cmd, verb, &w);
	strs_free(&w.suites);
	strs_free(&w.archs);
	strs_free(&w.virts);
	return status;
}
