// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where a reader is, and where it could be. */
#include "reader.h"

#include <errno.h>

#include "clock.h"

/* As often as a search tries. */
#define TRIES	64
/* A start that users cannot ask for: the oldest record there is, too old or not. */
#define START_TAIL	(~(__u32)0)

/* The oldest record there is, whatever its age. */
static int find_tail(const struct ringlog_window *window, struct ringlog_target *target)
{
	struct ringlog_header_copy header = { 0 };
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES && ret == -EPIPE; tries++) {
		target->position = ringlog_window_tail(window);
		ret = ringlog_window_header(window, target->position, ringlog_window_head(window),
					    &header);
	}
	target->offset = header.offset;
	return ret;
}

/*
 * The oldest one that may be read. What age has taken is below tail only once somebody came
 * by in the kernel.
 */
static int find_oldest(const struct ringlog_window *window, struct ringlog_target *target)
{
	__u64 horizon = ringlog_age_horizon(load_once(&window->kernel->age_ns));

	return horizon ? ringlog_search(window, 0, horizon, true, target) :
			 find_tail(window, target);
}

/* No record has this offset, so that the search ends at head. */
static int find_newest(const struct ringlog_window *window, struct ringlog_target *target)
{
	int ret = ringlog_search(window, 0, ~(__u64)0, false, target);

	return ret == -ERANGE ? 0 : ret;
}

/* What is too old cannot be gone to. */
static int find_offset(const struct ringlog_window *window, __u64 offset,
		       struct ringlog_target *target)
{
	struct ringlog_target oldest;
	int ret = ringlog_search(window, 0, offset, false, target);

	if (ret || !load_once(&window->kernel->age_ns))
		return ret;
	ret = find_oldest(window, &oldest);
	return !ret && offset < oldest.offset ? -ERANGE : ret;
}

static int find_time(const struct ringlog_window *window, __u64 time,
		     struct ringlog_target *target)
{
	__u64 horizon = ringlog_age_horizon(load_once(&window->kernel->age_ns));

	return ringlog_search(window, 0, time > horizon ? time : horizon, true, target);
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

/* -EAGAIN: the ring is empty, and @target->position is head. */
static int find_record(const struct ringlog_window *window, const struct ringlog_start *start,
		       struct ringlog_target *target)
{
	switch (start->from) {
	case START_TAIL:
		return find_tail(window, target);
	case RINGLOG_START_OLDEST:
		return find_oldest(window, target);
	case RINGLOG_START_NEWEST:
		return find_newest(window, target);
	case RINGLOG_START_OFFSET:
		return find_offset(window, start->value, target);
	case RINGLOG_START_MONOTONIC:
		return find_time(window, start->value, target);
	default:
		return find_time(window, monotonic(start->value), target);
	}
}

/*
 * The same, or where the next record will be. -EAGAIN: nothing is in the ring, and what
 * offset that will have cannot be counted; -EBADMSG if that was what is sought.
 */
static int find_place(const struct ringlog_window *window, const struct ringlog_start *start,
		      struct ringlog_target *target)
{
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES && ret == -EPIPE; tries++) {
		ret = find_record(window, start, target);
		if (ret != -EAGAIN)
			return ret;
		/* If it is there by now, it can be found. */
		ret = ringlog_search_end(window, target->position, &target->offset);
	}
	if (ret)
		return start->from == RINGLOG_START_OFFSET && ret == -EBADMSG ? ret : -EAGAIN;
	return start->from != RINGLOG_START_OFFSET || target->offset == start->value ? 0 : -ERANGE;
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
	ret = find_place(window, start, target);
	if (ret == -EPIPE)
		return -EAGAIN;
	if (ret != -EAGAIN || start->from == RINGLOG_START_OFFSET)
		return ret;
	/*
	 * Guessed to be that which is published: it is lower, if somebody is about to
	 * publish, or has since.
	 */
	target->offset = load_once(&window->published->next_offset);
	*bearing = RINGLOG_ADOPTING;
	return 0;
}

/* find_place(), but if that cannot be known, what comes of it is that nothing is lost. */
static struct ringlog_target find_surely(const struct ringlog_reader *reader, __u32 from)
{
	const struct ringlog_start start = { .from = from };
	struct ringlog_target target;

	if (find_place(&reader->window, &start, &target))
		target = (struct ringlog_target){ 0, reader->offset };
	return target;
}

/* The records before @offset are lost to who is at @place; of those, so many by age. */
static void lose_to(struct ringlog_place *place, __u64 offset, __u64 expired)
{
	place->lost += offset - place->offset;
	place->expired += expired;
	place->offset = offset;
}

/* What is gone is lost, whether or not the reader came there to see it. */
static void lose_what_is_gone(const struct ringlog_reader *reader, struct ringlog_place *place)
{
	struct ringlog_target tail = find_surely(reader, START_TAIL);

	*place = (struct ringlog_place){
		.incarnation = reader->window.incarnation,
		.offset = reader->offset,
		.lost = reader->lost,
		.expired = reader->expired,
	};
	if ((reader->bearing == RINGLOG_LAPPED ||
	     tail.position > ringlog_reader_position(reader)) && tail.offset > reader->offset)
		lose_to(place, tail.offset, ringlog_reader_expired(reader, tail.offset));
	place->oldest = find_surely(reader, RINGLOG_START_OLDEST).offset;
	/* What is peeked at may be released, however old it is by now. */
	if (place->oldest > place->offset && !ringlog_reader_peeked(reader))
		lose_to(place, place->oldest, place->oldest - place->offset);
}

/**
 * ringlog_reader_count_lost - count what a reader lost by now
 * @reader: which; it was overtaken, and leaves without having seen what comes next
 */
void ringlog_reader_count_lost(struct ringlog_reader *reader)
{
	struct ringlog_place place;

	lose_what_is_gone(reader, &place);
	reader->lost = place.lost;
	reader->expired = place.expired;
	reader->offset = place.offset;
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
	lose_what_is_gone(reader, place);
	place->end = end_of(&reader->window);
	if (place->end < place->offset)
		place->end = place->offset;
}
