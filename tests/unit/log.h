/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reference: a log that is an array of all records there ever were. It
 * finds everything by going through the array, and knows no index.
 */
#ifndef UNIT_LOG_H
#define UNIT_LOG_H

#include "prng.h"
#include "rig.h"

/**
 * struct log_record - a record
 * @position: sum of what the records before it take
 * @body: its @length bytes, padding between the parts zero; NULL once retired
 *
 * The rest as in struct ringlog_record.
 */
struct log_record {
	u64 position;
	u64 offset;
	u64 timestamp;
	u8 *body;
	u32 length;
	u32 producer;
	u16 key_len;
	u16 headers_len;
	u8 flags;
};

/**
 * struct log - what a ring should hold
 * @records: all of them
 * @count: of them
 * @capacity: of the array
 * @oldest: number of the oldest one retained; @count if there is none
 * @size: of the ring
 * @head: of the ring
 * @first_offset: of the first record there was
 * @timestamp: of the newest append, maybe of one that failed
 * @expired_end: offset after the last record that age retired
 */
struct log {
	struct log_record *records;
	size_t count;
	size_t capacity;
	size_t oldest;
	u64 size;
	u64 head;
	u64 first_offset;
	u64 timestamp;
	u64 expired_end;
};

void log_open(struct log *log, u64 size, u64 first_offset);
void log_close(struct log *log);
u64 log_tail(const struct log *log);

/* Retire until @bytes fit: whole blocks of the ring, and nothing if they fit already. */
void log_make_room(struct log *log, u64 bytes);
/* Append @record, at @now and by the reference's own numbering; room was made. */
void log_append(struct log *log, const struct log_record *record, u64 now);
void log_purge(struct log *log);
/* Number of the first record not to retire as older: exactly, or by whole blocks of the ring. */
size_t log_older(const struct log *log, u64 before, bool exact);
void log_expire(struct log *log, u64 before, bool exact);

/* The bytes that @record takes, header and padding included. */
u64 log_footprint(const struct log_record *record);
u32 log_skip(const struct log_record *record);

/* Compare ends, every retained record and every valid index entry. */
bool log_matches(const struct log *log, const struct rig *rig);

/* What ringlog_ring_seek() should return; @found: number of the record, or count. */
int log_seek(const struct log *log, u64 key, bool by_time, size_t *found);

/* A random record that takes at most @room bytes, in a buffer that the next call uses again. */
struct log_record log_random(struct prng *prng, u32 room);

/* Write @record as a user would, with noise wherever the kernel is to write. Returns its bytes. */
u32 log_write(const struct log_record *record, u8 *to, struct prng *prng);

/* One append to both: a value alone. */
void log_append_value(struct log *log, struct rig *rig, u32 length, struct prng *prng);

#endif /* UNIT_LOG_H */
