/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A partition: ring, pages, lock, sleepers, gates. The only taker of the lock
 * around the ring.
 */
#ifndef RINGLOG_PARTITION_H
#define RINGLOG_PARTITION_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "counters.h"
#include "pages.h"
#include "ring.h"
#include "sleepers.h"

struct iov_iter;
struct ringlog_gates;
struct ringlog_kernel_page;

/**
 * struct ringlog_partition - one ring log
 * @ring: I: geometry; L: the rest, see there
 * @counters: I: the stream's
 * @pages: I
 * @lock: the append lock. A spinlock even on PREEMPT_RT's terms: it sleeps
 *	there, and a real-time waiter boosts its holder. Held for one copy of a
 *	record at most, with page faults disabled
 * @keeps: I: what no gate has passed is kept even when there is no gate
 * @floor: L: head may go so far. %RINGLOG_NEVER: nobody is waited for; zero:
 *	the stream is gone
 * @gates: L: who is waited for; NULL until there was one, freed with the
 *	partition
 * @kernel: I: the K page: what only the kernel writes, for mapped readers. Its
 *	@room_wanted says that a writer waits for @floor to rise. Set by writers,
 *	cleared by gates, with full barriers: see gate.c
 * @poller_refused: a poller was told that there is no room, and the floor has
 *	not risen since
 * @rises: times that gates woke a writer, for writers to know a new one by
 * @room: writers that sleep, one woken at a time
 * @pollers: I: the stream's queue of those who poll for room
 * @sleepers: readers that sleep; a lock of its own
 * @watch: wakes @pollers when the oldest record expires; see retention.c
 *
 * I: fixed at creation. L: written under @lock.
 * Lock order: nothing is locked under @lock.
 */
struct ringlog_partition {
	struct ringlog_ring ring;
	struct ringlog_counters __percpu *counters ____cacheline_aligned;
	struct ringlog_sleepers sleepers;
	struct ringlog_pages pages;

	bool keeps;

	spinlock_t lock ____cacheline_aligned;
	u64 floor;
	struct ringlog_gates *gates;

	struct ringlog_kernel_page *kernel ____cacheline_aligned;
	bool poller_refused;
	atomic_t rises;
	wait_queue_head_t room;
	wait_queue_head_t *pollers;
	struct delayed_work watch;
};

/**
 * struct ringlog_partition_config - what a partition is made with
 * @ring_bytes: a power of two, %RINGLOG_RING_MIN to %RINGLOG_RING_MAX
 * @first_offset: of the first record
 * @age: ns that records are kept at most; zero: for ever
 * @node: where memory is taken from, or %NUMA_NO_NODE
 * @keeps: see struct ringlog_partition
 * @incarnation: of the stream; for mapped readers, as the next two
 * @number: the partition's
 * @max_record: of the stream
 */
struct ringlog_partition_config {
	size_t ring_bytes;
	u64 first_offset;
	u64 age;
	int node;
	bool keeps;
	u64 incarnation;
	u32 number;
	u32 max_record;
};

/**
 * struct ringlog_place - where a reader stands
 * @position: in the ring
 * @offset: of the record there
 */
struct ringlog_place {
	u64 position;
	u64 offset;
};

/**
 * struct ringlog_ends - a partition at one moment
 * @oldest: the oldest record
 * @newest: after the newest record
 * @oldest_timestamp: a lower bound of the oldest record's timestamp
 * @expired_end: offset after the last record that was retired by age
 */
struct ringlog_ends {
	struct ringlog_place oldest;
	struct ringlog_place newest;
	u64 oldest_timestamp;
	u64 expired_end;
};

int ringlog_partition_init(struct ringlog_partition *partition,
			   const struct ringlog_partition_config *config,
			   struct ringlog_counters __percpu *counters,
			   wait_queue_head_t *pollers);
void ringlog_partition_exit(struct ringlog_partition *partition);
void ringlog_partition_kill(struct ringlog_partition *partition);
void ringlog_partition_set_age(struct ringlog_partition *partition, u64 age);
u64 ringlog_partition_purge(struct ringlog_partition *partition);

int ringlog_partition_append(struct ringlog_partition *partition, struct iov_iter *value,
			     u32 producer);
int ringlog_partition_append_batch(struct ringlog_partition *partition, struct iov_iter *batch,
				   u32 producer, u32 *count, u64 *first_offset);
bool ringlog_partition_has_room(const struct ringlog_partition *partition, u64 bytes);

u64 ringlog_partition_room(const struct ringlog_partition *partition);

/* Nobody appends any more, for the stream is gone. No lock needed. */
static inline bool ringlog_partition_killed(const struct ringlog_partition *partition)
{
	return !READ_ONCE(partition->floor);
}

/* ns that records are kept at most; zero: for ever. No lock needed. */
static inline u64 ringlog_partition_age(const struct ringlog_partition *partition)
{
	return READ_ONCE(partition->ring.age);
}

void ringlog_partition_ends(struct ringlog_partition *partition, struct ringlog_ends *ends);
int ringlog_partition_seek(struct ringlog_partition *partition, u64 key, bool by_time,
			   struct ringlog_place *place);

#endif /* RINGLOG_PARTITION_H */
