// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buckets of latency.h and the histograms that count by them. Build and run:
 *	gcc -I../../kmod -I../../kmod/uapi -I../../libshim latency_test.c && ./a.out
 */
#include "latency.h"
/* The library's file is a part of the test, so that no archive has to be built first. */
#include "../../libshim/histogram.c"

#include <stdbool.h>
#include <stdio.h>

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

/* Each value around each power of two: where bucket arithmetic goes wrong. */
static void test_values(void)
{
	bool within = true, monotonic = true, close = true;
	unsigned int previous = 0;

	for (unsigned int bit = 0; bit < 64; bit++) {
		for (int around = -40; around <= 40; around++) {
			__u64 value = (1ULL << bit) + around;
			unsigned int bucket;
			__u64 lowest, highest;

			if (bit < 6 && around < 0)
				continue;
			bucket = ringlog_latency_bucket(value);
			lowest = ringlog_latency_lowest(bucket);
			highest = ringlog_latency_highest(bucket);
			within &= bucket < RINGLOG_LATENCY_BUCKETS &&
				  lowest <= value && value <= highest;
			/* Below, one power's values reach into the next one's. */
			if (bit >= 8)
				monotonic &= bucket >= previous;
			previous = bucket;
			if (!(value >> RINGLOG_LATENCY_MAX_BITS) &&
			    bucket < RINGLOG_LATENCY_BUCKETS - 1)
				close &= (highest - lowest) * 16 <= lowest || highest == lowest;
		}
	}
	ok(within, "a value lies within its bucket");
	ok(monotonic, "buckets grow with values");
	ok(close, "a bucket is at most 6.25% wide");
}

static void test_buckets(void)
{
	bool seamless = true, inverse = true;

	for (unsigned int i = 0; i < RINGLOG_LATENCY_BUCKETS; i++) {
		if (i)
			seamless &= ringlog_latency_lowest(i) == ringlog_latency_highest(i - 1) + 1;
		inverse &= ringlog_latency_bucket(ringlog_latency_lowest(i)) == i;
		inverse &= ringlog_latency_bucket(ringlog_latency_highest(i)) == i;
	}
	ok(seamless, "each bucket begins where the one before ends");
	ok(inverse, "a bucket's limits lie in it");
	ok(ringlog_latency_lowest(0) == 0 && ringlog_latency_bucket(0) == 0,
	   "the first bucket is 0");
	ok(ringlog_latency_bucket(31) == 31 && ringlog_latency_bucket(32) == 32 &&
	   ringlog_latency_bucket(33) == 32, "below 32 each value has its bucket");
	ok(ringlog_latency_bucket(~0ULL) == RINGLOG_LATENCY_BUCKETS - 1 &&
	   ringlog_latency_highest(RINGLOG_LATENCY_BUCKETS - 1) == ~0ULL,
	   "the last bucket takes whatever is above");
	ok(ringlog_latency_bucket((1ULL << RINGLOG_LATENCY_MAX_BITS) - 1) ==
	   RINGLOG_LATENCY_BUCKETS - 1, "no bucket is out of use at the end");
	ok(ringlog_latency_lowest(RINGLOG_LATENCY_BUCKETS - 1) > 10 * 60 * 1000000000ULL,
	   "minutes are told apart");
}

static void test_percentiles(void)
{
	struct ringlog_histogram *histogram;

	if (ringlog_histogram_new(&histogram))
		exit(1);
	ok(!ringlog_histogram_percentile(histogram, 99) && !ringlog_histogram_max(histogram),
	   "an empty histogram gives 0");
	for (__u64 i = 1; i <= 10000; i++)
		ringlog_histogram_record(histogram, i);
	ok(ringlog_histogram_count(histogram) == 10000, "values are counted");
	ok(ringlog_histogram_percentile(histogram, 0) == 1, "0% is the smallest value");
	ok(ringlog_histogram_percentile(histogram, 50) >= 5000 &&
	   ringlog_histogram_percentile(histogram, 50) <= 5312, "the median is near");
	ok(ringlog_histogram_percentile(histogram, 0.16) == 16, "small values are exact");
	ok(ringlog_histogram_percentile(histogram, 99.99) == 10000 &&
	   ringlog_histogram_percentile(histogram, 100) == 10000 &&
	   ringlog_histogram_max(histogram) == 10000, "none is above the maximum");
	ringlog_histogram_free(histogram);
}

/* The mean of the two medians would be 500,500 and say nothing. */
static void test_merge(void)
{
	struct ringlog_histogram *fast, *slow;
	__u64 sum = 0, lowest, highest;

	if (ringlog_histogram_new(&fast) || ringlog_histogram_new(&slow))
		exit(1);
	for (int i = 0; i < 999; i++)
		ringlog_histogram_record(fast, 1000);
	ringlog_histogram_record(slow, 1000000);
	ringlog_histogram_merge(fast, slow);
	ok(ringlog_histogram_count(fast) == 1000 && ringlog_histogram_max(fast) == 1000000,
	   "a merge adds counts and takes the larger maximum");
	ok(ringlog_histogram_percentile(fast, 99.9) < 1063 &&
	   ringlog_histogram_percentile(fast, 99.91) == 1000000,
	   "percentiles of a merge are those of all values");
	for (unsigned int i = 0; i < ringlog_histogram_buckets(); i++)
		sum += ringlog_histogram_bucket(fast, i, &lowest, &highest);
	ok(sum == 1000 && highest == ~0ULL, "the buckets hold all values");
	ok(!ringlog_histogram_bucket(fast, ringlog_histogram_buckets(), NULL, NULL),
	   "there is nothing in a bucket that does not exist");
	ringlog_histogram_free(fast);
	ringlog_histogram_free(slow);
}

int main(void)
{
	test_values();
	test_buckets();
	test_percentiles();
	test_merge();
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
