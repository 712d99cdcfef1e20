/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A handle: what an open file of a stream is to the module.
 */
#ifndef RINGLOG_HANDLE_H
#define RINGLOG_HANDLE_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>

#include "gate.h"
#include "sleepers.h"
#include "stream.h"

/**
 * struct ringlog_cursor - where a handle reads a partition
 * @partition: I: that it reads
 * @number: I: the partition's
 * @position: of the record to look at next
 * @offset: of the record to deliver next; what lies between it and the one
 *	that is delivered was lost
 * @lost: records that were told as lost
 * @expired: of those, the ones that had come of age
 * @attached: the handle reads this partition
 * @lapped: the loss was told as %-EPIPE and no record delivered since
 * @gate: writers wait here, or NULL
 * @sleeper: the handle's mark in the partition
 * @found: where ATTACH or WAIT, which are all or nothing, are about to put it
 * @found_lost: likewise, what a mapped reader says it lost
 * @found_expired: of those, the ones that had come of age
 * @heard: a mapped reader has just said so
 * @went_back: that it is further back than before
 * @seen: of the records of lower offsets a mapped reader has said what it lost
 *
 * Written under the handle's lock; poll reads @position, @lapped with none.
 */
struct ringlog_cursor {
	struct ringlog_partition *partition;
	u64 position;
	u64 offset;
	u64 lost;
	u64 expired;
	u32 number;
	bool attached;
	bool lapped;
	struct ringlog_gate *gate;
	struct ringlog_sleeper sleeper;
	struct ringlog_place found;
	u64 found_lost;
	u64 found_expired;
	u64 seen;
	bool heard;
	bool went_back;
};

/**
 * enum ringlog_mode - how an open file is read
 * @RINGLOG_MODE_PLAIN: read() gives values
 * @RINGLOG_MODE_BATCH: read() gives runs
 * @RINGLOG_MODE_MAPPED: in a mapping; the cursors are where the reader says it is,
 *	which is compared and never followed
 */
enum ringlog_mode {
	RINGLOG_MODE_PLAIN,
	RINGLOG_MODE_BATCH,
	RINGLOG_MODE_MAPPED,
};

/**
 * struct ringlog_handle - an open file
 * @stream: I
 * @producer: I: id in the records it appends
 * @turn: partitions its appends went to, from a beginning of its own; racing
 *	writers may share a turn
 * @pinned: the partition that its appends go to, or %RINGLOG_PARTITION_TURN
 * @staging_lock: one writer at a time stages its record
 * @staging: S: max_record and a header of memory, from the first time it is
 *	needed
 * @lock: one reader at a time; never held while asleep for records
 * @queue: its sleepers and pollers
 * @reader: in the stream's list, if it reads
 * @rcu: wakers may look at @queue until a grace period after the last close
 * @mode: R: how it is read
 * @attached: R: cursors of the partitions attached, the first @attached_count
 * @attached_count: R
 * @next: R: which of @attached is looked at first
 * @cursors: R: one for each partition; none if the file cannot read
 *
 * I: fixed at open. R: written under @lock. S: under @staging_lock.
 * Lock order: @lock or @staging_lock, then a partition's lock or its sleepers'.
 */
struct ringlog_handle {
	struct ringlog_stream *stream;
	u32 producer;
	u32 turn;
	u32 pinned;
	enum ringlog_mode mode;
	struct mutex staging_lock; /* for what is S */
	void *staging;

	struct mutex lock; /* for what is R */
	wait_queue_head_t queue;
	struct ringlog_stream_reader reader;
	struct rcu_head rcu;
	struct ringlog_cursor **attached;
	u32 attached_count;
	u32 next;
	struct ringlog_cursor cursors[];
};

struct ringlog_handle *ringlog_handle_open(struct ringlog_stream *stream, bool reads);
void ringlog_handle_close(struct ringlog_handle *handle);

/* What a handle reads; under its lock, or where a stale list does no harm. */
#define ringlog_for_each_attached(handle, i, cursor)					\
	for ((i) = 0; (i) < READ_ONCE((handle)->attached_count) &&			\
		      ((cursor) = READ_ONCE((handle)->attached[i]), true); (i)++)

/* How many of the records that @cursor lost, up to offset @to, age took up to @expired_end. */
static inline u64 ringlog_cursor_expired(const struct ringlog_cursor *cursor, u64 to,
					 u64 expired_end)
{
	u64 end = min(to, expired_end);

	return end > cursor->offset ? end - cursor->offset : 0;
}

static inline struct ringlog_handle *ringlog_cursor_handle(struct ringlog_cursor *cursor)
{
	return container_of(cursor - cursor->number, struct ringlog_handle, cursors[0]);
}

/* Count what @cursor was told it lost, up to offset @to; under the handle's lock. */
static inline void ringlog_cursor_lose(struct ringlog_cursor *cursor, u64 to, u64 expired_end)
{
	u64 lost = to - cursor->offset;
	u64 expired = ringlog_cursor_expired(cursor, to, expired_end);

	cursor->lost += lost;
	cursor->expired += expired;
	ringlog_count(cursor->partition->counters, lost, lost);
	ringlog_count(cursor->partition->counters, expired, expired);
	if (lost)
		ringlog_loss_note(ringlog_cursor_handle(cursor)->stream);
}

static inline bool ringlog_may_not_wait(const struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_NOWAIT) || (iocb->ki_filp->f_flags & O_NONBLOCK);
}

#endif /* RINGLOG_HANDLE_H */
