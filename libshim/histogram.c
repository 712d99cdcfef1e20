// SPDX-License-Identifier: LGPL-2.1-or-later
/* Latency histograms. */
#include "ringlog.h"
#include "latency.h"

#include <errno.h>
#include <stdlib.h>

struct ringlog_histogram {
	__u64 count;
	__u64 max;
	__u64 buckets[RINGLOG_LATENCY_BUCKETS];
};

int ringlog_histogram_new(struct ringlog_histogram **histogram)
{
	*histogram = calloc(1, sizeof(**histogram));
	return *histogram ? 0 : -ENOMEM;
}

void ringlog_histogram_free(struct ringlog_histogram *histogram)
{
	free(histogram);
}

void ringlog_histogram_record(struct ringlog_histogram *histogram, __u64 ns)
{
	histogram->buckets[ringlog_latency_bucket(ns)]++;
	histogram->count++;
	if (ns > histogram->max)
		histogram->max = ns;
}

void ringlog_histogram_merge(struct ringlog_histogram *into,
			     const struct ringlog_histogram *from)
{
	for (unsigned int i = 0; i < RINGLOG_LATENCY_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	if (from->max > into->max)
		into->max = from->max;
}

__u64 ringlog_histogram_count(const struct ringlog_histogram *histogram)
{
	return histogram->count;
}

__u64 ringlog_histogram_max(const struct ringlog_histogram *histogram)
{
	return histogram->max;
}

/* How many values make up @percent of @count: at least one, at most all. */
static __u64 rank(__u64 count, double percent)
{
	double exact = (double)count * percent / 100;
	__u64 whole;

	if (!(exact > 1))
		return 1;
	if (exact >= (double)count)
		return count;
	whole = (__u64)exact;
	return (double)whole < exact ? whole + 1 : whole;
}

__u64 ringlog_histogram_percentile(const struct ringlog_histogram *histogram, double percent)
{
	__u64 wanted = rank(histogram->count, percent);
	__u64 seen = 0;

	for (unsigned int i = 0; i < RINGLOG_LATENCY_BUCKETS; i++) {
		__u64 highest = ringlog_latency_highest(i);

		seen += histogram->buckets[i];
		if (seen >= wanted)
			return highest < histogram->max ? highest : histogram->max;
	}
	return histogram->max;
}

unsigned int ringlog_histogram_buckets(void)
{
	return RINGLOG_LATENCY_BUCKETS;
}

__u64 ringlog_histogram_bucket(const struct ringlog_histogram *histogram, unsigned int bucket,
			       __u64 *lowest, __u64 *highest)
{
	if (bucket >= RINGLOG_LATENCY_BUCKETS)
		return 0;
	if (lowest)
		*lowest = ringlog_latency_lowest(bucket);
	if (highest)
		*highest = ringlog_latency_highest(bucket);
	return histogram->buckets[bucket];
}
