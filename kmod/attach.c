// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which partitions a handle reads, from where, and whether writers wait.
 */
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "attach.h"
#include "waiting.h"

#define ATTACH_FLAGS (RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH | RINGLOG_ATTACH_GATE |	\
		      RINGLOG_ATTACH_MAPPED)
#define ATTACH_MODES (RINGLOG_ATTACH_BATCH | RINGLOG_ATTACH_MAPPED)

/* The partitions that a call names: [first, end). */
struct named {
	u32 first;
	u32 end;
};

static int range_of(const struct ringlog_handle *handle, u32 partition, struct named *range)
{
	u32 partitions = handle->stream->partitions;

	if (partition == RINGLOG_PARTITION_ALL) {
		*range = (struct named){ 0, partitions };
		return 0;
	}
	*range = (struct named){ partition, partition + 1 };
	return partition < partitions ? 0 : -EINVAL;
}

static int check_identity(const struct ringlog_handle *handle, u64 incarnation)
{
	return incarnation && incarnation != handle->stream->incarnation ? -ESTALE : 0;
}

static int pin_writes(struct ringlog_handle *handle, fmode_t mode,
		      const struct ringlog_attach *attach)
{
	struct named range;
	int ret;

	if (attach->flags != RINGLOG_ATTACH_WRITES || attach->start || attach->value)
		return -EINVAL;
	ret = range_of(handle, attach->partition, &range);
	if (ret)
		return ret;
	if (!(mode & FMODE_WRITE))
		return -EBADF;
	ret = check_identity(handle, attach->incarnation);
	if (!ret)
		WRITE_ONCE(handle->pinned, attach->partition);
	return ret;
}

static int check(const struct ringlog_handle *handle, fmode_t mode,
		 const struct ringlog_attach *attach, struct named *range)
{
	int ret;

	if ((attach->flags & ~ATTACH_FLAGS) || attach->start > RINGLOG_START_REALTIME)
		return -EINVAL;
	if ((attach->flags & ATTACH_MODES) == ATTACH_MODES)
		return -EINVAL;
	if (attach->value && attach->start <= RINGLOG_START_NEWEST)
		return -EINVAL;
	if (attach->start == RINGLOG_START_OFFSET && attach->partition == RINGLOG_PARTITION_ALL)
		return -EINVAL;
	ret = range_of(handle, attach->partition, range);
	if (ret)
		return ret;
	if (!(mode & FMODE_READ))
		return -EBADF;
	if (attach->flags & RINGLOG_ATTACH_GATE) {
		if (!(mode & FMODE_WRITE))
			return -EPERM;
		if (handle->stream->policy == RINGLOG_POLICY_OVERWRITE)
			return -EOPNOTSUPP;
	}
	return check_identity(handle, attach->incarnation);
}

/* CLOCK_REALTIME in CLOCK_MONOTONIC, by the clocks' distance now. */
static u64 monotonic(u64 realtime)
{
	u64 boot = ktime_to_ns(ktime_mono_to_real(0));

	return realtime > boot ? realtime - boot : 0;
}

static int find_place(struct ringlog_partition *partition, const struct ringlog_attach *attach,
		      struct ringlog_place *place)
{
	struct ringlog_ends ends;

	switch (attach->start) {
	case RINGLOG_START_OFFSET:
		return ringlog_partition_seek(partition, attach->value, false, place);
	case RINGLOG_START_MONOTONIC:
		return ringlog_partition_seek(partition, attach->value, true, place);
	case RINGLOG_START_REALTIME:
		return ringlog_partition_seek(partition, monotonic(attach->value), true, place);
	default:
		ringlog_partition_ends(partition, &ends);
		*place = attach->start == RINGLOG_START_NEWEST ? ends.newest : ends.oldest;
		return 0;
	}
}

/* A loss that was told stays counted when the cursor leaves the place that it lost. */
static void settle_loss(struct ringlog_cursor *cursor)
{
	struct ringlog_ends ends;

	if (!cursor->lapped)
		return;
	WRITE_ONCE(cursor->lapped, false);
	ringlog_partition_ends(cursor->partition, &ends);
	if (ends.oldest.offset > cursor->offset)
		ringlog_cursor_lose(cursor, ends.oldest.offset, ends.expired_end);
}

/*
 * What the seek itself passes over is no loss. A mapped reader that is put elsewhere, or in
 * the same place again, may have lost what it has not told yet; and whoever goes back does
 * not lose again what is counted, or a loop of seeks could add to the count for ever.
 */
static void move_cursor(struct ringlog_cursor *cursor, const struct ringlog_place *place)
{
	u64 tail = READ_ONCE(cursor->partition->ring.tail_offset);

	settle_loss(cursor);
	WRITE_ONCE(cursor->offset, place->offset);
	WRITE_ONCE(cursor->position, place->position);
	if (!cursor->attached || ringlog_cursor_handle(cursor)->mode != RINGLOG_MODE_MAPPED)
		cursor->seen = max(cursor->seen, min(place->offset, tail));
}

/*
 * Put one cursor, and its gate, where it was found that it belongs. Fails before
 * it changes anything, and only by offset, so for a cursor alone; a gate that was
 * claimed for it holds nothing yet.
 */
static int place_cursor(struct ringlog_cursor *cursor, const struct ringlog_attach *attach)
{
	bool clamp = attach->start != RINGLOG_START_OFFSET;
	int ret = 0;

	if (cursor->gate && (attach->flags & RINGLOG_ATTACH_GATE))
		ret = ringlog_gate_move(cursor->partition, cursor->gate, &cursor->found, clamp);
	if (!ret)
		move_cursor(cursor, &cursor->found);
	return ret;
}

/* All or nothing: looking for a time can fail in any partition. */
static int place_cursors(struct ringlog_handle *handle, const struct named *range,
			 const struct ringlog_attach *attach)
{
	u32 i;
	int ret = 0;

	for (i = range->first; i < range->end && !ret; i++)
		ret = find_place(handle->cursors[i].partition, attach, &handle->cursors[i].found);
	for (i = range->first; i < range->end && !ret; i++)
		ret = place_cursor(&handle->cursors[i], attach);
	return ret;
}

static void release_gate(struct ringlog_handle *handle, u32 number)
{
	struct ringlog_cursor *cursor = &handle->cursors[number];
	struct ringlog_gate *gate = cursor->gate;

	WRITE_ONCE(cursor->gate, NULL);
	ringlog_gate_release(cursor->partition, gate);
}

/* Claim the gates that are missing in @range, all or none; @claimed has a bit for each. */
static int claim_gates(struct ringlog_handle *handle, const struct named *range,
		       unsigned long *claimed)
{
	u32 i;
	int ret = 0;

	for (i = range->first; i < range->end && !ret; i++) {
		struct ringlog_cursor *cursor = &handle->cursors[i];

		if (cursor->gate)
			continue;
		ret = ringlog_gate_claim(cursor->partition, &handle->queue, &cursor->gate);
		if (!ret)
			__set_bit(i, claimed);
	}
	if (ret)
		for_each_set_bit(i, claimed, RINGLOG_PARTITIONS_MAX)
			release_gate(handle, i);
	return ret;
}

static enum ringlog_mode mode_of(const struct ringlog_attach *attach)
{
	if (attach->flags & RINGLOG_ATTACH_MAPPED)
		return RINGLOG_MODE_MAPPED;
	return attach->flags & RINGLOG_ATTACH_BATCH ? RINGLOG_MODE_BATCH : RINGLOG_MODE_PLAIN;
}

/*
 * The kernel follows its own cursors and not those of a mapped reader, so none is
 * left over from the one mode in the other.
 */
static int check_mode(const struct ringlog_handle *handle, const struct ringlog_attach *attach)
{
	bool mapped = handle->mode == RINGLOG_MODE_MAPPED;

	if (mapped == (mode_of(attach) == RINGLOG_MODE_MAPPED) ||
	    (attach->flags & RINGLOG_ATTACH_REPLACE) ||
	    attach->partition == RINGLOG_PARTITION_ALL)
		return 0;
	return -EINVAL;
}

/* Let go of what is not in @range any more, and list what is read now. */
static void settle_list(struct ringlog_handle *handle, const struct named *range,
			const struct ringlog_attach *attach)
{
	bool replace = attach->flags & RINGLOG_ATTACH_REPLACE;
	u32 i, count = 0;

	for (i = 0; i < handle->stream->partitions; i++) {
		struct ringlog_cursor *cursor = &handle->cursors[i];
		bool named = i >= range->first && i < range->end;

		if (named) {
			cursor->attached = true;
		} else if (replace) {
			/* What is overwritten from now on is not this reader's loss. */
			settle_loss(cursor);
			cursor->attached = false;
		}
		if (!cursor->attached || (named && !(attach->flags & RINGLOG_ATTACH_GATE)))
			release_gate(handle, i);
		if (cursor->attached)
			WRITE_ONCE(handle->attached[count++], cursor);
	}
	WRITE_ONCE(handle->attached_count, count);
	handle->next = 0;
	WRITE_ONCE(handle->mode, mode_of(attach));
}

static int attach_locked(struct ringlog_handle *handle, const struct named *range,
			 struct ringlog_attach *attach)
	__must_hold(&handle->lock)
{
	unsigned long claimed[BITS_TO_LONGS(RINGLOG_PARTITIONS_MAX)] = {};
	u32 i;
	int ret;

	lockdep_assert_held(&handle->lock);
	ret = check_mode(handle, attach);
	if (ret)
		return ret;
	if (attach->flags & RINGLOG_ATTACH_GATE) {
		ret = claim_gates(handle, range, claimed);
		if (ret)
			return ret;
	}
	/* With several partitions the start is one that every partition has. */
	ret = place_cursors(handle, range, attach);
	if (ret)
		goto err_release;
	settle_list(handle, range, attach);
	if (attach->partition != RINGLOG_PARTITION_ALL) {
		attach->position = handle->cursors[range->first].position;
		attach->offset = handle->cursors[range->first].offset;
	}
	return 0;

err_release:
	for_each_set_bit(i, claimed, RINGLOG_PARTITIONS_MAX)
		release_gate(handle, i);
	return ret;
}

/**
 * ringlog_attach() - RINGLOG_IOC_ATTACH
 * @handle: any
 * @mode: of its file
 * @attach: filled in
 *
 * Context: process; sleeps.
 * Return: 0, or the errors of RINGLOG_IOC_ATTACH in the uapi header.
 */
int ringlog_attach(struct ringlog_handle *handle, fmode_t mode, struct ringlog_attach *attach)
{
	struct named range;
	bool was_mapped;
	int ret;

	if (attach->reserved)
		return -EINVAL;
	attach->position = 0;
	attach->offset = 0;
	if (attach->flags & RINGLOG_ATTACH_WRITES)
		return pin_writes(handle, mode, attach);
	ret = check(handle, mode, attach, &range);
	if (ret)
		return ret;
	if (mutex_lock_interruptible(&handle->lock))
		return -EINTR;
	was_mapped = handle->mode == RINGLOG_MODE_MAPPED;
	ret = attach_locked(handle, &range, attach);
	if (!ret)
		ringlog_rearm_moved(handle);
	/* Whoever is asleep in read() is told so. */
	if (!ret && !was_mapped && handle->mode == RINGLOG_MODE_MAPPED)
		wake_up_interruptible_poll(&handle->queue, RINGLOG_POLL_READ);
	mutex_unlock(&handle->lock);
	return ret;
}

/**
 * ringlog_seek_ends() - lseek to the oldest or past the newest records
 * @handle: open for reading
 * @newest: which
 *
 * Gates move along. Context: process; sleeps.
 * Return: 0 or %-EINTR.
 */
int ringlog_seek_ends(struct ringlog_handle *handle, bool newest)
{
	struct ringlog_cursor *cursor;
	struct ringlog_ends ends;
	u32 i;

	if (mutex_lock_interruptible(&handle->lock))
		return -EINTR;
	ringlog_for_each_attached(handle, i, cursor) {
		struct ringlog_place *place = newest ? &ends.newest : &ends.oldest;

		ringlog_partition_ends(cursor->partition, &ends);
		if (cursor->gate)
			ringlog_gate_move(cursor->partition, cursor->gate, place, true);
		move_cursor(cursor, place);
	}
	ringlog_rearm_moved(handle);
	mutex_unlock(&handle->lock);
	return 0;
}
