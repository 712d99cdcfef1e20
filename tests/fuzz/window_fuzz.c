// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer against the library's half of a window. The input is a list of operations: appends
 * by the module's own code, purges and age, all that a consumer can do, and, from the first of
 * it on, damage by whoever could write the window. Until then each record is what was appended
 * and the losses add up; after that nothing counts but that the consumer ends, and looks at
 * nothing outside, where guards lie.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consumed.h"
#include "consumer-parts.h"
#include "tap.h"
#include "told.h"

#define OPERATIONS	3000
#define PARTITIONS	2

/* What libFuzzer is to see as a crash. */
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

static struct {
	const uint8_t *at;
	size_t left;
} input;

static uint64_t take(unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--) {
		value = value << 8 | (input.left ? *input.at : 0);
		if (input.left) {
			input.at++;
			input.left--;
		}
	}
	return value;
}

static struct mapped *mapped[PARTITIONS];
static struct ringlog_consumer *consumer;
static bool damaged;
static uint64_t now;

static struct mapped *any(void)
{
	return mapped[take(1) % PARTITIONS];
}

/* --- the consumer --------------------------------------------------------------------- */

static volatile uint8_t sink;

/* The guards see what is not in the window, the sanitizer what is not aligned. */
static void touch(const void *from, size_t bytes)
{
	const uint8_t *at = from;

	if (!from)
		return;
	for (size_t i = 0; i < bytes; i += 64)
		sink = at[i];
	if (bytes)
		sink = at[bytes - 1];
}

static void look_at(const struct ringlog_peek *peek)
{
	struct ringlog_view view;

	CHECK(peek->partition < PARTITIONS);
	touch(peek->record, sizeof(*peek->record));
	touch(peek->value, peek->value_len);
	if (ringlog_peek_content(peek, &view))
		return;
	touch(view.content.key, view.content.key_len);
	touch(view.content.headers, view.content.headers_len);
	touch(view.content.value, view.content.value_len);
}

static void check_good(uint32_t partition, uint64_t offset, const void *value, size_t length)
{
	uint8_t expected[CONSUMED_VALUE_MAX];
	struct ringlog_place place;

	CHECK(length == consumed_value(offset, expected) && !memcmp(value, expected, length));
	CHECK(!ringlog_consumer_place(consumer, partition, &place));
	CHECK(place.oldest == mapped_ends(mapped[partition]).tail_offset);
	CHECK(place.end == mapped_ends(mapped[partition]).next_offset);
	/* It may be passed already, and then more may be lost. */
	CHECK(place.offset >= offset && place.expired <= place.lost);
}

static void check_result(int ret)
{
	CHECK(ret == 1 || ret == 0 || ret == -EPIPE || ret == -ENODEV || ret == -EBADMSG);
	CHECK(damaged || ret != -EBADMSG);
}

static void peek(void)
{
	struct ringlog_peek record;
	int ret = ringlog_peek(consumer, &record);

	check_result(ret);
	if (ret != 1)
		return;
	look_at(&record);
	ret = ringlog_check(consumer);
	CHECK(ret == 0 || ret == -EPIPE);
	if (!ret && !damaged)
		CHECK(record.value_len < CONSUMED_VALUE_MAX);
}

static void release(void)
{
	struct ringlog_peek record;
	int ret = ringlog_peek(consumer, &record);

	check_result(ret);
	if (ret != 1)
		return;
	if (!damaged && !ringlog_check(consumer))
		check_good(record.partition, record.record->offset, record.value,
			   record.value_len);
	ret = ringlog_release(consumer);
	CHECK(ret == 0 || ret == -EPIPE);
}

static void read_copy(void)
{
	static char buffer[2 * MAPPED_RING];
	size_t size = take(1) % 4 ? sizeof(buffer) : take(2);
	struct ringlog_view view;
	__u32 partition;
	int ret = ringlog_read(consumer, buffer, size, &view, &partition);

	CHECK(ret == 1 || ret == 0 || ret == -EPIPE || ret == -ENODEV || ret == -EBADMSG ||
	      ret == -EMSGSIZE);
	if (ret != 1)
		return;
	touch(view.content.key, view.content.key_len);
	touch(view.content.headers, view.content.headers_len);
	touch(view.content.value, view.content.value_len);
	if (!damaged)
		check_good(partition, view.offset, view.content.value, view.content.value_len);
}

static void seek(void)
{
	uint32_t partition = take(1) % 4 ? (uint32_t)take(1) % PARTITIONS : RINGLOG_PARTITION_ALL;
	struct ringlog_start start = { .from = (uint32_t)take(1) % 6 };
	struct ringlog_place before = { 0 }, after;
	int ret;

	if (start.from >= RINGLOG_START_OFFSET)
		start.value = take(1) % 4 ? 1000 + take(2) : take(8);
	if (partition < PARTITIONS)
		CHECK(!ringlog_consumer_place(consumer, partition, &before));
	ret = ringlog_consumer_seek(consumer, partition, &start);
	CHECK(ret == 0 || ret == -EINVAL || ret == -ERANGE || (damaged && ret == -EBADMSG) ||
	      (damaged && ret == -EAGAIN));
	if (ret || partition >= PARTITIONS)
		return;
	CHECK(!ringlog_consumer_place(consumer, partition, &after));
	if (damaged)
		return;
	/* What the last place counted as gone was not noticed yet, and is passed over now. */
	CHECK(after.lost <= before.lost);
	CHECK(start.from != RINGLOG_START_OFFSET || after.offset == start.value);
	CHECK(start.from != RINGLOG_START_NEWEST || after.offset == after.end);
	CHECK(start.from != RINGLOG_START_OLDEST || after.offset == after.oldest);
}

static void wait_a_little(void)
{
	struct ringlog_patience patience = {
		.min_records = take(1) % 3,
		.min_bytes = take(1) % 2 * take(2),
	};
	int ret = ringlog_consumer_wait(consumer, &patience);

	CHECK(ret == 0 || ret == -ETIMEDOUT || ret == -ENODEV);
	ret = ringlog_consumer_arm(consumer);
	CHECK(ret == 0 || ret == 1 || ret == -ENODEV);
}

/* All that can be read now is read, in so many steps. */
static void drain(void)
{
	struct ringlog_peek record;
	int ret = 1;

	for (unsigned int i = 0; i < 3 * PARTITIONS * MAPPED_RING / 32 && ret != 0; i++) {
		ret = ringlog_peek(consumer, &record);
		if (ret == 1)
			ringlog_release(consumer);
		else if (ret == -ENODEV || ret == -EBADMSG)
			return;
	}
	CHECK(damaged || ret == 0);
}

/* --- the writer, and who damages what it wrote ---------------------------------------- */

static void append(void)
{
	now += take(1);
	mapped_set_now(mapped[0], now);
	mapped_set_now(mapped[1], now);
	consumed_append(any(), (unsigned int)take(1));
}

static void retire(void)
{
	struct mapped *which = any();

	switch (take(1) % 8) {
	case 0 ... 1:
		mapped_purge(which);
		break;
	case 2 ... 3:
		/* The module's own code reads what only the module writes. */
		if (!damaged)
			mapped_expire(which, now - take(1));
		break;
	case 4:
		/* By the machine's clock all of it is old. */
		mapped_set_age(which, 1);
		break;
	case 5:
		mapped_set_room_wanted(which, take(1) % 2);
		break;
	default:
		mapped_set_age(which, 0);
	}
}

/* A word that is near another, or anything. */
static uint64_t word_near(uint64_t word)
{
	switch (take(1) % 6) {
	case 0:
		return word + take(1);
	case 1:
		return word - take(1);
	case 2:
		return word + take(3) * 32;
	case 3:
		return word - take(3) * 32;
	case 4:
		return take(8);
	default:
		return ~take(2);
	}
}

static void damage(void)
{
	struct mapped *which = any();
	struct mapped_ends ends = mapped_ends(which);
	char *base = mapped_base(which);
	struct ringlog_published *published = (void *)(base + 4096);
	uint64_t *index = (void *)(base + 8192);
	struct ringlog_record *record;
	uint64_t at;

	damaged = true;
	switch (take(1) % 8) {
	case 0:
		published->head = word_near(take(1) % 2 ? published->head : ends.head);
		break;
	case 1:
		published->tail = word_near(take(1) % 2 ? published->tail : ends.tail);
		break;
	case 2:
		published->next_offset = word_near(ends.next_offset);
		break;
	case 3:
		at = take(2) % (MAPPED_RING / 4096 * sizeof(struct ringlog_index_entry) / 8);
		index[at] = word_near(take(1) % 2 ? index[at] : ends.tail);
		break;
	case 4:
		*(uint8_t *)mapped_at(which, take(2)) = (uint8_t)take(1);
		break;
	default:
		/* Where a record begins, or could. */
		at = take(1) % 2 ? ends.tail : ends.tail + take(2) / 32 * 32;
		record = mapped_at(which, at);
		record->length = (uint32_t)(take(1) % 2 ? take(1) : word_near(record->length));
		record->flags = (uint8_t)take(1);
		record->key_len = (uint16_t)(take(1) % 2 ? 0 : take(2));
		record->headers_len = (uint16_t)(take(1) % 2 ? 0 : take(2));
		record->offset = word_near(record->offset);
		break;
	}
}

/* The first page is the kernel's. But what is not believed there need not be trusted. */
static void geometry(void)
{
	struct ringlog_kernel_page *page = mapped_base(mapped[0]), saved = *page;
	struct ringlog_window window;
	struct ringlog_consumer *other;
	struct ringlog_peek record;

	for (unsigned int i = 1 + take(1) % 3; i > 0; i--) {
		uint64_t *word = (uint64_t *)page + take(1) % 8;

		*word = take(1) % 2 ? word_near(*word) : *word ^ 1ULL << take(1) % 64;
	}
	if (!ringlog_window_init(&window, page, mapped_bytes(mapped[0])) &&
	    !ringlog_consumer_make_mapped(&other, &window, 1, 0)) {
		for (unsigned int i = 0; i < 100 && ringlog_peek(other, &record) == 1; i++) {
			touch(record.value, record.value_len);
			ringlog_release(other);
		}
		ringlog_consumer_close(other);
	}
	*page = saved;
}

/* --- the whole ------------------------------------------------------------------------ */

static void operate(bool may_damage)
{
	switch (take(1) % 24) {
	case 0 ... 4:
		append();
		break;
	case 5:
		retire();
		break;
	case 6 ... 7:
		peek();
		break;
	case 8 ... 12:
		release();
		break;
	case 13 ... 14:
		read_copy();
		break;
	case 15 ... 16:
		seek();
		break;
	case 17:
		wait_a_little();
		break;
	case 18:
		drain();
		break;
	case 19:
		geometry();
		break;
	default:
		if (may_damage)
			damage();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool may_damage;
	unsigned int i;

	input.at = data;
	input.left = size;
	damaged = false;
	now = 1000;
	memset(&told, 0, sizeof(told));
	may_damage = take(1) % 4;
	told.answer = take(1) % 2 ? -ETIMEDOUT : 0;
	for (i = 0; i < PARTITIONS; i++)
		mapped[i] = mapped_open(MAPPED_RING, take(1));
	consumer = consumed_open(mapped, PARTITIONS, take(1) % 2 ? RINGLOG_CONSUMER_GATE : 0);
	for (i = 0; i < OPERATIONS && input.left; i++)
		operate(may_damage);
	drain();
	ringlog_consumer_close(consumer);
	for (i = 0; i < PARTITIONS; i++)
		mapped_close(mapped[i]);
	return 0;
}
