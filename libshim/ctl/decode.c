// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's messages as structs. A table for each says where an attribute
 * goes and how many bytes it has.
 */
#include "decode.h"
#include "../ringlog-ctl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

struct place {
	__u16	offset;
	__u16	size;
};

struct layout {
	const struct place	*places;
	int			count;
	int			nest;
	const struct layout	*nested;
};

#define PLACE(type, member)	\
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member) }
#define COUNT(array)	((int)(sizeof(array) / sizeof((array)[0])))

#define COUNTER(member)	PLACE(ringlog_ctl_stream, counters.member)
static const struct place counter_places[] = {
	[RINGLOG_A_COUNTERS_RECORDS]		= COUNTER(records),
	[RINGLOG_A_COUNTERS_BYTES]		= COUNTER(bytes),
	[RINGLOG_A_COUNTERS_APPENDS]		= COUNTER(appends),
	[RINGLOG_A_COUNTERS_BATCHES]		= COUNTER(batches),
	[RINGLOG_A_COUNTERS_WAKEUPS]		= COUNTER(wakeups),
	[RINGLOG_A_COUNTERS_WAKEUPS_ELIDED]	= COUNTER(wakeups_elided),
	[RINGLOG_A_COUNTERS_WAITS]		= COUNTER(waits),
	[RINGLOG_A_COUNTERS_LOST]		= COUNTER(lost),
	[RINGLOG_A_COUNTERS_EXPIRED]		= COUNTER(expired),
	[RINGLOG_A_COUNTERS_REJECTS]		= COUNTER(rejects),
};

static const struct layout counters_layout = {
	.places = counter_places,
	.count = COUNT(counter_places),
};

#define STREAM(member)	PLACE(ringlog_ctl_stream, member)
static const struct place stream_places[] = {
	[RINGLOG_A_STREAM_NAME]			= STREAM(name),
	[RINGLOG_A_STREAM_ID]			= STREAM(id),
	[RINGLOG_A_STREAM_INCARNATION]		= STREAM(incarnation),
	[RINGLOG_A_STREAM_PARTITIONS]		= STREAM(partitions),
	[RINGLOG_A_STREAM_RING_BYTES]		= STREAM(ring_bytes),
	[RINGLOG_A_STREAM_POLICY]		= STREAM(policy),
	[RINGLOG_A_STREAM_MAX_RECORD]		= STREAM(max_record),
	[RINGLOG_A_STREAM_AGE]			= STREAM(age),
	[RINGLOG_A_STREAM_BUDGET]		= STREAM(budget),
	[RINGLOG_A_STREAM_PARTITIONER]		= STREAM(partitioner),
	[RINGLOG_A_STREAM_NUMA_NODE]		= STREAM(numa_node),
	[RINGLOG_A_STREAM_UID]			= STREAM(uid),
	[RINGLOG_A_STREAM_GID]			= STREAM(gid),
	[RINGLOG_A_STREAM_MODE]			= STREAM(mode),
	[RINGLOG_A_STREAM_CREATED]		= STREAM(created),
	[RINGLOG_A_STREAM_MEMORY]		= STREAM(memory),
	[RINGLOG_A_STREAM_USED]			= STREAM(used),
	[RINGLOG_A_STREAM_RETAINED]		= STREAM(retained),
	[RINGLOG_A_STREAM_OPEN_FILES]		= STREAM(open_files),
	[RINGLOG_A_STREAM_WAITERS]		= STREAM(waiters),
};

static const struct layout stream_layout = {
	.places = stream_places,
	.count = COUNT(stream_places),
	.nest = RINGLOG_A_STREAM_COUNTERS,
	.nested = &counters_layout,
};

#define PARTITION(member)	PLACE(ringlog_ctl_partition, member)
static const struct place partition_places[] = {
	[RINGLOG_A_PARTITION_STREAM]		= PARTITION(stream),
	[RINGLOG_A_PARTITION_INDEX]		= PARTITION(index),
	[RINGLOG_A_PARTITION_HEAD]		= PARTITION(head),
	[RINGLOG_A_PARTITION_TAIL]		= PARTITION(tail),
	[RINGLOG_A_PARTITION_NEXT_OFFSET]	= PARTITION(next_offset),
	[RINGLOG_A_PARTITION_OLDEST_OFFSET]	= PARTITION(oldest_offset),
	[RINGLOG_A_PARTITION_OLDEST_TIMESTAMP]	= PARTITION(oldest_timestamp),
	[RINGLOG_A_PARTITION_GATES]		= PARTITION(gates),
	[RINGLOG_A_PARTITION_ROOM]		= PARTITION(room),
};

static const struct layout partition_layout = {
	.places = partition_places,
	.count = COUNT(partition_places),
};

static const struct place loss_places[] = {
	[RINGLOG_A_LOSS_STREAM]			= PLACE(ringlog_ctl_loss, stream),
	[RINGLOG_A_LOSS_LOST]			= PLACE(ringlog_ctl_loss, lost),
	[RINGLOG_A_LOSS_EXPIRED]		= PLACE(ringlog_ctl_loss, expired),
};

static const struct layout loss_layout = {
	.places = loss_places,
	.count = COUNT(loss_places),
};

static int take(const struct nlattr *at, struct place which, char *to)
{
	size_t bytes = nla_len(at);

	to += which.offset;
	switch (which.size) {
	case 0:
		return 0;
	case sizeof(__u32):
		if (bytes != sizeof(__u32))
			return -EBADMSG;
		memcpy(to, nla_data(at), sizeof(__u32));
		return 0;
	case sizeof(__u64):
		if (bytes != sizeof(__u64))
			return -EBADMSG;
		memcpy(to, nla_data(at), sizeof(__u64));
		return 0;
	default:
		bytes = strnlen(nla_data(at), bytes);
		if (bytes >= which.size)
			return -EBADMSG;
		memcpy(to, nla_data(at), bytes);
		to[bytes] = 0;
		return 0;
	}
}

static int take_all(const struct nlattr *at, int left, const struct layout *layout, char *to)
{
	int type, result = 0;

	for (; nla_ok(at, left) && !result; at = nla_next(at, &left)) {
		type = nla_type(at);
		if (type < layout->count)
			result = take(at, layout->places[type], to);
	}
	return result;
}

static int decode(const struct nlmsghdr *message, const struct layout *layout, void *to)
{
	const struct nlattr *at = nlmsg_attrdata(message, GENL_HDRLEN), *nest;
	int left = nlmsg_attrlen(message, GENL_HDRLEN);
	int result = take_all(at, left, layout, to);

	if (result || !layout->nested)
		return result;
	nest = nla_find(at, left, layout->nest);
	return nest ? take_all(nla_data(nest), nla_len(nest), layout->nested, to) : 0;
}

int decode_stream(const struct nlmsghdr *message, struct ringlog_ctl_stream *stream)
{
	int result;

	memset(stream, 0, sizeof(*stream));
	stream->numa_node = -1;
	result = decode(message, &stream_layout, stream);
	return result ? result : stream->name[0] ? 0 : -EBADMSG;
}

int decode_partition(const struct nlmsghdr *message, struct ringlog_ctl_partition *partition)
{
	int result;

	memset(partition, 0, sizeof(*partition));
	result = decode(message, &partition_layout, partition);
	return result ? result : partition->stream[0] ? 0 : -EBADMSG;
}

int decode_loss(const struct nlmsghdr *message, struct ringlog_ctl_loss *loss)
{
	int result;

	memset(loss, 0, sizeof(*loss));
	result = decode(message, &loss_layout, loss);
	return result ? result : loss->stream[0] ? 0 : -EBADMSG;
}
