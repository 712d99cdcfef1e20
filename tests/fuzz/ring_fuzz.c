// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer against kmod/ring.c in user space. The input is a list of operations on a ring and
 * on the reference, an array of all records there ever were: appends that go through, are cut
 * short or are broken, purges, looks, seeks and leaps, and damage by whoever could write the
 * ring's pages, after which nothing may be believed but that a look stays in the ring.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cursor.h"
#include "log.h"
#include "tap.h"

#define SIZE		65536ULL
#define OPERATIONS	2000
#define CURSORS		3

static struct rig rig;
static struct log want;
static u8 batch[RIG_APPEND_MAX(SIZE)];
static u8 buffer[4 * SIZE];

/* The part of the input that is left. */
static struct {
	const u8 *at;
	size_t left;
} input;

static u64 take(unsigned int bytes)
{
	u64 value = 0;

	while (bytes--) {
		value = value << 8 | (input.left ? *input.at : 0);
		if (input.left) {
			input.at++;
			input.left--;
		}
	}
	return value;
}

/* What libFuzzer is to see as a crash. */
#define MUST(condition) do {							\
	if (!(condition)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
		abort();							\
	}									\
} while (0)

/* log.c says what it finds by this. */
bool tap_check(bool good, const char *file, int line, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
		abort();
	}
	return true;
}

bool tap_failed(void)
{
	return false;
}

/* --- appends -------------------------------------------------------------------------- */

static void append_value(u32 length)
{
	static u8 value[RIG_LENGTH_MAX(SIZE)];
	bool torn = take(1) % 8 == 0;
	u32 copied = torn ? take(2) % length : length;
	struct log_record record = { .body = value, .length = length, .producer = take(1) };
	u64 room = log_footprint(&record);

	memset(value, take(1), length);
	log_make_room(&want, room);
	MUST(rig_append_torn(&rig, value, length, copied, record.producer) == (torn ? -EFAULT : 0));
	if (!torn)
		log_append(&want, &record, rig.now);
}

/* Records of the input's own making; what is valid is the reference's to say. */
static u32 make_batch(void)
{
	unsigned int records = 1 + take(1) % 8;
	u32 bytes = 0;

	while (records--) {
		struct ringlog_record record = {
			.length = take(1) % 16 ? take(1) : take(2),
			.type = take(1) % 16 ? RINGLOG_TYPE_DATA : take(1),
			.flags = take(1) % 16 ? take(1) & 3 : take(1),
			.reserved = take(1) % 32 ? 0 : take(2),
			.key_len = take(1) % 8 ? take(1) % 40 : take(2),
			.headers_len = take(1) % 8 ? 0 : take(2),
			.offset = 0xbad,
		};
		u64 footprint = (32 + (u64)record.length + 31) / 32 * 32;

		if (bytes + footprint > sizeof(batch))
			break;
		memset(batch + bytes, take(1), footprint);
		memcpy(batch + bytes, &record, sizeof(record));
		bytes += footprint;
	}
	/* Cut short, or with something behind it. */
	if (take(1) % 16 == 0)
		bytes = take(2) % (sizeof(batch) + 1) / RINGLOG_ALIGN * RINGLOG_ALIGN;
	return bytes;
}

/* By the manual, and not by the code under test. Returns its bytes; 0: it is not valid. */
static u64 valid_record(const struct ringlog_record *record, u64 room)
{
	u64 key = (record->key_len + 7ULL) / 8 * 8, headers = (record->headers_len + 7ULL) / 8 * 8;
	u64 footprint = (32 + (u64)record->length + 31) / 32 * 32;

	if (record->type != RINGLOG_TYPE_DATA || record->reserved || record->flags > 3)
		return 0;
	if (footprint > room || key + headers > record->length)
		return 0;
	if (!(record->flags & RINGLOG_RECORD_HAS_KEY) && record->key_len)
		return 0;
	if (record->flags & RINGLOG_RECORD_NULL_VALUE && key + headers != record->length)
		return 0;
	return footprint;
}

static bool batch_is_valid(u32 bytes)
{
	struct ringlog_record record;
	u64 footprint;

	for (u32 at = 0; at < bytes; at += footprint) {
		memcpy(&record, batch + at, sizeof(record));
		footprint = valid_record(&record, bytes - at);
		if (!footprint)
			return false;
	}
	return true;
}

static void zero(u8 *from, u64 length, u64 unit)
{
	while (length % unit)
		from[length++] = 0;
}

static unsigned int log_batch(u32 bytes, u32 producer)
{
	unsigned int count = 0;

	for (u32 at = 0; at < bytes; count++) {
		struct ringlog_record header;
		struct log_record record = { .body = batch + at + 32, .producer = producer };

		memcpy(&header, batch + at, sizeof(header));
		record.length = header.length;
		record.flags = header.flags;
		record.key_len = header.key_len;
		record.headers_len = header.headers_len;
		zero(record.body, record.key_len, 8);
		zero(record.body + (record.key_len + 7) / 8 * 8, record.headers_len, 8);
		log_append(&want, &record, rig.now);
		at += log_footprint(&record);
	}
	return count;
}

static void append_batch(void)
{
	u32 bytes = make_batch(), producer = take(1);
	bool valid = batch_is_valid(bytes);
	u64 first = 0, next = rig.ring.next_offset;
	int ret;

	log_make_room(&want, bytes);
	ret = rig_append_batch(&rig, batch, bytes, producer, &first);
	/* The clock was read before the batch was looked at. */
	if (rig.now > want.timestamp)
		want.timestamp = rig.now;
	MUST(valid ? ret >= 0 : ret == -EINVAL);
	if (!valid)
		return;
	MUST(first == next);
	MUST((unsigned int)ret == log_batch(bytes, producer));
}

/* --- readers -------------------------------------------------------------------------- */

static struct cursor cursors[CURSORS];

static void read_value(struct cursor *cursor)
{
	struct ringlog_view view = { 0 };
	size_t room = take(1) % 8 ? sizeof(buffer) : take(1);
	ssize_t ret = cursor_read(&rig.ring, cursor, buffer, room, &view);
	const struct log_record *record;
	u64 number;

	if (ret < 0) {
		MUST(ret == -EAGAIN || ret == -EPIPE || ret == -EMSGSIZE);
		MUST(ret != -EAGAIN || cursor->position == want.head);
		return;
	}
	number = cursor->offset - 1 - want.first_offset;
	MUST(number >= want.oldest && number < want.count);
	record = &want.records[number];
	MUST((u64)ret == record->length - log_skip(record));
	MUST(!memcmp(buffer, record->body + log_skip(record), ret));
}

static void read_run(struct cursor *cursor)
{
	struct ringlog_run run = { 0 };
	u64 before = cursor->offset;
	size_t room = take(1) % 4 ? sizeof(buffer) : take(2);
	ssize_t ret = cursor_read_run(&rig.ring, cursor, buffer, room, &run);

	if (ret < 0) {
		MUST(ret == -EAGAIN || ret == -EMSGSIZE);
		return;
	}
	MUST(run.records && cursor->offset == before + run.lost + run.records);
	MUST(cursor->offset <= rig.ring.next_offset);
	MUST((u64)ret <= room && (u64)ret <= SIZE / 4);
}

static void seek(void)
{
	bool by_time = take(1) % 2;
	u64 position = 0, offset = 0, key;
	size_t found = 0;
	int ret, expected;

	if (by_time)
		key = take(1) % 8 ? rig.now - take(2) : take(8);
	else
		key = take(1) % 8 ? want.first_offset + want.count - take(2) : take(8);
	expected = log_seek(&want, key, by_time, &found);
	ret = ringlog_ring_seek(&rig.ring, key, by_time, &position, &offset);
	MUST(ret == expected);
	if (ret)
		return;
	MUST(offset == want.first_offset + found);
	MUST(position == (found < want.count ? want.records[found].position : want.head));
}

static void leap(void)
{
	u64 at = ringlog_ring_ahead(&rig.ring, take(3));
	struct ringlog_view view = { 0 };

	MUST(at >= rig.ring.tail && at <= rig.ring.head);
	MUST(at == rig.ring.head || !ringlog_ring_look(&rig.ring, at, &view));
}

/* --- damage --------------------------------------------------------------------------- */

static void look_anywhere(void)
{
	const struct ringlog_ring *ring = &rig.ring;
	struct ringlog_view view = { 0 };
	u64 position = ring->tail, offset;
	unsigned int steps = 0;
	int ret;

	while (!(ret = ringlog_ring_look(ring, position, &view)) && steps++ < 5000) {
		MUST(rig_inside(&rig, view.record, sizeof(*view.record)));
		MUST(rig_inside(&rig, view.value, view.value_len));
		MUST(view.next > position && view.next <= ring->head);
		MUST(view.next % RINGLOG_ALIGN == 0);
		/* The bytes themselves: a guard page lies behind the mappings. */
		rig_copy(buffer, view.value, view.value_len);
		position = view.next;
	}
	MUST(ret == -EAGAIN || ret == -EBADMSG);
	ret = ringlog_ring_seek(ring, take(2), take(1) % 2, &position, &offset);
	MUST(ret == 0 || ret == -ERANGE || ret == -EAGAIN || ret == -EPIPE || ret == -EBADMSG);
}

/* Whoever can write the pages writes there; the ends are the kernel's own. */
static void damage(void)
{
	unsigned int places = 1 + take(1) % 8;

	while (places--) {
		u64 at = rig.ring.tail + take(2) % SIZE;

		/* Mostly where headers are. */
		if (take(1) % 4)
			at = at / RINGLOG_ALIGN * RINGLOG_ALIGN + take(1) % 4;
		*(u8 *)ringlog_ring_at(&rig.ring, at) = take(1);
	}
	look_anywhere();
}

/* --- the whole ------------------------------------------------------------------------ */

static void purge(void)
{
	rig_purge(&rig);
	log_purge(&want);
}

static void operate(void)
{
	u8 what = take(1);

	rig.now += take(1);
	switch (what % 16) {
	case 0 ... 2:
		append_value(1 + take(2) % RIG_LENGTH_MAX(SIZE));
		break;
	case 3:
		/* Round the ring, which takes an input long otherwise. */
		for (unsigned int i = what / 16; i > 0; i--)
			append_value(RIG_LENGTH_MAX(SIZE) - i);
		break;
	case 4 ... 7:
		append_batch();
		break;
	case 8 ... 9:
		read_value(&cursors[what / 16 % CURSORS]);
		break;
	case 10 ... 11:
		read_run(&cursors[what / 16 % CURSORS]);
		break;
	case 12 ... 13:
		seek();
		break;
	case 14:
		leap();
		break;
	default:
		/* A clock that goes back, and rarely a purge. */
		if (what < 128)
			rig.now -= rig.now > 200 ? 200 : 0;
		else if (what == 255)
			purge();
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	bool damages;
	u64 first;
	int i;

	input.at = data;
	input.left = size;
	first = take(1);
	damages = take(1) % 4 == 0;
	rig_open(&rig, SIZE, first);
	log_open(&want, SIZE, first);
	rig.now = 1000;
	for (i = 0; i < CURSORS; i++)
		cursors[i] = (struct cursor){ .offset = first };
	for (i = 0; i < OPERATIONS && input.left; i++)
		operate();
	log_matches(&want, &rig);
	if (damages)
		damage();
	rig_close(&rig);
	log_close(&want);
	return 0;
}
