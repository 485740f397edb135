/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "host.h"
#include "rng.h"
#include "sched.h"

struct host hosts[HOSTS_MOST];
int n_hosts;

static struct rng rng;

static int64_t
skew_ns(void)
{
	static const int64_t most[] = { 0, 2, 90, 600 };

	return rng_between(&rng, -1, 1) * rng_between(&rng, 0,
	    most[rng_below(&rng, 4)]) * SIM_S + rng_between(&rng, 0, SIM_S);
}

void
hosts_init(uint64_t seed, int n)
{
	rng = rng_make(seed, 2);
	n_hosts = n;
	for (int i = 0; i < n; i++) {
		struct host *h = &hosts[i];

		*h = (struct host){ .id = i };
		(void)snprintf(h->name, sizeof h->name, "host%d", i);
		h->local = disk_make(h->name, false);
		h->latency_ns = rng_between(&rng, 20 * SIM_US, 500 * SIM_US);
		h->wall_ns = HOST_BEGIN_NS + skew_ns();
		h->wall_ppm = rng_between(&rng, -200, 200);
		host_boot(h);
	}
}

void
host_boot(struct host *h)
{
	h->is_up = true;
	h->booted_at = h->mounted_at = sched_now;
	h->boot_ns = rng_between(&rng, 1, 1000) * SIM_S - sched_now;
	h->boot_ppm = rng_between(&rng, -200, 200);
	memset(h->dentries, 0, sizeof h->dentries);
}

int64_t
host_wall_ns(const struct host *h)
{
	return sched_now + h->wall_ns + sched_now / 1000000 * h->wall_ppm;
}

int64_t
host_boot_ns(const struct host *h)
{
	return sched_now + h->boot_ns + sched_now / 1000000 * h->boot_ppm;
}

int64_t
host_latency_ns(const struct host *h)
{
	uint64_t r = rng_next(&rng);
	int64_t ns = h->latency_ns + (int64_t)(r & 0xffff) *
	    (h->latency_ns >> 16);

	ns += (int64_t)(r >> 16 & 0xff) * (h->latency_ns >> 8);
	if ((r >> 32 & 63) == 0)
		ns *= 20;
	if ((r >> 40 & 4095) == 0)
		ns *= 1000;
	return ns;
}
