// SPDX-License-Identifier: GPL-2.0-only
/* libshim: records, peeked at and released, in a ring that nobody laps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "consumed.h"
#include "tap.h"
#include "told.h"

static struct mapped *mapped;
static struct ringlog_consumer *consumer;

static void begin(uint64_t first_offset)
{
	memset(&told, 0, sizeof(told));
	mapped = mapped_open(MAPPED_RING, first_offset);
	consumer = consumed_open(&mapped, 1, 0);
}

static void end(void)
{
	ringlog_consumer_close(consumer);
	mapped_close(mapped);
}

/* Breaks when a record is skipped, seen twice, or looked for where it is not. */
static void test_order(void)
{
	struct ringlog_peek peek;
	uint64_t offset = 100;

	begin(offset);
	for (unsigned int i = 0; i < 3000 && !tap_failed(); i++) {
		unsigned int count = i % 40;

		consumed_append(mapped, count);
		while (count--)
			consumed_next_is(consumer, offset++);
		CHECK(ringlog_peek(consumer, &peek) == 0);
		CHECK(ringlog_release(consumer) == -EINVAL);
	}
	CHECK(mapped_ends(mapped).head > 20 * MAPPED_RING);
	CHECK(consumed_place(consumer).lost == 0);
	/* Nothing of it needed the kernel. */
	CHECK(told.calls == 0);
	end();
}

/* Breaks when reading stops at, or looks beyond, what was published when it began. */
static void test_behind(void)
{
	uint64_t read = 0;

	begin(0);
	consumed_append(mapped, 100);
	while (read < 5000 && !tap_failed()) {
		for (unsigned int i = 0; i < 7; i++)
			consumed_next_is(consumer, read++);
		consumed_append(mapped, 7);
	}
	CHECK(consumed_place(consumer).offset == read);
	CHECK(consumed_place(consumer).end == read + 100);
	end();
}

/* Breaks when peeking moves. */
static void test_same_again(void)
{
	struct ringlog_peek first, again;

	begin(0);
	consumed_append(mapped, 200);
	for (uint64_t offset = 0; offset < 200 && !tap_failed(); offset++) {
		CHECK(ringlog_peek(consumer, &first) == 1);
		for (unsigned int i = 0; i < 3; i++) {
			CHECK(ringlog_peek(consumer, &again) == 1);
			CHECK(again.record == first.record && again.value == first.value);
			CHECK(again.value_len == first.value_len);
		}
		CHECK(consumed_place(consumer).offset == offset);
		consumed_next_is(consumer, offset);
	}
	end();
}

/* Breaks when release, or check, counts what was not peeked at. */
static void test_nothing_peeked(void)
{
	begin(0);
	CHECK(ringlog_release(consumer) == -EINVAL);
	CHECK(ringlog_check(consumer) == -EINVAL);
	consumed_append(mapped, 3);
	CHECK(ringlog_release(consumer) == -EINVAL);
	consumed_next_is(consumer, 0);
	CHECK(ringlog_release(consumer) == -EINVAL);
	CHECK(ringlog_check(consumer) == -EINVAL);
	consumed_next_is(consumer, 1);
	end();
}

static bool same(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return !a == !b && a_len == b_len && (!a_len || !memcmp(a, b, a_len));
}

static void check_content(const struct ringlog_content *content,
			  const struct mapped_record *record)
{
	CHECK(same(content->key, content->key_len, record->key, record->key_len));
	CHECK(content->headers_len == record->headers_len);
	CHECK(!record->headers_len ||
	      !memcmp(content->headers, record->headers, record->headers_len));
	CHECK(same(content->value, content->value_len, record->value, record->value_len));
}

/* All kinds of records, peeked at and copied. Breaks when a part is not where it says. */
static void test_parts(void)
{
	static const uint16_t lengths[] = { 0, 1, 7, 8, 9, 100 };
	static const char bytes[108] = "abcdefghijklmnopqrstuvwxyz";
	char buffer[400];

	begin(0);
	for (unsigned int i = 0; i < 6 * 6 * 7 * 2 && !tap_failed(); i++) {
		uint16_t value_len = lengths[i / 72 % 7 % 6];
		struct mapped_record record = {
			.key = i % 2 ? bytes + 3 : NULL,
			.key_len = i % 2 ? lengths[i / 2 % 6] : 0,
			.headers = bytes + 5,
			.headers_len = lengths[i / 12 % 6] ? lengths[i / 12 % 6] - 1 : 0,
			.value = i / 72 % 7 < 6 ? bytes + 1 : NULL,
			.value_len = i / 72 % 7 < 6 && value_len ? value_len - 1U : 0,
		};
		uint64_t offset = mapped_append_record(mapped, &record);
		struct ringlog_peek peek;
		struct ringlog_view view;
		__u32 partition = 99;

		CHECK(ringlog_peek(consumer, &peek) == 1);
		CHECK(peek.value_len == record.value_len);
		CHECK(!ringlog_peek_content(&peek, &view));
		CHECK(view.offset == offset && view.producer == 2 && view.timestamp == 1000);
		check_content(&view.content, &record);
		CHECK(ringlog_read(consumer, buffer, peek.record->length - 1U, &view, NULL) ==
		      (peek.record->length ? -EMSGSIZE : 1));
		if (peek.record->length)
			CHECK(ringlog_read(consumer, buffer, peek.record->length, &view,
					   &partition) == 1);
		CHECK(!peek.record->length || partition == 0);
		CHECK(view.offset == offset && view.producer == 2 && view.timestamp == 1000);
		check_content(&view.content, &record);
		CHECK(ringlog_peek(consumer, &peek) == 0);
	}
	end();
}

/* Breaks when the parts of a peek follow a header that has changed since. */
static void test_changing_header(void)
{
	struct mapped_record record = {
		.key = "key",
		.key_len = 3,
		.value = "value",
		.value_len = 5,
	};
	struct ringlog_peek peek;
	struct ringlog_view view;
	struct ringlog_record *header;

	begin(0);
	mapped_append_record(mapped, &record);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	header = mapped_at(mapped, 0);
	header->headers_len = 60000;
	CHECK(ringlog_peek_content(&peek, &view) == -EPIPE);
	header->headers_len = 0;
	header->key_len = 0;
	CHECK(ringlog_peek_content(&peek, &view) == -EPIPE);
	header->key_len = 3;
	header->flags = 0;
	CHECK(ringlog_peek_content(&peek, &view) == -EPIPE);
	header->flags = RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE;
	CHECK(ringlog_peek_content(&peek, &view) == -EPIPE);
	header->flags = RINGLOG_RECORD_HAS_KEY;
	header->length = ~0U;
	CHECK(!ringlog_peek_content(&peek, &view));
	CHECK(view.content.value_len == 5 && view.content.key_len == 3);
	end();
}

/* Breaks when a length or an offset is believed that cannot be. */
static void test_damaged(void)
{
	static const uint32_t lengths[] = { ~0U, 1U << 31, MAPPED_RING, 1 << 14 };
	struct ringlog_record *header;
	struct ringlog_peek peek;
	struct ringlog_record saved;

	begin(0);
	consumed_append(mapped, 3);
	CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
	header = mapped_at(mapped, 0);
	saved = *header;
	for (unsigned int i = 0; i < 4; i++) {
		header->length = lengths[i];
		CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
		*header = saved;
	}
	header->key_len = 0xffff;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	*header = saved;
	/* An offset is looked at with the ring's ends. */
	CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
	header->offset = 5;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	*header = saved;
	consumed_next_is(consumer, 0);
	/* One that is looked at with the ends known. */
	header = (void *)((char *)header + (saved.length + 63) / 32 * 32);
	saved = *header;
	for (unsigned int i = 0; i < 4; i++) {
		header->length = lengths[i];
		CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
		CHECK(ringlog_release(consumer) == -EINVAL);
		*header = saved;
	}
	header->key_len = 0xffff;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	*header = saved;
	consumed_next_is(consumer, 1);
	CHECK(consumed_place(consumer).lost == 0);
	end();
}

/* Breaks when a head that cannot be is followed. */
static void test_damaged_ends(void)
{
	struct ringlog_published *published;
	struct ringlog_peek peek;
	uint64_t head;

	begin(0);
	consumed_append(mapped, 3);
	published = (void *)((char *)mapped_base(mapped) + 4096);
	head = published->head;
	published->head = MAPPED_RING + 32;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	published->head = head;
	consumed_next_is(consumer, 0);
	consumed_next_is(consumer, 1);
	consumed_next_is(consumer, 2);
	published->head = 0;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	published->head = head + MAPPED_RING + 32;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	published->head = ~0ULL;
	CHECK(ringlog_peek(consumer, &peek) == -EBADMSG);
	published->head = head;
	CHECK(ringlog_peek(consumer, &peek) == 0);
	end();
}

static void test_gone(void)
{
	struct ringlog_peek peek;

	begin(0);
	consumed_append(mapped, 3);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	mapped_delete(mapped);
	/* What is peeked at is good for all that. */
	CHECK(ringlog_release(consumer) == 0);
	for (unsigned int i = 0; i < 2; i++)
		consumed_next_is(consumer, 1 + i);
	CHECK(ringlog_peek(consumer, &peek) == -ENODEV);
	CHECK(ringlog_consumer_wait(consumer, NULL) == -ENODEV);
	CHECK(ringlog_consumer_arm(consumer) == -ENODEV);
	CHECK(told.calls == 0);
	end();
}

static const struct tap_test tests[] = {
	{ "peek: in order, over many laps", test_order },
	{ "peek: always a little behind", test_behind },
	{ "peek: the same again until it is released", test_same_again },
	{ "peek: nothing is peeked at", test_nothing_peeked },
	{ "peek: keys, headers and values", test_parts },
	{ "peek: a header that changes", test_changing_header },
	{ "peek: a damaged record", test_damaged },
	{ "peek: damaged ends", test_damaged_ends },
	{ "peek: the stream is gone", test_gone },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
