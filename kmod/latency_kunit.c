// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of latency.h, which has no file of its own to be a part of.
 */
#include <kunit/test.h>

#include "latency.h"

/* Each bucket begins where the one before ends, and holds both of its ends. */
static void buckets_are_seamless(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, ringlog_latency_lowest(0), 0ULL);
	for (i = 0; i < RINGLOG_LATENCY_BUCKETS; i++) {
		if (i)
			KUNIT_ASSERT_EQ(test, ringlog_latency_lowest(i),
					ringlog_latency_highest(i - 1) + 1);
		KUNIT_ASSERT_EQ(test, ringlog_latency_bucket(ringlog_latency_lowest(i)), i);
		KUNIT_ASSERT_EQ(test, ringlog_latency_bucket(ringlog_latency_highest(i)), i);
	}
	KUNIT_EXPECT_EQ(test, ringlog_latency_highest(i - 1), ~0ULL);
}

static void known_values_are_in_known_buckets(struct kunit *test)
{
	static const struct {
		u64 ns;
		unsigned int bucket;
	} rows[] = {
		{ 0, 0 }, { 1, 1 }, { 15, 15 }, { 16, 16 }, { 31, 31 },
		/* Buckets of two from here, of four from 64, and so on. */
		{ 32, 32 }, { 33, 32 }, { 34, 33 }, { 63, 47 },
		{ 64, 48 }, { 67, 48 }, { 68, 49 }, { 127, 63 },
		{ 1000, 111 }, { 1ULL << 20, 272 },
		{ (1ULL << 40) - 1, RINGLOG_LATENCY_BUCKETS - 1 },
		{ 1ULL << 40, RINGLOG_LATENCY_BUCKETS - 1 },
		{ ~0ULL, RINGLOG_LATENCY_BUCKETS - 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, ringlog_latency_bucket(rows[i].ns), rows[i].bucket,
				    "of %llu ns", rows[i].ns);
}

/* What a bucket says of a value is at most a sixteenth off. */
static void error_is_at_most_a_sixteenth(struct kunit *test)
{
	u64 ns;

	for (ns = 1; ns < 1ULL << RINGLOG_LATENCY_MAX_BITS; ns += 1 + ns / 37) {
		unsigned int bucket = ringlog_latency_bucket(ns);
		u64 lowest = ringlog_latency_lowest(bucket);

		KUNIT_ASSERT_LE_MSG(test, lowest, ns, "of %llu ns", ns);
		KUNIT_ASSERT_LE_MSG(test, (ns - lowest) * 16, ns, "of %llu ns", ns);
		if (bucket == RINGLOG_LATENCY_BUCKETS - 1)
			continue;
		KUNIT_ASSERT_GE_MSG(test, ringlog_latency_highest(bucket), ns, "of %llu ns", ns);
		KUNIT_ASSERT_LE_MSG(test, (ringlog_latency_highest(bucket) - ns) * 16, ns,
				    "of %llu ns", ns);
	}
}

static struct kunit_case latency_cases[] = {
	KUNIT_CASE(buckets_are_seamless),
	KUNIT_CASE(known_values_are_in_known_buckets),
	KUNIT_CASE(error_is_at_most_a_sixteenth),
	{}
};

static struct kunit_suite latency_suite = {
	.name = "ringlog_latency",
	.test_cases = latency_cases,
};

kunit_test_suite(latency_suite);
