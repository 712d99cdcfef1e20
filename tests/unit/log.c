// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "tap.h"

void log_open(struct log *log, u64 size, u64 first_offset)
{
	*log = (struct log){
		.size = size,
		.first_offset = first_offset,
		.expired_end = first_offset,
	};
}

void log_close(struct log *log)
{
	log_purge(log);
	free(log->records);
	*log = (struct log){ 0 };
}

/* By hand, not by the macros that are under test. */
static u64 round_up(u64 value, u64 unit)
{
	return (value + unit - 1) / unit * unit;
}

u32 log_skip(const struct log_record *record)
{
	return round_up(record->key_len, 8) + round_up(record->headers_len, 8);
}

u64 log_footprint(const struct log_record *record)
{
	return round_up(32 + (u64)record->length, 32);
}

u64 log_tail(const struct log *log)
{
	return log->oldest < log->count ? log->records[log->oldest].position : log->head;
}

static void retire_one(struct log *log)
{
	struct log_record *record = &log->records[log->oldest++];

	free(record->body);
	record->body = NULL;
}

void log_make_room(struct log *log, u64 bytes)
{
	u64 limit;

	if (log->head + bytes - log_tail(log) <= log->size)
		return;
	limit = round_up(log->head + bytes - log->size, 4096);
	while (log->oldest < log->count && log->records[log->oldest].position < limit)
		retire_one(log);
}

void log_purge(struct log *log)
{
	while (log->oldest < log->count)
		retire_one(log);
}

/*
 * As of the last boundary of a block that has a record before it, all of them
 * older: the one that lies across it too, or if one begins there, that one.
 */
static size_t whole_blocks(const struct log *log, u64 before)
{
	size_t i = log->oldest, end = log->oldest;

	for (u64 at = log_tail(log) / 4096 * 4096 + 4096; at < log->head; at += 4096) {
		while (i < log->count && log->records[i].position < at)
			i++;
		if (i < log->count && log->records[i].position == at ?
			    log->records[i].timestamp < before :
			    log->records[i - 1].timestamp < before)
			end = i;
	}
	return end;
}

size_t log_older(const struct log *log, u64 before, bool exact)
{
	size_t end = log->oldest;

	if (log->timestamp < before)
		return log->count;
	if (!exact)
		return whole_blocks(log, before);
	while (end < log->count && log->records[end].timestamp < before)
		end++;
	return end;
}

void log_expire(struct log *log, u64 before, bool exact)
{
	size_t end = log_older(log, before, exact);

	if (log->oldest < end)
		log->expired_end = log->first_offset + end;
	while (log->oldest < end)
		retire_one(log);
}

void log_append(struct log *log, const struct log_record *record, u64 now)
{
	struct log_record *copy;

	if (log->count == log->capacity) {
		log->capacity = log->capacity * 2 + 64;
		log->records = realloc(log->records, log->capacity * sizeof(*log->records));
		if (!log->records)
			exit(2);
	}
	if (now > log->timestamp)
		log->timestamp = now;
	copy = &log->records[log->count];
	*copy = *record;
	copy->position = log->head;
	copy->offset = log->first_offset + log->count;
	copy->timestamp = log->timestamp;
	copy->body = malloc(record->length + 1);
	if (!copy->body)
		exit(2);
	memcpy(copy->body, record->body, record->length);
	log->head += log_footprint(record);
	log->count++;
}

static bool ends_match(const struct log *log, const struct ringlog_ring *ring)
{
	const struct ringlog_published *published = ring->published;

	return CHECK(ring->head == log->head) && CHECK(ring->tail == log_tail(log)) &&
	       CHECK(ring->next_offset == log->first_offset + log->count) &&
	       CHECK(ring->tail_offset == log->first_offset + log->oldest) &&
	       CHECK(ring->timestamp == log->timestamp) &&
	       CHECK(ring->expired_end == log->expired_end) &&
	       CHECK(published->head == ring->head) && CHECK(published->tail == ring->tail) &&
	       CHECK(published->next_offset == ring->next_offset) &&
	       CHECK(ring->head - ring->tail <= ring->size);
}

static bool padding_is_zero(const u8 *from, const u8 *to)
{
	while (from < to)
		if (*from++)
			return false;
	return true;
}

static bool record_matches(const struct log_record *want, const struct rig *rig)
{
	u64 footprint = log_footprint(want);
	u32 skip = log_skip(want);
	const struct ringlog_record *record;
	struct ringlog_view view = { 0 };

	if (!CHECK(!ringlog_ring_look(&rig->ring, want->position, &view) && view.record))
		return false;
	record = view.record;
	return CHECK(rig_inside(rig, record, footprint)) &&
	       CHECK(view.next == want->position + footprint) &&
	       CHECK(view.offset == want->offset) &&
	       CHECK(record->timestamp == want->timestamp) &&
	       CHECK(view.value == (const u8 *)record + 32 + skip) &&
	       CHECK(view.value_len == want->length - skip) &&
	       CHECK(record->length == want->length) && CHECK(record->flags == want->flags) &&
	       CHECK(record->type == RINGLOG_TYPE_DATA) && CHECK(!record->reserved) &&
	       CHECK(record->producer == want->producer) &&
	       CHECK(record->offset == want->offset) &&
	       CHECK(record->timestamp == want->timestamp) &&
	       CHECK(record->key_len == want->key_len) &&
	       CHECK(record->headers_len == want->headers_len) &&
	       CHECK(!memcmp(record + 1, want->body, want->length)) &&
	       CHECK(padding_is_zero((const u8 *)(record + 1) + want->length,
				     (const u8 *)record + footprint)) &&
	       CHECK(!ringlog_ring_overtaken(&rig->ring, want->position));
}

/* Entry @block should name records[@i], or head if @i is count. */
static bool entry_matches(const struct log *log, const struct rig *rig, u64 block, size_t i)
{
	const struct ringlog_index_entry *entry =
		&rig->ring.index[block % (rig->ring.size / 4096)];
	u64 position = i < log->count ? log->records[i].position : log->head;
	u64 above = i < log->count ? log->records[i].timestamp : log->timestamp;
	u64 below = i ? log->records[i - 1].timestamp : 0;

	return CHECK(entry->position == position) &&
	       CHECK(entry->offset == log->first_offset + i) &&
	       CHECK(entry->timestamp <= above) && CHECK(entry->timestamp >= below) &&
	       CHECK(!entry->reserved);
}

static bool index_matches(const struct log *log, const struct rig *rig)
{
	size_t i = log->oldest;
	u64 block;

	for (block = round_up(log_tail(log), 4096) / 4096; block * 4096 < log->head; block++) {
		while (i < log->count && log->records[i].position < block * 4096)
			i++;
		if (!entry_matches(log, rig, block, i))
			return false;
	}
	return true;
}

bool log_matches(const struct log *log, const struct rig *rig)
{
	if (!ends_match(log, &rig->ring))
		return false;
	for (size_t i = log->oldest; i < log->count; i++)
		if (!record_matches(&log->records[i], rig))
			return false;
	return index_matches(log, rig);
}

int log_seek(const struct log *log, u64 key, bool by_time, size_t *found)
{
	size_t i = log->oldest;

	if (i == log->count)
		return -EAGAIN;
	while (i < log->count &&
	       (by_time ? log->records[i].timestamp < key : log->records[i].offset != key))
		i++;
	*found = i;
	return by_time || i < log->count || key == log->first_offset + i ? 0 : -ERANGE;
}

static void fill(u8 *to, u32 bytes, struct prng *prng)
{
	for (u32 i = 0; i < bytes; i += 4) {
		/* Never zero, so that zeroed padding tells itself from left-overs. */
		u32 noise = prng_next(prng) | 0x01010101;

		memcpy(to + i, &noise, bytes - i < 4 ? bytes - i : 4);
	}
}

struct log_record log_random(struct prng *prng, u32 room)
{
	static u8 body[RINGLOG_RECORD_MAX];
	struct log_record record = { .body = body, .producer = prng_next(prng) };
	u32 length = prng_once_in(prng, 8) ? 0 : prng_below(prng, room - 31);
	u32 skip;

	if (prng_once_in(prng, 2)) {
		record.flags |= RINGLOG_RECORD_HAS_KEY;
		record.key_len = prng_below(prng, length / 2 % 1000 + 1);
	}
	if (prng_once_in(prng, 2))
		record.headers_len = prng_below(prng, length / 2 % 1000 + 1);
	skip = log_skip(&record);
	if (skip >= length || prng_once_in(prng, 16)) {
		if (skip > room - 32)
			return log_random(prng, room);
		length = skip;
		if (prng_once_in(prng, 2))
			record.flags |= RINGLOG_RECORD_NULL_VALUE;
	}
	record.length = length;
	fill(body, length, prng);
	memset(body + record.key_len, 0, round_up(record.key_len, 8) - record.key_len);
	memset(body + skip - round_up(record.headers_len, 8) + record.headers_len, 0,
	       round_up(record.headers_len, 8) - record.headers_len);
	return record;
}

u32 log_write(const struct log_record *record, u8 *to, struct prng *prng)
{
	u32 footprint = log_footprint(record), headers = round_up(record->key_len, 8);
	struct ringlog_record header = {
		.length = record->length,
		.type = RINGLOG_TYPE_DATA,
		.flags = record->flags,
		.offset = prng_next(prng),
		.timestamp = prng_next(prng),
		.producer = prng_next(prng),
		.key_len = record->key_len,
		.headers_len = record->headers_len,
	};

	memcpy(to, &header, sizeof(header));
	to += sizeof(header);
	memcpy(to, record->body, record->length);
	memset(to + record->length, 0xee, footprint - sizeof(header) - record->length);
	memset(to + record->key_len, 0xee, headers - record->key_len);
	memset(to + headers + record->headers_len, 0xee,
	       log_skip(record) - headers - record->headers_len);
	return footprint;
}

void log_append_value(struct log *log, struct rig *rig, u32 length, struct prng *prng)
{
	static u8 body[RINGLOG_RECORD_MAX];
	struct log_record record = { .body = body, .length = length };

	record.producer = prng_next(prng);
	fill(body, length, prng);
	log_make_room(log, log_footprint(&record));
	CHECK(!rig_append(rig, body, length, record.producer));
	log_append(log, &record, rig->now);
}
