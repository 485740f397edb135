/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "notice.h"
#include "spool.h"

#define FOLDER ".index/notices"

static const char *const words[] = { [NOTICE_NEW] = "new",
    [NOTICE_GONE] = "gone" };

/* Copies the field up to the separator, and leads behind it. */
static int
take_field(char *out, size_t room, const char **from, char separator)
{
	const char *end = strchr(*from, separator);
	size_t n = end ? (size_t)(end - *from) : 0;

	if (!end || n >= room)
		return -1;
	memcpy(out, *from, n);
	out[n] = '\0';
	*from = end + 1;
	return 0;
}

static int
check(struct notice *n, const char *run_id)
{
	if (!name_suite_ok(n->suite) || !name_arch_ok(n->arch) ||
	    !name_source_ok(n->source) || !publish_run_id_ok(run_id))
		return -1;
	memcpy(n->run_id, run_id, sizeof n->run_id);
	return 0;
}

int
notice_parse(struct notice *n, const char *name)
{
	char word[8];

	if (take_field(word, sizeof word, &name, ',') != 0)
		return -1;
	if (strcmp(word, words[NOTICE_NEW]) == 0)
		n->kind = NOTICE_NEW;
	else if (strcmp(word, words[NOTICE_GONE]) == 0)
		n->kind = NOTICE_GONE;
	else
		return -1;
	if (take_field(n->suite, sizeof n->suite, &name, ',') != 0 ||
	    take_field(n->arch, sizeof n->arch, &name, ',') != 0 ||
	    take_field(n->source, sizeof n->source, &name, ',') != 0)
		return -1;
	return check(n, name);
}

void
notice_format(char out[NOTICE_NAME_MAX], const struct notice *n)
{
	(void)snprintf(out, NOTICE_NAME_MAX, "%s,%s,%s,%s,%s", words[n->kind],
	    n->suite, n->arch, n->source, n->run_id);
}

void
notice_path(char out[NOTICE_PATH_MAX], const struct notice *n)
{
	char package[PUBLISH_PATH_MAX];

	publish_package_path(package, n->suite, n->arch, n->source);
	(void)snprintf(out, NOTICE_PATH_MAX, "%s/%s", package, n->run_id);
}

int
notice_parse_path(struct notice *n, enum notice_kind kind, const char *path)
{
	char top[16], prefix[NAME_SOURCE_MAX], same[NOTICE_PATH_MAX];
	const char *rest = path;

	n->kind = kind;
	if (take_field(top, sizeof top, &rest, '/') != 0 ||
	    take_field(n->suite, sizeof n->suite, &rest, '/') != 0 ||
	    take_field(n->arch, sizeof n->arch, &rest, '/') != 0 ||
	    take_field(prefix, sizeof prefix, &rest, '/') != 0 ||
	    take_field(n->source, sizeof n->source, &rest, '/') != 0 ||
	    check(n, rest) != 0)
		return -1;
	notice_path(same, n);
	return strcmp(same, path) == 0 ? 0 : -1;
}

/* Makes the folder where init did not, as in a tree that is older. */
static int
create(const struct spool *s, const char *path, struct fail *f)
{
	int fd = fs_create(s->results, path);

	if (fd < 0 && errno == ENOENT) {
		if (fs_mkdirs(s->results, FOLDER, f) != 0)
			return fail_prefix(f, "%s", s->results_path);
		fd = fs_create(s->results, path);
	}
	if (fd < 0)
		return errno == EEXIST ? 0 :
		    fail_errno(f, "%s/%s", s->results_path, path);
	(void)close(fd);
	return 0;
}

static int
sync_folder(const struct spool *s, struct fail *f)
{
	return fs_sync_dir(s->results, FOLDER) == 0 ? 0 :
	    fail_errno(f, "%s/" FOLDER, s->results_path);
}

int
notice_drop(const struct spool *s, enum notice_kind kind, const char *suite,
	const char *arch, const char *source, const char *run_id,
	struct fail *f)
{
	char path[sizeof FOLDER + NOTICE_NAME_MAX];

	(void)snprintf(path, sizeof path, FOLDER "/%s,%s,%s,%s,%s",
	    words[kind], suite, arch, source, run_id);
	return create(s, path, f) == 0 ? sync_folder(s, f) : -1;
}

int
notice_each(const struct spool *s,
	int (*each)(void *context, const char *name, unsigned char type),
	void *context, struct fail *f)
{
	if (fs_each(s->results, FOLDER, each, context, f) == 0 ||
	    f->err == ENOENT)
		return 0;
	return fail_prefix(f, "%s", s->results_path);
}

int
notice_end(const struct spool *s, const char *name, struct fail *f)
{
	char path[sizeof FOLDER + NOTICE_NAME_MAX];

	(void)snprintf(path, sizeof path, FOLDER "/%s", name);
	if (fs_unlink(s->results, path) == 0 || errno == ENOENT)
		return 0;
	return fail_errno(f, "%s/%s", s->results_path, path);
}
