// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams and partitions as attributes.
 */
#include "gate.h"
#include "netlink.h"

static bool put_u64(struct sk_buff *message, int attribute, u64 value)
{
	/* Whatever is padded, is padded by the first attribute of its set. */
	return !nla_put_u64_64bit(message, attribute, value, RINGLOG_A_STREAM_PAD);
}

static bool put_u32(struct sk_buff *message, int attribute, u32 value)
{
	return !nla_put_u32(message, attribute, value);
}

static bool put_settings(struct sk_buff *message, const struct ringlog_stream *stream)
{
	return !nla_put_string(message, RINGLOG_A_STREAM_NAME, stream->name) &&
	       put_u32(message, RINGLOG_A_STREAM_ID, stream->id) &&
	       put_u64(message, RINGLOG_A_STREAM_INCARNATION, stream->incarnation) &&
	       put_u32(message, RINGLOG_A_STREAM_PARTITIONS, stream->partitions) &&
	       put_u64(message, RINGLOG_A_STREAM_RING_BYTES, stream->ring_bytes) &&
	       put_u32(message, RINGLOG_A_STREAM_POLICY, stream->policy) &&
	       put_u32(message, RINGLOG_A_STREAM_MAX_RECORD, stream->max_record) &&
	       put_u64(message, RINGLOG_A_STREAM_AGE, READ_ONCE(stream->age)) &&
	       put_u64(message, RINGLOG_A_STREAM_BUDGET, READ_ONCE(stream->budget)) &&
	       put_u32(message, RINGLOG_A_STREAM_PARTITIONER, READ_ONCE(stream->partitioner)) &&
	       (stream->node == NUMA_NO_NODE ||
		put_u32(message, RINGLOG_A_STREAM_NUMA_NODE, stream->node)) &&
	       put_u32(message, RINGLOG_A_STREAM_UID, from_kuid(&init_user_ns, stream->uid)) &&
	       put_u32(message, RINGLOG_A_STREAM_GID, from_kgid(&init_user_ns, stream->gid)) &&
	       put_u32(message, RINGLOG_A_STREAM_MODE, stream->mode) &&
	       put_u64(message, RINGLOG_A_STREAM_CREATED, stream->created) &&
	       put_u64(message, RINGLOG_A_STREAM_MEMORY, stream->memory);
}

static bool put_counters(struct sk_buff *message, const struct ringlog_counters *sum)
{
	struct nlattr *nest = nla_nest_start(message, RINGLOG_A_STREAM_COUNTERS);
	u64 appends = sum->singles + sum->batches;
	u64 elided = appends > sum->wakes ? appends - sum->wakes : 0;

	if (!nest || !put_u64(message, RINGLOG_A_COUNTERS_RECORDS, sum->records) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_BYTES, sum->bytes) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_APPENDS, appends) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_BATCHES, sum->batches) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_WAKEUPS, sum->wakeups) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_WAKEUPS_ELIDED, elided) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_WAITS, sum->waits) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_LOST, sum->lost) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_EXPIRED, sum->expired) ||
	    !put_u64(message, RINGLOG_A_COUNTERS_REJECTS, sum->rejects))
		return false;
	nla_nest_end(message, nest);
	return true;
}

/**
 * ringlog_netlink_put_stream() - all that there is to tell of a stream
 * @message: to add to
 * @stream: any
 *
 * Return: 0, or %-EMSGSIZE: it does not fit, and the caller cancels.
 */
int ringlog_netlink_put_stream(struct sk_buff *message, struct ringlog_stream *stream)
{
	struct ringlog_stream_use use;

	ringlog_stream_use(stream, &use);
	if (put_settings(message, stream) &&
	    put_u64(message, RINGLOG_A_STREAM_USED, use.used) &&
	    put_u64(message, RINGLOG_A_STREAM_RETAINED, use.retained) &&
	    put_u32(message, RINGLOG_A_STREAM_OPEN_FILES, atomic_read(&stream->open_files)) &&
	    put_u32(message, RINGLOG_A_STREAM_WAITERS, use.waiters) &&
	    put_counters(message, &use.counters))
		return 0;
	return -EMSGSIZE;
}

/**
 * ringlog_netlink_put_partition() - all that there is to tell of a partition
 * @message: to add to
 * @stream: any
 * @index: of its partition
 *
 * Return: 0, or %-EMSGSIZE: it does not fit, and the caller cancels.
 */
int ringlog_netlink_put_partition(struct sk_buff *message, struct ringlog_stream *stream,
				  u32 index)
{
	struct ringlog_partition *partition = &stream->partition[index];
	struct ringlog_ends ends;

	ringlog_partition_ends(partition, &ends);
	if (!nla_put_string(message, RINGLOG_A_PARTITION_STREAM, stream->name) &&
	    put_u32(message, RINGLOG_A_PARTITION_INDEX, index) &&
	    put_u64(message, RINGLOG_A_PARTITION_HEAD, ends.newest.position) &&
	    put_u64(message, RINGLOG_A_PARTITION_TAIL, ends.oldest.position) &&
	    put_u64(message, RINGLOG_A_PARTITION_NEXT_OFFSET, ends.newest.offset) &&
	    put_u64(message, RINGLOG_A_PARTITION_OLDEST_OFFSET, ends.oldest.offset) &&
	    put_u64(message, RINGLOG_A_PARTITION_OLDEST_TIMESTAMP, ends.oldest_timestamp) &&
	    put_u32(message, RINGLOG_A_PARTITION_GATES, ringlog_gates_count(partition)) &&
	    put_u64(message, RINGLOG_A_PARTITION_ROOM, ringlog_partition_room(partition)))
		return 0;
	return -EMSGSIZE;
}
