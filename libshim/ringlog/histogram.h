/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Histograms of latencies, in the buckets that the kernel uses. To have the
 * percentiles of several, merge them first: percentiles cannot be averaged.
 */
#ifndef RINGLOG_HISTOGRAM_H
#define RINGLOG_HISTOGRAM_H

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct ringlog_histogram;

/**
 * ringlog_histogram_new - make an empty histogram
 * @histogram: out: to be freed by ringlog_histogram_free()
 *
 * Return: 0 or -ENOMEM.
 */
int ringlog_histogram_new(struct ringlog_histogram **histogram);

/**
 * ringlog_histogram_free - give its memory back
 * @histogram: may be NULL
 */
void ringlog_histogram_free(struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_record - count one value
 * @histogram: where
 * @ns: the value
 */
void ringlog_histogram_record(struct ringlog_histogram *histogram, __u64 ns);

/**
 * ringlog_histogram_merge - add all that another histogram counted
 * @into: the one that grows
 * @from: the other one, which stays as it is
 */
void ringlog_histogram_merge(struct ringlog_histogram *into,
			     const struct ringlog_histogram *from);

/**
 * ringlog_histogram_count - how many values were counted
 * @histogram: which
 *
 * Return: their number.
 */
__u64 ringlog_histogram_count(const struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_max - the largest value, exactly
 * @histogram: which
 *
 * Return: the value in ns, 0 if there is none.
 */
__u64 ringlog_histogram_max(const struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_percentile - the value that so many percent do not exceed
 * @histogram: which
 * @percent: from 0 to 100
 *
 * Return: in ns, the highest value of the bucket that it falls in and so up to
 * 6.25% too high, never too low and never above the maximum; 0 if nothing was
 * counted.
 */
__u64 ringlog_histogram_percentile(const struct ringlog_histogram *histogram, double percent);

/**
 * ringlog_histogram_buckets - how many buckets every histogram has
 *
 * Return: their number.
 */
unsigned int ringlog_histogram_buckets(void);

/**
 * ringlog_histogram_bucket - look at one bucket
 * @histogram: which
 * @bucket: below ringlog_histogram_buckets()
 * @lowest: out, may be NULL: the lowest value that it counts, in ns
 * @highest: out, may be NULL: the highest; all ones for the last bucket
 *
 * Return: how many values it counted, 0 for a bucket that does not exist.
 */
__u64 ringlog_histogram_bucket(const struct ringlog_histogram *histogram, unsigned int bucket,
			       __u64 *lowest, __u64 *highest);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_HISTOGRAM_H */
