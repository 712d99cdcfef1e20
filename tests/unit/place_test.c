// SPDX-License-Identifier: GPL-2.0-only
/* libshim: seeking in the mapping, against an array of all records there ever were. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "consumed.h"
#include "prng.h"
#include "tap.h"
#include "told.h"

#define RECORDS_MAX 4000

static struct mapped *mapped;
static struct ringlog_consumer *consumer;
static struct prng prng;
static uint64_t first, times[RECORDS_MAX];

static void begin(uint64_t first_offset, uint64_t seed)
{
	memset(&told, 0, sizeof(told));
	first = first_offset;
	prng = prng_seed(seed);
	mapped = mapped_open(MAPPED_RING, first_offset);
	consumer = consumed_open(&mapped, 1, 0);
}

static void end(void)
{
	CHECK(told.calls == 0);
	ringlog_consumer_close(consumer);
	mapped_close(mapped);
}

/* Records of up to @largest bytes, whose time goes on by two once in @run. */
static void append_some(unsigned int count, uint32_t largest, unsigned int run)
{
	static const uint8_t value[8192];
	static uint64_t now;

	if (mapped_ends(mapped).next_offset == first)
		now = 1000;
	while (count--) {
		if (prng_once_in(&prng, run))
			now += 2;
		mapped_set_now(mapped, now);
		times[mapped_ends(mapped).next_offset - first] = now;
		mapped_append(mapped, value, 1 + (uint32_t)prng_below(&prng, largest));
	}
}

/* The offset where a search for @key ends; all ones: it is not there. */
static uint64_t expected(uint64_t key, bool by_time)
{
	struct mapped_ends ends = mapped_ends(mapped);
	uint64_t offset = ends.tail_offset;

	if (!by_time)
		return key >= ends.tail_offset && key <= ends.next_offset ? key : ~0ULL;
	while (offset < ends.next_offset && times[offset - first] < key)
		offset++;
	return offset;
}

static bool seek_matches(uint64_t key, bool by_time)
{
	struct ringlog_start start = {
		.from = by_time ? RINGLOG_START_MONOTONIC : RINGLOG_START_OFFSET,
		.value = key,
		.incarnation = MAPPED_INCARNATION,
	};
	uint64_t before = consumed_place(consumer).offset, want = expected(key, by_time);
	struct ringlog_peek peek;

	if (want == ~0ULL)
		return CHECK(ringlog_consumer_seek(consumer, 0, &start) == -ERANGE) &&
		       CHECK(consumed_place(consumer).offset == before);
	if (!CHECK(ringlog_consumer_seek(consumer, 0, &start) == 0) ||
	    !CHECK(consumed_place(consumer).offset == want))
		return false;
	if (want == mapped_ends(mapped).next_offset)
		return CHECK(ringlog_peek(consumer, &peek) == 0);
	return CHECK(ringlog_peek(consumer, &peek) == 1) && CHECK(peek.record->offset == want);
}

static void seek_everywhere(void)
{
	struct mapped_ends ends = mapped_ends(mapped);

	for (uint64_t offset = ends.tail_offset > 5 ? ends.tail_offset - 5 : 0;
	     offset <= ends.next_offset + 5 && !tap_failed(); offset++)
		seek_matches(offset, false);
	for (uint64_t offset = ends.tail_offset; offset < ends.next_offset; offset++)
		for (int around = -1; around <= 1; around++)
			seek_matches(times[offset - first] + (uint64_t)around, true);
	for (int by_time = 0; by_time < 2; by_time++) {
		seek_matches(0, by_time);
		seek_matches(~0ULL, by_time);
	}
	CHECK(consumed_place(consumer).lost == 0);
}

/* Breaks when < and <= change in the search or the walk, or a stale entry is believed. */
static void test_random(void)
{
	static const uint32_t largest[] = { 40, 300, 1500, 5000, 8192 };
	static const unsigned int runs[] = { 1, 5, 60, 1000 };

	for (unsigned int round = 0; round < 100 && !tap_failed(); round++) {
		uint32_t length = largest[round % 5];

		begin(round % 3 * 1000, round);
		append_some((unsigned int)prng_below(&prng, 3 * 65536 / (length / 2 + 32)), length,
			    runs[round % 4]);
		CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
		seek_everywhere();
		end();
	}
}

/* Breaks when tail or head within, at the edge of, or alone in a block is special. */
static void test_each_append(void)
{
	begin(100, 1);
	for (unsigned int i = 0; i < 100 && !tap_failed(); i++) {
		append_some(1, i % 50 < 25 ? 3000 : 8192, 3);
		CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
		seek_everywhere();
	}
	end();
}

static void check_ends(void)
{
	static const struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	struct mapped_ends ends = mapped_ends(mapped);
	struct ringlog_peek peek;

	CHECK(!ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, &newest));
	CHECK(consumed_place(consumer).offset == ends.next_offset);
	CHECK(ringlog_peek(consumer, &peek) == 0);
	CHECK(!ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, NULL));
	CHECK(consumed_place(consumer).offset == ends.tail_offset);
	CHECK(ringlog_peek(consumer, &peek) == (ends.tail < ends.head));
}

/* Breaks when an empty ring answers by what its memory holds, or loses what comes next. */
static void test_empty(void)
{
	for (uint64_t start = 0; start < 100; start += 50) {
		struct ringlog_peek peek;

		begin(start, 1);
		for (unsigned int i = 0; i < 3; i++) {
			seek_everywhere();
			check_ends();
			append_some(12, 5000, 1);
			CHECK(ringlog_peek(consumer, &peek) == 1);
			CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
			check_ends();
			seek_everywhere();
			mapped_purge(mapped);
			CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
		}
		append_some(1, 100, 1);
		CHECK(ringlog_peek(consumer, &peek) == 1);
		CHECK(peek.record->offset == start + 36);
		CHECK(consumed_place(consumer).lost == 0);
		end();
	}
}

static void test_refused(void)
{
	struct ringlog_start start = { .from = RINGLOG_START_OFFSET, .value = 3 };
	struct ringlog_peek peek;

	begin(0, 1);
	append_some(10, 100, 1);
	CHECK(ringlog_consumer_seek(consumer, 1, &start) == -EINVAL);
	CHECK(ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, &start) == -EINVAL);
	start.incarnation = MAPPED_INCARNATION + 1;
	CHECK(ringlog_consumer_seek(consumer, 0, &start) == -ESTALE);
	start.incarnation = MAPPED_INCARNATION;
	CHECK(!ringlog_consumer_seek(consumer, 0, &start));
	/* What is peeked at is let go of, but not by a seek that fails. */
	CHECK(ringlog_peek(consumer, &peek) == 1);
	start.from = RINGLOG_START_NEWEST;
	CHECK(ringlog_consumer_seek(consumer, 0, &start) == -EINVAL);
	start.from = RINGLOG_START_REALTIME + 1;
	CHECK(ringlog_consumer_seek(consumer, 0, &start) == -EINVAL);
	CHECK(ringlog_check(consumer) == 0);
	CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
	CHECK(ringlog_release(consumer) == -EINVAL);
	end();
}

/* Breaks when the clocks' distance is taken the wrong way. */
static void test_realtime(void)
{
	struct ringlog_start start = { .from = RINGLOG_START_REALTIME };
	struct timespec real, monotonic;
	uint64_t minute = 60000000000ULL, time;

	begin(0, 1);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &real);
	time = (uint64_t)monotonic.tv_sec * 1000000000 + (uint64_t)monotonic.tv_nsec;
	if (!CHECK(time > 10 * minute))
		return;
	for (unsigned int i = 0; i < 10; i++) {
		mapped_set_now(mapped, time - (10 - i) * minute);
		mapped_append(mapped, "minute", 6);
	}
	start.value = (uint64_t)real.tv_sec * 1000000000 + (uint64_t)real.tv_nsec - minute * 9 / 2;
	CHECK(!ringlog_consumer_seek(consumer, 0, &start));
	CHECK(consumed_place(consumer).offset == 6);
	start.value = 1;
	CHECK(!ringlog_consumer_seek(consumer, 0, &start));
	CHECK(consumed_place(consumer).offset == 0);
	end();
}

/* Breaks when a search walks from tail, or does not tell what it stumbled over. */
static void test_damaged(void)
{
	struct ringlog_start start = { .from = RINGLOG_START_OFFSET };
	struct mapped_ends ends;

	begin(0, 1);
	append_some(200, 1000, 1);
	ends = mapped_ends(mapped);
	CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
	((struct ringlog_record *)mapped_at(mapped, ends.tail))->length = ~0U;
	CHECK(seek_matches(ends.next_offset - 1, false));
	CHECK(seek_matches(times[ends.next_offset - 1], true));
	start.value = ends.tail_offset + 1;
	CHECK(ringlog_consumer_seek(consumer, 0, &start) == -EBADMSG);
	CHECK(consumed_place(consumer).offset == ends.next_offset - 1);
	end();
}

static const struct tap_test tests[] = {
	{ "place: random records", test_random },
	{ "place: after each append", test_each_append },
	{ "place: an empty ring", test_empty },
	{ "place: what is refused", test_refused },
	{ "place: by the time of day", test_realtime },
	{ "place: goes by the index", test_damaged },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
