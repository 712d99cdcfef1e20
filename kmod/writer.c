// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: writing
 *
 * An append is tried; whatever can stand in its way is dealt with in between
 * the tries, with no lock held: room (the stream's policy says whether to
 * wait), and pages of the data that are gone when they are copied. Pages that
 * keep going are copied to memory of the kernel's first, at the caller's own
 * pace. So nobody is held up by a producer that faults, stalls or dies.
 *
 * What is too old makes room: it goes before anybody is told that there is none,
 * and a writer that waits sleeps no longer than until more of it is.
 */
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "compat.h"
#include "retention.h"
#include "writer.h"

/* Faulting in and copying again, before the data is staged. */
#define FAULTS_AT_MOST 3

/**
 * struct append - one append on its way, if the first try was not enough
 * @partition: where to
 * @from: the data
 * @footprint: ring bytes that it takes
 * @producer: for the records
 * @batch: NULL: @from is one record's value
 */
struct append {
	struct ringlog_partition *partition;
	struct iov_iter *from;
	u64 footprint;
	u32 producer;
	struct ringlog_batch *batch;
};

static int try(const struct append *append)
{
	if (append->batch)
		return ringlog_partition_append_batch(append->partition, append->from,
						      append->producer, &append->batch->count,
						      &append->batch->first_offset);
	return ringlog_partition_append(append->partition, append->from, append->producer);
}

static bool find_room(struct ringlog_partition *partition, u64 footprint)
{
	ringlog_retention_expire(partition);
	return ringlog_gates_make_room(partition, footprint);
}

/* Until woken, or until the oldest record has expired: nobody wakes for that. */
static void sleep_for_room(struct ringlog_partition *partition)
{
	ktime_t expiry = ringlog_retention_next(partition);

	if (likely(expiry == KTIME_MAX)) {
		schedule();
		return;
	}
	/* The floor rises by blocks: to wake for each record would be to spin. */
	expiry = max(expiry, ktime_add_ns(ktime_get(), NSEC_PER_MSEC));
	schedule_hrtimeout(&expiry, HRTIMER_MODE_ABS);
}

/*
 * Wait until there may be room. The queue is left before the append is tried,
 * for that may sleep in a fault.
 *
 * A writer that finds too little after the floor rose wakes the next, once for
 * each rise: it may want less. Nobody is forgotten: say E looked before the rise
 * and sleeps. The gate wakes somebody after the rise, and so does everyone who
 * sees that there was one. Such a wakeup ends only with a writer W that has done
 * so already, or began after the rise and so queued behind E. As the queue is in
 * order, W takes up no more than one wakeup of those that it has caused before it
 * is behind E too: one is left, which comes to E. And it ends: each of n writers
 * causes one for each rise.
 *
 * The rises are read when on the queue and before the gates are looked at, and
 * counted after the gate was moved and before its wakeup: whoever sees a rise
 * sees the gate there.
 */
static int wait_for_room(struct ringlog_stream *stream, struct ringlog_partition *partition,
			 u64 footprint, int *handed_on)
{
	DEFINE_WAIT(wait);
	int rises, ret = 0;

	for (;;) {
		prepare_to_wait_exclusive(&partition->room, &wait, TASK_INTERRUPTIBLE);
		rises = atomic_read(&partition->rises);
		if (ringlog_stream_gone(stream)) {
			ret = -ENODEV;
			break;
		}
		if (find_room(partition, footprint))
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (rises != *handed_on)
			wake_up_interruptible(&partition->room);
		*handed_on = rises;
		ringlog_gates_hurry(partition);
		ringlog_count(stream->counters, waits, 1);
		sleep_for_room(partition);
		ringlog_count(stream->counters, woken, 1);
	}
	finish_wait(&partition->room, &wait);
	return ret;
}

static int make_room(struct ringlog_stream *stream, struct ringlog_partition *partition,
		     u64 footprint, bool may_not_wait, int *handed_on)
{
	if (ringlog_stream_gone(stream))
		return -ENODEV;
	if (find_room(partition, footprint))
		return 0;
	if (stream->policy == RINGLOG_POLICY_REJECT) {
		ringlog_count(stream->counters, rejects, 1);
		return -ENOBUFS;
	}
	if (may_not_wait)
		return -EAGAIN;
	return wait_for_room(stream, partition, footprint, handed_on);
}

/* @ret: of the last try. */
static int wait_and_append(struct ringlog_handle *handle, const struct append *append, int ret,
			   bool may_not_wait)
{
	/* Of all rounds: what was taken from who slept must be handed on. */
	int handed_on = atomic_read(&append->partition->rises);
	bool waited = false;

	while (ret == -ENOBUFS) {
		waited = true;
		ret = make_room(handle->stream, append->partition, append->footprint,
				may_not_wait, &handed_on);
		if (ret)
			break;
		ret = try(append);
	}
	/* Writers are woken one at a time: whoever was has to wake the next. */
	if (waited && waitqueue_active(&append->partition->room))
		wake_up_interruptible(&append->partition->room);
	return ret;
}

/* Its pages keep going: copy at the caller's pace, then append from the kernel's memory. */
static int append_staged(struct ringlog_handle *handle, struct append *append, bool may_not_wait)
{
	size_t bytes = iov_iter_count(append->from);
	struct iov_iter staged;
	struct kvec vec;
	int ret = -ENOMEM;

	/* Whoever has it may be waiting for pages, or for room. */
	if (may_not_wait) {
		if (!mutex_trylock(&handle->staging_lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&handle->staging_lock)) {
		return -ERESTARTSYS;
	}
	if (!handle->staging)
		handle->staging = kvmalloc(handle->stream->max_record +
					   sizeof(struct ringlog_record),
					   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!handle->staging)
		goto out;
	ret = -EFAULT;
	if (!copy_from_iter_full(handle->staging, bytes, append->from))
		goto out;
	vec = (struct kvec){ .iov_base = handle->staging, .iov_len = bytes };
	iov_iter_kvec(&staged, ITER_SOURCE, &vec, 1, bytes);
	append->from = &staged;
	ret = wait_and_append(handle, append, try(append), may_not_wait);
out:
	mutex_unlock(&handle->staging_lock);
	return ret;
}

/* What the first try, which gave @ret, did not do. */
static noinline int append_slowly(struct ringlog_handle *handle, struct append *append, int ret,
				  bool may_not_wait)
{
	int faults;

	for (faults = 0; faults < FAULTS_AT_MOST; faults++) {
		ret = wait_and_append(handle, append, ret, may_not_wait);
		if (ret != -EFAULT)
			return ret;
		/* Not there, or there and gone again? */
		if (fault_in_iov_iter_readable(append->from, iov_iter_count(append->from)))
			return -EFAULT;
		ret = try(append);
	}
	return ret == -EFAULT ? append_staged(handle, append, may_not_wait) : ret;
}

/* The partition of the next append. A turn is taken when the append went through. */
static __always_inline u32 whose_turn(const struct ringlog_handle *handle)
{
	u32 partitions = handle->stream->partitions;
	u32 pinned = READ_ONCE(handle->pinned);

	if (partitions == 1)
		return 0;
	return pinned != RINGLOG_PARTITION_TURN ? pinned : READ_ONCE(handle->turn) % partitions;
}

static void take_turn(struct ringlog_handle *handle)
{
	WRITE_ONCE(handle->turn, handle->turn + 1);
}

/**
 * ringlog_write() - append one record
 * @handle: open for writing
 * @value: the record's value; it may be empty
 * @may_not_wait: for room
 *
 * Context: process; sleeps.
 * Return: bytes, or the errors of write(2) in the uapi header.
 */
ssize_t ringlog_write(struct ringlog_handle *handle, struct iov_iter *value, bool may_not_wait)
{
	struct ringlog_stream *stream = handle->stream;
	size_t length = iov_iter_count(value);
	struct ringlog_partition *partition;
	int ret;

	if (unlikely(!length))
		return 0;
	if (unlikely(length > stream->max_record))
		return -EMSGSIZE;
	/* Its partitions say so one after the other, but whoever was told once is told again. */
	if (unlikely(ringlog_stream_gone(stream)))
		return -ENODEV;
	partition = &stream->partition[whose_turn(handle)];
	ret = ringlog_partition_append(partition, value, handle->producer);
	if (unlikely(ret)) {
		struct append rest = {
			.partition = partition,
			.from = value,
			.footprint = ringlog_record_footprint(length),
			.producer = handle->producer,
		};

		ret = append_slowly(handle, &rest, ret, may_not_wait);
		if (ret)
			return ret;
	}
	take_turn(handle);
	return length;
}

/*
 * Check a batch where it lies. It may change before it is copied, and is
 * checked again then; this is so that a batch that is simply wrong costs
 * nobody a record.
 */
static int check_batch(const struct ringlog_batch *batch)
{
	const struct ringlog_record __user *at = batch->address;
	u32 left = batch->bytes;
	u32 records = 0;
	u64 footprint;

	if (!user_read_access_begin(at, left))
		return -EFAULT;
	while (left) {
		struct ringlog_record record;

		if (left < sizeof(record))
			goto invalid;
		unsafe_get_user(record.length, &at->length, fault);
		unsafe_get_user(record.type, &at->type, fault);
		unsafe_get_user(record.flags, &at->flags, fault);
		unsafe_get_user(record.reserved, &at->reserved, fault);
		unsafe_get_user(record.key_len, &at->key_len, fault);
		unsafe_get_user(record.headers_len, &at->headers_len, fault);
		if (!ringlog_record_valid(&record, left))
			goto invalid;
		if (++records > RINGLOG_BATCH_MAX)
			goto too_many;
		footprint = ringlog_record_footprint(record.length);
		at = (const void __user *)at + footprint;
		left -= footprint;
	}
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
invalid:
	user_read_access_end();
	return -EINVAL;
too_many:
	user_read_access_end();
	return -EMSGSIZE;
}

/**
 * ringlog_write_batch() - append a batch to one partition, all or nothing
 * @handle: open for writing
 * @batch: what and where to; filled in
 * @may_not_wait: for room
 *
 * Context: process; sleeps.
 * Return: 0, or the errors of RINGLOG_IOC_APPEND in the uapi header.
 */
int ringlog_write_batch(struct ringlog_handle *handle, struct ringlog_batch *batch,
			bool may_not_wait)
{
	struct ringlog_stream *stream = handle->stream;
	bool turn = batch->partition == RINGLOG_PARTITION_TURN;
	struct append request = { .producer = handle->producer, .batch = batch };
	struct iov_iter from;
	int ret;

	if (turn)
		batch->partition = whose_turn(handle);
	if (batch->partition >= stream->partitions || !batch->bytes ||
	    !IS_ALIGNED(batch->bytes, RINGLOG_ALIGN))
		return -EINVAL;
	if (batch->bytes > ringlog_record_footprint(stream->max_record))
		return -EMSGSIZE;
	ret = check_batch(batch);
	if (ret)
		return ret;
	iov_iter_ubuf(&from, ITER_SOURCE, batch->address, batch->bytes);
	request.from = &from;
	request.partition = &stream->partition[batch->partition];
	request.footprint = batch->bytes;
	ret = try(&request);
	if (unlikely(ret))
		ret = append_slowly(handle, &request, ret, may_not_wait);
	if (!ret && turn)
		take_turn(handle);
	return ret;
}

/**
 * ringlog_write_would_not_wait() - is there room for the largest record
 * @handle: open for writing
 *
 * In the partition whose turn it is. The caller polls: it is on the stream's
 * queue for room, or will not sleep.
 *
 * Return: whether there is.
 */
bool ringlog_write_would_not_wait(struct ringlog_handle *handle)
{
	struct ringlog_stream *stream = handle->stream;
	struct ringlog_partition *partition = &stream->partition[whose_turn(handle)];
	u64 footprint = ringlog_record_footprint(stream->max_record);

	if (stream->policy != RINGLOG_POLICY_BLOCK ||
	    ringlog_partition_has_room(partition, footprint) ||
	    find_room(partition, footprint))
		return true;
	ringlog_gates_refuse(partition);
	ringlog_retention_watch(partition);
	return false;
}
