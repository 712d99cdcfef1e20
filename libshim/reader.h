/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reader: a cursor over one window, which finds records that last, and counts those
 * that did not. Not a part of the public API.
 *
 * What is in the ring is nobody's word: a reader looks only at what lies in the window,
 * ends each loop after so many steps, and says of what makes no sense that it is damaged,
 * once it is sure that it was not overwritten meanwhile.
 */
#ifndef RINGLOG_READER_H
#define RINGLOG_READER_H

#include <ringlog/consumer.h>

#include "search.h"
#include "window.h"

/**
 * enum ringlog_bearing - does a reader know the offset of the record that it is at
 * @RINGLOG_SETTLED: yes
 * @RINGLOG_LAPPED: no: its offset is that of the first record that it lost. The record's
 *	header will tell how many that are
 * @RINGLOG_ADOPTING: not surely: it began in an empty ring, and its offset may be too high
 */
enum ringlog_bearing {
	RINGLOG_SETTLED,
	RINGLOG_LAPPED,
	RINGLOG_ADOPTING,
};

/**
 * struct ringlog_reader - a cursor over a window
 * @at: the record that is read next, in the window
 * @limit: records that end here or before can be looked at with no look at the ring's ends
 * @head: end of what was published, as last seen; at most a ring behind @at
 * @next: end of the record that is peeked at; @at if none is
 * @bias: what makes a position of a place in the window
 * @published: the window's
 * @offset: of the record at @at; see @bearing
 * @partition: the window's
 * @gate: writers wait for this reader
 * @bearing: see there
 * @told: position where it was told of a loss; it is told again when it got further
 * @misses: times that it was overtaken again and had not got further
 * @lost: records lost
 * @expired: of those, how many age took or would have taken
 * @reported_lost: of @lost, what the kernel was told
 * @reported_expired: of @expired, what the kernel was told
 * @reported_position: where the kernel was told that this reader is
 * @stretch_end: position where others have their turn
 * @sought: where a seek of several partitions would put it
 * @sought_bearing: the same
 * @window: the window
 */
struct ringlog_reader {
	const char			*at;
	const char			*limit;
	const char			*head;
	const char			*next;
	__u64				bias;
	const struct ringlog_published	*published;
	__u64				offset;
	__u32				partition;
	bool				gate;

	enum ringlog_bearing		bearing;
	unsigned int			misses;
	__u64				told;
	__u64				lost;
	__u64				expired;
	__u64				reported_lost;
	__u64				reported_expired;
	__u64				reported_position;
	__u64				stretch_end;
	struct ringlog_target		sought;
	enum ringlog_bearing		sought_bearing;
	struct ringlog_window		window;
};

/* How far a reader goes before others have a turn, and before it looks at the ring's ends. */
#define RINGLOG_STRETCH	65536

void ringlog_reader_init(struct ringlog_reader *reader, const struct ringlog_target *target,
			 enum ringlog_bearing bearing);
void ringlog_reader_move(struct ringlog_reader *reader, const struct ringlog_target *target,
			 enum ringlog_bearing bearing);
int ringlog_reader_fill(struct ringlog_reader *reader);
void ringlog_reader_settle(struct ringlog_reader *reader);
int ringlog_reader_lapse(struct ringlog_reader *reader);
int ringlog_reader_damaged(struct ringlog_reader *reader);
bool ringlog_reader_look(struct ringlog_reader *reader, struct ringlog_peek *peek);
int ringlog_reader_find(const struct ringlog_reader *reader, const struct ringlog_start *start,
			struct ringlog_target *target, enum ringlog_bearing *bearing);
void ringlog_reader_place(const struct ringlog_reader *reader, struct ringlog_place *place);
void ringlog_reader_count_lost(struct ringlog_reader *reader);
__u64 ringlog_reader_expired(const struct ringlog_reader *reader, __u64 first);

static inline __u64 ringlog_reader_position(const struct ringlog_reader *reader)
{
	return (uintptr_t)reader->at + reader->bias;
}

static inline bool ringlog_reader_peeked(const struct ringlog_reader *reader)
{
	return reader->next != reader->at;
}

/* The second look, at what is peeked at. */
static inline bool ringlog_reader_overtaken(const struct ringlog_reader *reader)
{
	return ringlog_published_overtaken(reader->published, ringlog_reader_position(reader));
}

/**
 * ringlog_reader_look_fast - look at the record that a reader is at, if that is easy
 * @reader: which
 * @peek: out
 *
 * Whatever lies at @at is in the window, and the shortest record does not end at @at: with
 * @limit there, nothing is looked at. Else
 * tail was looked at when @head was read, and not again: it was not above @at then, so
 * what is between there and @head is no more than a ring, and this stays so whatever tail
 * does since, for both are the reader's own. So a record that ends at or before @head lies
 * in the window. Whether it is a record still is for the second look to say.
 *
 * Return: false: it ends beyond @limit, or has a key or headers.
 */
static inline bool ringlog_reader_look_fast(struct ringlog_reader *reader,
					    struct ringlog_peek *peek)
{
	const struct ringlog_record *record = (const void *)reader->at;
	__u32 length = load_once(&record->length);
	const char *next = reader->at + ringlog_footprint(length);

	/* The lengths of key and headers in one. */
	if (unlikely(next > reader->limit || load_once((const ringlog_pair *)&record->key_len)))
		return false;
	peek->record = record;
	peek->value = record + 1;
	peek->value_len = length;
	peek->partition = reader->partition;
	reader->next = next;
	return true;
}

/* On to the next record, at @next. */
static inline void ringlog_reader_pass(struct ringlog_reader *reader, const char *next)
{
	reader->at = next;
	reader->offset++;
}

#endif /* RINGLOG_READER_H */
