// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where a reader is, and where it could be. */
#include "reader.h"

#include <errno.h>

#include "clock.h"

/* As often as a search tries. */
#define TRIES	64

/*
 * Nothing is in the ring, and the next record will be at @target->position. If its offset
 * cannot be counted, it is guessed to be that which is published: it is lower, if somebody
 * is about to publish, or has since.
 */
static void take_next(const struct ringlog_window *window, struct ringlog_target *target,
		      enum ringlog_bearing *bearing)
{
	*bearing = RINGLOG_SETTLED;
	if (!ringlog_search_end(window, target->position, &target->offset))
		return;
	target->offset = load_once(&window->published->next_offset);
	*bearing = RINGLOG_ADOPTING;
}

/* The oldest record, or where the next one will be; the bearing is set if that is unsure. */
static int find_oldest(const struct ringlog_window *window, struct ringlog_target *target,
		       enum ringlog_bearing *bearing)
{
	struct ringlog_header_copy header = { 0 };
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES && ret == -EPIPE; tries++) {
		target->position = ringlog_window_tail(window);
		ret = ringlog_window_header(window, target->position, ringlog_window_head(window),
					    &header);
	}
	target->offset = header.offset;
	if (ret != -EAGAIN)
		return ret;
	take_next(window, target, bearing);
	return 0;
}

static int find_newest(const struct ringlog_window *window, struct ringlog_target *target,
		       enum ringlog_bearing *bearing)
{
	/* No record has this offset, so that the search ends at head. */
	int ret = ringlog_search(window, 0, ~(__u64)0, false, target);

	if (ret == -EAGAIN)
		take_next(window, target, bearing);
	return ret == -EAGAIN || ret == -ERANGE ? 0 : ret;
}

static int find_offset(const struct ringlog_window *window, __u64 offset,
		       struct ringlog_target *target, enum ringlog_bearing *bearing)
{
	int tries, ret = -EAGAIN;

	for (tries = 0; tries < TRIES; tries++) {
		ret = ringlog_search(window, 0, offset, false, target);
		if (ret != -EAGAIN)
			return ret;
		take_next(window, target, bearing);
		if (target->offset == offset)
			return 0;
		/* What is about to be published will be there. */
		if (*bearing == RINGLOG_SETTLED || target->offset < offset)
			break;
		cpu_pause();
	}
	return -ERANGE;
}

static int find_time(const struct ringlog_window *window, __u64 time,
		     struct ringlog_target *target, enum ringlog_bearing *bearing)
{
	int ret = ringlog_search(window, 0, time, true, target);

	if (ret != -EAGAIN)
		return ret;
	take_next(window, target, bearing);
	return 0;
}

/* By the clocks' distance now, as the kernel does it. */
static __u64 monotonic(__u64 realtime)
{
	__s64 distance = ringlog_clock(CLOCK_REALTIME) - ringlog_clock(CLOCK_MONOTONIC);

	if (distance < 0)
		return realtime - distance;
	return realtime > (__u64)distance ? realtime - distance : 0;
}

static int check(const struct ringlog_window *window, const struct ringlog_start *start)
{
	if (start->from > RINGLOG_START_REALTIME)
		return -EINVAL;
	if ((start->from == RINGLOG_START_OLDEST || start->from == RINGLOG_START_NEWEST) &&
	    start->value)
		return -EINVAL;
	return start->incarnation && start->incarnation != window->incarnation ? -ESTALE : 0;
}

/**
 * ringlog_reader_find - find where to begin to read
 * @reader: which; it stays where it is
 * @start: what to look for
 * @target: out
 * @bearing: out: for ringlog_reader_move()
 *
 * Return: as ringlog_consumer_seek().
 */
int ringlog_reader_find(const struct ringlog_reader *reader, const struct ringlog_start *start,
			struct ringlog_target *target, enum ringlog_bearing *bearing)
{
	const struct ringlog_window *window = &reader->window;
	int ret = check(window, start);

	if (ret)
		return ret;
	*bearing = RINGLOG_SETTLED;
	switch (start->from) {
	case RINGLOG_START_OLDEST:
		ret = find_oldest(window, target, bearing);
		break;
	case RINGLOG_START_NEWEST:
		ret = find_newest(window, target, bearing);
		break;
	case RINGLOG_START_OFFSET:
		ret = find_offset(window, start->value, target, bearing);
		break;
	case RINGLOG_START_MONOTONIC:
		ret = find_time(window, start->value, target, bearing);
		break;
	default:
		ret = find_time(window, monotonic(start->value), target, bearing);
	}
	return ret == -EPIPE ? -EAGAIN : ret;
}

/* find_oldest(), but no guess: rather the offset that @reader has. */
static void find_surely(const struct ringlog_reader *reader, struct ringlog_target *oldest)
{
	enum ringlog_bearing bearing = RINGLOG_SETTLED;

	if (find_oldest(&reader->window, oldest, &bearing) || bearing != RINGLOG_SETTLED)
		*oldest = (struct ringlog_target){ 0, reader->offset };
}

/**
 * ringlog_reader_count_lost - count what a reader lost by now
 * @reader: which; it was overtaken, and leaves without having seen what comes next
 */
void ringlog_reader_count_lost(struct ringlog_reader *reader)
{
	struct ringlog_target oldest;

	find_surely(reader, &oldest);
	if (oldest.offset <= reader->offset)
		return;
	reader->lost += oldest.offset - reader->offset;
	reader->expired += ringlog_reader_expired(reader, oldest.offset);
	reader->offset = oldest.offset;
}

/* The offset after the newest record; published it is too high for a moment. */
static __u64 end_of(const struct ringlog_window *window)
{
	__u64 end;

	if (!ringlog_search_end(window, ringlog_window_head(window), &end))
		return end;
	return load_once(&window->published->next_offset);
}

/**
 * ringlog_reader_place - where a reader is
 * @reader: which
 * @place: out
 *
 * In a ring that is damaged it says what the reader knows.
 */
void ringlog_reader_place(const struct ringlog_reader *reader, struct ringlog_place *place)
{
	const struct ringlog_window *window = &reader->window;
	struct ringlog_target oldest;

	*place = (struct ringlog_place){
		.incarnation = window->incarnation,
		.offset = reader->offset,
		.lost = reader->lost,
		.expired = reader->expired,
	};
	find_surely(reader, &oldest);
	place->oldest = oldest.offset;
	/* What is gone is lost, whether or not the reader came there to see it. */
	if ((reader->bearing == RINGLOG_LAPPED ||
	     oldest.position > ringlog_reader_position(reader)) &&
	    oldest.offset > reader->offset) {
		place->offset = oldest.offset;
		place->lost += oldest.offset - reader->offset;
		place->expired += ringlog_reader_expired(reader, oldest.offset);
	}
	place->end = end_of(window);
	if (place->end < place->offset)
		place->end = place->offset;
}
