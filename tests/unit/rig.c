// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

/* Larger than any record, so that what runs out of the mappings is seen to. */
#define GUARD (4U << 20)

void (*rig_interlude)(void);

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

void rig_open(struct rig *rig, u64 size, u64 first_offset)
{
	struct ringlog_index_entry *index = calloc(size / RINGLOG_BLOCK, sizeof(*index));
	int fd = memfd_create("ring", MFD_CLOEXEC);
	u8 *base, *data;

	if (!index || fd < 0 || ftruncate(fd, size))
		give_up("a ring's memory");
	base = mmap(NULL, 2 * size + 2 * GUARD, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		give_up("mmap");
	data = base + GUARD;
	for (int i = 0; i < 2; i++)
		if (mmap(data + i * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, 0) == MAP_FAILED)
			give_up("mmap");
	close(fd);
	memset(rig, 0, sizeof(*rig));
	rig->base = base;
	ringlog_ring_init(&rig->ring, data, index, &rig->published, size, first_offset);
}

void rig_close(struct rig *rig)
{
	munmap(rig->base, 2 * rig->ring.size + 2 * GUARD);
	free(rig->ring.index);
	memset(rig, 0, sizeof(*rig));
}

#if defined(__SANITIZE_THREAD__) || defined(UNIT_WEAK)
static void copy_shared(u8 *to, const u8 *from, size_t bytes)
{
	/* One side is the ring's and begins at a multiple of 8; the other may not. */
	while (bytes >= sizeof(u64) && !(((uintptr_t)to | (uintptr_t)from) % sizeof(u64))) {
		u64 word = READ_ONCE(*(const u64 *)from);

		WRITE_ONCE(*(u64 *)to, word);
		to += sizeof(u64);
		from += sizeof(u64);
		bytes -= sizeof(u64);
	}
	while (bytes--) {
		u8 byte = READ_ONCE(*from++);

		WRITE_ONCE(*to++, byte);
	}
}
#else
static void copy_shared(u8 *to, const u8 *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
#endif

void rig_copy(void *to, const void *from, size_t bytes)
{
	size_t half = bytes / 2 & ~(size_t)7;

	copy_shared(to, from, half);
	if (rig_interlude)
		rig_interlude();
	copy_shared((u8 *)to + half, (const u8 *)from + half, bytes - half);
}

/* As in partition.c, but for the clock. */
static u64 stamp(struct rig *rig)
{
	struct ringlog_ring *ring = &rig->ring;
	u64 now = rig->now;

	if (now < ring->timestamp)
		now = ring->timestamp;
	ring->timestamp = now;
	return now;
}

int rig_append_torn(struct rig *rig, const void *value, u32 length, u32 copied, u32 producer)
{
	static const u8 zeroes[RINGLOG_ALIGN] __attribute__((__aligned__(8)));
	struct ringlog_ring *ring = &rig->ring;
	u64 footprint = ringlog_record_footprint(length);
	u64 head = ring->head + footprint;
	struct ringlog_record *record, header;
	u64 offset;

	ringlog_ring_make_room(ring, footprint);
	record = ringlog_ring_at(ring, ring->head);
	copy_shared((u8 *)record + footprint - RINGLOG_ALIGN, zeroes, RINGLOG_ALIGN);
	rig_copy(record + 1, value, copied);
	if (copied != length)
		return -EFAULT;
	offset = ring->next_offset;
	header = (struct ringlog_record){
		.length = length,
		.type = RINGLOG_TYPE_DATA,
		.offset = offset,
		.timestamp = stamp(rig),
		.producer = producer,
	};
	copy_shared((u8 *)record, (const u8 *)&header, sizeof(header));
	ringlog_ring_index(ring, ring->head, head, offset, ring->timestamp);
	ringlog_ring_publish(ring, head, offset + 1);
	return 0;
}

int rig_append(struct rig *rig, const void *value, u32 length, u32 producer)
{
	return rig_append_torn(rig, value, length, length, producer);
}

int rig_append_batch_torn(struct rig *rig, const void *batch, u32 bytes, u32 copied,
			  u32 producer, u64 *first_offset)
{
	struct ringlog_ring *ring = &rig->ring;
	u64 head = ring->head + bytes;
	int ret = -EFAULT;

	ringlog_ring_make_room(ring, bytes);
	rig_copy(ringlog_ring_at(ring, ring->head), batch, copied);
	if (copied == bytes)
		ret = ringlog_ring_stamp(ring, bytes, stamp(rig), producer, &rig->lengths);
	if (ret < 0)
		return ret;
	*first_offset = ring->next_offset;
	ringlog_ring_publish(ring, head, *first_offset + ret);
	return ret;
}

int rig_append_batch(struct rig *rig, const void *batch, u32 bytes, u32 producer,
		     u64 *first_offset)
{
	return rig_append_batch_torn(rig, batch, bytes, bytes, producer, first_offset);
}

void rig_purge(struct rig *rig)
{
	ringlog_ring_retire_to(&rig->ring, rig->ring.head, rig->ring.next_offset);
}

bool rig_inside(const struct rig *rig, const void *from, u64 bytes)
{
	const u8 *at = from, *data = rig->ring.data;
	u64 size = 2 * rig->ring.size;

	return at >= data && (u64)(at - data) <= size && bytes <= size - (at - data);
}
