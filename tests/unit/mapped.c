// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mapped.h"
#include "rig.h"

#define PAGE	4096ULL
/* Larger than any record. */
#define GUARD	(4ULL << 20)

/**
 * struct mapped - a window, and the ring in it
 * @rig: the module's view, whose memory is the window
 * @base: of the window
 * @bytes: of the window
 * @kernel: its first page
 */
struct mapped {
	struct rig rig;
	u8 *base;
	u64 bytes;
	struct ringlog_kernel_page *kernel;
};

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

static void map(u8 *at, u64 bytes, int fd, u64 from)
{
	if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, (off_t)from) ==
	    MAP_FAILED)
		give_up("mmap");
}

struct mapped *mapped_open(uint64_t size, uint64_t first_offset)
{
	struct mapped *mapped = calloc(1, sizeof(*mapped));
	u64 index = ALIGN(size / RINGLOG_BLOCK * sizeof(struct ringlog_index_entry), PAGE);
	u64 data_at = 2 * PAGE + index;
	int fd = memfd_create("window", MFD_CLOEXEC);
	u8 *base;

	if (!mapped || fd < 0 || ftruncate(fd, (off_t)(data_at + size)))
		give_up("a window's memory");
	mapped->bytes = data_at + 2 * size;
	base = mmap(NULL, mapped->bytes + 2 * GUARD, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		give_up("mmap");
	mapped->base = base + GUARD;
	map(mapped->base, data_at + size, fd, 0);
	map(mapped->base + data_at + size, size, fd, data_at);
	close(fd);
	mapped->kernel = (void *)mapped->base;
	*mapped->kernel = (struct ringlog_kernel_page){
		.bytes = sizeof(struct ringlog_kernel_page),
		.block = RINGLOG_BLOCK,
		.map_bytes = mapped->bytes,
		.published_at = PAGE,
		.index_at = 2 * PAGE,
		.data_at = data_at,
		.ring_bytes = size,
		.incarnation = MAPPED_INCARNATION,
		.max_record = RIG_LENGTH_MAX(size),
		.expired_end = first_offset,
		.wake = { ~0ULL, ~0ULL },
	};
	mapped->rig.now = 1000;
	ringlog_ring_init(&mapped->rig.ring, mapped->base + data_at,
			  (void *)(mapped->base + 2 * PAGE), (void *)(mapped->base + PAGE), size,
			  first_offset);
	return mapped;
}

void mapped_close(struct mapped *mapped)
{
	munmap(mapped->base - GUARD, mapped->bytes + 2 * GUARD);
	free(mapped);
}

void *mapped_base(const struct mapped *mapped)
{
	return mapped->base;
}

size_t mapped_bytes(const struct mapped *mapped)
{
	return mapped->bytes;
}

void *mapped_at(const struct mapped *mapped, uint64_t position)
{
	return ringlog_ring_at(&mapped->rig.ring, position);
}

struct mapped_ends mapped_ends(const struct mapped *mapped)
{
	const struct ringlog_ring *ring = &mapped->rig.ring;

	return (struct mapped_ends){
		.head = ring->head,
		.tail = ring->tail,
		.next_offset = ring->next_offset,
		.tail_offset = ring->tail_offset,
		.expired_end = ring->expired_end,
	};
}

void mapped_set_now(struct mapped *mapped, uint64_t now)
{
	mapped->rig.now = now;
}

uint64_t mapped_append(struct mapped *mapped, const void *value, uint32_t length)
{
	u64 offset = mapped->rig.ring.next_offset;

	rig_append(&mapped->rig, value, length, 1);
	return offset;
}

static u8 *put(u8 *at, const void *from, u32 length, u32 align)
{
	if (from && length)
		memcpy(at, from, length);
	return at + ALIGN(length, align);
}

uint64_t mapped_append_record(struct mapped *mapped, const struct mapped_record *record)
{
	static u8 batch[RIG_APPEND_MAX(MAPPED_RING)] __attribute__((__aligned__(8)));
	struct ringlog_record header = {
		.length = ringlog_record_skip(record->key_len, record->headers_len) +
			  record->value_len,
		.type = RINGLOG_TYPE_DATA,
		.flags = (record->key ? RINGLOG_RECORD_HAS_KEY : 0) |
			 (record->value ? 0 : RINGLOG_RECORD_NULL_VALUE),
		.key_len = record->key_len,
		.headers_len = record->headers_len,
	};
	u64 bytes = ringlog_record_footprint(header.length), offset = 0;
	u8 *at;

	if (bytes > sizeof(batch))
		give_up("a record too large");
	memcpy(batch, &header, sizeof(header));
	at = put(batch + sizeof(header), record->key, record->key_len, 8);
	at = put(at, record->headers, record->headers_len, 8);
	put(at, record->value, record->value_len, 1);
	if (rig_append_batch(&mapped->rig, batch, (u32)bytes, 2, &offset) != 1)
		give_up("a record that is not valid");
	return offset;
}

void mapped_half_append(struct mapped *mapped, unsigned int records)
{
	struct ringlog_ring *ring = &mapped->rig.ring;

	WRITE_ONCE(ring->published->next_offset, ring->next_offset + records);
}

void mapped_lap(struct mapped *mapped, unsigned int laps)
{
	static const u8 value[1000];
	u64 until = mapped->rig.ring.head + laps * mapped->rig.ring.size + 1;

	while (mapped->rig.ring.head < until)
		mapped_append(mapped, value, sizeof(value));
}

void mapped_purge(struct mapped *mapped)
{
	rig_purge(&mapped->rig);
}

void mapped_expire(struct mapped *mapped, uint64_t before)
{
	ringlog_ring_expire(&mapped->rig.ring, before, true);
	WRITE_ONCE(mapped->kernel->expired_end, mapped->rig.ring.expired_end);
}

void mapped_set_age(struct mapped *mapped, uint64_t age)
{
	WRITE_ONCE(mapped->kernel->age_ns, age);
}

void mapped_set_room_wanted(struct mapped *mapped, bool wanted)
{
	WRITE_ONCE(mapped->kernel->room_wanted, wanted);
}

void mapped_delete(struct mapped *mapped)
{
	WRITE_ONCE(mapped->kernel->state, RINGLOG_STATE_GONE);
}

void mapped_copy(void *to, const void *from, size_t bytes)
{
	rig_copy(to, from, bytes);
}
