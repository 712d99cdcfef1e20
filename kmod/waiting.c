// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for records, in read, in RINGLOG_IOC_WAIT and in poll. All of them
 * arm, pass LMM(arm:A), look, and only then sleep: see sleepers.c.
 */
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "mapped.h"
#include "retention.h"
#include "waiting.h"

static bool readable(const struct ringlog_cursor *cursor)
{
	/* Pairs with LMM(publish:A). */
	return smp_load_acquire(&cursor->partition->ring.head) > READ_ONCE(cursor->position);
}

static bool overtaken(const struct ringlog_cursor *cursor)
{
	return READ_ONCE(cursor->partition->ring.tail) > READ_ONCE(cursor->position);
}

/*
 * Would a read not wait? Age and purges can empty the ring under a cursor: then
 * only a loss to be told is left, which batches tell together with a record, and
 * mapped readers find by themselves.
 */
static bool would_not_wait(const struct ringlog_handle *handle,
			   const struct ringlog_cursor *cursor)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	/* Pairs with LMM(publish:A). */
	u64 head = smp_load_acquire(&ring->head);

	if (head <= READ_ONCE(cursor->position))
		return false;
	return READ_ONCE(ring->tail) < head ||
	       (READ_ONCE(handle->mode) == RINGLOG_MODE_PLAIN && !READ_ONCE(cursor->lapped));
}

/*
 * Retire what is too old, as far as it matters to the reader. Where a mapped one says
 * it is there need be no record, so it is not looked at. (While the mode changes it may
 * be, with no harm: what is looked at lies in the ring whatever it says.)
 */
static void expire_for(const struct ringlog_handle *handle, const struct ringlog_cursor *cursor)
{
	if (READ_ONCE(handle->mode) == RINGLOG_MODE_MAPPED)
		ringlog_retention_expire(cursor->partition);
	else
		ringlog_retention_expire_for(cursor->partition, READ_ONCE(cursor->position));
}

static void arm_for_any(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	ringlog_for_each_attached(handle, i, cursor)
		ringlog_sleepers_arm(&cursor->partition->sleepers, &cursor->sleeper,
				     cursor->position + 1, RINGLOG_NEVER);
}

static bool any_readable(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	ringlog_for_each_attached(handle, i, cursor)
		if (readable(cursor))
			return true;
	return ringlog_stream_gone(handle->stream);
}

/**
 * ringlog_sleep() - sleep until there may be something to read
 * @handle: locked; unlocked on return
 *
 * Return: 0 or %-ERESTARTSYS.
 */
int ringlog_sleep(struct ringlog_handle *handle)
{
	DEFINE_WAIT(entry);
	bool ready;
	int ret = 0;

	lockdep_assert_held(&handle->lock);
	prepare_to_wait(&handle->queue, &entry, TASK_INTERRUPTIBLE);
	arm_for_any(handle);
	smp_mb(); /* LMM(arm:A), pairs with LMM(grown:A) and LMM(kill:A). */
	ready = any_readable(handle);
	mutex_unlock(&handle->lock);

	/*
	 * Ready or not: empty values may come as fast as they are passed over,
	 * so that a reader that was killed would never get round to it.
	 */
	if (signal_pending(current)) {
		ret = -ERESTARTSYS;
	} else if (!ready) {
		ringlog_count(handle->stream->counters, waits, 1);
		schedule();
		ringlog_count(handle->stream->counters, woken, 1);
	}
	/* Takes no lock when the waker removed the entry. */
	finish_wait(&handle->queue, &entry);
	if (ready)
		cond_resched();
	return ret;
}

/* Mark the next growth, and tell the pollers at once if it, or the end, has come already. */
static void mark_next(struct ringlog_cursor *cursor)
{
	struct ringlog_partition *partition = cursor->partition;

	ringlog_sleepers_arm(&partition->sleepers, &cursor->sleeper, cursor->position + 1,
			     RINGLOG_NEVER);
	smp_mb(); /* LMM(arm:A), pairs with LMM(grown:A) and LMM(kill:A). */
	if (readable(cursor) || ringlog_partition_killed(partition))
		wake_up_interruptible_poll(cursor->sleeper.queue, RINGLOG_POLL_READ);
}

/**
 * ringlog_rearm() - a read is done, and somebody polls the file
 * @cursor: that it moved; the handle is locked
 *
 * Not every poller asks again for each event: a multishot poll of io_uring
 * takes the wakeup's word. It must drain the file to get the next one, and when
 * it has, the mark has to be there.
 */
void ringlog_rearm(struct ringlog_cursor *cursor)
{
	if (!readable(cursor))
		mark_next(cursor);
}

/**
 * ringlog_rearm_all() - a read found nothing
 * @handle: locked
 *
 * What has come since must be told: the mark may have been taken before it came,
 * and the caller, who is told that there is nothing, will not read again.
 */
void ringlog_rearm_all(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	/* No barrier: who polls from now on arms by itself. */
	if (likely(!waitqueue_active(&handle->queue)))
		return;
	ringlog_for_each_attached(handle, i, cursor)
		mark_next(cursor);
}

/* Does somebody sleep on or poll the file? Whoever comes after this sees what is done before. */
static bool is_watched(struct ringlog_handle *handle)
{
	unsigned long flags;
	bool watched;

	spin_lock_irqsave(&handle->queue.lock, flags);
	/* No barrier: the lock is held. */
	watched = waitqueue_active(&handle->queue);
	spin_unlock_irqrestore(&handle->queue.lock, flags);
	return watched;
}

/**
 * ringlog_rearm_moved() - the cursors went elsewhere, or are others now
 * @handle: locked
 *
 * Whoever sleeps or polls has marked what the file read before, and will hear of
 * nothing else. Polls and WAITs look at the cursors with no lock: those that were
 * on the queue before its lock is taken here are served by new marks; those that
 * come to it later find, having taken that lock after, the cursors as they are
 * now. A reader sleeps on the queue from before it let go of the handle's lock.
 */
void ringlog_rearm_moved(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	lockdep_assert_held(&handle->lock);
	if (!is_watched(handle))
		return;
	ringlog_for_each_attached(handle, i, cursor)
		mark_next(cursor);
}

/* With no minimum at all, one record. */
static u64 wants_records(const struct ringlog_wait *wait)
{
	return wait->min_records || wait->min_bytes ? wait->min_records : 1;
}

/*
 * Add what waits to be read at @cursor, if a read would not wait. Nothing that
 * tail has passed does, wherever the cursor still is, and whatever its offset.
 */
static bool add_up(const struct ringlog_handle *handle, const struct ringlog_cursor *cursor,
		   struct ringlog_wait *wait)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	u64 next = READ_ONCE(ring->next_offset);
	u64 offset = READ_ONCE(cursor->offset);
	u64 position = READ_ONCE(cursor->position);
	u64 head, tail, tail_offset;

	if (!would_not_wait(handle, cursor))
		return false;
	head = READ_ONCE(ring->head);
	tail = READ_ONCE(ring->tail);
	tail_offset = READ_ONCE(ring->tail_offset);
	position = max(position, tail);
	offset = max(offset, tail_offset);
	wait->bytes += head > position ? head - position : 0;
	wait->records += next > offset ? next - offset : 0;
	return true;
}

/* What waits to be read, into @wait; true if that is enough for it. */
static bool enough(struct ringlog_handle *handle, struct ringlog_wait *wait)
{
	struct ringlog_cursor *cursor;
	bool lapped = false, hurried = false;
	u32 i;

	wait->records = 0;
	wait->bytes = 0;
	ringlog_for_each_attached(handle, i, cursor) {
		struct ringlog_partition *partition = cursor->partition;

		expire_for(handle, cursor);
		if (!add_up(handle, cursor, wait))
			continue;
		lapped |= overtaken(cursor);
		hurried |= READ_ONCE(cursor->gate) && ringlog_gates_hurried(partition);
	}
	return lapped || hurried || ringlog_stream_gone(handle->stream) ||
	       (wait->min_bytes && wait->bytes >= wait->min_bytes) ||
	       (wants_records(wait) && wait->records >= wants_records(wait));
}

static u64 share(u64 wanted, u64 there, u32 of)
{
	u64 missing = wanted > there ? wanted - there : 1;

	/* So far away that it is never reached, and added to anything does not wrap. */
	return min(missing / of + !!(missing % of), 1ULL << 62);
}

/*
 * Mark an equal share of what is missing in each partition: when all of it has
 * come, one of them has got its share. And where the cursor is lapped, for
 * that ends the wait too.
 */
static void arm_for_enough(struct ringlog_handle *handle, const struct ringlog_wait *wait)
{
	u32 i, of = READ_ONCE(handle->attached_count);
	struct ringlog_cursor *cursor;

	ringlog_for_each_attached(handle, i, cursor) {
		const struct ringlog_ring *ring = &cursor->partition->ring;
		u64 position = READ_ONCE(cursor->position) + ring->size + 1;
		u64 offset = RINGLOG_NEVER;

		if (wait->min_bytes)
			position = min(position, READ_ONCE(ring->head) +
						 share(wait->min_bytes, wait->bytes, of));
		if (wants_records(wait))
			offset = READ_ONCE(ring->next_offset) +
				 share(wants_records(wait), wait->records, of);
		ringlog_sleepers_arm(&cursor->partition->sleepers, &cursor->sleeper,
				     position, offset);
	}
}

/* Mark whatever comes next, in each partition. */
static void arm_for_growth(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	ringlog_for_each_attached(handle, i, cursor) {
		const struct ringlog_ring *ring = &cursor->partition->ring;

		ringlog_sleepers_arm(&cursor->partition->sleepers, &cursor->sleeper,
				     READ_ONCE(ring->head) + 1, READ_ONCE(ring->next_offset) + 1);
	}
}

/*
 * Mark what is missing of enough, and look again. What came between the last
 * look and the marks makes them too high by as much; then, for it may go on
 * coming, mark the next growth and be done. Returns whether there is enough.
 */
static bool arm_and_look(struct ringlog_handle *handle, struct ringlog_wait *wait)
{
	u64 records = wait->records;
	u64 bytes = wait->bytes;

	arm_for_enough(handle, wait);
	smp_mb(); /* LMM(arm:A), pairs with LMM(grown:A), (kill:A), (room:A), (refuse:A). */
	if (enough(handle, wait))
		return true;
	if (likely(wait->records <= records && wait->bytes <= bytes))
		return false;
	arm_for_growth(handle);
	smp_mb(); /* LMM(arm:A), as above. */
	return enough(handle, wait);
}

static bool spin(struct ringlog_handle *handle, struct ringlog_wait *wait, ktime_t deadline)
{
	ktime_t end = ktime_add_ns(ktime_get(), wait->spin_ns);

	if (ktime_before(deadline, end))
		end = deadline;
	do {
		if (enough(handle, wait))
			return true;
		cpu_relax();
		cond_resched();
	} while (ktime_before(ktime_get(), end) && !signal_pending(current));
	return false;
}

static int sleep_for_enough(struct ringlog_handle *handle, struct ringlog_wait *wait,
			    ktime_t *deadline)
{
	DEFINE_WAIT(entry);
	bool timed_out;
	int ret = 0;

	for (;;) {
		prepare_to_wait(&handle->queue, &entry, TASK_INTERRUPTIBLE);
		if (arm_and_look(handle, wait))
			break;
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		ringlog_count(handle->stream->counters, waits, 1);
		timed_out = !schedule_hrtimeout(deadline, HRTIMER_MODE_ABS);
		ringlog_count(handle->stream->counters, woken, 1);
		if (timed_out) {
			ret = enough(handle, wait) ? 0 : -ETIMEDOUT;
			break;
		}
	}
	finish_wait(&handle->queue, &entry);
	return ret;
}

/*
 * Who polls the file waits for what comes behind where the reader is now. What was there
 * before is no news, unless it went back to it.
 */
static void rearm_heard(struct ringlog_handle *handle)
	__must_hold(&handle->lock)
{
	bool watched = is_watched(handle);
	struct ringlog_cursor *cursor;
	u32 i;

	lockdep_assert_held(&handle->lock);
	ringlog_for_each_attached(handle, i, cursor) {
		if (watched && cursor->heard && (cursor->went_back || !readable(cursor))) {
			mark_next(cursor);
			cond_resched();
		}
		cursor->heard = false;
	}
}

/* Where a mapped reader is now. A signal before that is known counts as if there was no call. */
static int hear_cursors(struct ringlog_handle *handle, const struct ringlog_wait *wait)
{
	int ret;

	if (mutex_lock_interruptible(&handle->lock))
		return -ERESTARTNOINTR;
	ret = ringlog_mapped_tell(handle, wait);
	if (!ret)
		rearm_heard(handle);
	mutex_unlock(&handle->lock);
	return ret;
}

/**
 * ringlog_wait() - RINGLOG_IOC_WAIT
 * @handle: open for reading
 * @wait: checked for unknown bits; its output is filled in whatever is returned
 * @may_not_wait: look once
 *
 * Looks at the cursors with no lock: threads that read the same file while one
 * waits make it count what they take.
 *
 * Context: process; sleeps.
 * Return: 0, or the errors of RINGLOG_IOC_WAIT in the uapi header.
 */
int ringlog_wait(struct ringlog_handle *handle, struct ringlog_wait *wait, bool may_not_wait)
{
	ktime_t deadline = KTIME_MAX;
	bool done;
	int ret = 0;

	if (wait->spin_ns > RINGLOG_SPIN_MAX)
		return -EINVAL;
	if (wait->timeout_ns < KTIME_MAX)
		deadline = ktime_add_safe(ktime_get(), ns_to_ktime(wait->timeout_ns));
	if (wait->cursors || wait->cursor_count) {
		ret = hear_cursors(handle, wait);
		if (ret)
			return ret;
	}

	done = enough(handle, wait);
	if (!done && may_not_wait)
		return -EAGAIN;
	if (!done && wait->spin_ns)
		done = spin(handle, wait, deadline);
	if (!done)
		ret = wait->timeout_ns ? sleep_for_enough(handle, wait, &deadline) : -ETIMEDOUT;
	return ringlog_stream_gone(handle->stream) ? -ENODEV : ret;
}

/**
 * ringlog_poll_read() - the reading half of poll
 * @handle: open for reading
 * @file: its file
 * @table: poll's
 *
 * Arms for the next growth whatever it finds. epoll asks again for each event
 * that it hands out, so every growth after that is a new edge, drained or not.
 *
 * Return: events of reading.
 */
__poll_t ringlog_poll_read(struct ringlog_handle *handle, struct file *file, poll_table *table)
{
	struct ringlog_cursor *cursor;
	__poll_t events = 0;
	u32 i;

	poll_wait(file, &handle->queue, table);
	ringlog_for_each_attached(handle, i, cursor)
		ringlog_sleepers_arm(&cursor->partition->sleepers, &cursor->sleeper,
				     max(READ_ONCE(cursor->partition->ring.head),
					 READ_ONCE(cursor->position)) + 1, RINGLOG_NEVER);
	smp_mb(); /* LMM(arm:A), pairs with LMM(grown:A) and LMM(kill:A). */
	ringlog_for_each_attached(handle, i, cursor) {
		expire_for(handle, cursor);
		if (would_not_wait(handle, cursor))
			events |= EPOLLIN | EPOLLRDNORM;
		if (overtaken(cursor))
			events |= EPOLLPRI;
	}
	return events;
}
