/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain pages: folders, and what britney's links to packages lead to. */
#ifndef SERVE_PAGE_H
#define SERVE_PAGE_H

struct serve_answer;
struct serve_site;
struct serve_url;
struct strs;

enum {
	SERVE_PAGE_NAMES_MOST = 10000,	/* of a folder */
	SERVE_PAGE_RUNS_MOST = 100,	/* of a package, the newest ones */
};

/* 301 to the same path with a slash at its end; name is its last part. */
void serve_page_redirect(struct serve_answer *a, const char *name);

/* Those of the folders that are there. */
void serve_page_top(struct serve_answer *a, int results,
	const char *const folders[]);

/* What is in the open folder fd, whose path the parts are. */
void serve_page_folder(struct serve_answer *a, const struct strs *parts,
	int fd);

/* /packages/H/SOURCE[/SUITE[/ARCH]] */
void serve_page_package(struct serve_answer *a, struct serve_site *site,
	const struct serve_url *u);

#endif
