/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a request's values may look like where they are no names (name.h).
 * They land on command lines and in shell scripts of autopkgtest's, so none
 * may look like an option or leave its quotes.  All but request_pin_ok bound
 * the length, too.
 */
#ifndef REQUEST_CHECK_H
#define REQUEST_CHECK_H

#include <stdbool.h>

/* A queue's class, [a-z0-9][a-z0-9-]*: huge, ppa, upstream */
bool request_class_ok(const char *s);

/* RELEASE=package,src:package */
bool request_pin_ok(const char *s);

/* A line of sources.list: deb URL SUITE COMPONENT */
bool request_apt_source_ok(const char *s);

/* base64, whole groups of four */
bool request_signing_key_ok(const char *s);

/*
 * owner/name[:fingerprint].  Not the user:token@ of a private one: what a
 * request says is published with its result.
 */
bool request_ppa_ok(const char *s);

/* NAME=value, without ' since autopkgtest puts it between two of them. */
bool request_env_ok(const char *s);

/* [A-Za-z0-9][A-Za-z0-9+._-]* */
bool request_test_name_ok(const char *s);

/* https://host/path[#branch]; http and git do as well */
bool request_git_ok(const char *s);

/* Whoever asks or may read: a line for people. */
bool request_person_ok(const char *s);

#endif
