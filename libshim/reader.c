// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a reader does now and then: it looks at the ends of the ring, finds its way when it
 * was overtaken, counts what it lost, and passes over what is too old.
 */
#include "reader.h"

#include <errno.h>

#include "clock.h"

/* Tries at the oldest record, before the reader gives up more to get away from the writer. */
#define OLDEST_TRIES	2
/* Tries to find a record that lasts, before it says that there is none. */
#define TRIES		8
/* No position: records begin at multiples of RINGLOG_ALIGN. */
#define NOWHERE		(~(__u64)0)

static void set_position(struct ringlog_reader *reader, __u64 position)
{
	/* In the ring, even if it is no position of a record. */
	reader->at = ringlog_window_at(&reader->window, position & ~(__u64)(RINGLOG_ALIGN - 1));
	reader->bias = position - (uintptr_t)reader->at;
	reader->limit = reader->at;
	reader->head = reader->at;
	reader->next = reader->at;
}

/**
 * ringlog_reader_move - go elsewhere; nothing is lost by that, but what was is counted
 * @reader: which
 * @target: where to
 * @bearing: RINGLOG_SETTLED, or RINGLOG_ADOPTING if @target->offset is a guess
 */
void ringlog_reader_move(struct ringlog_reader *reader, const struct ringlog_target *target,
			 enum ringlog_bearing bearing)
{
	if (reader->bearing == RINGLOG_LAPPED)
		ringlog_reader_count_lost(reader);
	set_position(reader, target->position);
	reader->offset = target->offset;
	reader->bearing = bearing;
	reader->told = NOWHERE;
	reader->stretch_end = target->position + RINGLOG_STRETCH;
}

/**
 * ringlog_reader_init - begin to read a window
 * @reader: its window is there, and zero is all else
 * @target: where
 * @bearing: as for ringlog_reader_move()
 */
void ringlog_reader_init(struct ringlog_reader *reader, const struct ringlog_target *target,
			 enum ringlog_bearing bearing)
{
	reader->published = reader->window.published;
	reader->partition = reader->window.partition;
	ringlog_reader_move(reader, target, bearing);
	reader->reported_position = target->position;
}

/**
 * ringlog_reader_expired - of a loss, how many records age took
 * @reader: which; its offset is the first one's that is lost
 * @first: offset of the first record that is not
 *
 * Return: their number.
 */
__u64 ringlog_reader_expired(const struct ringlog_reader *reader, __u64 first)
{
	__u64 end = load_once(&reader->window.kernel->expired_end);

	if (end > first)
		end = first;
	return end > reader->offset ? end - reader->offset : 0;
}

/* The header of the record that the reader is at says that its offset is @first. */
static int settle_at(struct ringlog_reader *reader, __u64 first)
{
	__s64 passed = first - reader->offset;

	/* Only a guess may have been too high, by what was just about to be published. */
	if (reader->bearing == RINGLOG_SETTLED ? passed :
						 passed < 0 && reader->bearing == RINGLOG_LAPPED)
		return -EBADMSG;
	if (passed > 0) {
		reader->expired += ringlog_reader_expired(reader, first);
		reader->lost += passed;
	}
	reader->offset = first;
	reader->bearing = RINGLOG_SETTLED;
	return 0;
}

/**
 * ringlog_reader_settle - learn the offset of the record that a reader is at
 * @reader: which; there is one
 *
 * What it lost on the way there is counted. Where the record is damaged or was overwritten,
 * nothing changes: that shows again when it is looked at.
 */
void ringlog_reader_settle(struct ringlog_reader *reader)
{
	struct ringlog_header_copy header;

	if (!ringlog_window_header(&reader->window, ringlog_reader_position(reader),
				   ringlog_window_head(&reader->window), &header))
		settle_at(reader, header.offset);
}

/*
 * Find a record that lasts: further on from the oldest one the more often that failed, be it
 * here or because it was gone before it was released. If there is none, it is for the next
 * one to tell what was lost.
 */
static void catch_up(struct ringlog_reader *reader)
{
	const struct ringlog_window *window = &reader->window;
	struct ringlog_header_copy header;
	unsigned int tries, end = reader->misses + TRIES;
	int ret = -EPIPE;

	for (tries = reader->misses; tries < end && ret == -EPIPE; tries++) {
		unsigned int quarters = tries < OLDEST_TRIES ? 0 : tries - OLDEST_TRIES + 1;

		if (quarters > 3)
			quarters = 3;
		set_position(reader, quarters ?
			     ringlog_search_ahead(window, window->size / 4 * quarters) :
			     ringlog_window_tail(window));
		ret = ringlog_window_header(window, ringlog_reader_position(reader),
					    ringlog_window_head(window), &header);
	}
	/* Damage shows again when the record is looked at. */
	if (!ret)
		settle_at(reader, header.offset);
}

/**
 * ringlog_reader_lapse - the reader was overtaken
 * @reader: which; what it peeked at is lost too
 *
 * Return: -EPIPE: to be told; 0: it was told before, and did not get any further since.
 */
int ringlog_reader_lapse(struct ringlog_reader *reader)
{
	bool told = reader->told == ringlog_reader_position(reader);

	if (reader->bearing == RINGLOG_SETTLED)
		reader->bearing = RINGLOG_LAPPED;
	if (!told)
		reader->misses = 0;
	else if (reader->misses < TRIES)
		reader->misses++;
	catch_up(reader);
	reader->told = ringlog_reader_position(reader);
	return told ? 0 : -EPIPE;
}

/**
 * ringlog_reader_damaged - why does what the reader is at make no sense
 * @reader: which
 *
 * Return: -EBADMSG: it is damaged; else it was overwritten, as ringlog_reader_lapse().
 */
int ringlog_reader_damaged(struct ringlog_reader *reader)
{
	return ringlog_reader_overtaken(reader) ? ringlog_reader_lapse(reader) : -EBADMSG;
}

/* Pass over the records that are older than @before, of which there is one. */
static int pass_expired(struct ringlog_reader *reader, __u64 before)
{
	bool told = reader->told == ringlog_reader_position(reader);
	struct ringlog_target target;
	__u64 passed;
	int ret = ringlog_search(&reader->window, ringlog_reader_position(reader), before, true,
				 &target);

	/* What the search went by may have been overwritten, and some of it was young. */
	if (ringlog_reader_overtaken(reader))
		return ringlog_reader_lapse(reader);
	if (ret || (__s64)(target.offset - reader->offset) < 0)
		return -EBADMSG;
	passed = target.offset - reader->offset;
	reader->lost += passed;
	reader->expired += passed;
	reader->offset = target.offset;
	set_position(reader, target.position);
	reader->told = target.position;
	return told ? 0 : -EPIPE;
}

/* How far the reader may go from @position before it looks at the ring's ends again. */
static __u64 limit_of(const struct ringlog_reader *reader, __u64 position, __u64 head)
{
	__u64 block = reader->window.block;
	__u64 limit = head;

	/* With an age, each record is to be looked at when it is read. */
	if (load_once(&reader->window.kernel->age_ns))
		return position;
	/* A writer may wait for the next block. */
	if (reader->gate && (position / block + 1) * block < limit)
		limit = (position / block + 1) * block;
	if (reader->stretch_end < limit)
		limit = reader->stretch_end > position ? reader->stretch_end : position;
	return limit;
}

/*
 * The record that the reader is at lies before @head. 1: it may be looked at; 0: the
 * reader went elsewhere.
 */
static int fill_to(struct ringlog_reader *reader, __u64 head)
{
	__u64 position = ringlog_reader_position(reader);
	__u64 before = ringlog_age_horizon(load_once(&reader->window.kernel->age_ns));
	struct ringlog_header_copy header;
	int ret;

	ret = ringlog_window_header(&reader->window, position, head, &header);
	if (ret == -EPIPE)
		return ringlog_reader_lapse(reader);
	if (!ret)
		ret = settle_at(reader, header.offset);
	if (ret)
		return ret;
	if (header.timestamp < before)
		return pass_expired(reader, before);

	set_position(reader, position);
	reader->head = reader->at + (head - position);
	reader->limit = reader->at + (limit_of(reader, position, head) - position);
	return 1;
}

/**
 * ringlog_reader_fill - look at the ends of the ring
 * @reader: which; nothing is peeked at
 *
 * Return: 1: the record at @reader->at may be looked at; 0: there is none; -EPIPE: records
 * were lost; -EBADMSG: damaged; -ENODEV: the stream is gone.
 */
int ringlog_reader_fill(struct ringlog_reader *reader)
{
	unsigned int tries;
	int ret;

	if (ringlog_window_gone(&reader->window))
		return -ENODEV;
	for (tries = 0; tries < TRIES; tries++) {
		__u64 head = ringlog_window_head(&reader->window);

		if (head == ringlog_reader_position(reader))
			return 0;
		ret = fill_to(reader, head);
		if (ret)
			return ret;
	}
	return 0;
}
