/* SPDX-License-Identifier: GPL-2.0-only */
/* xorshift64*: the same numbers on every machine from the same seed. */
#ifndef UNIT_PRNG_H
#define UNIT_PRNG_H

#include <linux/types.h>

struct prng {
	u64 state;
};

static inline struct prng prng_seed(u64 seed)
{
	return (struct prng){ (seed + 1) * 0x9e3779b97f4a7c15ULL | 1 };
}

static inline u64 prng_next(struct prng *prng)
{
	prng->state ^= prng->state >> 12;
	prng->state ^= prng->state << 25;
	prng->state ^= prng->state >> 27;
	return prng->state * 0x2545f4914f6cdd1dULL >> 16;
}

/* Below @limit, which is not zero. */
static inline u64 prng_below(struct prng *prng, u64 limit)
{
	return prng_next(prng) % limit;
}

/* True once in @n. */
static inline bool prng_once_in(struct prng *prng, u64 n)
{
	return !prng_below(prng, n);
}

#endif /* UNIT_PRNG_H */
