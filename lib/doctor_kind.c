/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor_kind.h"
#include "doctor_kind_table.h"
#include "doctor_mount.h"
#include "doctor_report.h"

static const struct doctor_kind unknown = { "", DOCTOR_SHARED, DOCTOR_WARN,
	"adtspool does not know this kind",
	"see what \"adtspool doctor --peer\" on two hosts says" };

unsigned
doctor_kernel(void)
{
	unsigned major, minor;
	struct utsname u;

	if (uname(&u) != 0 ||
	    sscanf(u.release, "%3u.%3u", &major, &minor) != 2)
		return 0;
	return DOCTOR_KERNEL(major, minor);
}

static const struct doctor_kind *
find_kind(const struct doctor_mount *m)
{
	const struct doctor_kind *k;

	for (k = doctor_kinds; m->type && k->type; k++)
		if (strcmp(k->type, m->type) == 0)
			return k;
	return &unknown;
}

bool
doctor_kind_is_shared(const struct doctor_mount *m)
{
	return find_kind(m)->family >= DOCTOR_NFS;
}

static void
apply_rules(struct doctor_report *r, const struct doctor_mount *m,
	enum doctor_family family, const struct doctor_site *site)
{
	const struct doctor_rule *x;

	for (x = doctor_rules; x->option; x++)
		if (x->family == family && doctor_mount_has(m, x->option))
			doctor_say(r, x->grade, "mount", x->cure, "%s: %s: %s",
			    site->name, x->option, x->says);
}

static void
judge_nfs(struct doctor_report *r, const struct doctor_mount *m,
	const struct doctor_site *site)
{
	enum { USUAL_S = 60 };
	int64_t acdirmax = doctor_mount_number(m, "acdirmax", USUAL_S);

	if (!doctor_mount_value(m, "lookupcache"))
		doctor_say(r, DOCTOR_NOTE, "mount",
		    "mount it with lookupcache=positive", "%s: a name that "
		    "was looked for in vain may stay unseen for a minute; "
		    "workers list folders instead", site->name);
	if (acdirmax > USUAL_S)
		doctor_say(r, DOCTOR_WARN, "mount", "mount it with acdirmax=60 "
		    "or less", "%s: acdirmax=%lld: what other hosts put there "
		    "may be seen as late as that", site->name,
		    (long long)acdirmax);
	doctor_say(r, DOCTOR_NOTE, "server", "on the server, let \"exportfs "
	    "-v\" show sync for it", "%s: whether the server exports it with "
	    "async cannot be seen from here; if so, its crash may take what "
	    "was acknowledged", site->name);
}

/*
 * In 5.16 nowsync became the default, and wsync what is shown; later that was
 * taken back, in stable kernels, too.  So silence may mean either.
 */
static void
judge_ceph(struct doctor_report *r, const struct doctor_mount *m,
	const struct doctor_site *site)
{
	if (!doctor_mount_has(m, "wsync") && !doctor_mount_has(m, "nowsync") &&
	    site->kernel >= DOCTOR_KERNEL(5, 16))
		doctor_say(r, DOCTOR_WARN, "mount", "mount it with wsync; if "
		    "it is, this kernel does not show it, and all is well",
		    "%s: it may be nowsync, which some kernels are by "
		    "default: then making and removing files is answered "
		    "before it is done", site->name);
}

static void
judge_scratch(struct doctor_report *r, const struct doctor_mount *m,
	enum doctor_family family)
{
	static const char cure[] = "let scratch be on a local disk";

	if (family >= DOCTOR_NFS)
		doctor_say(r, DOCTOR_WARN, "scratch", cure, "scratch: on a "
		    "shared filesystem testbeds are slow, and root may not be "
		    "root");
	if (family == DOCTOR_MEMORY)
		doctor_say(r, DOCTOR_NOTE, "scratch", NULL, "scratch: in "
		    "memory, which what runs has to share");
	if (doctor_mount_has(m, "noexec"))
		doctor_say(r, DOCTOR_WARN, "scratch", "mount it with exec",
		    "scratch: noexec: tests cannot run programs there");
	if (doctor_mount_has(m, "ro"))
		doctor_say(r, DOCTOR_WARN, "scratch", "mount it with rw",
		    "scratch: mounted read-only: a worker cannot run tests");
}

static void
say_what_it_is(struct doctor_report *r, const struct doctor_mount *m,
	const struct doctor_kind *k, const struct doctor_site *site)
{
	char *options = strs_join(&m->options, ",");
	enum doctor_grade grade = k->grade;
	const char *says = k->says, *cure = k->cure;

	if (k->family == DOCTOR_MEMORY && site->volatile_ok)
		grade = DOCTOR_WARN;
	if (site->scratch) {
		grade = DOCTOR_OK;
		says = k->family >= DOCTOR_NFS ? "shared" : "this host's alone";
		cure = NULL;
	}
	doctor_say(r, grade, "filesystem", cure, "%s: %s from %s at %s: %s "
	    "(%s)", site->name, m->type, m->source[0] ? m->source : "nowhere",
	    m->point, says, options);
	free(options);
}

void
doctor_judge(struct doctor_report *r, const struct doctor_mount *m,
	const struct doctor_site *site)
{
	const struct doctor_kind *k = find_kind(m);

	say_what_it_is(r, m, k, site);
	if (site->scratch) {
		judge_scratch(r, m, k->family);
		return;
	}
	if (doctor_mount_has(m, "ro"))
		doctor_say(r, DOCTOR_BAD, "mount", "mount it with rw",
		    "%s: mounted read-only", site->name);
	apply_rules(r, m, k->family, site);
	if (k->family == DOCTOR_NFS)
		judge_nfs(r, m, site);
	if (k->family == DOCTOR_CEPH)
		judge_ceph(r, m, site);
}
