/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "collect.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "mem.h"
#include "pack.h"
#include "result.h"
#include "strs.h"

static bool
is_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode);
}

void
collect_version(int output, char version[NAME_VERSION_MAX + 1])
{
	struct strs words = { 0 };
	struct buf b = { 0 };
	struct fail f;

	version[0] = '\0';
	if (fs_read(output, "testpkg-version", 4096, &b, &f) == 0) {
		strs_split(&words, b.s, " \t\r\n");
		if (words.n == 2 && name_version_ok(words.v[1]))
			(void)snprintf(version, NAME_VERSION_MAX + 1, "%s",
			    words.v[1]);
	}
	strs_free(&words);
	buf_free(&b);
}

/*
 * What Swift's readers take the triggers from when autopkgtest ended before
 * it wrote its own testinfo.json.
 */
static char *
substitute_testinfo(const struct result *r)
{
	struct strs env = { 0 };
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	char *triggers = strs_join(&r->triggers, " ");

	if (r->triggers.n)
		strs_addf(&env, "ADT_TEST_TRIGGERS=%s", triggers);
	json_put_object(&w, NULL);
	json_put_strings(&w, "custom_environment", &env);
	json_put_object_end(&w);
	buf_add(&b, "\n");
	strs_free(&env);
	free(triggers);
	return b.s;
}

/* result.tar: the members that autopkgtest-cloud's worker puts there. */
static int
write_members(int output, int run, const struct result *r, struct fail *f)
{
	struct pack_member m[8];
	char *exitcode = mem_printf("%d\n", r->exit_code);
	char *duration = mem_printf("%lld\n",
	    (long long)(r->finished_s - r->started_s));
	char *version = mem_printf("%s %s\n", r->package,
	    r->version ? r->version :
	    r->rejected ? "blacklisted" : "unknown");
	char *requester = mem_printf("%s\n", r->requester ? r->requester : "");
	char *testinfo = substitute_testinfo(r);
	size_t n = 0;
	int rc;

	m[n++] = (struct pack_member){ "exitcode", exitcode };
	m[n++] = (struct pack_member){ "duration", duration };
	m[n++] = (struct pack_member){ "testpkg-version",
	    r->version ? NULL : version };
	m[n++] = (struct pack_member){ "testinfo.json",
	    is_there(output, "testpkg-version") &&
	    is_there(output, "testinfo.json") ? NULL : testinfo };
	m[n++] = (struct pack_member){ "testbed-packages", NULL };
	m[n++] = (struct pack_member){ "summary", NULL };
	if (r->requester)
		m[n++] = (struct pack_member){ "requester", requester };
	rc = pack_members(output, m, n, run, "result.tar", f);
	free(exitcode);
	free(duration);
	free(version);
	free(requester);
	free(testinfo);
	return rc;
}

int
collect(const struct conf *c, int scratch, int output, int run,
	struct result *r, struct fail *f)
{
	bool has_log = is_there(output, "log");
	struct strs skip = { 0 };
	struct buf b = { 0 };
	int rc;

	rc = pack_log(has_log ? output : scratch, has_log ? "log" : "console",
	    run, "log.gz", c->log_most_bytes, &r->log_cut, f);
	strs_add(&skip, "log");
	if (rc == 0)
		rc = pack_tree(output, &skip, run, "artifacts.tar.gz",
		    c->artifacts_most_bytes, &r->artifacts_cut, f);
	if (rc == 0)
		rc = write_members(output, run, r, f);
	if (rc == 0) {
		result_write(r, &b);
		rc = fs_write_new(run, "result.json", b.s, b.len, f);
	}
	strs_free(&skip);
	buf_free(&b);
	return rc;
}
