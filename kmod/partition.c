// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/timekeeping.h>
#include <linux/uio.h>

#include "copy.h"
#include "partition.h"
#include "retention.h"

/* CLOCK_MONOTONIC, and for a clock that is not quite: never back. */
static u64 stamp(struct ringlog_ring *ring)
{
	u64 now = ktime_get_ns();

	if (unlikely(now < ring->timestamp))
		now = ring->timestamp;
	ring->timestamp = now;
	return now;
}

/* Returns true, for the data is known to be there, or %-EFAULT. Memory of the kernel's is there. */
static int fault_in(const struct iov_iter *from)
{
	return fault_in_iov_iter_readable(from, iov_iter_count(from)) ? -EFAULT : true;
}

/*
 * An append that retires records must go through, for they are lost whatever
 * becomes of it: so its data is faulted in first. One that retires nothing can
 * simply fail, and mostly finds its pages there. Returns whether the data is
 * known to be there, or %-EFAULT.
 */
static __always_inline int fault_in_if_full(const struct ringlog_partition *partition,
					    const struct iov_iter *from, u64 footprint)
{
	if (likely(!ringlog_ring_full(&partition->ring, footprint)))
		return false;
	return fault_in(from);
}

/* May the append go on? %-EAGAIN: the ring became full since fault_in_if_full(). */
static __always_inline int admit(struct ringlog_partition *partition, u64 footprint, bool there)
	__must_hold(&partition->lock)
{
	if (unlikely(partition->ring.age))
		ringlog_retention_expire_locked(partition, false);
	if (unlikely(partition->ring.head + footprint > partition->floor))
		return -ENOBUFS;
	if (unlikely(ringlog_ring_full(&partition->ring, footprint))) {
		if (!there)
			return -EAGAIN;
		ringlog_ring_make_room(&partition->ring, footprint);
	}
	return 0;
}

/**
 * ringlog_partition_append() - append one record with neither key nor headers
 * @partition: the partition
 * @value: all of it is the value, at least a byte and at most the stream's
 *	max_record; where it was on failure
 * @producer: for the record
 *
 * Context: process, no lock held; may fault the value in first.
 * Return: 0; %-EFAULT: the value was not there when it was copied, so fault it
 * in and try again, or cannot be; %-ENOBUFS: the floor is in the way.
 * Nothing was appended then.
 */
int ringlog_partition_append(struct ringlog_partition *partition, struct iov_iter *value,
			     u32 producer)
{
	struct ringlog_ring *ring = &partition->ring;
	u32 length = iov_iter_count(value);
	u64 footprint = ringlog_record_footprint(length);
	struct ringlog_record *record;
	u64 head, offset;
	size_t copied;
	int there, ret;

	there = fault_in_if_full(partition, value, footprint);
again:
	if (unlikely(there < 0))
		return there;
	spin_lock(&partition->lock);
	ret = admit(partition, footprint, there);
	if (unlikely(ret)) {
		spin_unlock(&partition->lock);
		if (ret != -EAGAIN)
			return ret;
		/* Once: whoever comes with the data there is let in. */
		there = fault_in(value);
		goto again;
	}
	head = ring->head + footprint;
	record = ringlog_ring_at(ring, ring->head);
	/* The padding, and maybe more: the value comes on top of it. */
	memset((u8 *)record + footprint - RINGLOG_ALIGN, 0, RINGLOG_ALIGN);
	copied = ringlog_copy_in(record + 1, length, value);
	if (unlikely(copied != length)) {
		spin_unlock(&partition->lock);
		iov_iter_revert(value, copied);
		return -EFAULT;
	}
	offset = ring->next_offset;
	*record = (struct ringlog_record){
		.length = length,
		.type = RINGLOG_TYPE_DATA,
		.offset = offset,
		.timestamp = stamp(ring),
		.producer = producer,
	};
	ringlog_ring_index(ring, ring->head, head, offset, ring->timestamp);
	ringlog_ring_publish(ring, head, offset + 1);
	spin_unlock(&partition->lock);

	ringlog_count(partition->counters, singles, 1);
	ringlog_count(partition->counters, bytes, length);
	ringlog_sleepers_grown(&partition->sleepers, head, offset + 1);
	return 0;
}

/**
 * ringlog_partition_append_batch() - append records in the ring's own layout
 * @partition: the partition
 * @batch: all of it; checked already, a multiple of %RINGLOG_ALIGN and at most
 *	a header and the stream's max_record; where it was on failure
 * @producer: for the records
 * @count: out: records
 * @first_offset: out: the first one's offset
 *
 * Context: process, no lock held.
 * Return: as ringlog_partition_append(), and %-EINVAL: the batch was changed
 * after it was checked.
 */
int ringlog_partition_append_batch(struct ringlog_partition *partition, struct iov_iter *batch,
				   u32 producer, u32 *count, u64 *first_offset)
{
	struct ringlog_ring *ring = &partition->ring;
	u32 bytes = iov_iter_count(batch);
	u64 head, lengths;
	size_t copied;
	int there, ret;

	there = fault_in_if_full(partition, batch, bytes);
again:
	if (unlikely(there < 0))
		return there;
	spin_lock(&partition->lock);
	ret = admit(partition, bytes, there);
	if (unlikely(ret)) {
		spin_unlock(&partition->lock);
		if (ret != -EAGAIN)
			return ret;
		/* Once: whoever comes with the data there is let in. */
		there = fault_in(batch);
		goto again;
	}
	head = ring->head + bytes;
	copied = ringlog_copy_in(ringlog_ring_at(ring, ring->head), bytes, batch);
	ret = -EFAULT;
	/* The stamping goes by what was copied, which must not be a guess past access_ok(). */
	barrier_nospec();
	if (likely(copied == bytes))
		ret = ringlog_ring_stamp(ring, bytes, stamp(ring), producer, &lengths);
	if (unlikely(ret < 0)) {
		spin_unlock(&partition->lock);
		iov_iter_revert(batch, copied);
		return ret;
	}
	*count = ret;
	*first_offset = ring->next_offset;
	ringlog_ring_publish(ring, head, *first_offset + *count);
	spin_unlock(&partition->lock);

	ringlog_count(partition->counters, bytes, lengths);
	ringlog_count(partition->counters, batches, 1);
	ringlog_count(partition->counters, batched, *count);
	ringlog_sleepers_grown(&partition->sleepers, head, *first_offset + *count);
	return 0;
}

/**
 * ringlog_partition_has_room() - would an append go through now
 * @partition: the partition
 * @bytes: the record's footprint
 *
 * Context: any, no lock needed.
 * Return: whether it would.
 */
bool ringlog_partition_has_room(const struct ringlog_partition *partition, u64 bytes)
{
	return READ_ONCE(partition->ring.head) + bytes <= READ_ONCE(partition->floor);
}

/**
 * ringlog_partition_room() - how much can be appended now
 * @partition: the partition
 *
 * Context: any, no lock needed.
 * Return: bytes; %RINGLOG_NEVER: nothing stands in the way of any append.
 */
u64 ringlog_partition_room(const struct ringlog_partition *partition)
{
	u64 head = READ_ONCE(partition->ring.head);
	u64 floor = READ_ONCE(partition->floor);

	if (floor == RINGLOG_NEVER)
		return RINGLOG_NEVER;
	return floor > head ? floor - head : 0;
}

static void ends_locked(struct ringlog_partition *partition, struct ringlog_ends *ends)
	__must_hold(&partition->lock)
{
	const struct ringlog_ring *ring = &partition->ring;

	lockdep_assert_held(&partition->lock);
	ends->oldest = (struct ringlog_place){ ring->tail, ring->tail_offset };
	ends->newest = (struct ringlog_place){ ring->head, ring->next_offset };
	ends->oldest_timestamp = ring->timestamp;
	ends->expired_end = ring->expired_end;
	if (ring->tail < ring->head) {
		const struct ringlog_record *record = ringlog_ring_at(ring, ring->tail);

		ends->oldest_timestamp = record->timestamp;
	}
}

/**
 * ringlog_partition_ends() - where a partition begins and ends
 * @partition: the partition
 * @ends: out
 *
 * What is too old goes first. Context: process. Takes the lock, so that both ends
 * are of one moment.
 */
void ringlog_partition_ends(struct ringlog_partition *partition, struct ringlog_ends *ends)
{
	ringlog_retention_expire(partition);
	spin_lock(&partition->lock);
	ends_locked(partition, ends);
	spin_unlock(&partition->lock);
}

/**
 * ringlog_partition_seek() - find a record by offset or time
 * @partition: the partition
 * @key: an offset, or CLOCK_MONOTONIC ns
 * @by_time: which of them
 * @place: out
 *
 * Context: process, no lock held. The place may be overwritten by the time the
 * caller looks.
 * Return: 0; %-ERANGE: no such offset, now; %-EAGAIN: writers came by again and
 * again; %-EBADMSG: damaged.
 */
int ringlog_partition_seek(struct ringlog_partition *partition, u64 key, bool by_time,
			   struct ringlog_place *place)
{
	struct ringlog_ends ends;
	int tries, ret = -EAGAIN;

	ringlog_retention_expire(partition);
	for (tries = 0; tries < 8 && ret == -EAGAIN; tries++) {
		ret = ringlog_ring_seek(&partition->ring, key, by_time, &place->position,
					&place->offset);
		if (ret == -EPIPE)
			ret = -EAGAIN;
		if (ret != -EAGAIN)
			break;
		/* Empty, as it seemed. */
		ringlog_partition_ends(partition, &ends);
		if (ends.oldest.position < ends.newest.position)
			continue;
		if (!by_time && key != ends.newest.offset)
			return -ERANGE;
		*place = ends.newest;
		return 0;
	}
	return ret;
}

/**
 * ringlog_partition_kill() - let nobody append and nobody sleep any more
 * @partition: of a stream that says it is gone
 */
void ringlog_partition_kill(struct ringlog_partition *partition)
{
	spin_lock(&partition->lock);
	WRITE_ONCE(partition->floor, 0);
	spin_unlock(&partition->lock);
	WRITE_ONCE(partition->kernel->state, RINGLOG_STATE_GONE);
	/*
	 * LMM(kill:A), pairs with LMM(arm:A): whoever is not woken below sees
	 * that the stream is gone when it looks after arming.
	 */
	smp_mb();
	ringlog_sleepers_wake_all(&partition->sleepers);
	wake_up_all(&partition->room);
}

/* Where a mapped reader finds things; see struct ringlog_kernel_page. */
static void describe(const struct ringlog_pages *pages,
		     const struct ringlog_partition_config *config)
{
	struct ringlog_kernel_page *kernel = ringlog_pages_kernel(pages);
	void *base = kernel;

	static_assert(offsetof(struct ringlog_kernel_page, state) == 64);
	static_assert(offsetof(struct ringlog_kernel_page, wake) == 128);
	static_assert(offsetof(struct ringlog_published, head) == 64);
	*kernel = (struct ringlog_kernel_page){
		.bytes = sizeof(*kernel),
		.block = RINGLOG_BLOCK,
		.map_bytes = ringlog_pages_window(pages),
		.published_at = ringlog_pages_owner(pages) - base,
		.index_at = ringlog_pages_index(pages) - base,
		.data_at = ringlog_pages_data(pages) - base,
		.ring_bytes = config->ring_bytes,
		.incarnation = config->incarnation,
		.partition = config->number,
		.max_record = config->max_record,
		.age_ns = config->age,
		.expired_end = config->first_offset,
	};
}

/**
 * ringlog_partition_init() - make an empty partition
 * @partition: zeroed
 * @config: see there; checked
 * @counters: of the stream
 * @pollers: of the stream
 *
 * Context: process; sleeps.
 * Return: 0, or as ringlog_pages_alloc().
 */
int ringlog_partition_init(struct ringlog_partition *partition,
			   const struct ringlog_partition_config *config,
			   struct ringlog_counters __percpu *counters,
			   wait_queue_head_t *pollers)
{
	int ret;

	ret = ringlog_pages_alloc(&partition->pages, config->ring_bytes, config->node);
	if (ret)
		return ret;
	describe(&partition->pages, config);
	partition->kernel = ringlog_pages_kernel(&partition->pages);
	ringlog_ring_init(&partition->ring, ringlog_pages_data(&partition->pages),
			  ringlog_pages_index(&partition->pages),
			  ringlog_pages_owner(&partition->pages), config->ring_bytes,
			  config->first_offset);
	partition->ring.age = config->age;
	partition->ring.expired_end_shown = &partition->kernel->expired_end;
	partition->counters = counters;
	partition->pollers = pollers;
	partition->keeps = config->keeps;
	partition->floor = config->keeps ? config->ring_bytes : RINGLOG_NEVER;
	spin_lock_init(&partition->lock);
	init_waitqueue_head(&partition->room);
	ringlog_retention_init(partition);
	ringlog_sleepers_init(&partition->sleepers, &partition->kernel->wake, &partition->ring,
			      counters);
	return 0;
}

/**
 * ringlog_partition_exit() - undo ringlog_partition_init()
 * @partition: no file of its stream is open; may be zeroed
 */
void ringlog_partition_exit(struct ringlog_partition *partition)
{
	if (!partition->pages.base)
		return;
	ringlog_retention_exit(partition);
	ringlog_sleepers_exit(&partition->sleepers);
	kfree(partition->gates);
	ringlog_pages_free(&partition->pages);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "partition_kunit.c"
#endif
