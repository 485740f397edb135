/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "orders.h"
#include "strs.h"

struct orders {
	struct cmd *cmd;
	const struct orders_kind *kind;
	struct choice choice;
	struct chosen chosen;
	const char *why;
	unsigned number;
	bool dry_run, wait, json;
	struct buf out;
	struct json_writer w;
	int status;
};

enum { OPT_MATCHING = 256, OPT_REASON, OPT_JSON };

static int
read_options(struct orders *x, int argc, char **argv)
{
	static const struct option options[] = {
		{ "package", required_argument, NULL, 'p' },
		{ "matching", required_argument, NULL, OPT_MATCHING },
		{ "queue", required_argument, NULL, 'q' },
		{ "suite", required_argument, NULL, 's' },
		{ "reason", required_argument, NULL, OPT_REASON },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "wait", no_argument, NULL, 'w' },
		{ "json", no_argument, NULL, OPT_JSON }, { 0 } };
	int o;

	while ((o = getopt_long(argc, argv, "p:q:s:nw", options, NULL)) != -1)
		switch (o) {
		case 'p': strs_add(&x->choice.packages, optarg); break;
		case OPT_MATCHING: x->choice.pattern = optarg; break;
		case 'q': x->choice.queue = optarg; break;
		case 's': x->choice.suite = optarg; break;
		case OPT_REASON: x->why = optarg; break;
		case 'n': x->dry_run = true; break;
		case 'w': x->wait = true; break;
		case OPT_JSON: x->json = true; break;
		default: return -1;
		}
	if (x->kind->has_number && optind < argc) {
		int n = cmd_number(argv[optind++], TOKEN_PRIORITY_MOST,
		    "priority");

		if (n < 0)
			return -1;
		x->number = (unsigned)n;
	}
	for (; optind < argc; optind++) {
		if (!token_id_ok(argv[optind]))
			return -1;
		strs_add(&x->choice.ids, argv[optind]);
	}
	return x->choice.ids.n || x->choice.packages.n || x->choice.pattern ?
	    0 : -1;
}

static void
note_status(struct orders *x, int status)
{
	if (x->status == EX_OK)
		x->status = status;
}

static void
say(struct orders *x, const struct found *found, const char *outcome)
{
	const char *where = find_word(found->state);

	if (!x->json) {
		(void)printf("%s %s %s %s: %s\n", found->token.id,
		    found->queue, found->token.label, where, outcome);
		(void)fflush(stdout);
		return;
	}
	json_put_object(&x->w, NULL);
	json_put_string(&x->w, "id", found->token.id);
	json_put_string(&x->w, "queue", found->queue);
	json_put_string(&x->w, "label", found->token.label);
	json_put_string(&x->w, "state", where);
	json_put_string(&x->w, "worker", found->token.worker[0] ?
	    found->token.worker : NULL);
	json_put_string(&x->w, "outcome", outcome);
	json_put_object_end(&x->w);
}

static enum orders_outcome
wait_for(struct orders *x, const struct found *found, struct fail *f)
{
	const struct timespec second = { 1, 0 };
	enum orders_outcome o;

	while ((o = x->kind->look(x->cmd, found, f)) == ORDERS_ASKED)
		(void)nanosleep(&second, NULL);
	return o;
}

static void
tell(struct orders *x, const struct found *found, enum orders_outcome o,
	const struct fail *f)
{
	switch (o) {
	case ORDERS_DONE:
		say(x, found, x->kind->done);
		break;
	case ORDERS_ASKED:
		say(x, found, "asked");
		break;
	case ORDERS_LATE:
		say(x, found, x->kind->late);
		note_status(x, EX_NOINPUT);
		break;
	case ORDERS_FAILED:
		say(x, found, f->text);
		note_status(x, f->status);
		break;
	}
}

/* All are asked for before the first is waited for. */
static void
act(struct orders *x)
{
	struct strs asked = { 0 };
	struct fail f;

	for (size_t i = 0; i < x->chosen.n; i++) {
		const struct found *found = &x->chosen.v[i];
		enum orders_outcome o = x->dry_run ? ORDERS_DONE :
		    x->kind->act(x->cmd, found, x->why, x->number, &f);

		if (x->dry_run)
			say(x, found, "chosen");
		else if (o == ORDERS_ASKED && x->wait)
			strs_add(&asked, found->token.id);
		else
			tell(x, found, o, &f);
	}
	for (size_t i = 0; i < x->chosen.n; i++) {
		const struct found *found = &x->chosen.v[i];

		if (strs_has(&asked, found->token.id))
			tell(x, found, wait_for(x, found, &f), &f);
	}
	strs_free(&asked);
}

static bool
is_meant(const struct orders *x, const struct found *found)
{
	return (found->state == FIND_WAITING && x->kind->waiting) ||
	    (found->state == FIND_RUNNING && x->kind->running);
}

static bool
is_chosen(const struct orders *x, const char *id)
{
	for (size_t i = 0; i < x->chosen.n; i++)
		if (strcmp(x->chosen.v[i].token.id, id) == 0)
			return true;
	return false;
}

/* An id that was not met: is it elsewhere, or was it on the move? */
static int
look_for(struct orders *x, const char *id, struct fail *f)
{
	struct found found;

	if (is_chosen(x, id))
		return 0;
	if (find_request(&x->cmd->spool, id, &found, f) != 0)
		return -1;
	if (is_meant(x, &found) && !x->choice.queue && !x->choice.suite) {
		x->chosen.v = mem_grow(x->chosen.v, x->chosen.n + 1,
		    sizeof *x->chosen.v);
		x->chosen.v[x->chosen.n++] = found;
		return 0;
	}
	(void)fprintf(stderr, "adtspool: %s: %s%s%s%s\n", id,
	    found.state == FIND_NOWHERE ? "there is no such request" : "is ",
	    found.state == FIND_NOWHERE ? "" : find_word(found.state),
	    found.state == FIND_NOWHERE ? "" : " in ",
	    found.state == FIND_NOWHERE ? "" : found.queue);
	note_status(x, EX_NOINPUT);
	return 0;
}

static int
choose_all(struct orders *x, struct fail *f)
{
	x->choice.waiting = x->kind->waiting;
	x->choice.running = x->kind->running;
	if (cmd_open(x->cmd, f) != 0 || choose(&x->cmd->conf, &x->cmd->spool,
	    &x->choice, &x->chosen, f) != 0)
		return -1;
	for (size_t i = 0; i < x->choice.ids.n; i++)
		if (look_for(x, x->choice.ids.v[i], f) != 0)
			return -1;
	if (!x->chosen.n && !x->choice.ids.n)
		return fail_set(f, EX_NOINPUT, "nothing that is meant %s",
		    x->kind->waiting ? x->kind->running ? "waits or runs" :
		    "waits" : "runs");
	return 0;
}

int
orders(struct cmd *cmd, const struct orders_kind *kind, int argc, char **argv)
{
	struct orders x = { .cmd = cmd, .kind = kind };
	struct fail f;

	x.w = (struct json_writer){ .out = &x.out, .pretty = true };
	if (read_options(&x, argc, argv) != 0) {
		x.status = cmd_usage(cmd);
	} else if (choose_all(&x, &f) != 0) {
		x.status = cmd_fail(&f);
	} else {
		if (x.json)
			json_put_array(&x.w, NULL);
		act(&x);
		if (x.json) {
			json_put_array_end(&x.w);
			(void)printf("%s\n", x.out.s);
		}
		note_status(&x, cmd_flush());
	}
	strs_free(&x.choice.ids);
	strs_free(&x.choice.packages);
	choose_free(&x.chosen);
	buf_free(&x.out);
	return x.status;
}
