// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: age
 *
 * A record expires when it is older than the partition's age. Nothing happens
 * at that moment, and no timer waits for it: whoever comes by next retires it,
 * in constant time, by moving tail under the partition's lock, exactly as an
 * append does that makes room. So a reader that is overtaken by age goes the
 * way of one that is overtaken by a writer; ring->expired_end tells them apart.
 *
 * Who comes by:
 *
 * - an append, under the lock that it has: whole blocks of records;
 * - a read whose next record is too old, and whoever asks where the partition
 *   begins, polls, or waits for records: exactly;
 * - a writer that has found no room, before it says so or sleeps: exactly. It
 *   sleeps no longer than until the oldest record has expired, or a millisecond,
 *   for that may be all that it waits for;
 * - for those who poll for room, and cannot be told when to look again, work
 *   that is due when the oldest record expires. It is queued by poll alone,
 *   and only when that finds no room on a stream with an age.
 *
 * What lies before tail is gone, whoever holds it: a gate below tail holds
 * nothing, and the floor is at least tail down to a block and a ring.
 */
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "retention.h"

/* Timestamps below this are too old; none is if there is no age. */
static u64 horizon(const struct ringlog_partition *partition)
{
	u64 age = READ_ONCE(partition->ring.age);
	u64 now = ktime_get_ns();

	return age && now > age ? now - age : 0;
}

/**
 * ringlog_retention_floor() - how far head may go because of a position
 * @partition: the partition
 * @position: what is not to be overwritten begins here
 *
 * Return: the floor; rounded down, because tail moves by blocks to make room.
 */
u64 ringlog_retention_floor(const struct ringlog_partition *partition, u64 position)
{
	return ALIGN_DOWN(position, RINGLOG_BLOCK) + partition->ring.size;
}

/* Tail has moved: nothing is held below it. Zero stays, and so does for ever. */
static void raise_floor(struct ringlog_partition *partition)
	__must_hold(&partition->lock)
{
	u64 floor = ringlog_retention_floor(partition, partition->ring.tail);

	lockdep_assert_held(&partition->lock);
	if (partition->floor && partition->floor < floor)
		WRITE_ONCE(partition->floor, floor);
}

/**
 * ringlog_retention_wake_writers() - there may be room
 * @partition: the partition
 *
 * One of those who sleep, for it wakes the next, and all who poll.
 *
 * Context: process, no lock held.
 */
void ringlog_retention_wake_writers(struct ringlog_partition *partition)
{
	/* Before the wakeup, whose lock orders it for who is woken. */
	atomic_inc(&partition->rises);
	WRITE_ONCE(partition->kernel->room_wanted, 0);
	WRITE_ONCE(partition->poller_refused, false);
	wake_up_interruptible(&partition->room);
	wake_up_interruptible_poll(partition->pollers, EPOLLOUT | EPOLLWRNORM);
}

/**
 * ringlog_retention_expire_locked() - retire what is too old
 * @partition: the partition
 * @exact: see ringlog_ring_expire()
 *
 * Wakes nobody: those who wait for room know by themselves when it comes of age.
 *
 * Return: whether there was something.
 */
bool ringlog_retention_expire_locked(struct ringlog_partition *partition, bool exact)
	__must_hold(&partition->lock)
{
	lockdep_assert_held(&partition->lock);
	if (!ringlog_ring_expire(&partition->ring, horizon(partition), exact))
		return false;
	raise_floor(partition);
	return true;
}

static void expire(struct ringlog_partition *partition)
{
	u64 floor;
	bool rose;

	spin_lock(&partition->lock);
	floor = partition->floor;
	ringlog_retention_expire_locked(partition, true);
	rose = partition->floor != floor;
	spin_unlock(&partition->lock);
	/*
	 * Sooner than by themselves, for the work that wakes pollers may be late; but
	 * only when there is more room than before, which is not for every record.
	 */
	if (rose && READ_ONCE(partition->kernel->room_wanted))
		ringlog_retention_wake_writers(partition);
}

/* Is the record at @position too old? A guess, with no lock: yes if a writer came by. */
static bool seems_expired(const struct ringlog_partition *partition, u64 position)
{
	const struct ringlog_ring *ring = &partition->ring;
	struct ringlog_view view = {};
	u64 timestamp;
	int ret;

	ret = ringlog_ring_look(ring, position, &view);
	if (ret)
		return ret != -EAGAIN;
	timestamp = READ_ONCE(view.record->timestamp);
	return ringlog_ring_overtaken(ring, position) || timestamp < horizon(partition);
}

/**
 * ringlog_retention_expire_now() - ringlog_retention_expire() with an age
 * @partition: the partition
 */
void ringlog_retention_expire_now(struct ringlog_partition *partition)
{
	if (seems_expired(partition, ringlog_ring_oldest(&partition->ring)))
		expire(partition);
}

/**
 * ringlog_retention_expire_at() - let a reader be overtaken by age
 * @partition: the partition; it has an age
 * @position: where the reader is
 *
 * If the record there is too old, tail has passed it after this. What lies
 * before it is left to others, so that readers who keep up take no lock.
 *
 * Context: process, no lock held.
 */
void ringlog_retention_expire_at(struct ringlog_partition *partition, u64 position)
{
	if (READ_ONCE(partition->ring.tail) <= position && seems_expired(partition, position))
		expire(partition);
}

/**
 * ringlog_retention_next() - when the oldest record expires
 * @partition: the partition
 *
 * Context: process, no lock held.
 * Return: CLOCK_MONOTONIC, maybe past; %KTIME_MAX: never.
 */
ktime_t ringlog_retention_next(struct ringlog_partition *partition)
{
	const struct ringlog_ring *ring = &partition->ring;
	u64 expiry = KTIME_MAX;

	if (likely(!READ_ONCE(ring->age)))
		return KTIME_MAX;
	spin_lock(&partition->lock);
	if (ring->age < KTIME_MAX && ring->tail < ring->head) {
		const struct ringlog_record *oldest = ringlog_ring_at(ring, ring->tail);

		/* The first nanosecond at which it is older. */
		expiry = min(oldest->timestamp + ring->age + 1, (u64)KTIME_MAX);
	}
	spin_unlock(&partition->lock);
	return expiry;
}

/* The oldest record of a partition that somebody polls for room has expired. */
static void watched(struct work_struct *work)
{
	struct ringlog_partition *partition =
		container_of(to_delayed_work(work), struct ringlog_partition, watch);

	ringlog_retention_expire(partition);
	/* Those who sleep have timers of their own. */
	WRITE_ONCE(partition->poller_refused, false);
	wake_up_interruptible_poll(partition->pollers, EPOLLOUT | EPOLLWRNORM);
}

/**
 * ringlog_retention_watch() - wake those who poll for room when age makes some
 * @partition: the partition; there is no room
 *
 * Once: they look again, and ask for it again.
 *
 * Context: process, no lock held.
 */
void ringlog_retention_watch(struct ringlog_partition *partition)
{
	ktime_t next = ringlog_retention_next(partition);
	u64 now = ktime_get_ns();
	u64 at = ktime_to_ns(next);
	u64 left = at > now ? at - now : 0;

	if (next == KTIME_MAX)
		return;
	/* What is pending may go by an age that was longer. */
	cancel_delayed_work(&partition->watch);
	schedule_delayed_work(&partition->watch,
			      min(nsecs_to_jiffies(left) + 1, MAX_JIFFY_OFFSET));
}

/**
 * ringlog_partition_set_age() - how long records are kept
 * @partition: may be in use
 * @age: ns at most; zero: for ever
 *
 * What is too old by the new age goes at once.
 *
 * Context: process, no lock held.
 */
void ringlog_partition_set_age(struct ringlog_partition *partition, u64 age)
{
	spin_lock(&partition->lock);
	WRITE_ONCE(partition->ring.age, age);
	WRITE_ONCE(partition->kernel->age_ns, age);
	ringlog_retention_expire_locked(partition, true);
	spin_unlock(&partition->lock);
	/* All writers: each has to know how long it may sleep now. */
	wake_up_interruptible_all(&partition->room);
	ringlog_retention_wake_writers(partition);
}

/**
 * ringlog_partition_purge() - retire everything
 * @partition: may be in use
 *
 * Readers that had not read it are told of the loss when they look next. None is
 * woken for it: who sleeps until there is a record has lost none, and whoever
 * polls or waits for more of them is marked for growth, as it is for a loss to
 * overwriting. Writers that wait for room have it now. It frees no memory.
 *
 * Context: process, no lock held.
 * Return: records retired.
 */
u64 ringlog_partition_purge(struct ringlog_partition *partition)
{
	struct ringlog_ring *ring = &partition->ring;
	u64 records;

	spin_lock(&partition->lock);
	records = ring->next_offset - ring->tail_offset;
	if (records) {
		ringlog_ring_retire_to(ring, ring->head, ring->next_offset);
		raise_floor(partition);
	}
	spin_unlock(&partition->lock);
	if (records)
		ringlog_retention_wake_writers(partition);
	return records;
}

/**
 * ringlog_retention_init() - nobody polls for room
 * @partition: being made
 */
void ringlog_retention_init(struct ringlog_partition *partition)
{
	INIT_DELAYED_WORK(&partition->watch, watched);
}

/**
 * ringlog_retention_exit() - nobody does any more
 * @partition: no file of its stream is open
 */
void ringlog_retention_exit(struct ringlog_partition *partition)
{
	cancel_delayed_work_sync(&partition->watch);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "retention_kunit.c"
#endif
