// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring and readers like the module's against a reference that is an array,
 * through long random sequences of everything that writers, readers and
 * failures can do. SEED= repeats one; each failure names its step.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cursor.h"
#include "log.h"
#include "tap.h"

#define CURSORS 4
#define STEPS 60000
/* Every record and index entry is compared so often; the ends at each step. */
#define THOROUGHLY_EVERY 150

static struct rig rig;
static struct log want;
static struct prng prng;
static u64 seed;
static u32 append_max;
static u8 batch[RIG_APPEND_MAX(1 << 20)];
static u8 buffer[RIG_APPEND_MAX(1 << 20) * 4];

/* A reader, even ones plain and odd ones in batches, and what record it should get next. */
static struct {
	struct cursor cursor;
	size_t next;
	bool told;
} readers[CURSORS];

static u32 random_room(void)
{
	u64 most = prng_once_in(&prng, 20) ? append_max : prng_once_in(&prng, 4) ? 4096 : 300;

	return 32 + prng_below(&prng, most - 31);
}

static void append_value(void)
{
	u32 length = random_room() - 31;

	if (length > append_max - 32)
		length = append_max - 32;
	log_append_value(&want, &rig, length, &prng);
}

/* Up to 20 records in @batch, and in @records; returns the bytes. */
static u32 make_batch(struct log_record *records, unsigned int *count)
{
	u32 limit = random_room(), bytes = 0;

	*count = 0;
	do {
		u32 room = limit - bytes < 32 ? 32 : limit - bytes;
		struct log_record record = log_random(&prng, room);

		if (bytes + log_footprint(&record) > append_max)
			break;
		record.body = memcpy(malloc(record.length + 1), record.body, record.length);
		bytes += log_write(&record, batch + bytes, &prng);
		records[(*count)++] = record;
	} while (*count < 20 && bytes < limit);
	return bytes;
}

/* A batch that goes through, is cut short or is damaged; the last two leave only room. */
static void append_batch(void)
{
	struct log_record records[20];
	unsigned int count, fate = prng_below(&prng, 8);
	u32 producer = prng_next(&prng);
	u64 first = 0;
	u32 bytes = make_batch(records, &count);
	int ret;

	if (!CHECK(bytes))
		return;
	log_make_room(&want, bytes);
	if (fate == 0) {
		u32 copied = prng_below(&prng, bytes);

		ret = rig_append_batch_torn(&rig, batch, bytes, copied, producer, &first);
		CHECK(ret == -EFAULT);
	} else if (fate == 1) {
		((struct ringlog_record *)batch)->type = RINGLOG_TYPE_PAD;
		CHECK(rig_append_batch(&rig, batch, bytes, producer, &first) == -EINVAL);
		if (rig.now > want.timestamp)
			want.timestamp = rig.now;
	} else {
		CHECK(rig_append_batch(&rig, batch, bytes, producer, &first) == (int)count);
		CHECK(first == want.first_offset + want.count);
	}
	for (unsigned int i = 0; i < count; i++) {
		records[i].producer = producer;
		if (fate > 1)
			log_append(&want, &records[i], rig.now);
		free(records[i].body);
	}
}

static void append_torn(void)
{
	u32 length = 1 + prng_below(&prng, append_max - 32);

	log_make_room(&want, (32 + (u64)length + 31) / 32 * 32);
	CHECK(rig_append_torn(&rig, buffer, length, prng_below(&prng, length), 1) == -EFAULT);
}

static bool value_matches(const struct log_record *record, const struct ringlog_view *view)
{
	u32 skip = log_skip(record);

	return CHECK(view->offset == record->offset) &&
	       CHECK(view->value_len == record->length - skip) &&
	       CHECK(!memcmp(buffer, record->body + skip, view->value_len));
}

/* One plain read: a loss is told once, by what the next record says exactly. */
static void read_value(unsigned int which)
{
	struct cursor *cursor = &readers[which].cursor;
	bool lapped = readers[which].next < want.oldest;
	u64 lost = cursor->lost;
	struct ringlog_view view = { 0 };
	ssize_t ret = cursor_read(&rig.ring, cursor, buffer, sizeof(buffer), &view);

	if (lapped && !readers[which].told) {
		CHECK(ret == -EPIPE);
		readers[which].told = true;
		return;
	}
	if (lapped && want.oldest < want.count) {
		CHECK(cursor->lost - lost == want.oldest - readers[which].next);
		readers[which].next = want.oldest;
	} else {
		CHECK(cursor->lost == lost);
	}
	if (readers[which].next == want.count || want.oldest == want.count) {
		CHECK(ret == -EAGAIN);
		return;
	}
	if (CHECK(ret >= 0) && value_matches(&want.records[readers[which].next], &view)) {
		readers[which].next++;
		readers[which].told = false;
	}
}

/* One batch read: whole records, as many as fit, the loss before them exact. */
static void read_run(unsigned int which)
{
	struct cursor *cursor = &readers[which].cursor;
	size_t next = readers[which].next < want.oldest ? want.oldest : readers[which].next;
	u32 room = random_room() * 4, at = 0;
	struct ringlog_run run;
	ssize_t ret = cursor_read_run(&rig.ring, cursor, buffer, room, &run);

	if (next == want.count) {
		CHECK(ret == -EAGAIN);
		return;
	}
	if (log_footprint(&want.records[next]) > room) {
		CHECK(ret == -EMSGSIZE);
		return;
	}
	if (!CHECK(ret > 0) || !CHECK(run.lost == next - readers[which].next))
		return;
	for (u32 i = 0; i < run.records && !tap_failed(); i++, next++) {
		const struct log_record *record = &want.records[next];

		CHECK(((struct ringlog_record *)(buffer + at))->offset == record->offset);
		CHECK(!memcmp(buffer + at + 32, record->body, record->length));
		at += log_footprint(record);
	}
	CHECK(at == ret);
	readers[which].next = next;
	readers[which].told = false;
}

static void seek(unsigned int which)
{
	struct cursor *cursor = &readers[which].cursor;
	bool by_time = prng_once_in(&prng, 2);
	size_t retained = want.count - want.oldest, found = 0;
	u64 key = want.first_offset + want.oldest + prng_below(&prng, retained + 3) - 1;
	u64 position, offset;
	int ret;

	if (by_time && retained)
		key = want.records[want.oldest + prng_below(&prng, retained)].timestamp +
		      prng_below(&prng, 3) - 1;
	ret = log_seek(&want, key, by_time, &found);
	if (!CHECK(ringlog_ring_seek(&rig.ring, key, by_time, &position, &offset) == ret) || ret)
		return;
	CHECK(offset == want.first_offset + found);
	*cursor = (struct cursor){ .position = position, .offset = offset };
	readers[which].next = found;
	readers[which].told = false;
}

/* At least so far from the oldest record, or the oldest if there is none. */
static void ahead(void)
{
	u64 bytes = rig.ring.size / 4 * (1 + prng_below(&prng, 3));
	u64 position = ringlog_ring_ahead(&rig.ring, bytes);
	size_t i = want.oldest;

	while (i < want.count && want.records[i].position < position)
		i++;
	CHECK(position == (i < want.count ? want.records[i].position : want.head));
	CHECK(position >= rig.ring.tail + bytes || position == rig.ring.tail);
}

/* Of age are those before a record, or between two of them, or none, or all. */
static void expire(void)
{
	bool exact = prng_once_in(&prng, 2), moved;
	size_t retained = want.count - want.oldest, oldest = want.oldest;
	u64 before = want.timestamp + prng_below(&prng, 3) - 1;

	/* Mostly a few of them, so that there is something left to expire. */
	if (retained && !prng_once_in(&prng, 8)) {
		if (!prng_once_in(&prng, 4))
			retained = retained / 4 + 1;
		before = want.records[want.oldest + prng_below(&prng, retained)].timestamp +
			 prng_below(&prng, 3) - 1;
	}
	log_expire(&want, before, exact);
	moved = ringlog_ring_expire(&rig.ring, before, exact);
	CHECK(moved == (want.oldest > oldest));
}

static void purge(void)
{
	rig_purge(&rig);
	log_purge(&want);
}

static void step(void)
{
	unsigned int which = prng_below(&prng, CURSORS), what = prng_below(&prng, 100);

	if (prng_once_in(&prng, 3))
		rig.now += prng_below(&prng, 4);
	if (what < 25)
		append_value();
	else if (what < 40)
		append_batch();
	else if (what < 43)
		append_torn();
	else if (what < 88)
		which % 2 ? read_run(which) : read_value(which);
	else if (what < 94)
		seek(which);
	else if (what < 97)
		ahead();
	else if (prng_once_in(&prng, 15))
		purge();
	else
		expire();
}

static bool ends_match(void)
{
	return CHECK(rig.ring.head == want.head) && CHECK(rig.ring.tail == log_tail(&want)) &&
	       CHECK(rig.ring.next_offset == want.first_offset + want.count) &&
	       CHECK(rig.ring.tail_offset == want.first_offset + want.oldest) &&
	       CHECK(rig.ring.expired_end == want.expired_end);
}

static void model(u64 size, u64 first_offset)
{
	rig_open(&rig, size, first_offset);
	log_open(&want, size, first_offset);
	rig.now = 1000;
	append_max = RIG_APPEND_MAX(size);
	for (unsigned int i = 0; i < CURSORS; i++) {
		readers[i].cursor = (struct cursor){ .offset = first_offset };
		readers[i].next = 0;
		readers[i].told = false;
	}
	for (unsigned int i = 0; i < STEPS && !tap_failed(); i++) {
		step();
		ends_match();
		if (i % THOROUGHLY_EVERY == 0)
			log_matches(&want, &rig);
		if (tap_failed())
			printf("# SEED=%llu, step %u\n", (unsigned long long)seed, i);
	}
	rig_close(&rig);
	log_close(&want);
}

/* Breaks when anything that the ring does differs from the array, whatever came before. */
static void test_small(void)
{
	model(65536, 0);
}

static void test_large(void)
{
	model(1 << 20, 1ULL << 40);
}

static const struct tap_test tests[] = {
	{ "model: the smallest ring", test_small },
	{ "model: a larger ring, and offsets that begin far on", test_large },
};

int main(void)
{
	const char *text = getenv("SEED");

	seed = text && *text ? strtoull(text, NULL, 0) : 20261124;
	prng = prng_seed(seed);
	printf("# SEED=%llu\n", (unsigned long long)seed);
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
