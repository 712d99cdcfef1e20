/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a stream counts, per CPU: no two appends dirty the same line for it.
 */
#ifndef RINGLOG_COUNTERS_H
#define RINGLOG_COUNTERS_H

#include <linux/percpu.h>
#include <linux/types.h>

/**
 * struct ringlog_counters - one CPU's share of struct ringlog_info's counters
 * @singles: records appended by calls that append one
 * @bytes: the sum of their lengths
 * @batches: RINGLOG_IOC_APPEND calls that appended
 * @batched: records that those calls appended
 * @wakeups: sleepers woken by appends
 * @wakes: appends that found somebody to wake
 * @waits: times a caller went to sleep
 * @woken: times a caller woke up again
 * @lost: records readers were told they lost
 * @expired: of @lost, the ones that age would have taken anyway
 * @rejects: appends refused with %ENOBUFS
 * @records: appended; only in sums
 *
 * @records, @appends and @wakeups_elided of the ABI follow from these, so that an
 * append need not count them. They do by adding: an append counts twice or more,
 * on two CPUs if it moves meanwhile, so who reads finds any part of it, and a
 * difference could come out below zero.
 */
struct ringlog_counters {
	u64 singles;
	u64 bytes;
	u64 batches;
	u64 batched;
	u64 wakeups;
	u64 wakes;
	u64 waits;
	u64 woken;
	u64 lost;
	u64 expired;
	u64 rejects;
	u64 records;
};

/* Any context; a counter may be read while it moves, never torn on 64 bits. */
#define ringlog_count(counters, field, n) this_cpu_add((counters)->field, n)

void ringlog_counters_sum(struct ringlog_counters __percpu *counters,
			  struct ringlog_counters *sum);

#endif /* RINGLOG_COUNTERS_H */
