/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A partition's window in memory, laid out as the device's is, which the module's own code
 * fills. For tests of those who read windows: the module's names and the library's clash, so
 * that nothing of either is in here.
 */
#ifndef UNIT_MAPPED_H
#define UNIT_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The smallest ring that the module has. */
#define MAPPED_RING	65536ULL
#define MAPPED_INCARNATION 0x1234567887654321ULL

struct mapped;

/**
 * struct mapped_record - what is to be appended
 * @key: NULL for none
 * @headers: may be NULL
 * @value: NULL for none
 * @key_len: bytes
 * @headers_len: bytes
 * @value_len: bytes
 */
struct mapped_record {
	const void *key;
	const void *headers;
	const void *value;
	uint16_t key_len;
	uint16_t headers_len;
	uint32_t value_len;
};

/**
 * struct mapped_ends - the module's own view of the ring
 * @head: position
 * @tail: position
 * @next_offset: offset
 * @tail_offset: offset
 * @expired_end: offset
 */
struct mapped_ends {
	uint64_t head;
	uint64_t tail;
	uint64_t next_offset;
	uint64_t tail_offset;
	uint64_t expired_end;
};

struct mapped *mapped_open(uint64_t size, uint64_t first_offset);
void mapped_close(struct mapped *mapped);

/* The window. Guards lie around it, which may be neither read nor written. */
void *mapped_base(const struct mapped *mapped);
size_t mapped_bytes(const struct mapped *mapped);
/* Anything in it, for who may write there one day. */
void *mapped_at(const struct mapped *mapped, uint64_t position);
struct mapped_ends mapped_ends(const struct mapped *mapped);

/* What the clock says at the next append. */
void mapped_set_now(struct mapped *mapped, uint64_t now);
/* Each returns the offset of the record. */
uint64_t mapped_append(struct mapped *mapped, const void *value, uint32_t length);
uint64_t mapped_append_record(struct mapped *mapped, const struct mapped_record *record);
/* As it is seen while @records are appended: counted already, and not there yet. */
void mapped_half_append(struct mapped *mapped, unsigned int records);
/* Appends until @laps rings and a little were written. */
void mapped_lap(struct mapped *mapped, unsigned int laps);

void mapped_purge(struct mapped *mapped);
/* Retire what is older than @before, to the record. */
void mapped_expire(struct mapped *mapped, uint64_t before);
void mapped_set_age(struct mapped *mapped, uint64_t age);
void mapped_set_room_wanted(struct mapped *mapped, bool wanted);
void mapped_delete(struct mapped *mapped);

/* As rig_copy(): out of a ring that is written at the same time. */
void mapped_copy(void *to, const void *from, size_t bytes);

#endif /* UNIT_MAPPED_H */
