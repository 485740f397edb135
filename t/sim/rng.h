/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where all chance in the simulator comes from: streams of splitmix64, each
 * with a purpose of its own, so that the seed decides everything.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng { uint64_t state; };

/* Chances are given out of RNG_ALL. */
#define RNG_ALL (UINT64_C(1) << 32)

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1, for n up to 2^32. */
static inline uint64_t
rng_below(struct rng *r, uint64_t n)
{
	return (rng_next(r) >> 32) * n >> 32;
}

static inline bool
rng_one_in(struct rng *r, uint64_t n)
{
	return rng_below(r, n) == 0;
}

static inline bool
rng_chance(struct rng *r, uint64_t chance)
{
	return rng_next(r) >> 32 < chance;
}

/* low to high, both included. */
static inline int64_t
rng_between(struct rng *r, int64_t low, int64_t high)
{
	return low + (int64_t)(rng_next(r) % (uint64_t)(high - low + 1));
}

static inline struct rng
rng_make(uint64_t seed, uint64_t purpose)
{
	struct rng r = { seed * UINT64_C(0xd1342543de82ef95) + purpose };

	r.state = rng_next(&r);
	return r;
}

#endif
