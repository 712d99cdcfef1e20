/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream: configuration, partitions, counters, lifetime.
 */
#ifndef RINGLOG_STREAM_H
#define RINGLOG_STREAM_H

#include <linux/atomic.h>
#include <linux/wait.h>

#include "counters.h"
#include "partition.h"

/**
 * struct ringlog_stream_config - what a stream is made with
 * @partitions: 1..64
 * @ring_bytes: of each partition: a power of two, %RINGLOG_RING_MIN to
 *	%RINGLOG_RING_MAX
 * @policy: RINGLOG_POLICY_*
 * @max_record: at least 1, at most @ring_bytes / 8 and %RINGLOG_RECORD_MAX
 */
struct ringlog_stream_config {
	u32 partitions;
	u64 ring_bytes;
	u32 policy;
	u32 max_record;
};

#define RINGLOG_PARTITIONS_MAX 64

/**
 * struct ringlog_stream - a named set of partitions
 * @partitions: as configured
 * @policy: as configured
 * @max_record: as configured
 * @ring_bytes: as configured
 * @incarnation: random, not zero
 * @gone: set once, then every partition is killed
 * @counters: see there
 * @opened: files opened so far, for their producer ids and first turns
 * @room: those who poll for room, in any partition
 * @partition: the partitions
 *
 * Everything but @gone, @opened and what the partitions protect themselves is
 * fixed at creation.
 */
struct ringlog_stream {
	u32 partitions;
	u32 policy;
	u32 max_record;
	bool gone;
	u64 ring_bytes;
	u64 incarnation;
	struct ringlog_counters __percpu *counters;
	atomic_t opened;
	wait_queue_head_t room;
	struct ringlog_partition partition[];
};

u64 ringlog_stream_cost(const struct ringlog_stream_config *config);
struct ringlog_stream *ringlog_stream_create(const struct ringlog_stream_config *config);
void ringlog_stream_kill(struct ringlog_stream *stream);
void ringlog_stream_destroy(struct ringlog_stream *stream);

static inline bool ringlog_stream_gone(const struct ringlog_stream *stream)
{
	return unlikely(READ_ONCE(stream->gone));
}

#endif /* RINGLOG_STREAM_H */
