// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Peeking and releasing. What happens for each record is here, in few instructions: a
 * reader's limit says how far it may go with no look at the ring's ends, and tail is
 * looked at once, at the end, which is what a record's validity hangs on. All else is done
 * when the limit is reached, that for gates too: their limit is the end of a block, which
 * is what writers who wait for them go by.
 */
#include "consumer-parts.h"

#include <errno.h>

/* Tries to find a record that lasts, before there is said to be none. */
#define TRIES	8

/* To @turn, of those that are attached. */
static struct ringlog_reader *take_turn(struct ringlog_consumer *consumer, __u32 turn)
{
	struct ringlog_reader *reader;

	consumer->turn = turn < consumer->attached_count ? turn : 0;
	reader = consumer->attached[consumer->turn];
	reader->stretch_end = ringlog_reader_position(reader) + RINGLOG_STRETCH;
	consumer->current = reader;
	return reader;
}

/* What @reader found out that the kernel is to know. */
static void tell_news(struct ringlog_consumer *consumer, struct ringlog_reader *reader)
{
	if (reader->lost != reader->reported_lost || ringlog_reader_hurried(reader))
		ringlog_consumer_tell(consumer, reader);
}

/*
 * Let the one have the turn that has a record, or something to tell. It stays with one
 * that had not gone far, and passes by those that are empty, damaged or have had enough.
 */
static int fill_any(struct ringlog_consumer *consumer)
{
	struct ringlog_reader *reader = consumer->current;
	__u32 left;
	int ret = 0;

	if (ringlog_reader_position(reader) >= reader->stretch_end)
		reader = take_turn(consumer, consumer->turn + 1);
	for (left = consumer->attached_count; left > 0; left--) {
		ret = ringlog_reader_fill(reader);
		tell_news(consumer, reader);
		if (ret && ret != -EBADMSG)
			return ret;
		reader = take_turn(consumer, consumer->turn + 1);
		if (ret)
			return ret;
	}
	return 0;
}

/* Look at the ring's ends, and then at the record, with care. */
static int peek_slowly(struct ringlog_consumer *consumer, struct ringlog_peek *peek)
{
	struct ringlog_reader *reader;
	unsigned int tries;
	int ret;

	for (tries = 0; consumer->attached_count && tries < TRIES; tries++) {
		/* The same record again. */
		if (!ringlog_reader_peeked(consumer->current)) {
			ret = fill_any(consumer);
			if (ret <= 0)
				return ret;
		}
		reader = consumer->current;
		if (ringlog_reader_look(reader, peek))
			return 1;
		ret = ringlog_reader_damaged(reader);
		tell_news(consumer, reader);
		if (ret)
			return ret;
	}
	return 0;
}

/* It has a key or headers, or nothing can be looked at before the ring's ends are. */
static __attribute__((__noinline__)) int peek_carefully(struct ringlog_consumer *consumer,
							struct ringlog_peek *peek)
{
	struct ringlog_reader *reader = consumer->current;

	return reader->at < reader->limit && ringlog_reader_look(reader, peek) ?
	       1 : peek_slowly(consumer, peek);
}

int ringlog_peek(struct ringlog_consumer *consumer, struct ringlog_peek *peek)
{
	if (unlikely(!ringlog_reader_look_fast(consumer->current, peek)))
		return peek_carefully(consumer, peek);
	return 1;
}

int ringlog_check(const struct ringlog_consumer *consumer)
{
	const struct ringlog_reader *reader = consumer->current;

	if (unlikely(!ringlog_reader_peeked(reader)))
		return -EINVAL;
	return ringlog_reader_overtaken(reader) ? -EPIPE : 0;
}

static __attribute__((__noinline__)) int release_lost(struct ringlog_consumer *consumer)
{
	ringlog_reader_lapse(consumer->current);
	tell_news(consumer, consumer->current);
	return -EPIPE;
}

int ringlog_release(struct ringlog_consumer *consumer)
{
	struct ringlog_reader *reader = consumer->current;
	const char *next = reader->next;

	if (unlikely(next == reader->at))
		return -EINVAL;
	if (unlikely(ringlog_reader_overtaken(reader)))
		return release_lost(consumer);
	ringlog_reader_pass(reader, next);
	return 0;
}

/**
 * ringlog_consumer_settle - list the readers that have a partition
 * @consumer: which
 *
 * The turn stays where it is, if that one is still attached.
 */
void ringlog_consumer_settle(struct ringlog_consumer *consumer)
{
	struct ringlog_reader *current = NULL;
	__u32 i, count = 0;

	for (i = 0; i < consumer->partitions; i++) {
		struct ringlog_reader *reader = &consumer->readers[i];

		if (!reader->window.base)
			continue;
		if (reader == consumer->current) {
			current = reader;
			consumer->turn = count;
		}
		consumer->attached[count++] = reader;
	}
	consumer->attached_count = count;
	if (current)
		return;
	consumer->current = &consumer->nobody;
	if (count)
		take_turn(consumer, 0);
}
