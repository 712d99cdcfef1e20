// SPDX-License-Identifier: GPL-2.0-only
/*
 * tools/ringlog: what is read of a stream, and what of it is told to be lost. The consumer is the
 * library's own, on windows in memory.
 */
#include "reading.h"
#include "consumed.h"
#include "prng.h"
#include "streamed.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[1024];
static __u64 lost[STREAM_PARTITIONS], expired[STREAM_PARTITIONS];

static void tell(const char *format, unsigned int partition, __u64 a, __u64 b)
{
	size_t at = strlen(told);

	snprintf(told + at, sizeof(told) - at, format, partition, (unsigned long long)a,
		 (unsigned long long)b);
}

static void tell_loss(void *data, __u32 partition, __u64 count, __u64 of_age)
{
	CHECK(data == told && count && of_age <= count);
	lost[partition] += count;
	expired[partition] += of_age;
	tell("%u lost %llu %llu, ", partition, count, of_age);
}

static void prepare(void)
{
	stream_open();
	memset(told, 0, sizeof(told));
	memset(lost, 0, sizeof(lost));
	memset(expired, 0, sizeof(expired));
}

static struct reading begin(void)
{
	struct reading reading;

	CHECK(!reading_open(&reading, "orders"));
	reading.on_loss = tell_loss;
	reading.data = told;
	return reading;
}

static void end(struct reading *reading)
{
	reading_close(reading);
	stream_close();
}

static const struct starting_point oldest = { .start.from = RINGLOG_START_OLDEST };
static const struct starting_point newest = { .start.from = RINGLOG_START_NEWEST };

/* All that it gives, and what it tells in between. */
static bool gives(struct reading *reading, const char *expected)
{
	struct ringlog_view view;
	__u32 partition;
	int result;

	while ((result = reading_next(reading, &view, &partition)) == 1)
		tell("%u:%llu, ", partition, view.offset, 0);
	if (result)
		tell("%u failed %llu, ", 0, -result, 0);
	if (!strcmp(told, expected))
		return true;
	printf("# not '%s' but '%s'\n", expected, told);
	return false;
}

static void test_to_the_end(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 2);
	stream_fill(1, 3, 0);
	stream_fill(2, 0, 1);
	reading = begin();
	for (__u32 i = 0; i < STREAM_PARTITIONS; i++)
		CHECK(!reading_begin(&reading, i, &oldest, false));
	CHECK(!reading_begin(&reading, 0, &oldest, false));
	CHECK(reading.wanted == 2);
	/* These came later: they are not given, and of no more than one each is anything seen. */
	consumed_append(stream.parts[0], 50);
	consumed_append(stream.parts[1], 50);
	CHECK(gives(&reading, "0:5, 0:6, 2:0, "));
	CHECK(!reading.wanted && !stream_is_attached(0));
	CHECK(reading.parts[0].next == 7 && reading.parts[1].next == 3);
	end(&reading);
}

static void test_endless(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 2);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &newest, true));
	CHECK(gives(&reading, "") && reading.wanted == 1);
	consumed_append(stream.parts[0], 2);
	CHECK(gives(&reading, "0:7, 0:8, ") && reading.parts[0].next == 9);
	consumed_append(stream.parts[0], 3);
	mapped_set_now(stream.parts[0], 2000);
	consumed_append(stream.parts[0], 8);
	mapped_expire(stream.parts[0], 2000);
	mapped_purge(stream.parts[0]);
	consumed_append(stream.parts[0], 1);
	CHECK(gives(&reading, "0:7, 0:8, 0 lost 11 3, 0:20, "));
	CHECK(reading.parts[0].next == 21);
	end(&reading);
}

/* What came after the end is not wanted, and so it is no loss. */
static void test_loss_to_the_end(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 5);
	stream_fill(1, 5, 1);
	mapped_set_now(stream.parts[1], 2000);
	consumed_append(stream.parts[1], 4);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &oldest, false));
	CHECK(!reading_begin(&reading, 1, &oldest, false));
	consumed_append(stream.parts[0], 30);
	mapped_set_now(stream.parts[0], 2000);
	mapped_expire(stream.parts[0], 2000);
	consumed_append(stream.parts[0], 30);
	mapped_expire(stream.parts[1], 2000);
	consumed_append(stream.parts[1], 30);
	CHECK(gives(&reading, "0 lost 5 5, 1 lost 1 1, 1:6, 1:7, 1:8, 1:9, "));
	CHECK(reading.parts[0].next == 10 && reading.parts[1].next == 10 && !reading.wanted);
	end(&reading);
}

/* Nothing is found any more, for a partition is empty: what it lost is told, and no more. */
static void test_purged(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 5);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &oldest, false));
	mapped_purge(stream.parts[0]);
	CHECK(gives(&reading, "0 lost 5 0, ") && !reading.wanted);
	end(&reading);
}

/* Breaks when the window's word for where an empty partition goes on is taken for exact. */
static void test_purged_in_flight(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 5);
	stream_fill(1, 0, 1);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &oldest, true));
	CHECK(!reading_begin(&reading, 1, &oldest, true));
	mapped_purge(stream.parts[0]);
	stream_be_about_to_append(0);
	CHECK(gives(&reading, "1:0, 0 lost 5 0, ") && reading.parts[0].next == 10);
	consumed_append(stream.parts[0], 1);
	CHECK(gives(&reading, "1:0, 0 lost 5 0, 0:10, "));
	mapped_purge(stream.parts[1]);
	consumed_append(stream.parts[1], 3);
	mapped_purge(stream.parts[1]);
	CHECK(gives(&reading, "1:0, 0 lost 5 0, 0:10, 1 lost 3 0, "));
	CHECK(reading.wanted == 2 && reading.parts[0].next == 11 && reading.parts[1].next == 4);
	end(&reading);
}

/* Breaks when who reads to the end waits for a record that is about to be published. */
static void test_end_in_flight(void)
{
	struct reading reading;

	prepare();
	stream_fill(0, 5, 2);
	stream_be_about_to_append(0);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &oldest, false));
	CHECK(gives(&reading, "0:5, 0:6, ") && !reading.wanted);
	end(&reading);
}

/* Writers that come by before each read, at any distance. */
static struct prng dice;

static void append_some(void)
{
	__u64 roll = prng_below(&dice, 40);
	struct mapped *mapped = stream.parts[prng_below(&dice, 2)];

	if (roll < 6)
		mapped_lap(mapped, 1);
	else if (roll < 8)
		mapped_purge(mapped);
	else if (roll < 20)
		consumed_append(mapped, (unsigned int)prng_below(&dice, 300));
}

/*
 * All offsets up to that of a record are given or told, each once. Breaks when what is lost
 * between the telling of a loss and the next record is told later, or never.
 */
static void read_some(struct reading *reading, __u64 *seen, const __u64 *first)
{
	struct ringlog_view view;
	__u32 partition;

	for (int i = 0; i < 2000 && !tap_failed(); i++) {
		if (reading_next(reading, &view, &partition) != 1)
			continue;
		CHECK(first[partition] + seen[partition] + lost[partition] == view.offset);
		seen[partition]++;
		CHECK(reading->parts[partition].next == view.offset + 1);
		told[0] = '\0';
	}
}

static void test_lapping_writer(void)
{
	__u64 seen[2] = { }, first[2] = { 100, 7 };
	struct reading reading;

	dice = prng_seed(3);
	prepare();
	stream_fill(0, first[0], 3);
	stream_fill(1, first[1], 3);
	reading = begin();
	for (__u32 i = 0; i < 2; i++)
		CHECK(!reading_begin(&reading, i, &oldest, true));
	stream.before_read = append_some;
	read_some(&reading, seen, first);
	stream.before_read = NULL;
	reading_look_for_losses(&reading);
	for (__u32 i = 0; i < 2; i++) {
		CHECK(seen[i] > 100 && lost[i] > 1000);
		CHECK(reading.parts[i].next == first[i] + seen[i] + lost[i]);
		CHECK(reading.parts[i].next >= mapped_ends(stream.parts[i]).tail_offset);
	}
	end(&reading);
}

/* The same up to an end: all up to there was given or told. */
static void test_lapping_writer_to_the_end(void)
{
	dice = prng_seed(4);
	for (int round = 0; round < 200 && !tap_failed(); round++) {
		__u64 seen[2] = { }, first[2] = { 10, 20 };
		struct reading reading;

		prepare();
		stream_fill(0, first[0], 80);
		stream_fill(1, first[1], 90);
		reading = begin();
		for (__u32 i = 0; i < 2; i++)
			CHECK(!reading_begin(&reading, i, &oldest, false));
		stream.before_read = append_some;
		while (reading.wanted && !tap_failed())
			read_some(&reading, seen, first);
		for (__u32 i = 0; i < 2; i++)
			CHECK(first[i] + seen[i] + lost[i] == (i ? 110 : 90));
		end(&reading);
	}
}

/* The writer comes by again after each telling. */
static void lap_again(void)
{
	static int reads;

	if (reads++ < 3)
		mapped_lap(stream.parts[0], 1);
}

static void test_lapped_twice(void)
{
	__u64 seen[2] = { }, first[2] = { };
	struct reading reading;

	prepare();
	consumed_append(stream.parts[0], 10);
	reading = begin();
	CHECK(!reading_begin(&reading, 0, &oldest, true));
	stream.before_read = lap_again;
	read_some(&reading, seen, first);
	CHECK(seen[0] > 10 && seen[0] + lost[0] == mapped_ends(stream.parts[0]).next_offset);
	end(&reading);
}

/* The newest records do not show, although they are there. */
static int hidden;
static __u64 hidden_head;

static void hide(void)
{
	struct ringlog_published *ends = stream_published(0);

	if (!hidden_head)
		hidden_head = ends->head;
	ends->head = hidden && hidden-- ? ends->tail : hidden_head;
}

/* Breaks when a read that finds nothing is taken for the end. */
static void test_looks_again(void)
{
	static const struct { int reads; const char *expected; } cases[] = {
		{ 20, "0:5, " }, { 1 << 30, "0 failed 11, " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading reading;

		prepare();
		stream_fill(0, 5, 1);
		reading = begin();
		CHECK(!reading_begin(&reading, 0, &oldest, false));
		hidden = cases[i].reads;
		hidden_head = 0;
		stream.before_read = hide;
		CHECK(gives(&reading, cases[i].expected));
		end(&reading);
	}
}

static void test_last(void)
{
	static const struct { __u64 count; const char *expected; } cases[] = {
		{ 0, "" }, { 1, "0:9, " }, { 3, "0:7, 0:8, 0:9, " }, { 4, "0:6, 0:7, 0:8, 0:9, " },
		{ 5, "0:6, 0:7, 0:8, 0:9, " }, { ~0ULL, "0:6, 0:7, 0:8, 0:9, " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct starting_point last = {
			.start.from = RINGLOG_START_OFFSET,
			.start.value = cases[i].count,
			.last = true,
		};
		struct reading reading;

		prepare();
		stream_fill(0, 6, 4);
		reading = begin();
		CHECK(!reading_begin(&reading, 0, &last, false));
		CHECK(gives(&reading, cases[i].expected));
		end(&reading);
	}
}

/* The last ones went before they were attached to: they are looked for again, up to a point. */
static void test_late(void)
{
	struct starting_point point = { .start.from = RINGLOG_START_OFFSET, .start.value = 2 };
	struct reading reading;

	prepare();
	stream_fill(0, 6, 4);
	reading = begin();
	CHECK(reading_begin(&reading, 0, &point, false) == -ERANGE && !reading.parts[0].begun);
	point.last = true;
	stream.fail = 1;
	CHECK(!reading_begin(&reading, 0, &point, false) && reading.parts[0].next == 10);
	stream.fail = 1 << 30;
	CHECK(reading_begin(&reading, 1, &point, false) == -EAGAIN);
	end(&reading);
}

static const struct tap_test tests[] = {
	{ "reading: to the end that there was", test_to_the_end },
	{ "reading: endlessly, with a loss", test_endless },
	{ "reading: a loss beyond the end", test_loss_to_the_end },
	{ "reading: all of it is gone", test_purged },
	{ "reading: all of it is gone, and a record is about to come", test_purged_in_flight },
	{ "reading: a record is about to come at the end", test_end_in_flight },
	{ "reading: a writer that comes by again and again", test_lapping_writer },
	{ "reading: the same, to an end", test_lapping_writer_to_the_end },
	{ "reading: lapped again before the next record", test_lapped_twice },
	{ "reading: nothing is found where something is", test_looks_again },
	{ "reading: the last ones", test_last },
	{ "reading: the last ones are gone", test_late },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
