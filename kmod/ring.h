/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring: positions, records and the sparse index of one partition. Pure:
 * no lock, no page, no file; ring.c and this compile in user space as well.
 */
#ifndef RINGLOG_RING_H
#define RINGLOG_RING_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "record.h"

#define RINGLOG_RING_MIN	(64ULL << 10)
#define RINGLOG_RING_MAX	(1ULL << 30)
#define RINGLOG_RECORD_MAX	(1U << 20)

/**
 * struct ringlog_ring - one ring and the kernel's private view of it
 * @data: @size bytes, mapped twice back to back: a record never wraps
 * @index: an entry for each %RINGLOG_BLOCK bytes of @data
 * @published: the O page: copies of the ends for mapped readers. The kernel writes it
 *	and never reads it: one day a lease holder can write it too
 * @expired_end_shown: a copy of @expired_end for others to read, or NULL
 * @size: of @data, a power of two
 * @age: ns that records are kept at most, zero: for ever. The ring knows no
 *	clock and does nothing with it: it is its partition's, and here because
 *	appends and reads have this line at hand
 * @head: position after the newest record
 * @tail: position of the oldest record
 * @next_offset: offset of the next record; moves after @head
 * @tail_offset: offset of the record at @tail; moves before @tail
 * @expired_end: offset after the last record that age retired; moves before
 *	@tail, with no barrier: who reads it without the lock may take what
 *	age has just retired for overwritten
 * @timestamp: of the newest record
 *
 * What is before @age is fixed before the ring is used. The rest is written by one
 * writer at a time, who holds the partition's lock, and read by anyone.
 */
struct ringlog_ring {
	u8 *data;
	struct ringlog_index_entry *index;
	struct ringlog_published *published;
	u64 *expired_end_shown;
	u64 size;
	u64 age;

	u64 head ____cacheline_aligned;
	u64 tail;
	u64 next_offset;
	u64 tail_offset;
	u64 expired_end;
	u64 timestamp;
};

/**
 * struct ringlog_view - a record as a reader saw it
 * @next: position after the record
 * @offset: the record's
 * @record: its header in the ring
 * @value: its value in the ring
 * @value_len: bytes of @value
 *
 * Worth nothing until ringlog_ring_overtaken() said no.
 */
struct ringlog_view {
	u64 next;
	u64 offset;
	const struct ringlog_record *record;
	const u8 *value;
	u32 value_len;
};

void ringlog_ring_init(struct ringlog_ring *ring, void *data, struct ringlog_index_entry *index,
		       struct ringlog_published *published, u64 size, u64 first_offset);
void ringlog_ring_retire_to(struct ringlog_ring *ring, u64 position, u64 offset);
void ringlog_ring_retire(struct ringlog_ring *ring, u64 bytes);
bool ringlog_ring_expire(struct ringlog_ring *ring, u64 before, bool exact);
void ringlog_ring_index_span(struct ringlog_ring *ring, u64 from, u64 to, u64 offset,
			     u64 timestamp);
int ringlog_ring_stamp(struct ringlog_ring *ring, u32 bytes, u64 timestamp, u32 producer,
		       u64 *lengths);
int ringlog_ring_damaged(const struct ringlog_ring *ring, u64 position);
u64 ringlog_ring_ahead(const struct ringlog_ring *ring, u64 bytes);
int ringlog_ring_seek(const struct ringlog_ring *ring, u64 key, bool by_time, u64 *position,
		      u64 *offset);

/* The bytes at @position: good for a whole ring from there, by the second mapping. */
static inline void *ringlog_ring_at(const struct ringlog_ring *ring, u64 position)
{
	return ring->data + (position & (ring->size - 1));
}

static inline struct ringlog_index_entry *ringlog_ring_entry(const struct ringlog_ring *ring,
							     u64 block)
{
	return &ring->index[block & (ring->size / RINGLOG_BLOCK - 1)];
}

/**
 * ringlog_ring_full() - would an append of @bytes retire records
 * @ring: the ring
 * @bytes: of the append
 *
 * The answer is only sure for the ring's writer.
 *
 * Return: whether it would.
 */
static inline bool ringlog_ring_full(const struct ringlog_ring *ring, u64 bytes)
{
	return READ_ONCE(ring->head) + bytes - READ_ONCE(ring->tail) > ring->size;
}

/**
 * ringlog_ring_make_room() - move tail so that @bytes fit after head
 * @ring: the ring; its writer calls
 * @bytes: of the append, at most an eighth of the ring and a header
 *
 * After this the bytes from head on may be written. Takes constant time: tail
 * goes where the index says the first whole block of what is kept begins.
 */
static inline void ringlog_ring_make_room(struct ringlog_ring *ring, u64 bytes)
{
	if (unlikely(ringlog_ring_full(ring, bytes)))
		ringlog_ring_retire(ring, bytes);
}

/**
 * ringlog_ring_index() - enter a record in the index
 * @ring: the ring; its writer calls, before it publishes
 * @from: position of the record
 * @to: position after it
 * @offset: its offset
 * @timestamp: its timestamp
 */
static inline void ringlog_ring_index(struct ringlog_ring *ring, u64 from, u64 to, u64 offset,
				      u64 timestamp)
{
	if (unlikely(ALIGN(from, RINGLOG_BLOCK) < to))
		ringlog_ring_index_span(ring, from, to, offset, timestamp);
}

/**
 * ringlog_ring_publish() - make everything up to @head visible
 * @ring: the ring; its writer calls
 * @head: position after the newest record
 * @next_offset: offset after the newest record
 */
static inline void ringlog_ring_publish(struct ringlog_ring *ring, u64 head, u64 next_offset)
{
	struct ringlog_published *published = ring->published;

	WRITE_ONCE(published->next_offset, next_offset);
	/*
	 * LMM(publish:A), pairs with LMM(look:A): whoever reads this head
	 * reads the record, its index entries and the tail that made room.
	 */
	smp_store_release(&published->head, head);
	smp_store_release(&ring->head, head); /* the same, for who reads in the kernel */
	/*
	 * LMM(publish:B), pairs with LMM(arm:A): whoever marks by this offset
	 * finds head moved when it looks again, and so counts the record.
	 */
	smp_store_release(&ring->next_offset, next_offset);
}

/**
 * ringlog_ring_overtaken() - the second look: was @position overwritten
 * @ring: the ring
 * @position: of a record that was read or copied
 *
 * Nothing that a reader found at @position means anything until this says no.
 *
 * Return: whether it was.
 */
static inline bool ringlog_ring_overtaken(const struct ringlog_ring *ring, u64 position)
{
	/*
	 * LMM(look:B), pairs with LMM(retire:A): if a byte written after tail
	 * moved was read, the moved tail is read here.
	 */
	smp_rmb();
	return READ_ONCE(ring->tail) > position;
}

/**
 * ringlog_ring_oldest() - where the oldest record begins
 * @ring: the ring
 *
 * For a reader that goes on there with no lock. Any look at the ring after this
 * finds a head that is not below.
 *
 * Return: tail.
 */
static inline u64 ringlog_ring_oldest(const struct ringlog_ring *ring)
{
	/*
	 * LMM(look:C), pairs with LMM(publish:A) by way of the lock that a
	 * later append takes: tail passes a head only after it was published.
	 * Without it head may be the older one, tail beyond it, and what lies
	 * there not yet what was published.
	 */
	return smp_load_acquire(&ring->tail);
}

/* Most records have neither key nor headers: both lengths are one load then. */
static inline u32 ringlog_ring_skip(const struct ringlog_record *record)
{
	u32 lens = READ_ONCE(*(const u32 *)&record->key_len);

	if (likely(!lens))
		return 0;
	return ringlog_record_skip(READ_ONCE(record->key_len), READ_ONCE(record->headers_len));
}

/**
 * ringlog_ring_look() - find the record at @position
 * @ring: the ring
 * @position: where a record begins, or head
 * @view: filled in on success
 *
 * Nothing but @view depends on what the header says, and @view points only into
 * the mapping of the ring whatever it says.
 *
 * Return: 0; %-EAGAIN: @position is head; %-EPIPE: the record was overwritten;
 * %-EBADMSG: it was not and makes no sense.
 */
static inline int ringlog_ring_look(const struct ringlog_ring *ring, u64 position,
				    struct ringlog_view *view)
{
	/* LMM(look:A), pairs with LMM(publish:A). */
	u64 head = smp_load_acquire(&ring->head);
	const struct ringlog_record *record;
	u64 footprint;
	u32 length, skip;

	if (position == head)
		return -EAGAIN;
	/* Not below tail, so head - position is at most a ring: look:A made this tail visible. */
	if (unlikely(READ_ONCE(ring->tail) > position))
		return -EPIPE;

	record = ringlog_ring_at(ring, position);
	length = READ_ONCE(record->length);
	skip = ringlog_ring_skip(record);
	footprint = ringlog_record_footprint(length);
	if (unlikely(footprint > head - position || skip > length))
		return ringlog_ring_damaged(ring, position);

	view->next = position + footprint;
	view->offset = READ_ONCE(record->offset);
	view->record = record;
	view->value = (const u8 *)(record + 1) + skip;
	view->value_len = length - skip;
	return 0;
}

#endif /* RINGLOG_RING_H */
