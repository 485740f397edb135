/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request becomes on autopkgtest's command line. */
#ifndef TESTBED_H
#define TESTBED_H

struct conf;
struct request;
struct strs;

/*
 * Appends the whole command for a complete request (suite and arch known) to
 * argv, and what stands behind its -- to virt as well.  id fills in {id}.
 */
void testbed_command(const struct conf *c, const struct request *r,
	const char *id, const char *output_dir, struct strs *argv,
	struct strs *virt);

#endif
