/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The buckets of a latency histogram, log-linear: each power of two is divided
 * into 16 buckets of equal width, so that a value read back from its bucket is
 * at most one part in 16, 6.25%, away. The kernel, the library and the tools
 * all count by this one arithmetic, and their histograms can be added up.
 *
 * Values are nanoseconds. Below 32 ns each has a bucket of its own; the last
 * bucket also holds whatever is above, from 18 minutes on.
 */
#ifndef RINGLOG_LATENCY_H
#define RINGLOG_LATENCY_H

#include <linux/types.h>

/* Each power of two has 1 << RINGLOG_LATENCY_SUB_BITS buckets. */
#define RINGLOG_LATENCY_SUB_BITS	4
#define RINGLOG_LATENCY_SUB_BUCKETS	(1U << RINGLOG_LATENCY_SUB_BITS)
/* Values from 1 << RINGLOG_LATENCY_MAX_BITS on are not told apart. */
#define RINGLOG_LATENCY_MAX_BITS	40
/*
 * The values that fit in the sub-bucket bits count for one power of two, and
 * each higher bit for one more.
 */
#define RINGLOG_LATENCY_BUCKETS \
	((RINGLOG_LATENCY_MAX_BITS - RINGLOG_LATENCY_SUB_BITS + 1) * RINGLOG_LATENCY_SUB_BUCKETS)

/**
 * ringlog_latency_bucket - the bucket that counts a value
 * @ns: the value
 *
 * Return: a number below %RINGLOG_LATENCY_BUCKETS; it grows with @ns.
 */
static inline unsigned int ringlog_latency_bucket(__u64 ns)
{
	unsigned int shift;

	if (ns < RINGLOG_LATENCY_SUB_BUCKETS)
		return (unsigned int)ns;
	if (ns >> RINGLOG_LATENCY_MAX_BITS)
		return RINGLOG_LATENCY_BUCKETS - 1;
	/* What is left after the shift is 16..31: its top bit is the leading one. */
	shift = 63 - RINGLOG_LATENCY_SUB_BITS - (unsigned int)__builtin_clzll(ns);
	return (shift << RINGLOG_LATENCY_SUB_BITS) + (unsigned int)(ns >> shift);
}

/**
 * ringlog_latency_lowest - the lowest value that a bucket counts
 * @bucket: below %RINGLOG_LATENCY_BUCKETS
 *
 * Return: the value in ns.
 */
static inline __u64 ringlog_latency_lowest(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 2 * RINGLOG_LATENCY_SUB_BUCKETS)
		return bucket;
	shift = (bucket >> RINGLOG_LATENCY_SUB_BITS) - 1;
	return (__u64)(bucket - (shift << RINGLOG_LATENCY_SUB_BITS)) << shift;
}

/**
 * ringlog_latency_highest - the highest value that a bucket counts
 * @bucket: below %RINGLOG_LATENCY_BUCKETS
 *
 * Return: the value in ns; for the last bucket, which has no end, all ones.
 */
static inline __u64 ringlog_latency_highest(unsigned int bucket)
{
	if (bucket >= RINGLOG_LATENCY_BUCKETS - 1)
		return ~(__u64)0;
	return ringlog_latency_lowest(bucket + 1) - 1;
}

#endif /* RINGLOG_LATENCY_H */
