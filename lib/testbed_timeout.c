/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long things may take. */
#include <stdbool.h>

#include "conf.h"
#include "policy.h"
#include "strs.h"
#include "testbed.h"

/* autopkgtest(1)'s own, where the configuration says nothing. */
static const struct {
	const char *name;
	int64_t default_s;
} timeouts[CONF_TIMEOUTS] = {
	[CONF_TIMEOUT_SHORT] = { "short", 100 },
	[CONF_TIMEOUT_COPY] = { "copy", 300 },
	[CONF_TIMEOUT_INSTALL] = { "install", 3000 },
	[CONF_TIMEOUT_TEST] = { "test", 10000 },
	[CONF_TIMEOUT_BUILD] = { "build", 100000 },
};

/* autopkgtest-cloud's factors: of what is long, and else of what is big. */
static double
factor(const struct policy_verdict *v, int which)
{
	double n = v->timeout_factor > 0 ? v->timeout_factor : 1;

	if (which == CONF_TIMEOUT_TEST)
		n *= v->long_tests ? 4 : v->big ? 2 : 1;
	else if (which == CONF_TIMEOUT_BUILD)
		n *= v->long_tests ? 2 : 1;
	return n;
}

static bool
is_one(double n)
{
	return n > 0.9999 && n < 1.0001;
}

/*
 * Behind the configuration's arguments, so that it is these that count: given
 * a time, autopkgtest multiplies it by nothing.
 */
void
testbed_add_timeouts(const struct testbed *t, struct strs *argv)
{
	for (int i = 0; i < CONF_TIMEOUTS; i++) {
		int64_t s = t->conf->timeouts_s[i];
		double n = t->verdict ? factor(t->verdict, i) : 1;
		bool said = s > 0 || !is_one(n);

		if (s == 0)
			s = timeouts[i].default_s;
		s = (int64_t)((double)s * n);
		if (said)
			strs_addf(argv, "--timeout-%s=%lld", timeouts[i].name,
			    s < 1 ? 1LL : (long long)s);
	}
}

int64_t
testbed_timeout_s(const struct testbed *t)
{
	const struct policy_verdict *v = t->verdict;
	double s = (double)t->conf->timeout_s;

	if (v && v->timeout_s)
		return v->timeout_s;
	if (v)
		s *= factor(v, CONF_TIMEOUT_TEST);
	return s < 1 ? 1 : (int64_t)s;
}
