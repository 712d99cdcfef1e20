// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: the ring
 *
 * Data structure
 * --------------
 * Positions are bytes since the partition was made; they never wrap. The ring
 * holds the records from tail to head, at most its size of them::
 *
 *	          tail            head
 *	            v               v
 *	... gone    |R|RRR|R|RR|RRRR|  free ...
 *	       ^        ^        ^
 *	       |        |        block boundaries: entry q of the index names the
 *	                         first record at or after byte 4096 q
 *
 * The bytes are mapped twice, one mapping right after the other, so a record
 * that reaches over the end of the ring lies in one piece all the same.
 *
 * Writing
 * -------
 * One writer at a time, under the partition's lock::
 *
 *	ringlog_ring_make_room(ring, bytes);
 *	... copy into ringlog_ring_at(ring, ring->head), fill the header in ...
 *	ringlog_ring_index(ring, head, new_head, offset, timestamp);
 *	ringlog_ring_publish(ring, new_head, offset + 1);
 *
 * A writer that gives up before publish leaves nothing behind that a reader
 * could see; only what make_room retired is gone.
 *
 * Retiring
 * --------
 * Tail moves, under the same lock, to where the index says or to head: to make
 * room, because of age (ringlog_ring_expire()), or because everything is to go.
 * It can be anywhere between where it was and head; an empty ring has it there.
 *
 * Reading
 * -------
 * Any number of readers, with no lock::
 *
 *	ringlog_ring_look(ring, position, &view);
 *	... copy what the view shows ...
 *	if (ringlog_ring_overtaken(ring, position))
 *		... all of it is void: the record is lost ...
 *
 * Memory barriers
 * ---------------
 * ============== ============ ================================================
 * writer         reader       without it
 * ============== ============ ================================================
 * publish:A      look:A       a reader finds head moved, and stale bytes there
 * retire:A       look:B       a reader copies new bytes over an old record and
 *                             finds tail where it was
 * publish:A      look:C       a reader that was overtaken goes on at tail, beyond
 *                             the head that it sees, where stale bytes may lie
 * ============== ============ ================================================
 */
#include "ring.h"

/**
 * ringlog_ring_init() - set an empty ring up
 * @ring: the ring
 * @data: @size zeroed bytes, mapped twice
 * @index: @size / %RINGLOG_BLOCK zeroed entries
 * @published: the O page, zeroed
 * @size: a power of two, %RINGLOG_RING_MIN to %RINGLOG_RING_MAX
 * @first_offset: of the first record
 */
void ringlog_ring_init(struct ringlog_ring *ring, void *data, struct ringlog_index_entry *index,
		       struct ringlog_published *published, u64 size, u64 first_offset)
{
	memset(ring, 0, sizeof(*ring));
	ring->data = data;
	ring->index = index;
	ring->published = published;
	ring->size = size;
	ring->next_offset = first_offset;
	ring->tail_offset = first_offset;
	ring->expired_end = first_offset;
	published->next_offset = first_offset;
}

/**
 * ringlog_ring_retire_to() - move tail, which is the one act of retirement
 * @ring: the ring; its writer calls
 * @position: where a record begins, or head; not below tail
 * @offset: of the record there
 */
void ringlog_ring_retire_to(struct ringlog_ring *ring, u64 position, u64 offset)
{
	WRITE_ONCE(ring->tail_offset, offset);
	/*
	 * LMM(retire:B), pairs with LMM(peek:C): what a mapped reader says that it
	 * lost by this tail, the kernel knows of, and whether age took it.
	 */
	smp_store_release(&ring->published->tail, position);
	WRITE_ONCE(ring->tail, position);
	/*
	 * LMM(retire:A), pairs with LMM(look:B): tail is seen to move before
	 * a byte of what it passed, in the data or in the index, changes.
	 */
	smp_wmb();
}

/**
 * ringlog_ring_retire() - move tail for ringlog_ring_make_room()
 * @ring: the ring; its writer calls
 * @bytes: of the append
 *
 * The first block that lies wholly in the last ring's worth of bytes begins
 * before head, because @bytes and a block are less than a ring: its entry is
 * written. It begins after tail, wherever that lies, because the ring is full.
 */
void ringlog_ring_retire(struct ringlog_ring *ring, u64 bytes)
{
	u64 keep = ring->head + bytes - ring->size;
	u64 block = ALIGN(keep, RINGLOG_BLOCK) / RINGLOG_BLOCK;
	const struct ringlog_index_entry *entry = ringlog_ring_entry(ring, block);

	ringlog_ring_retire_to(ring, entry->position, entry->offset);
}

/**
 * ringlog_ring_index_span() - write the entries of the blocks that begin in a record
 * @ring: the ring; its writer calls
 * @from: position of the record
 * @to: position after it
 * @offset: its offset
 * @timestamp: its timestamp
 */
void ringlog_ring_index_span(struct ringlog_ring *ring, u64 from, u64 to, u64 offset,
			     u64 timestamp)
{
	u64 at;

	for (at = ALIGN(from, RINGLOG_BLOCK); at < to; at += RINGLOG_BLOCK) {
		struct ringlog_index_entry *entry = ringlog_ring_entry(ring, at / RINGLOG_BLOCK);
		bool first = at == from;

		WRITE_ONCE(entry->position, first ? from : to);
		WRITE_ONCE(entry->offset, first ? offset : offset + 1);
		WRITE_ONCE(entry->timestamp, timestamp);
	}
}

/* Zero the up to @align - 1 bytes between @len and the next multiple of @align. */
static void zero_padding(u8 *at, u32 len, u32 align)
{
	u32 pad = ALIGN(len, align) - len;

	if (pad)
		memset(at + len, 0, pad);
}

/**
 * ringlog_ring_stamp() - check and complete the records of a batch at head
 * @ring: the ring; its writer calls, with the batch copied to head
 * @bytes: of the batch
 * @timestamp: of all of them
 * @producer: of all of them
 * @lengths: out: the sum of their lengths
 *
 * The batch came from a user and was checked before room was made; it may have
 * changed while it was copied, so this is the check that counts. Nobody else
 * can write these bytes any more. Pads, numbers and indexes every record, and
 * publishes none.
 *
 * Return: the number of records, or %-EINVAL.
 */
int ringlog_ring_stamp(struct ringlog_ring *ring, u32 bytes, u64 timestamp, u32 producer,
		       u64 *lengths)
{
	u64 position = ring->head;
	u64 end = position + bytes;
	u64 offset = ring->next_offset;

	*lengths = 0;
	while (position < end) {
		struct ringlog_record *record = ringlog_ring_at(ring, position);
		u8 *body = (u8 *)(record + 1);
		u64 next;

		if (unlikely(end - position < sizeof(*record) ||
			     !ringlog_record_valid(record, end - position) ||
			     offset - ring->next_offset == RINGLOG_BATCH_MAX))
			return -EINVAL;
		next = position + ringlog_record_footprint(record->length);
		if (record->key_len | record->headers_len) {
			zero_padding(body, record->key_len, 8);
			zero_padding(body + ALIGN((u32)record->key_len, 8), record->headers_len, 8);
		}
		zero_padding(body, record->length, RINGLOG_ALIGN);
		record->offset = offset;
		record->timestamp = timestamp;
		record->producer = producer;
		*lengths += record->length;
		ringlog_ring_index(ring, position, next, offset, timestamp);
		position = next;
		offset++;
	}
	return offset - ring->next_offset;
}

/**
 * ringlog_ring_damaged() - why does the record at @position make no sense
 * @ring: the ring
 * @position: of the record
 *
 * Return: %-EPIPE: it was overwritten while it was looked at; %-EBADMSG: it was
 * not.
 */
int ringlog_ring_damaged(const struct ringlog_ring *ring, u64 position)
{
	return ringlog_ring_overtaken(ring, position) ? -EPIPE : -EBADMSG;
}

/* Read entry @block; false if it was overwritten meanwhile. */
static bool read_entry(const struct ringlog_ring *ring, u64 block,
		       struct ringlog_index_entry *copy)
{
	const struct ringlog_index_entry *entry = ringlog_ring_entry(ring, block);

	copy->position = READ_ONCE(entry->position);
	copy->offset = READ_ONCE(entry->offset);
	copy->timestamp = READ_ONCE(entry->timestamp);
	return !ringlog_ring_overtaken(ring, block * RINGLOG_BLOCK);
}

/**
 * ringlog_ring_ahead() - a record at least @bytes ahead of the oldest one
 * @ring: the ring
 * @bytes: how far ahead
 *
 * For a reader that is overtaken again and again.
 *
 * Return: its position, or tail's if there is none.
 */
u64 ringlog_ring_ahead(const struct ringlog_ring *ring, u64 bytes)
{
	u64 head = smp_load_acquire(&ring->head); /* LMM(look:A) */
	u64 tail = READ_ONCE(ring->tail);
	u64 block = ALIGN(tail + bytes, RINGLOG_BLOCK) / RINGLOG_BLOCK;
	struct ringlog_index_entry entry;

	if (block * RINGLOG_BLOCK >= head || !read_entry(ring, block, &entry) ||
	    entry.position > head)
		return ringlog_ring_oldest(ring);
	return entry.position;
}

/* Where a search has got to, and if known the offset there. */
struct place {
	u64 position;
	u64 offset;
	bool known;
};

/*
 * Find the last entry at or before the record that is sought. An offset's own
 * entry may be it; a time's may not, for an earlier record can have the same
 * time. Returns false if the writer came by.
 */
static bool search_index(const struct ringlog_ring *ring, u64 key, bool by_time, u64 head,
			 struct place *place)
{
	u64 tail = READ_ONCE(ring->tail);
	u64 low = ALIGN(tail, RINGLOG_BLOCK) / RINGLOG_BLOCK;
	u64 high = ALIGN(head, RINGLOG_BLOCK) / RINGLOG_BLOCK; /* the first without an entry */
	struct ringlog_index_entry entry;

	*place = (struct place){ .position = tail };
	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (!read_entry(ring, middle, &entry))
			return false;
		if (by_time ? entry.timestamp < key : entry.offset <= key) {
			*place = (struct place){ entry.position, entry.offset, true };
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return true;
}

/* Walk on from @place, at most a block and a record. */
static int walk(const struct ringlog_ring *ring, u64 key, bool by_time, u64 head,
		struct place *place)
{
	struct ringlog_view view;
	int ret;

	while (place->position < head) {
		u64 timestamp;

		ret = ringlog_ring_look(ring, place->position, &view);
		if (ret)
			return ret;
		timestamp = READ_ONCE(view.record->timestamp);
		if (ringlog_ring_overtaken(ring, place->position))
			return -EPIPE;
		place->offset = view.offset;
		if (by_time ? timestamp >= key : view.offset >= key)
			return by_time || view.offset == key ? 0 : -ERANGE;
		*place = (struct place){ view.next, view.offset + 1, true };
	}
	if (!place->known)
		return -EAGAIN;
	return by_time || place->offset == key ? 0 : -ERANGE;
}

/**
 * ringlog_ring_seek() - find a record by offset or time
 * @ring: the ring
 * @key: offset, or CLOCK_MONOTONIC ns
 * @by_time: which of them
 * @position: out: the record's position
 * @offset: out: the record's offset
 *
 * By offset: the record of that offset, or head for the next one. By time: the
 * first record of that time or later, or head. Takes the logarithm of the ring
 * and one block; begins again when a writer comes by, so not for those who
 * hold a lock.
 *
 * Return: 0; %-ERANGE: the offset is not retained; %-EAGAIN: nothing to go by,
 * the ring was empty; %-EPIPE: a writer came by again and again; %-EBADMSG:
 * damaged.
 */
int ringlog_ring_seek(const struct ringlog_ring *ring, u64 key, bool by_time, u64 *position,
		      u64 *offset)
{
	int tries, ret = -EPIPE;

	for (tries = 0; tries < 64 && ret == -EPIPE; tries++) {
		u64 head = smp_load_acquire(&ring->head); /* LMM(look:A) */
		struct place place;

		if (!search_index(ring, key, by_time, head, &place))
			continue;
		ret = walk(ring, key, by_time, head, &place);
		*position = place.position;
		*offset = place.offset;
	}
	return ret;
}

/*
 * Pass the blocks whose records are all older than @before: of the entries
 * after tail, which are in order, the last that is older. All before the
 * record that it names are at most as young as it says. Nearly always the first
 * is young enough, and nothing else is looked at; otherwise it takes the
 * logarithm of the number of blocks, which is 18 steps at most.
 */
static void pass_blocks(const struct ringlog_ring *ring, u64 before, struct place *place)
{
	u64 low = ring->tail / RINGLOG_BLOCK + 1;
	u64 high = ALIGN(ring->head, RINGLOG_BLOCK) / RINGLOG_BLOCK; /* as in search_index() */
	const struct ringlog_index_entry *entry = ringlog_ring_entry(ring, low);

	if (low >= high || entry->timestamp >= before)
		return;
	while (high - low > 1) {
		u64 middle = low + (high - low) / 2;

		if (ringlog_ring_entry(ring, middle)->timestamp < before)
			low = middle;
		else
			high = middle;
	}
	entry = ringlog_ring_entry(ring, low);
	*place = (struct place){ entry->position, entry->offset, true };
}

/*
 * Pass the records from @place on that are older than @before. The next block's
 * entry, if there is one, is not, so that these begin in one block, and one more
 * ends the walk.
 */
static void pass_records(const struct ringlog_ring *ring, u64 before, struct place *place)
{
	unsigned int i;

	for (i = 0; i <= RINGLOG_BLOCK / RINGLOG_ALIGN && place->position < ring->head; i++) {
		const struct ringlog_record *record = ringlog_ring_at(ring, place->position);

		if (record->timestamp >= before)
			return;
		place->position += ringlog_record_footprint(record->length);
		place->offset++;
	}
}

/**
 * ringlog_ring_expire() - retire the records that are older than a moment
 * @ring: the ring; its writer calls
 * @before: the moment: a timestamp below it is older
 * @exact: all of them; otherwise the records of up to a block, and one that
 *	begins in it, may stay
 *
 * Takes constant time: one look at the index if nothing is to be done, its
 * logarithm if something is, and if @exact at most 129 records.
 *
 * Return: whether tail moved.
 */
bool ringlog_ring_expire(struct ringlog_ring *ring, u64 before, bool exact)
{
	struct place place = { ring->tail, ring->tail_offset, true };

	if (ring->timestamp < before) {
		place = (struct place){ ring->head, ring->next_offset, true };
	} else {
		pass_blocks(ring, before, &place);
		if (exact)
			pass_records(ring, before, &place);
	}
	if (place.position == ring->tail)
		return false;
	WRITE_ONCE(ring->expired_end, place.offset);
	if (ring->expired_end_shown)
		WRITE_ONCE(*ring->expired_end_shown, place.offset);
	ringlog_ring_retire_to(ring, place.position, place.offset);
	return true;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "ring_kunit.c"
#endif
