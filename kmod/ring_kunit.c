// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of ring.c on real pages, mapped twice. The reference is a list of all
 * records there ever were. What needs no kernel is tested in tests/unit.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "pages.h"

#define RING_SIZE	SZ_64K
#define RING_RECORDS	4096
/* As many have the same time. */
#define RING_SAME_TIME	3

/* Lengths that records take in turn: around an alignment, a page, the largest. */
static const u32 ring_lengths[] = {
	1, 31, 32, 33, 700, 0, 4000, 4063, 4064, 4065, 64, 8192, 100, 5000, 2016, 3,
};

struct ring_record {
	u64 position;
	u64 timestamp;
	u32 length;
};

struct ring_rig {
	struct ringlog_ring ring;
	struct ringlog_pages pages;
	/* By offset. */
	struct ring_record all[RING_RECORDS];
	unsigned int count;
};

static u8 ring_byte(u64 offset, u32 at)
{
	return offset * 131 + at * 7 + (at >> 8) + 1;
}

static u64 ring_time(u64 offset)
{
	return 1000 + offset / RING_SAME_TIME * 10;
}

/* Append a record, as a writer does. */
static void ring_append(struct kunit *test, u32 length)
{
	struct ring_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->ring;
	u64 footprint = ringlog_record_footprint(length);
	u64 offset = ring->next_offset;
	struct ringlog_record *record;
	u8 *value;
	u32 i;

	KUNIT_ASSERT_LT(test, rig->count, RING_RECORDS);
	KUNIT_ASSERT_EQ(test, offset, rig->count);
	rig->all[rig->count++] = (struct ring_record){ ring->head, ring_time(offset), length };
	ringlog_ring_make_room(ring, footprint);
	record = ringlog_ring_at(ring, ring->head);
	*record = (struct ringlog_record){
		.length = length,
		.type = RINGLOG_TYPE_DATA,
		.offset = offset,
		.timestamp = ring_time(offset),
	};
	value = (u8 *)(record + 1);
	for (i = 0; i < length; i++)
		value[i] = ring_byte(offset, i);
	ringlog_ring_index(ring, ring->head, ring->head + footprint, offset, ring_time(offset));
	ringlog_ring_publish(ring, ring->head + footprint, offset + 1);
}

static void ring_append_next(struct kunit *test)
{
	struct ring_rig *rig = test->priv;

	ring_append(test, ring_lengths[rig->count % ARRAY_SIZE(ring_lengths)]);
}

static void ring_append_laps(struct kunit *test, unsigned int laps)
{
	struct ring_rig *rig = test->priv;

	while (rig->ring.head < (u64)laps * RING_SIZE)
		ring_append_next(test);
}

/* The first record at or after @position; the number of records if there is none. */
static unsigned int ring_first_at(const struct ring_rig *rig, u64 position)
{
	unsigned int low = 0, high = rig->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (rig->all[middle].position < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Position of record @i, or head. */
static u64 ring_position(const struct ring_rig *rig, unsigned int i)
{
	return i < rig->count ? rig->all[i].position : rig->ring.head;
}

/* Is record @offset, byte for byte, what was appended? */
static void ring_check_record(struct kunit *test, u64 offset)
{
	struct ring_rig *rig = test->priv;
	const struct ring_record *sought = &rig->all[offset];
	struct ringlog_view view;
	u32 i;

	KUNIT_ASSERT_EQ(test, ringlog_ring_look(&rig->ring, sought->position, &view), 0);
	KUNIT_ASSERT_EQ(test, view.offset, offset);
	KUNIT_ASSERT_EQ(test, view.next, ring_position(rig, offset + 1));
	KUNIT_ASSERT_EQ(test, view.value_len, sought->length);
	KUNIT_ASSERT_EQ(test, view.record->timestamp, sought->timestamp);
	for (i = 0; i < view.value_len; i++)
		if (view.value[i] != ring_byte(offset, i))
			break;
	KUNIT_ASSERT_EQ_MSG(test, i, view.value_len, "of record %llu at %llu", offset,
			    sought->position);
	KUNIT_ASSERT_FALSE(test, ringlog_ring_overtaken(&rig->ring, sought->position));
}

/* A record that reaches over the end is read in one piece, and lies in two. */
static void record_that_wraps_is_in_one_piece(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;
	unsigned int wrapped = 0;

	while (wrapped < 8) {
		u64 offset = ring->next_offset, start = ring->head;
		u32 length, in_front, bytes;

		ring_append_next(test);
		ring_check_record(test, offset);
		length = rig->all[offset].length;
		bytes = sizeof(struct ringlog_record) + length;
		in_front = RING_SIZE - (start & (RING_SIZE - 1));
		if (bytes <= in_front)
			continue;
		/* Its last byte is near the beginning of the first mapping. */
		KUNIT_ASSERT_EQ(test, ring->data[bytes - in_front - 1],
				ring_byte(offset, length - 1));
		wrapped++;
	}
}

static void everything_retained_is_as_it_was_appended(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	u64 offset;

	ring_append_laps(test, 5);
	KUNIT_ASSERT_GT(test, rig->ring.tail_offset, 0ULL);
	for (offset = rig->ring.tail_offset; offset < rig->ring.next_offset; offset++)
		ring_check_record(test, offset);
}

/* After each append, every block that begins in what is retained. */
static void index_names_the_first_record_of_each_block(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;

	while (ring->head < 3 * RING_SIZE) {
		u64 at;

		ring_append_next(test);
		for (at = ALIGN(ring->tail, RINGLOG_BLOCK); at < ring->head; at += RINGLOG_BLOCK) {
			const struct ringlog_index_entry *entry =
				ringlog_ring_entry(ring, at / RINGLOG_BLOCK);
			unsigned int first = ring_first_at(rig, at);
			unsigned int before = first ? first - 1 : 0;

			KUNIT_ASSERT_EQ(test, entry->offset, first);
			KUNIT_ASSERT_EQ(test, entry->position, ring_position(rig, first));
			KUNIT_ASSERT_GE(test, entry->timestamp, rig->all[before].timestamp);
			KUNIT_ASSERT_LE(test, entry->timestamp, ring_time(first));
		}
	}
}

/* Tail goes where the first block begins that the append leaves whole, and no further. */
static void tail_moves_as_far_as_it_must(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;

	while (ring->head < 4 * RING_SIZE) {
		u64 before = ring->tail, expected = before;

		ring_append_next(test);
		if (ring->head - before > RING_SIZE) {
			u64 keep = ALIGN(ring->head - RING_SIZE, RINGLOG_BLOCK);

			expected = ring_position(rig, ring_first_at(rig, keep));
		}
		KUNIT_ASSERT_EQ(test, ring->tail, expected);
		KUNIT_ASSERT_EQ(test, ring->tail_offset, ring_first_at(rig, expected));
	}
	KUNIT_EXPECT_GT(test, ring->tail, 2ULL * RING_SIZE);
}

static void published_page_has_the_same_ends(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_published *published = ringlog_pages_owner(&rig->pages);

	while (rig->ring.head < 2 * RING_SIZE) {
		ring_append_next(test);
		KUNIT_ASSERT_EQ(test, published->head, rig->ring.head);
		KUNIT_ASSERT_EQ(test, published->tail, rig->ring.tail);
		KUNIT_ASSERT_EQ(test, published->next_offset, rig->ring.next_offset);
	}
}

static void seek_finds_every_offset(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;
	u64 key, position, offset;

	KUNIT_EXPECT_EQ(test, ringlog_ring_seek(ring, 0, false, &position, &offset), -EAGAIN);
	ring_append_laps(test, 3);
	for (key = ring->tail_offset; key <= ring->next_offset; key++) {
		KUNIT_ASSERT_EQ(test, ringlog_ring_seek(ring, key, false, &position, &offset), 0);
		KUNIT_ASSERT_EQ(test, offset, key);
		KUNIT_ASSERT_EQ(test, position, ring_position(rig, key));
	}
	key = ring->tail_offset - 1;
	KUNIT_EXPECT_EQ(test, ringlog_ring_seek(ring, key, false, &position, &offset), -ERANGE);
	key = ring->next_offset + 1;
	KUNIT_EXPECT_EQ(test, ringlog_ring_seek(ring, key, false, &position, &offset), -ERANGE);
	KUNIT_EXPECT_EQ(test, ringlog_ring_seek(ring, ~0ULL, false, &position, &offset), -ERANGE);
}

/* The first retained record of that time or later; times come in threes. */
static void seek_finds_the_first_record_of_a_time(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;
	u64 key, position, offset;

	ring_append_laps(test, 3);
	for (key = ring_time(0) - 1; key <= ring_time(rig->count) + 11; key++) {
		u64 expected = ring->tail_offset;

		while (expected < rig->count && rig->all[expected].timestamp < key)
			expected++;
		KUNIT_ASSERT_EQ(test, ringlog_ring_seek(ring, key, true, &position, &offset), 0);
		KUNIT_ASSERT_EQ_MSG(test, offset, expected, "at %llu ns", key);
		KUNIT_ASSERT_EQ(test, position, ring_position(rig, expected));
	}
}

static void look_tells_what_is_the_matter(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;
	struct ringlog_record *record, healthy;
	struct ringlog_view view;

	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, 0, &view), -EAGAIN);
	ring_append_laps(test, 2);
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, ring->head, &view), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, 0, &view), -EPIPE);
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, ring->tail - RINGLOG_ALIGN, &view), -EPIPE);
	KUNIT_EXPECT_TRUE(test, ringlog_ring_overtaken(ring, ring->tail - RINGLOG_ALIGN));
	KUNIT_EXPECT_FALSE(test, ringlog_ring_overtaken(ring, ring->tail));

	record = ringlog_ring_at(ring, ring->tail);
	healthy = *record;
	record->length = ring->head - ring->tail;
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, ring->tail, &view), -EBADMSG);
	record->length = ~0U;
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, ring->tail, &view), -EBADMSG);
	*record = healthy;
	record->key_len = record->length + 1;
	KUNIT_EXPECT_EQ(test, ringlog_ring_look(ring, ring->tail, &view), -EBADMSG);
	*record = healthy;
	ring_check_record(test, ring->tail_offset);
}

/* The record is at least so far ahead of tail; or it is tail's, for there is none. */
static void ahead_is_as_far_as_asked(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->ring;
	u64 bytes;

	KUNIT_EXPECT_EQ(test, ringlog_ring_ahead(ring, RINGLOG_BLOCK), 0ULL);
	ring_append_laps(test, 2);
	for (bytes = 0; bytes <= 2 * RING_SIZE; bytes += 512) {
		u64 block = ALIGN(ring->tail + bytes, RINGLOG_BLOCK);
		u64 expected = ring_position(rig, ring_first_at(rig, block));

		if (block >= ring->head)
			expected = ring->tail;
		KUNIT_ASSERT_EQ(test, ringlog_ring_ahead(ring, bytes), expected);
	}
}

/* Put a batch of three records at head: one with a key, an empty one, one with headers. */
static u32 ring_put_batch(struct ringlog_ring *ring)
{
	struct ringlog_record *record = ringlog_ring_at(ring, ring->head);
	u8 *at = (u8 *)record;

	memset(at, 0xee, 288);
	record[0] = (struct ringlog_record){
		.length = 13, .type = RINGLOG_TYPE_DATA,
		.flags = RINGLOG_RECORD_HAS_KEY, .key_len = 5,
	};
	record[2] = (struct ringlog_record){ .type = RINGLOG_TYPE_DATA };
	record[3] = (struct ringlog_record){
		.length = 150, .type = RINGLOG_TYPE_DATA, .headers_len = 17,
	};
	return 64 + 32 + 192;
}

/* Its padding is zero, whatever the user left there. */
static void ring_check_batch(struct kunit *test, const struct ringlog_record *record, u64 offset)
{
	const u8 *at = (const u8 *)record;
	unsigned int i;

	KUNIT_EXPECT_NULL(test, memchr_inv(at + 32 + 5, 0, 3));
	KUNIT_EXPECT_NULL(test, memchr_inv(at + 32 + 13, 0, 32 - 13));
	KUNIT_EXPECT_NULL(test, memchr_inv(at + 128 + 17, 0, 7));
	KUNIT_EXPECT_NULL(test, memchr_inv(at + 128 + 150, 0, 10));
	KUNIT_EXPECT_NULL(test, memchr_inv(at + 32, 0xee, 5));
	KUNIT_EXPECT_NULL(test, memchr_inv(at + 128 + 24, 0xee, 150 - 24));
	for (i = 0; i < 3; i++) {
		static const unsigned int place[] = { 0, 2, 3 };

		KUNIT_EXPECT_EQ(test, record[place[i]].offset, offset + i);
		KUNIT_EXPECT_EQ(test, record[place[i]].timestamp, 77ULL);
		KUNIT_EXPECT_EQ(test, record[place[i]].producer, 9U);
	}
}

/* At every place around the end of the ring. */
static void batch_that_wraps_is_stamped(struct kunit *test)
{
	struct ring_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->ring;
	u64 start = RING_SIZE - 320, lengths;
	u32 bytes;

	for (; start <= RING_SIZE; start += RINGLOG_ALIGN) {
		ringlog_ring_init(ring, ringlog_pages_data(&rig->pages),
				  ringlog_pages_index(&rig->pages),
				  ringlog_pages_owner(&rig->pages), RING_SIZE, 1000);
		ring->head = start;
		ring->tail = start;
		bytes = ring_put_batch(ring);
		KUNIT_ASSERT_EQ(test, ringlog_ring_stamp(ring, bytes, 77, 9, &lengths), 3);
		KUNIT_EXPECT_EQ(test, lengths, 163ULL);
		ring_check_batch(test, ringlog_ring_at(ring, start), 1000);
		/* Stamped, and not published. */
		KUNIT_EXPECT_EQ(test, ring->head, start);
		KUNIT_EXPECT_EQ(test, ring->next_offset, 1000ULL);
	}
}

static void batch_that_makes_no_sense_is_refused(struct kunit *test)
{
	/* The 16 bits at this byte of the batch become that. */
	static const struct {
		unsigned int at;
		u16 value;
		const char *what;
	} rows[] = {
		{ 64, 0xffff, "longer than the batch" },
		{ 64, 193, "longer than the batch by its padding" },
		{ 66, 1, "longer than the batch by far" },
		{ 68, 0, "no type" },
		{ 68, RINGLOG_TYPE_PAD, "a reserved type" },
		{ 68, RINGLOG_TYPE_DATA | 0x400, "an unknown flag" },
		{ 70, 1, "a reserved field" },
		{ 94, 1, "longer headers than the record" },
		{ 100, RINGLOG_TYPE_DATA | RINGLOG_RECORD_NULL_VALUE << 8, "a null value" },
		{ 124, 1, "a key and no flag" },
	};
	struct ring_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->ring;
	unsigned int i;
	u64 lengths;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 bytes = ring_put_batch(ring);

		memcpy(ringlog_ring_at(ring, ring->head + rows[i].at), &rows[i].value,
		       sizeof(u16));
		KUNIT_EXPECT_EQ_MSG(test, ringlog_ring_stamp(ring, bytes, 77, 9, &lengths),
				    -EINVAL, "%s", rows[i].what);
		KUNIT_EXPECT_EQ(test, ring->head, 0ULL);
	}
}

static int ring_rig_init(struct kunit *test)
{
	struct ring_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);
	int ret;

	if (!rig)
		return -ENOMEM;
	ret = ringlog_pages_alloc(&rig->pages, RING_SIZE, NUMA_NO_NODE);
	if (ret) {
		kvfree(rig);
		return ret;
	}
	ringlog_ring_init(&rig->ring, ringlog_pages_data(&rig->pages),
			  ringlog_pages_index(&rig->pages), ringlog_pages_owner(&rig->pages),
			  RING_SIZE, 0);
	test->priv = rig;
	return 0;
}

/* Called after an init that failed, too. */
static void ring_rig_exit(struct kunit *test)
{
	struct ring_rig *rig = test->priv;

	if (!rig)
		return;
	ringlog_pages_free(&rig->pages);
	kvfree(rig);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(record_that_wraps_is_in_one_piece),
	KUNIT_CASE(everything_retained_is_as_it_was_appended),
	KUNIT_CASE(index_names_the_first_record_of_each_block),
	KUNIT_CASE(tail_moves_as_far_as_it_must),
	KUNIT_CASE(published_page_has_the_same_ends),
	KUNIT_CASE(seek_finds_every_offset),
	KUNIT_CASE(seek_finds_the_first_record_of_a_time),
	KUNIT_CASE(look_tells_what_is_the_matter),
	KUNIT_CASE(ahead_is_as_far_as_asked),
	KUNIT_CASE(batch_that_wraps_is_stamped),
	KUNIT_CASE(batch_that_makes_no_sense_is_refused),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "ringlog_ring",
	.init = ring_rig_init,
	.exit = ring_rig_exit,
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
