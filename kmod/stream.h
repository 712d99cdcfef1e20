/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream: configuration, partitions, counters, lifetime.
 */
#ifndef RINGLOG_STREAM_H
#define RINGLOG_STREAM_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/wait.h>

#include "config.h"
#include "counters.h"
#include "loss.h"
#include "partition.h"

struct device;

/**
 * struct ringlog_stream - a named set of partitions
 * @partitions: I: see struct ringlog_stream_config
 * @policy: I: see there
 * @max_record: I: see there
 * @gone: set once, then every partition is killed
 * @ring_bytes: I: see struct ringlog_stream_config
 * @incarnation: I: random, not zero
 * @counters: see there
 * @opened: files opened so far, for their producer ids and first turns
 * @room: those who poll for room, in any partition
 * @readers_lock: protects @readers. Nothing but queues' locks is taken under it
 * @readers: open files that read, to tell them of the end
 * @refs: the registry's, one for each open file, and whoever looks
 * @open_files: now
 * @age: S: see struct ringlog_stream_config
 * @budget: S: see there
 * @partitioner: S: see there
 * @node: I: see there
 * @uid: I: see there
 * @gid: I: see there
 * @mode: I: see there
 * @name: I: see there
 * @id: I: minor number; set by the registry before anybody else sees it
 * @listed: the registry tells of it
 * @created: I: CLOCK_REALTIME ns
 * @memory: I: bytes that were charged for it
 * @device: its node, for who made it
 * @loss: tells of losses
 * @rcu: who looks ids up may look at @refs until a grace period after the last put
 * @partition: the partitions
 *
 * I: fixed before it is seen. S: written by ringlog_stream_set(), read anywhere.
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

	struct mutex readers_lock ____cacheline_aligned; /* for @readers */
	struct list_head readers;
	refcount_t refs;
	atomic_t open_files;
	u64 age;
	u64 budget;
	u32 partitioner;
	int node;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	char name[RINGLOG_NAME_MAX + 1];
	u32 id;
	bool listed;
	u64 created;
	u64 memory;
	struct device *device;
	struct ringlog_loss loss;
	struct rcu_head rcu;
	struct ringlog_partition partition[];
};

/**
 * struct ringlog_stream_reader - an open file that reads
 * @link: in the stream's list
 * @queue: that whoever reads or polls it waits on
 */
struct ringlog_stream_reader {
	struct list_head link;
	wait_queue_head_t *queue;
};

/**
 * struct ringlog_stream_changes - what ringlog_stream_set() changes
 * @age: NULL: as it was
 * @budget: NULL: as it was
 * @partitioner: NULL: as it was
 */
struct ringlog_stream_changes {
	const u64 *age;
	const u64 *budget;
	const u32 *partitioner;
};

/**
 * struct ringlog_stream_use - how full a stream is, and who is there
 * @used: bytes of the rings that hold records
 * @retained: records
 * @waiters: callers asleep
 * @counters: all CPUs'
 */
struct ringlog_stream_use {
	u64 used;
	u64 retained;
	u32 waiters;
	struct ringlog_counters counters;
};

u64 ringlog_stream_cost(const struct ringlog_stream_config *config);
struct ringlog_stream *ringlog_stream_create(const struct ringlog_stream_config *config,
					     struct ringlog_fault *fault);
struct ringlog_stream *ringlog_stream_get_unless_freed(struct ringlog_stream *stream);
void ringlog_stream_put(struct ringlog_stream *stream);
void ringlog_stream_kill(struct ringlog_stream *stream);

void ringlog_stream_join(struct ringlog_stream *stream, struct ringlog_stream_reader *reader);
void ringlog_stream_leave(struct ringlog_stream *stream, struct ringlog_stream_reader *reader);

void ringlog_stream_set(struct ringlog_stream *stream,
			const struct ringlog_stream_changes *changes);
void ringlog_stream_purge(struct ringlog_stream *stream, u32 first, u32 end);
void ringlog_stream_use(struct ringlog_stream *stream, struct ringlog_stream_use *use);

static inline struct ringlog_stream *ringlog_stream_get(struct ringlog_stream *stream)
{
	refcount_inc(&stream->refs);
	return stream;
}

static inline bool ringlog_stream_gone(const struct ringlog_stream *stream)
{
	return unlikely(READ_ONCE(stream->gone));
}

#endif /* RINGLOG_STREAM_H */
