/* SPDX-License-Identifier: GPL-2.0-only */
/* splitmix64: the same numbers on every machine from the same seed. */
#ifndef FUZZ_RNG_H
#define FUZZ_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* A stream of its own for each number under a seed. */
static inline struct rng rng_derive(uint64_t seed, uint64_t number)
{
	struct rng rng = { seed ^ (number + 1) * 0xd1342543de82ef95ULL };

	rng.state = rng_next(&rng);
	return rng;
}

/* Below @limit, which is not zero. */
static inline uint64_t rng_below(struct rng *rng, uint64_t limit)
{
	return rng_next(rng) % limit;
}

static inline bool rng_once_in(struct rng *rng, uint64_t n)
{
	return !rng_below(rng, n);
}

#define rng_pick(rng, array) ((array)[rng_below(rng, sizeof(array) / sizeof((array)[0]))])

#endif /* FUZZ_RNG_H */
