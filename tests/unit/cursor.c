// SPDX-License-Identifier: GPL-2.0-only
#include "cursor.h"

#define OLDEST_TRIES 2

static void catch_up(const struct ringlog_ring *ring, struct cursor *cursor, unsigned int tries)
{
	u64 ahead = 0;

	if (tries >= OLDEST_TRIES) {
		u64 quarters = tries - OLDEST_TRIES + 1;

		ahead = ring->size / 4 * (quarters < 3 ? quarters : 3);
	}
	cursor->position = ahead ? ringlog_ring_ahead(ring, ahead) : ringlog_ring_oldest(ring);
}

static void deliver(struct cursor *cursor, u64 first, u64 next, u64 next_offset)
{
	cursor->lost += first - cursor->offset;
	cursor->lapped = false;
	cursor->offset = next_offset;
	cursor->position = next;
}

static ssize_t try_value(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
			 size_t room, struct ringlog_view *got)
{
	ssize_t ret = ringlog_ring_look(ring, cursor->position, got);

	if (ret)
		return ret;
	ret = got->value_len;
	if (got->value_len > room)
		ret = -EMSGSIZE;
	else
		rig_copy(to, got->value, got->value_len);
	if (ringlog_ring_overtaken(ring, cursor->position))
		return -EPIPE;
	if (got->offset < cursor->offset)
		return -EBADMSG;
	if (ret >= 0)
		deliver(cursor, got->offset, got->next, got->offset + 1);
	return ret;
}

ssize_t cursor_read(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
		    size_t room, struct ringlog_view *got)
{
	unsigned int tries = 0;
	ssize_t ret;

	if (cursor->lapped)
		catch_up(ring, cursor, tries++);
	while ((ret = try_value(ring, cursor, to, room, got)) == -EPIPE) {
		if (!cursor->lapped) {
			cursor->lapped = true;
			break;
		}
		catch_up(ring, cursor, tries++);
	}
	return ret;
}

struct span {
	u64 first;
	u64 next;
	u32 records;
};

static int find_span(const struct ringlog_ring *ring, u64 position, u64 room, struct span *span)
{
	struct ringlog_view view = { 0 };
	int ret;

	if (room > ring->size / 4)
		room = ring->size / 4;
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
	return span->records ? 0 : ret;
}

static ssize_t try_run(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
		       size_t room, struct ringlog_run *run)
{
	struct span span;
	ssize_t ret = find_span(ring, cursor->position, room, &span);

	if (ret == -EAGAIN)
		return ret;
	if (!ret) {
		ret = span.next - cursor->position;
		*run = (struct ringlog_run){
			.bytes = ret,
			.records = span.records,
			.lost = span.first - cursor->offset,
		};
		rig_copy(to, ringlog_ring_at(ring, cursor->position), ret);
	}
	if (ringlog_ring_overtaken(ring, cursor->position))
		return -EPIPE;
	if (ret > 0 && span.first < cursor->offset)
		return -EBADMSG;
	if (ret > 0)
		deliver(cursor, span.first, span.next, span.first + span.records);
	return ret;
}

ssize_t cursor_read_run(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
			size_t room, struct ringlog_run *run)
{
	unsigned int tries = 0;
	ssize_t ret;

	while ((ret = try_run(ring, cursor, to, room, run)) == -EPIPE)
		catch_up(ring, cursor, tries++);
	return ret;
}
