// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: reading
 *
 * A read looks at the record at its cursor, copies it to the user and looks
 * again whether it was overwritten meanwhile. Only then does anything it saw
 * count, be it a value, a length that does not fit, or damage. It takes no lock
 * that a writer takes and writes nothing that a writer reads, but for gates.
 *
 * A cursor that was overtaken keeps the offset that it wanted; the record that
 * is delivered next tells how many were lost. By writers, by age or by a purge,
 * it is all the same. In a partition with an age the record at the cursor is
 * retired first if it is too old; those behind it are younger. How old a record
 * is when the caller has it is a matter of how long the copy takes.
 */
#include <linux/sched.h>
#include <linux/uio.h>

#include "copy.h"
#include "reader.h"
#include "retention.h"
#include "waiting.h"

/* Records with empty values that one call passes over. */
#define EMPTY_AT_MOST 64

/* Tries at the oldest record, before the reader gives up more to get away from the writer. */
#define OLDEST_TRIES 2

/* Of a run, which is copied in one go: the largest record fits, and it takes a millisecond. */
#define RUN_MAX (RINGLOG_RECORD_MAX + sizeof(struct ringlog_record))

/*
 * Tries to find a record that lasts, before -EAGAIN. To a reader that may wait that
 * means to look for signals, let others run and go on; to one that may not, to come
 * again. Neither is told of a signal before it tried, for work that io_uring left
 * for its task looks like one.
 */
#define TRIES_AT_MOST 8

/* Put an overtaken cursor where there may be a record that lasts. */
static noinline void catch_up(struct ringlog_cursor *cursor, unsigned int tries)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	u64 ahead = 0;

	if (tries >= OLDEST_TRIES)
		ahead = ring->size / 4 * min(tries - OLDEST_TRIES + 1, 3U);
	WRITE_ONCE(cursor->position, ahead ? ringlog_ring_ahead(ring, ahead) :
					     ringlog_ring_oldest(ring));
	if (tries > OLDEST_TRIES)
		cond_resched();
}

/*
 * The records from @first up to @next_offset, at @next, are with the user, in
 * @bytes. Returns that, or %-EBADMSG: the offsets go back.
 */
static __always_inline ssize_t deliver(struct ringlog_cursor *cursor, u64 first, u64 next,
				       u64 next_offset, const u64 *expired_end, ssize_t bytes)
{
	if (unlikely(first != cursor->offset)) {
		if ((s64)(first - cursor->offset) < 0)
			return -EBADMSG;
		ringlog_cursor_lose(cursor, first, READ_ONCE(*expired_end));
		WRITE_ONCE(cursor->lapped, false);
	}
	WRITE_ONCE(cursor->offset, next_offset);
	WRITE_ONCE(cursor->position, next);
	if (unlikely(cursor->gate))
		ringlog_gate_pass(cursor->partition, cursor->gate, next);
	/* No barrier: who polls from now on arms by itself. */
	if (unlikely(waitqueue_active(cursor->sleeper.queue)))
		ringlog_rearm(cursor);
	return bytes;
}

/* One try at the value at the cursor. %-EPIPE: overtaken, and @to is as it was. */
static __always_inline ssize_t try_value(struct ringlog_cursor *cursor, struct iov_iter *to)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	struct ringlog_view view = {};
	size_t copied = 0;
	ssize_t ret;

	if (unlikely(READ_ONCE(ring->age)))
		ringlog_retention_expire_at(cursor->partition, cursor->position);
	ret = ringlog_ring_look(ring, cursor->position, &view);
	if (unlikely(ret))
		return ret;
	ret = view.value_len;
	if (unlikely(view.value_len > iov_iter_count(to))) {
		ret = -EMSGSIZE;
	} else {
		copied = ringlog_copy_out(view.value, view.value_len, to);
		if (unlikely(copied != view.value_len))
			ret = -EFAULT;
	}
	if (unlikely(ringlog_ring_overtaken(ring, cursor->position)))
		ret = -EPIPE;
	if (likely(ret >= 0))
		ret = deliver(cursor, view.offset, view.next, view.offset + 1,
			      &ring->expired_end, ret);
	if (unlikely(ret < 0))
		iov_iter_revert(to, copied);
	return ret;
}

/* An overtaken cursor: tell it once, then find a record that lasts. */
static noinline ssize_t read_overtaken(struct ringlog_cursor *cursor, struct iov_iter *to)
{
	unsigned int tries = 0;
	ssize_t ret;

	if (!cursor->lapped) {
		WRITE_ONCE(cursor->lapped, true);
		return -EPIPE;
	}
	do {
		catch_up(cursor, tries++);
		ret = try_value(cursor, to);
	} while (ret == -EPIPE && tries < TRIES_AT_MOST);
	return ret == -EPIPE ? -EAGAIN : ret;
}

static __always_inline ssize_t read_value(struct ringlog_cursor *cursor, struct iov_iter *to)
{
	ssize_t ret = try_value(cursor, to);

	return likely(ret != -EPIPE) ? ret : read_overtaken(cursor, to);
}

/**
 * struct span - records that lie one after the other
 * @first: offset of the first
 * @next: position after the last
 * @records: how many
 * @expired_end: the ring's, as it is told
 */
struct span {
	u64 first;
	u64 next;
	u32 records;
	u64 expired_end;
};

/* As many whole records from @position on as fit into @room. */
static int find_span(const struct ringlog_ring *ring, u64 position, u64 room, struct span *span)
{
	struct ringlog_view view;
	int ret;

	/* A run over most of the ring would be overtaken each time. */
	room = min3(room, ring->size / 4, (u64)RUN_MAX);
	*span = (struct span){ .next = position };
	while (!(ret = ringlog_ring_look(ring, span->next, &view))) {
		if (view.next - position > room) {
			ret = -EMSGSIZE;
			break;
		}
		if (!span->records++)
			span->first = view.offset;
		span->next = view.next;
	}
	span->expired_end = READ_ONCE(ring->expired_end);
	return span->records ? 0 : ret;
}

/* Copy the run of @span, its head last: only then is it known what was lost. */
static ssize_t copy_run(const struct ringlog_cursor *cursor, const struct span *span,
			struct iov_iter *to)
{
	struct ringlog_run run = {
		.bytes = span->next - cursor->position,
		.partition = cursor->number,
		.records = span->records,
		.lost = span->first - cursor->offset,
		.expired = ringlog_cursor_expired(cursor, span->first, span->expired_end),
	};
	struct iov_iter head = *to;
	size_t copied;

	iov_iter_advance(to, sizeof(run));
	copied = ringlog_copy_out(ringlog_ring_at(&cursor->partition->ring, cursor->position),
				  run.bytes, to);
	if (likely(copied == run.bytes && copy_to_iter(&run, sizeof(run), &head) == sizeof(run)))
		return sizeof(run) + run.bytes;
	iov_iter_revert(to, sizeof(run) + copied);
	return -EFAULT;
}

/* One try at a run at the cursor. %-EPIPE: overtaken, and @to is as it was. */
static ssize_t try_run(struct ringlog_cursor *cursor, struct iov_iter *to)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	size_t room = iov_iter_count(to);
	ssize_t bytes, ret;
	struct span span;

	if (unlikely(READ_ONCE(ring->age)))
		ringlog_retention_expire_at(cursor->partition, cursor->position);
	room = room > sizeof(struct ringlog_run) ? room - sizeof(struct ringlog_run) : 0;
	ret = find_span(ring, cursor->position, room, &span);
	if (ret == -EAGAIN)
		return ret;
	if (!ret)
		ret = copy_run(cursor, &span, to);
	if (unlikely(ringlog_ring_overtaken(ring, cursor->position))) {
		if (ret > 0)
			iov_iter_revert(to, ret);
		return -EPIPE;
	}
	if (ret > 0) {
		bytes = ret;
		ret = deliver(cursor, span.first, span.next, span.first + span.records,
			      &span.expired_end, bytes);
		if (unlikely(ret < 0))
			iov_iter_revert(to, bytes);
	}
	return ret;
}

static ssize_t read_run(struct ringlog_cursor *cursor, struct iov_iter *to)
{
	unsigned int tries = 0;
	ssize_t ret;

	while (unlikely((ret = try_run(cursor, to)) == -EPIPE)) {
		if (tries == TRIES_AT_MOST)
			return -EAGAIN;
		catch_up(cursor, tries++);
	}
	return ret;
}

/* The attached partition whose turn it is after @i others. */
static struct ringlog_cursor *nth(const struct ringlog_handle *handle, u32 i)
{
	u32 at = handle->next + i;

	return handle->attached[at < handle->attached_count ? at : at - handle->attached_count];
}

static void next_after(struct ringlog_handle *handle, u32 i)
{
	u32 at = handle->next + i;

	handle->next = at < handle->attached_count ? at : at - handle->attached_count;
}

/* A value of the first partition, from where the turn is, that has one. */
static ssize_t read_plain(struct ringlog_handle *handle, struct iov_iter *to)
{
	unsigned int empty = 0;
	u32 i = 0;

	while (i < handle->attached_count && empty < EMPTY_AT_MOST) {
		ssize_t ret = read_value(nth(handle, i), to);

		if (likely(ret > 0)) {
			next_after(handle, i + 1);
			return ret;
		}
		if (ret == -EAGAIN) {
			i++;
		} else if (!ret) {
			empty++;
		} else {
			next_after(handle, i);
			return ret;
		}
	}
	return -EAGAIN;
}

/* Runs of all partitions, from where the turn is, that fit. */
static noinline ssize_t read_batch(struct ringlog_handle *handle, struct iov_iter *to)
{
	ssize_t total = 0;
	u32 i, served = 0;
	ssize_t ret = -EAGAIN;

	for (i = 0; i < handle->attached_count; i++) {
		if (i)
			cond_resched();
		ret = read_run(nth(handle, i), to);
		if (ret > 0) {
			total += ret;
			served = i + 1;
		} else if (ret != -EAGAIN) {
			break;
		}
	}
	if (!total)
		return ret;
	next_after(handle, served);
	return total;
}

/**
 * ringlog_read() - read in the handle's mode
 * @handle: open for reading
 * @to: where to
 * @may_not_wait: for records, or for another thread that reads
 *
 * Context: process; sleeps.
 * Return: bytes, or the errors of read(2) in the uapi header.
 */
ssize_t ringlog_read(struct ringlog_handle *handle, struct iov_iter *to, bool may_not_wait)
{
	ssize_t ret;

	if (unlikely(!iov_iter_count(to)))
		return 0;
	for (;;) {
		if (may_not_wait) {
			if (!mutex_trylock(&handle->lock))
				return -EAGAIN;
		} else if (mutex_lock_interruptible(&handle->lock)) {
			return -ERESTARTSYS;
		}
		if (ringlog_stream_gone(handle->stream))
			ret = -ENODEV;
		else if (likely(handle->mode == RINGLOG_MODE_PLAIN))
			ret = read_plain(handle, to);
		else if (handle->mode == RINGLOG_MODE_BATCH)
			ret = read_batch(handle, to);
		else
			ret = -EBUSY;
		if (likely(ret != -EAGAIN))
			break;
		if (may_not_wait) {
			ringlog_rearm_all(handle);
			break;
		}
		ret = ringlog_sleep(handle);
		if (ret)
			return ret;
	}
	mutex_unlock(&handle->lock);
	return ret;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "reader_kunit.c"
#endif
