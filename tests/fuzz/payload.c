// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>

#include "memory.h"
#include "payload.h"
#include "rng.h"

#define MAGIC 0x5a4c4f47U

struct header {
	uint32_t magic;
	uint32_t bytes;
	uint64_t tag;
};

static uint8_t byte_of(uint64_t tag, size_t at)
{
	return (uint8_t)(tag * 31 + at * 7 + (at >> 8));
}

/* A short one is a byte that says how long it is, again and again. */
void payload_fill(void *at, size_t bytes, uint64_t tag)
{
	struct header header = { MAGIC, bytes, tag };
	uint8_t *to = at;

	if (bytes < PAYLOAD_TAGGED) {
		memset(at, 0x40 + bytes, bytes);
		return;
	}
	memcpy(to, &header, sizeof(header));
	for (size_t i = sizeof(header); i < bytes; i++)
		to[i] = byte_of(tag, i);
}

/* From memory that holds no payloads: it may be anything that begins so. */
static bool is_foreign(const uint8_t *at, size_t bytes)
{
	for (size_t i = 0; i < bytes && i < 4; i++)
		if (at[i] && at[i] != FOREIGN)
			return false;
	return true;
}

const char *payload_fault(const void *at, size_t bytes)
{
	const uint8_t *from = at;
	struct header header;

	if (is_foreign(from, bytes))
		return NULL;
	if (bytes < PAYLOAD_TAGGED) {
		for (size_t i = 0; i < bytes; i++)
			if (from[i] != 0x40 + bytes)
				return "a short value is not what was written";
		return NULL;
	}
	memcpy(&header, at, sizeof(header));
	if (header.magic != MAGIC)
		return "a value that nobody wrote";
	if (header.bytes != bytes)
		return "a value of another length than was written";
	for (size_t i = sizeof(header); i < bytes; i++)
		if (from[i] != byte_of(header.tag, i))
			return "a value with other bytes than were written";
	return NULL;
}

uint64_t payload_tag(const void *at, size_t bytes)
{
	struct header header;

	if (bytes < PAYLOAD_TAGGED || is_foreign(at, bytes))
		return 0;
	memcpy(&header, at, sizeof(header));
	return header.tag;
}

static uint32_t align(uint32_t value, uint32_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* Key and headers are zeroes, padding is noise. Returns the record's bytes. */
static uint32_t put_record(uint8_t *at, struct rng *rng, uint32_t room, uint64_t tag, bool plain)
{
	struct ringlog_record record = { .type = RINGLOG_TYPE_DATA, .offset = rng_next(rng) };
	uint32_t value = rng_once_in(rng, 4) ? rng_below(rng, room) : rng_below(rng, 100);
	uint32_t skip, bytes;

	if (rng_once_in(rng, 2)) {
		record.flags |= RINGLOG_RECORD_HAS_KEY;
		record.key_len = rng_below(rng, 20);
	}
	if (rng_once_in(rng, 3))
		record.headers_len = rng_below(rng, 40);
	if (rng_once_in(rng, 8)) {
		record.flags |= RINGLOG_RECORD_NULL_VALUE;
		value = 0;
	}
	skip = align(record.key_len, 8) + align(record.headers_len, 8);
	if (sizeof(record) + skip > room)
		return 0;
	if (value > room - sizeof(record) - skip)
		value = room - sizeof(record) - skip;
	record.length = skip + value;
	bytes = align(sizeof(record) + record.length, RINGLOG_ALIGN);
	memset(at, FOREIGN, bytes);
	memcpy(at, &record, sizeof(record));
	if (plain)
		payload_fill(at + sizeof(record) + skip, value, tag);
	return bytes;
}

/*
 * Break the last record, whose value is foreign bytes: so whatever is valid all the same shows
 * foreign bytes, and no part of a payload.
 */
static void break_record(uint8_t *at, struct rng *rng)
{
	struct ringlog_record *record = (struct ringlog_record *)at;

	switch (rng_below(rng, 7)) {
	case 0:
		record->length += rng_below(rng, 65) - 32;
		break;
	case 1:
		record->length = rng_next(rng);
		break;
	case 2:
		record->type = rng_next(rng);
		break;
	case 3:
		record->flags = rng_next(rng);
		break;
	case 4:
		record->reserved = 1 << rng_below(rng, 16);
		break;
	case 5:
		record->key_len += rng_next(rng) >> rng_below(rng, 16);
		break;
	default:
		record->headers_len += rng_next(rng) >> rng_below(rng, 16);
	}
}

uint32_t batch_make(void *at, size_t room, uint32_t most, uint64_t number, uint64_t tag)
{
	struct rng rng = rng_derive(number, 0);
	unsigned int records = rng_once_in(&rng, 16) ? 1 + rng_below(&rng, 1100) :
						       1 + rng_below(&rng, 6);
	uint32_t bytes = 0, last = 0;

	if (room > most)
		room = most;
	room = room / RINGLOG_ALIGN * RINGLOG_ALIGN;
	for (unsigned int i = 0; i < records && room - bytes >= RINGLOG_ALIGN; i++) {
		bool broken = number & 1 && i + 1 == records;
		uint32_t put = put_record((uint8_t *)at + bytes, &rng, room - bytes, tag,
					  tag && !broken);

		if (!put)
			break;
		last = broken ? bytes + 1 : 0;
		bytes += put;
	}
	if (last)
		break_record((uint8_t *)at + last - 1, &rng);
	return bytes;
}

static bool all_zero(const uint8_t *at, size_t bytes)
{
	while (bytes--)
		if (*at++)
			return false;
	return true;
}

/* The record at @at, of which @left bytes are there. */
static const char *record_fault(const uint8_t *at, uint32_t left, struct ringlog_record *record)
{
	uint32_t skip, end;

	if (left < sizeof(*record))
		return "a run that ends within a record's header";
	memcpy(record, at, sizeof(*record));
	if (record->length > left - sizeof(*record))
		return "a run that ends within a record";
	if (record->type != RINGLOG_TYPE_DATA || record->reserved || record->flags & ~3)
		return "a record with a type, flags or reserved bits that do not exist";
	skip = align(record->key_len, 8) + align(record->headers_len, 8);
	if (skip > record->length)
		return "a record with more key and headers than it is long";
	end = align(sizeof(*record) + record->length, RINGLOG_ALIGN);
	if (end > left || !all_zero(at + sizeof(*record) + record->length,
				    end - sizeof(*record) - record->length))
		return "a record with padding that is not zero";
	return payload_fault(at + sizeof(*record) + skip, record->length - skip);
}

const char *runs_fault(const void *buffer, size_t bytes, uint32_t partitions,
		       void (*visit)(const struct run_seen *run, void *argument),
		       void (*seen)(const struct ringlog_record *record, uint32_t partition,
				    void *argument),
		       void *argument)
{
	const uint8_t *at = buffer;
	uint64_t been = 0;

	while (bytes) {
		struct ringlog_run run;
		struct run_seen what = { 0 };
		uint64_t offset = 0, timestamp = 0;

		if (bytes < sizeof(run))
			return "a read that ends within a run's header";
		memcpy(&run, at, sizeof(run));
		at += sizeof(run);
		bytes -= sizeof(run);
		if (run.partition >= partitions || run.reserved || run.expired > run.lost ||
		    !run.records)
			return "a run of no partition, no records, or with bits that say nothing";
		if (been & 1ULL << run.partition)
			return "two runs of a partition in one read";
		been |= 1ULL << run.partition;
		if (run.bytes > bytes)
			return "a run that is longer than what was read";
		bytes -= run.bytes;
		for (uint32_t i = 0; i < run.records; i++) {
			struct ringlog_record record;
			const char *fault = record_fault(at, run.bytes, &record);
			uint32_t size;

			if (fault)
				return fault;
			if (i && (record.offset != offset + 1 || record.timestamp < timestamp))
				return "offsets with a gap, or times that go back, in a run";
			if (!i)
				what.first = record.offset;
			offset = record.offset;
			timestamp = record.timestamp;
			if (seen)
				seen((const void *)at, run.partition, argument);
			size = align(sizeof(record) + record.length, RINGLOG_ALIGN);
			at += size;
			run.bytes -= size;
		}
		if (run.bytes)
			return "a run with bytes behind its records";
		what.partition = run.partition;
		what.records = run.records;
		what.lost = run.lost;
		if (visit)
			visit(&what, argument);
	}
	return NULL;
}
