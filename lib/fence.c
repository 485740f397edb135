/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "clock.h"
#include "fail.h"
#include "fence.h"

struct fence {
	_Atomic int64_t until_ms;
	_Atomic uint64_t passes;
};

struct fence *
fence_open(struct fail *f)
{
	struct fence *e = mmap(NULL, sizeof *e, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (e == MAP_FAILED) {
		(void)fail_errno(f, "shared memory");
		return NULL;
	}
	atomic_init(&e->until_ms, 0);
	atomic_init(&e->passes, 0);
	return e;
}

void
fence_close(struct fence *e)
{
	if (e)
		(void)munmap(e, sizeof *e);
}

bool
fence_is_passed(const struct fence *e)
{
	return e && atomic_load(&e->until_ms) <= clock_boot_ms();
}

void
fence_hold(struct fence *e, int64_t until_ms)
{
	if (fence_is_passed(e))
		atomic_fetch_add(&e->passes, 1);
	atomic_store(&e->until_ms, until_ms);
}

uint64_t
fence_passes(const struct fence *e)
{
	return e ? atomic_load(&e->passes) : 0;
}

int64_t
fence_left_ms(const struct fence *e, uint64_t passes)
{
	int64_t left_ms;

	if (!e)
		return INT64_MAX;
	left_ms = atomic_load(&e->until_ms) - clock_boot_ms();
	return left_ms > 0 && fence_passes(e) == passes ? left_ms : 0;
}
