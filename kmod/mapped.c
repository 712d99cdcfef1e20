// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a mapped reader says it is. The kernel compares that with what it knows,
 * to tell when there is something to read, and follows none of it.
 */
#include <linux/uaccess.h>

#include "mapped.h"
#include "retention.h"

/* What it says of one partition, into the cursor's @found; nothing is believed yet. */
static int hear(struct ringlog_handle *handle, const struct ringlog_mapped_cursor *said)
{
	struct ringlog_cursor *cursor;

	if (said->reserved || said->partition >= handle->stream->partitions ||
	    said->position > S64_MAX || said->expired > said->lost)
		return -EINVAL;
	cursor = &handle->cursors[said->partition];
	if (!cursor->attached)
		return -EINVAL;
	cursor->found = (struct ringlog_place){ said->position, said->offset };
	cursor->found_lost = said->lost;
	cursor->found_expired = said->expired;
	cursor->heard = true;
	return 0;
}

static int hear_all(struct ringlog_handle *handle, const struct ringlog_wait *wait)
{
	const struct ringlog_mapped_cursor __user *user = u64_to_user_ptr(wait->cursors);
	struct ringlog_mapped_cursor said;
	int ret = 0;
	u32 i;

	for (i = 0; i < wait->cursor_count && !ret; i++) {
		if (copy_from_user(&said, user + i, sizeof(said)))
			ret = -EFAULT;
		else
			ret = hear(handle, &said);
	}
	return ret;
}

static u64 above(u64 end, u64 begin)
{
	return end > begin ? end - begin : 0;
}

/*
 * A record can be lost to a reader once, and a reader that is honest says so at most
 * once: when it was retired, or was passed by to get away from a writer. So what came
 * since and was one or the other is the most that one can say, whatever it says: as much
 * as if it had read nothing. It may have passed by what was too old before tail did.
 */
static void count_losses(struct ringlog_cursor *cursor)
{
	const struct ringlog_ring *ring = &cursor->partition->ring;
	u64 tail, end, lost, expired;

	ringlog_retention_expire(cursor->partition);
	tail = READ_ONCE(ring->tail_offset);
	end = max(tail, min(cursor->found.offset, READ_ONCE(ring->next_offset)));
	lost = min(cursor->found_lost, above(end, cursor->seen));
	expired = min3(cursor->found_expired, lost,
		       above(READ_ONCE(ring->expired_end), cursor->seen));
	cursor->seen = max(cursor->seen + lost, min(cursor->found.offset, tail));
	if (!lost)
		return;
	cursor->lost += lost;
	cursor->expired += expired;
	ringlog_count(cursor->partition->counters, lost, lost);
	ringlog_count(cursor->partition->counters, expired, expired);
	ringlog_loss_note(ringlog_cursor_handle(cursor)->stream);
}

static void take_up(struct ringlog_cursor *cursor)
{
	struct ringlog_gate *gate = cursor->gate;
	u64 passed;

	count_losses(cursor);
	cursor->went_back = cursor->found.position < cursor->position;
	WRITE_ONCE(cursor->offset, cursor->found.offset);
	WRITE_ONCE(cursor->position, cursor->found.position);
	if (!gate)
		return;
	/*
	 * No gate is beyond head, or the floor would be: a reader that saw the head that
	 * is shown before this one is held to have passed a record less until it says so
	 * again. Back a gate goes only by ATTACH and lseek.
	 */
	passed = min(cursor->found.position, READ_ONCE(cursor->partition->ring.head));
	if (passed > gate->position)
		ringlog_gate_pass(cursor->partition, gate, passed);
}

/**
 * ringlog_mapped_tell() - take up where a mapped reader says it is
 * @handle: open for reading, locked
 * @wait: that says so
 *
 * All or nothing. Leaves those that it said something of marked as @heard.
 *
 * Context: process; sleeps.
 * Return: 0, %-EINVAL or %-EFAULT: then none is marked.
 */
int ringlog_mapped_tell(struct ringlog_handle *handle, const struct ringlog_wait *wait)
{
	struct ringlog_cursor *cursor;
	int ret = -EINVAL;
	u32 i;

	lockdep_assert_held(&handle->lock);
	if (handle->mode == RINGLOG_MODE_MAPPED &&
	    wait->cursor_count <= handle->stream->partitions)
		ret = hear_all(handle, wait);
	ringlog_for_each_attached(handle, i, cursor) {
		if (ret)
			cursor->heard = false;
		else if (cursor->heard)
			take_up(cursor);
	}
	return ret;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "mapped_kunit.c"
#endif
