/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libringlog-ctl: Ringlog's control plane for programs. Streams are made,
 * changed, purged, deleted and listed, and what happens to them is followed.
 *
 * It speaks to the generic netlink family "ringlog", over libnl-3. What each
 * setting and figure means is said in Documentation/netlink/ringlog.yaml too.
 * Records themselves are no business of it: they are appended and read through
 * the streams' device nodes, /dev/stream and /dev/streams/NAME.
 *
 * Functions that can fail return a negative errno, the kernel's own where the
 * kernel refused, and ringlog_ctl_error() then has its words. Nothing here
 * starts a thread, keeps global state or prints. A handle may be used by one
 * thread at a time.
 *
 * Changes need CAP_NET_ADMIN (-EPERM). Who does not have it sees the streams
 * that he may read; the others do not exist for him.
 */
#ifndef RINGLOG_CTL_H
#define RINGLOG_CTL_H

#include <linux/ringlog.h>
#include <linux/ringlog_netlink.h>
#include <linux/types.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* A socket to the kernel, and what the kernel said last. */
struct ringlog_ctl;

/**
 * ringlog_ctl_open - get ready to speak to the module
 * @ctl: out: a handle, to be given back with ringlog_ctl_close(). There is one
 *	even when this fails, to be asked for the words; but it is NULL for
 *	-ENOMEM
 *
 * Return: 0; -EPROTONOSUPPORT: the ringlog module is not loaded; -ENOMEM; or
 * what else there is to stop a socket from being opened.
 */
int ringlog_ctl_open(struct ringlog_ctl **ctl);

/**
 * ringlog_ctl_close - give back a handle
 * @ctl: may be NULL. Subscriptions that were made with it stay good
 */
void ringlog_ctl_close(struct ringlog_ctl *ctl);

/**
 * ringlog_ctl_error - why the last call failed
 * @ctl: that the call was given; may be NULL, which is no memory
 *
 * Return: words for a user, on one line: the kernel's, and in parentheses the
 * attribute that is to blame if the kernel named one; what the errno means
 * where the kernel said nothing. Good until the next call. "" if the last call
 * did not fail.
 */
const char *ringlog_ctl_error(const struct ringlog_ctl *ctl);

/**
 * ringlog_ctl_error_attribute - what the last call failed for
 * @ctl: that the call was given
 *
 * Return: the attribute to blame, by its name in ringlog.yaml (as "ring-bytes",
 * or "first-offset.partition" within another); NULL if the kernel named none.
 */
const char *ringlog_ctl_error_attribute(const struct ringlog_ctl *ctl);

/*
 * Streams
 */

/* ringlog_ctl_config.has: which members were set */
#define RINGLOG_CTL_INCARNATION		(1U << 0)
#define RINGLOG_CTL_PARTITIONS		(1U << 1)
#define RINGLOG_CTL_RING_BYTES		(1U << 2)
#define RINGLOG_CTL_POLICY		(1U << 3)
#define RINGLOG_CTL_MAX_RECORD		(1U << 4)
#define RINGLOG_CTL_AGE			(1U << 5)
#define RINGLOG_CTL_BUDGET		(1U << 6)
#define RINGLOG_CTL_PARTITIONER		(1U << 7)
#define RINGLOG_CTL_NUMA_NODE		(1U << 8)
#define RINGLOG_CTL_UID			(1U << 9)
#define RINGLOG_CTL_GID			(1U << 10)
#define RINGLOG_CTL_MODE		(1U << 11)

/**
 * struct ringlog_ctl_first_offset - where a partition of a new stream begins
 * @partition: number
 * @reserved: zero
 * @offset: of the first record that it will get, below 2^62
 */
struct ringlog_ctl_first_offset {
	__u32	partition;
	__u32	reserved;
	__u64	offset;
};

/**
 * struct ringlog_ctl_config - what a stream is to be like
 * @name: 1 to %RINGLOG_NAME_MAX of the characters A-Z a-z 0-9 . _ - and neither
 *	"." nor ".."
 * @first_offsets: of those partitions that do not begin with 0; new streams only
 * @first_offsets_count: how many
 * @has: RINGLOG_CTL_* of the members below that were set. The others are as the
 *	kernel has them by default in a new stream, and stay as they are in one
 *	that is changed
 * @partitions: 1 to %RINGLOG_PARTITIONS_MAX
 * @incarnation: of the stream to be changed, which is refused with -ESTALE if the
 *	name belongs to another one by now; not for new streams
 * @ring_bytes: of each partition: a power of two from 64 KiB to 1 GiB
 * @age: retention in ns, at least RINGLOG_AGE_MIN; 0 is for ever
 * @budget: latency objective in ns; 0 is none
 * @policy: RINGLOG_POLICY_*
 * @max_record: largest record in bytes without its header: a multiple of 32, at
 *	most @ring_bytes / 8 and 1 MiB
 * @partitioner: enum ringlog_partitioner
 * @numa_node: where the memory is taken from
 * @uid: owner of the node, to whom the memory is counted
 * @gid: group of the node
 * @mode: of the node: read and write bits
 * @reserved: zero
 *
 * To be zeroed before members are set, for it may grow into @reserved.
 */
struct ringlog_ctl_config {
	const char				*name;
	const struct ringlog_ctl_first_offset	*first_offsets;
	size_t					first_offsets_count;
	__u32					has;
	__u32					partitions;
	__u64					incarnation;
	__u64					ring_bytes;
	__u64					age;
	__u64					budget;
	__u32					policy;
	__u32					max_record;
	__u32					partitioner;
	__u32					numa_node;
	__u32					uid;
	__u32					gid;
	__u32					mode;
	__u32					reserved[9];
};

/**
 * struct ringlog_ctl_counters - what happened in a stream since it was made
 * @records: appended
 * @bytes: that those records hold
 * @appends: calls that appended; a batch is one
 * @batches: of those, batches
 * @wakeups: sleepers that appends woke
 * @wakeups_elided: appends that found nobody to wake
 * @waits: times that a caller slept
 * @lost: records that readers were told they lost
 * @expired: of those, records that the stream's age had passed
 * @rejects: appends that were refused with ENOBUFS
 * @reserved: zero
 */
struct ringlog_ctl_counters {
	__u64	records;
	__u64	bytes;
	__u64	appends;
	__u64	batches;
	__u64	wakeups;
	__u64	wakeups_elided;
	__u64	waits;
	__u64	lost;
	__u64	expired;
	__u64	rejects;
	__u64	reserved[6];
};

/**
 * struct ringlog_ctl_stream - a stream as it is
 * @name: terminated by a zero
 * @id: minor number of its node
 * @partitions: how many
 * @incarnation: random number of this life of it, never zero
 * @ring_bytes: of each partition
 * @age: retention in ns, at least RINGLOG_AGE_MIN; 0 is for ever
 * @budget: latency objective in ns; 0 is none
 * @policy: RINGLOG_POLICY_*
 * @max_record: largest record in bytes without its header
 * @partitioner: enum ringlog_partitioner
 * @numa_node: where the memory was taken from; -1 if it did not matter
 * @uid: owner that the node was given, to whom the memory is counted
 * @gid: group that the node was given
 * @mode: that the node was given
 * @open_files: open files of it
 * @created: CLOCK_REALTIME in ns
 * @memory: bytes that the rings take with all that belongs to them
 * @used: bytes of all rings that hold retained records
 * @retained: records retained
 * @waiters: callers asleep until there are records or is room
 * @reserved: zero
 * @counters: what happened in it
 *
 * What the kernel does not tell is zero.
 */
struct ringlog_ctl_stream {
	char	name[RINGLOG_NAME_MAX + 1];
	__u32	id;
	__u32	partitions;
	__u64	incarnation;
	__u64	ring_bytes;
	__u64	age;
	__u64	budget;
	__u32	policy;
	__u32	max_record;
	__u32	partitioner;
	__s32	numa_node;
	__u32	uid;
	__u32	gid;
	__u32	mode;
	__u32	open_files;
	__u64	created;
	__u64	memory;
	__u64	used;
	__u64	retained;
	__u32	waiters;
	__u32	reserved[9];
	struct ringlog_ctl_counters	counters;
};

/**
 * ringlog_ctl_stream_new - make a stream, and its node
 * @ctl: handle
 * @config: what it is to be like; the name is a must
 * @stream: out, may be NULL: the stream as it became
 *
 * The node is there when this returns, though udev may not have seen it yet.
 *
 * Return: 0; -EINVAL: a setting is out of its range; -EEXIST: the name is taken;
 * -EDQUOT: more memory than one uid may have; -ENOSPC: more streams or memory
 * than the limits allow; -ENOMEM; -EPERM. Nothing was made then.
 */
int ringlog_ctl_stream_new(struct ringlog_ctl *ctl, const struct ringlog_ctl_config *config,
			   struct ringlog_ctl_stream *stream);

/**
 * ringlog_ctl_stream_set - change a stream
 * @ctl: handle
 * @config: the name; and of age, budget and partitioner what is to change
 * @stream: out, may be NULL: the stream as it is now
 *
 * Return: 0; -ENOENT: no such stream; -ESTALE: not that incarnation; -EOPNOTSUPP:
 * it is fixed for life; -EINVAL: out of range; -EPERM. Nothing was changed then.
 */
int ringlog_ctl_stream_set(struct ringlog_ctl *ctl, const struct ringlog_ctl_config *config,
			   struct ringlog_ctl_stream *stream);

/**
 * ringlog_ctl_stream_delete - delete a stream
 * @ctl: handle
 * @name: of the stream
 * @incarnation: which life of it; 0 if any
 *
 * Its node goes and who waits in it wakes up with ENODEV. Its memory goes with
 * the last open file.
 *
 * Return: 0; -ENOENT: no such stream; -ESTALE: not that incarnation; -EBUSY: the
 * default stream; -EPERM.
 */
int ringlog_ctl_stream_delete(struct ringlog_ctl *ctl, const char *name, __u64 incarnation);

/* For ringlog_ctl_stream_purge(). */
#define RINGLOG_CTL_ALL_PARTITIONS	((__u32)~0U)

/**
 * ringlog_ctl_stream_purge - drop a stream's records
 * @ctl: handle
 * @name: of the stream
 * @incarnation: which life of it; 0 if any
 * @partition: number of the one partition, or %RINGLOG_CTL_ALL_PARTITIONS
 *
 * Readers that had not read them are told of a loss. Offsets go on.
 *
 * Return: 0; -ENOENT: no such stream; -ESTALE: not that incarnation; -EINVAL: no
 * such partition; -EPERM.
 */
int ringlog_ctl_stream_purge(struct ringlog_ctl *ctl, const char *name, __u64 incarnation,
			     __u32 partition);

/**
 * ringlog_ctl_stream_get - look at one stream
 * @ctl: handle
 * @name: of the stream
 * @stream: out: as it is
 *
 * Return: 0; -ENOENT: no such stream that the caller may see.
 */
int ringlog_ctl_stream_get(struct ringlog_ctl *ctl, const char *name,
			   struct ringlog_ctl_stream *stream);

/**
 * typedef ringlog_ctl_stream_fn - is shown a stream
 * @stream: good until it returns
 * @data: of the caller
 *
 * The handle is in use meanwhile and must not be given to another call.
 *
 * Return: 0 to be shown the next, anything else to end the list.
 */
typedef int (*ringlog_ctl_stream_fn)(const struct ringlog_ctl_stream *stream, void *data);

/**
 * ringlog_ctl_streams_list - look at all streams that the caller may see
 * @ctl: handle
 * @function: is shown one at a time, as they come from the kernel: nothing is
 *	collected, however many there are
 * @data: handed to it
 *
 * Return: 0; what @function returned to end it; -EAGAIN if streams were made or
 * deleted meanwhile. @function has then seen each stream that was there all the
 * time once, and may have missed others: who needs the list as it was at one
 * time forgets it and asks again. It is not asked for again by itself, for what
 * @function was shown cannot be taken back.
 */
int ringlog_ctl_streams_list(struct ringlog_ctl *ctl, ringlog_ctl_stream_fn function,
			     void *data);

/*
 * Partitions
 */

/**
 * struct ringlog_ctl_partition - a partition as it is
 * @stream: name, terminated by a zero
 * @index: number in its stream, from 0
 * @gates: readers that writers wait for
 * @head: position after the newest record, in bytes since the beginning
 * @tail: position of the oldest record
 * @next_offset: offset that the next record will get
 * @oldest_offset: of the oldest record; @next_offset if there is none
 * @oldest_timestamp: CLOCK_MONOTONIC in ns, at most the oldest record's
 * @room: bytes that can be appended before a writer waits or is refused; all
 *	ones where none ever is
 * @reserved: zero
 */
struct ringlog_ctl_partition {
	char	stream[RINGLOG_NAME_MAX + 1];
	__u32	index;
	__u32	gates;
	__u64	head;
	__u64	tail;
	__u64	next_offset;
	__u64	oldest_offset;
	__u64	oldest_timestamp;
	__u64	room;
	__u64	reserved[4];
};

/**
 * ringlog_ctl_partition_get - look at one partition
 * @ctl: handle
 * @stream: name
 * @index: number of the partition
 * @partition: out: as it is
 *
 * Return: 0; -ENOENT: no such stream that the caller may see; -EINVAL: no such
 * partition.
 */
int ringlog_ctl_partition_get(struct ringlog_ctl *ctl, const char *stream, __u32 index,
			      struct ringlog_ctl_partition *partition);

/**
 * typedef ringlog_ctl_partition_fn - is shown a partition
 * @partition: good until it returns
 * @data: of the caller
 *
 * The handle is in use meanwhile and must not be given to another call.
 *
 * Return: 0 to be shown the next, anything else to end the list.
 */
typedef int (*ringlog_ctl_partition_fn)(const struct ringlog_ctl_partition *partition,
					void *data);

/**
 * ringlog_ctl_partitions_list - look at partitions
 * @ctl: handle
 * @stream: whose, by name; NULL for those of all streams that the caller may see
 * @function: is shown one at a time, stream by stream and in order
 * @data: handed to it
 *
 * Return: as ringlog_ctl_streams_list(); or -ENOENT: no such stream.
 */
int ringlog_ctl_partitions_list(struct ringlog_ctl *ctl, const char *stream,
				ringlog_ctl_partition_fn function, void *data);

/*
 * Events
 */

/* Streams' events, on a socket of their own. */
struct ringlog_ctl_events;

/* ringlog_ctl_event.kind */
#define RINGLOG_CTL_EVENT_NEW		1	/* a stream was made */
#define RINGLOG_CTL_EVENT_DELETE	2	/* it was deleted */
#define RINGLOG_CTL_EVENT_SET		3	/* it was changed */
#define RINGLOG_CTL_EVENT_PURGE		4	/* records of it were dropped */
#define RINGLOG_CTL_EVENT_LOSS		5	/* readers of it were told of a loss */

/**
 * struct ringlog_ctl_loss - records that readers of a stream were told they lost
 * @stream: name, terminated by a zero
 * @lost: how many, since the last such event of this stream
 * @expired: of those, records that the stream's age had passed
 */
struct ringlog_ctl_loss {
	char	stream[RINGLOG_NAME_MAX + 1];
	__u64	lost;
	__u64	expired;
};

/**
 * struct ringlog_ctl_event - something happened
 * @kind: RINGLOG_CTL_EVENT_*
 * @reserved: zero
 * @stream: for all kinds but %RINGLOG_CTL_EVENT_LOSS: as it was then
 * @loss: for %RINGLOG_CTL_EVENT_LOSS
 */
struct ringlog_ctl_event {
	__u32	kind;
	__u32	reserved;
	union {
		struct ringlog_ctl_stream	stream;
		struct ringlog_ctl_loss		loss;
	};
};

/**
 * ringlog_ctl_subscribe - be told of events from now on
 * @ctl: handle, for the words if this fails. It may be closed afterwards
 * @events: out: to be given back with ringlog_ctl_unsubscribe()
 *
 * Who subscribes first and lists streams then misses nothing in between.
 *
 * Return: 0; -EPERM: needs CAP_NET_ADMIN, for events name streams that others may
 * not see; -EPROTONOSUPPORT: the ringlog module is not loaded; -ENOMEM.
 */
int ringlog_ctl_subscribe(struct ringlog_ctl *ctl, struct ringlog_ctl_events **events);

/**
 * ringlog_ctl_unsubscribe - give back a subscription
 * @events: may be NULL
 */
void ringlog_ctl_unsubscribe(struct ringlog_ctl_events *events);

/**
 * ringlog_ctl_events_fd - what to poll(2)
 * @events: subscription
 *
 * Return: a file descriptor that is readable when ringlog_ctl_next_event() has
 * something to say. It belongs to the subscription: poll it and nothing else.
 */
int ringlog_ctl_events_fd(const struct ringlog_ctl_events *events);

/**
 * ringlog_ctl_next_event - go to the next event
 * @events: subscription
 * @event: out
 *
 * Never waits. Kinds of events that this library does not know yet are passed
 * over.
 *
 * Return: 1; 0 if there is none; -ENOBUFS: events were lost, for they were not
 * taken fast enough. This is told once, more may follow, and who keeps a picture
 * of the streams lists them anew; -ENODEV: the module was unloaded, and this
 * subscription hears nothing ever again; -EBADMSG: the message makes no sense.
 */
int ringlog_ctl_next_event(struct ringlog_ctl_events *events, struct ringlog_ctl_event *event);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_CTL_H */
