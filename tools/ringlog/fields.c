// SPDX-License-Identifier: GPL-2.0-only
/* The members of JSON objects: the attributes' names in ringlog.yaml, with _ for -. */
#include "shape.h"
#include "ringlog-ctl.h"

#define STREAM(member, kind)	\
	{ #member, offsetof(struct ringlog_ctl_stream, member), FIELD_##kind }
#define COUNTER(member)	\
	{ #member, offsetof(struct ringlog_ctl_stream, counters.member), FIELD_U64 }

const struct field stream_fields[] = {
	STREAM(name, TEXT),
	STREAM(id, U32),
	STREAM(incarnation, ID),
	STREAM(partitions, U32),
	STREAM(ring_bytes, U64),
	STREAM(policy, POLICY),
	STREAM(max_record, U32),
	STREAM(age, U64),
	STREAM(budget, U64),
	STREAM(partitioner, PARTITIONER),
	STREAM(numa_node, NODE),
	STREAM(uid, U32),
	STREAM(gid, U32),
	STREAM(mode, MODE),
	STREAM(created, U64),
	STREAM(memory, U64),
	STREAM(used, U64),
	STREAM(retained, U64),
	STREAM(open_files, U32),
	STREAM(waiters, U32),
	{ "counters", 0, FIELD_GROUP },
	COUNTER(records),
	COUNTER(bytes),
	COUNTER(appends),
	COUNTER(batches),
	COUNTER(wakeups),
	COUNTER(wakeups_elided),
	COUNTER(waits),
	COUNTER(lost),
	COUNTER(expired),
	COUNTER(rejects),
	{ }
};

#define PARTITION(member, kind)	\
	{ #member, offsetof(struct ringlog_ctl_partition, member), FIELD_##kind }

const struct field partition_fields[] = {
	PARTITION(stream, TEXT),
	PARTITION(index, U32),
	PARTITION(head, U64),
	PARTITION(tail, U64),
	PARTITION(next_offset, U64),
	PARTITION(oldest_offset, U64),
	PARTITION(oldest_timestamp, U64),
	PARTITION(gates, U32),
	PARTITION(room, LIMIT),
	{ }
};
