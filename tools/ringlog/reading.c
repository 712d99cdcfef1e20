// SPDX-License-Identifier: GPL-2.0-only
/* Reading partitions of a stream, and what of them was lost, to the record. */
#include "reading.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

/* What is looked for may be overwritten so often. */
#define TRIES	100

int reading_open(struct reading *reading, const char *stream)
{
	int result;

	*reading = (struct reading) { };
	result = ringlog_consumer_open(&reading->consumer, stream, 0);
	if (result)
		return result;
	result = ringlog_info(ringlog_consumer_fd(reading->consumer), 0, &reading->info);
	if (result)
		goto err_close;
	reading->size = reading->info.max_record;
	reading->buffer = malloc(reading->size);
	reading->parts = calloc(reading->info.partitions, sizeof(*reading->parts));
	if (reading->buffer && reading->parts)
		return 0;
	result = -ENOMEM;

err_close:
	reading_close(reading);
	return result;
}

void reading_close(struct reading *reading)
{
	ringlog_consumer_close(reading->consumer);
	free(reading->parts);
	free(reading->buffer);
}

/* The last N are those from an offset on, which may be gone by the time it is looked for. */
static int start_of(struct reading *reading, __u32 partition, const struct starting_point *point,
		    struct ringlog_start *start)
{
	struct ringlog_info info;
	int result;

	*start = point->start;
	if (!point->last)
		return 0;
	result = ringlog_info(ringlog_consumer_fd(reading->consumer), partition, &info);
	if (result)
		return result;
	if (info.next_offset - info.oldest_offset <= point->start.value)
		*start = (struct ringlog_start) { .from = RINGLOG_START_OLDEST };
	else
		start->value = info.next_offset - point->start.value;
	return 0;
}

static int attach(struct reading *reading, __u32 partition, const struct starting_point *point)
{
	int result = -EAGAIN;

	for (int i = 0; i < TRIES && result == -EAGAIN; i++) {
		struct ringlog_start start;

		result = start_of(reading, partition, point, &start);
		if (!result)
			result = ringlog_consumer_attach(reading->consumer, partition, &start);
		if (result == -ERANGE && point->last)
			result = -EAGAIN;
	}
	return result;
}

/*
 * No more of it is wanted. It stays attached unless more of it comes: to detach one takes a call
 * for each of the others.
 */
static void leave(struct reading *reading, __u32 partition)
{
	reading->parts[partition].wanted = false;
	reading->wanted--;
}

/* Offset of the next record: exact, for the kernel waits for who appends to be done. */
static int end_of(struct reading *reading, __u32 partition, bool endless, __u64 *end)
{
	struct ringlog_info info;
	int result;

	*end = READING_ENDLESS;
	if (endless)
		return 0;
	result = ringlog_info(ringlog_consumer_fd(reading->consumer), partition, &info);
	if (!result)
		*end = info.next_offset;
	return result;
}

int reading_begin(struct reading *reading, __u32 partition, const struct starting_point *point,
		  bool endless)
{
	struct reading_part *part = &reading->parts[partition];
	struct ringlog_place place;
	__u64 end;
	int result;

	if (part->begun)
		return 0;
	result = attach(reading, partition, point);
	if (!result)
		result = ringlog_consumer_place(reading->consumer, partition, &place);
	if (!result)
		result = end_of(reading, partition, endless, &end);
	if (result)
		return result;
	/* What was lost since it was attached is told with the rest. */
	*part = (struct reading_part) {
		.wanted = true,
		.begun = true,
		.next = place.offset - place.lost,
		.end = end,
	};
	reading->wanted++;
	if (part->next >= part->end)
		leave(reading, partition);
	return 0;
}

/* Of the @lost records that are told now, those that age took, as far as they were not told. */
static __u64 expired_of(struct reading *reading, __u32 partition, __u64 lost)
{
	struct reading_part *part = &reading->parts[partition];
	struct ringlog_place place;
	__u64 expired;

	if (ringlog_consumer_place(reading->consumer, partition, &place) ||
	    place.expired <= part->told_expired)
		return 0;
	expired = place.expired - part->told_expired;
	if (expired > lost)
		expired = lost;
	part->told_expired += expired;
	return expired;
}

/*
 * What is before @offset is gone: what of it was not read was lost. Those that are not wanted
 * are no loss. Only offsets count: that something was lost is told once until the consumer gets
 * further, however much is lost until then.
 */
static void lose_before(struct reading *reading, __u32 partition, __u64 offset)
{
	struct reading_part *part = &reading->parts[partition];
	__u64 lost;

	if (offset > part->end)
		offset = part->end;
	if (offset <= part->next)
		return;
	lost = offset - part->next;
	part->next = offset;
	reading->on_loss(reading->data, partition, lost, expired_of(reading, partition, lost));
}

/*
 * How far it is gone, without a record that says so, is for the kernel to tell: what the window
 * says of an empty ring may be ahead of it.
 */
static void look_at(struct reading *reading, __u32 partition)
{
	struct reading_part *part = &reading->parts[partition];
	struct ringlog_place place;
	struct ringlog_info info;

	/* Nothing came that could have gone. */
	if (!ringlog_consumer_place(reading->consumer, partition, &place) &&
	    place.end <= part->next)
		return;
	if (ringlog_info(ringlog_consumer_fd(reading->consumer), partition, &info))
		return;
	lose_before(reading, partition, info.oldest_offset);
	if (part->next >= part->end)
		leave(reading, partition);
}

void reading_look_for_losses(struct reading *reading)
{
	for (__u32 i = 0; i < reading->info.partitions; i++)
		if (reading->parts[i].wanted)
			look_at(reading, i);
}

/* Is it one that is wanted? It may be one that came later, with all before it gone. */
static bool take(struct reading *reading, __u32 partition, __u64 offset)
{
	struct reading_part *part = &reading->parts[partition];

	if (part->wanted)
		lose_before(reading, partition, offset);
	if (!part->wanted || offset >= part->end) {
		ringlog_consumer_detach(reading->consumer, partition);
		if (part->wanted)
			leave(reading, partition);
		return false;
	}
	if (part->next <= offset)
		part->next = offset + 1;
	if (part->next == part->end)
		leave(reading, partition);
	return true;
}

/*
 * There is none, although not all that was there was read: it was overwritten as often as it
 * was looked at, or nothing is left of it. True: look again.
 */
static bool look_again(struct reading *reading)
{
	__u32 endless = 0;

	reading_look_for_losses(reading);
	for (__u32 i = 0; i < reading->info.partitions; i++)
		endless += reading->parts[i].wanted && reading->parts[i].end == READING_ENDLESS;
	if (endless)
		return false;
	return reading->wanted;
}

int reading_next(struct reading *reading, struct ringlog_view *view, __u32 *partition)
{
	int tries = 0;

	while (reading->wanted) {
		int result = ringlog_read(reading->consumer, reading->buffer, reading->size, view,
					  partition);

		if (result == 1 && take(reading, *partition, view->offset))
			return 1;
		/* How many were lost, the next record says, or that there is none. */
		if (result < 0 && result != -EPIPE)
			return result;
		if (result)
			continue;
		if (!look_again(reading))
			return 0;
		if (++tries == TRIES)
			return -EAGAIN;
		sched_yield();
	}
	return 0;
}
