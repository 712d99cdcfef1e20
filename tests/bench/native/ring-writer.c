// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "ring.h"
#include "ring-writer.h"

struct ring_writer {
	struct ringlog_ring ring;
};

/**
 * ring_writer_new() - an empty ring in memory that is there
 * @data: @ring_bytes zeroes, mapped twice
 * @index: an entry for each block, zeroes
 * @published: the page with the ring's ends, zeroes
 * @ring_bytes: a power of two
 *
 * Return: the ring, or NULL for want of memory.
 */
struct ring_writer *ring_writer_new(void *data, void *index, void *published,
				    uint64_t ring_bytes)
{
	struct ring_writer *writer = aligned_alloc(64, sizeof(*writer));

	if (writer)
		ringlog_ring_init(&writer->ring, data, index, published, ring_bytes, 0);
	return writer;
}

void ring_writer_free(struct ring_writer *writer)
{
	free(writer);
}

/**
 * ring_writer_append() - what kmod/partition.c does between its lock and its unlock
 * @writer: the ring
 * @value: of the record
 * @bytes: of it
 * @timestamp: of the record; not before the last one's
 */
void ring_writer_append(struct ring_writer *writer, const void *value, uint32_t bytes,
			uint64_t timestamp)
{
	static const u8 zeroes[RINGLOG_ALIGN] __attribute__((__aligned__(8)));
	struct ringlog_ring *ring = &writer->ring;
	u64 footprint = ringlog_record_footprint(bytes);
	u64 offset = ring->next_offset;
	struct ringlog_record *record;

	ringlog_ring_make_room(ring, footprint);
	record = ringlog_ring_at(ring, ring->head);
	memcpy((u8 *)record + footprint - RINGLOG_ALIGN, zeroes, RINGLOG_ALIGN);
	memcpy(record + 1, value, bytes);
	*record = (struct ringlog_record){
		.length = bytes,
		.type = RINGLOG_TYPE_DATA,
		.offset = offset,
		.timestamp = timestamp,
	};
	ringlog_ring_index(ring, ring->head, ring->head + footprint, offset, timestamp);
	ringlog_ring_publish(ring, ring->head + footprint, offset + 1);
}
