// SPDX-License-Identifier: LGPL-2.1-or-later
/* The attributes' names, as ringlog.yaml has them. */
#include "attributes.h"

#include <linux/ringlog_netlink.h>
#include <stddef.h>

#define COUNT(array)	((int)(sizeof(array) / sizeof((array)[0])))

static const char *const first_offset_names[] = {
	[RINGLOG_A_FIRST_OFFSET_PARTITION]	= "partition",
	[RINGLOG_A_FIRST_OFFSET_OFFSET]		= "offset",
};

static const char *const stream_names[] = {
	[RINGLOG_A_STREAM_NAME]			= "name",
	[RINGLOG_A_STREAM_ID]			= "id",
	[RINGLOG_A_STREAM_INCARNATION]		= "incarnation",
	[RINGLOG_A_STREAM_PARTITIONS]		= "partitions",
	[RINGLOG_A_STREAM_RING_BYTES]		= "ring-bytes",
	[RINGLOG_A_STREAM_POLICY]		= "policy",
	[RINGLOG_A_STREAM_MAX_RECORD]		= "max-record",
	[RINGLOG_A_STREAM_AGE]			= "age",
	[RINGLOG_A_STREAM_BUDGET]		= "budget",
	[RINGLOG_A_STREAM_PARTITIONER]		= "partitioner",
	[RINGLOG_A_STREAM_NUMA_NODE]		= "numa-node",
	[RINGLOG_A_STREAM_UID]			= "uid",
	[RINGLOG_A_STREAM_GID]			= "gid",
	[RINGLOG_A_STREAM_MODE]			= "mode",
	[RINGLOG_A_STREAM_FIRST_OFFSET]		= "first-offset",
	[RINGLOG_A_STREAM_PARTITION]		= "partition",
};

static const char *const partition_names[] = {
	[RINGLOG_A_PARTITION_STREAM]		= "stream",
	[RINGLOG_A_PARTITION_INDEX]		= "index",
};

static const struct attribute_set first_offset_attributes = {
	.names = first_offset_names,
	.count = COUNT(first_offset_names),
};

const struct attribute_set stream_attributes = {
	.names = stream_names,
	.count = COUNT(stream_names),
	.nest = RINGLOG_A_STREAM_FIRST_OFFSET,
	.nested = &first_offset_attributes,
};

const struct attribute_set partition_attributes = {
	.names = partition_names,
	.count = COUNT(partition_names),
};

const char *attribute_name(const struct attribute_set *set, int type)
{
	return set && type >= 0 && type < set->count ? set->names[type] : NULL;
}

const struct attribute_set *attribute_nested(const struct attribute_set *set, int type)
{
	return set->nest == type ? set->nested : NULL;
}
