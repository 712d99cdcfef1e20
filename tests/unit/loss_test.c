// SPDX-License-Identifier: GPL-2.0-only
/* libshim: what a reader loses, by overwriting, purges and age, and how it is told. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "consumed.h"
#include "prng.h"
#include "tap.h"
#include "told.h"

#define SECOND 1000000000ULL

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

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* The next record, which is where the consumer says that it is once it looks at it. */
static int take(void)
{
	struct ringlog_peek peek;
	int ret = ringlog_peek(consumer, &peek);

	return ret == 1 ? consumed_take(consumer, consumed_place(consumer).offset) : ret;
}

/* Read all there is, in order. Returns how many; the place says what was lost. */
static uint64_t read_all(void)
{
	uint64_t count = 0;
	int ret;

	while ((ret = take()) != 0 && !tap_failed())
		count += ret == 1;
	return count;
}

/* Breaks when what was peeked at is called good after it was overwritten. */
static void test_lapped_while_peeked(void)
{
	struct ringlog_place place;
	struct ringlog_peek peek;

	begin(10);
	consumed_append(mapped, 20);
	for (unsigned int i = 0; i < 5; i++)
		consumed_next_is(consumer, 10 + i);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(ringlog_check(consumer) == 0);
	mapped_lap(mapped, 3);
	CHECK(ringlog_check(consumer) == -EPIPE);
	CHECK(ringlog_release(consumer) == -EPIPE);
	place = consumed_place(consumer);
	CHECK(place.offset == mapped_ends(mapped).tail_offset);
	CHECK(place.lost == place.offset - 15 && place.expired == 0);
	CHECK(place.oldest == place.offset && place.end == mapped_ends(mapped).next_offset);
	CHECK(told.calls == 1 && told.lost == place.lost && told.expired == 0);
	CHECK(told.cursors[0].offset == place.offset);
	CHECK(told.cursors[0].position == mapped_ends(mapped).tail);
	CHECK(told.wait.timeout_ns == 0);
	/* Told once: the next one is there. */
	CHECK(ringlog_release(consumer) == -EINVAL);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(peek.record->offset == place.offset);
	CHECK(ringlog_release(consumer) == 0);
	end();
}

/* Breaks when a loss is not told, told twice, or wrong by one. */
static void test_lapped_between(void)
{
	struct ringlog_peek peek;
	struct ringlog_place place;

	begin(0);
	consumed_append(mapped, 20);
	consumed_next_is(consumer, 0);
	mapped_lap(mapped, 1);
	place = consumed_place(consumer);
	CHECK(place.lost == mapped_ends(mapped).tail_offset - 1);
	CHECK(place.offset == mapped_ends(mapped).tail_offset);
	CHECK(take() == -EPIPE);
	CHECK(consumed_place(consumer).lost == place.lost);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(peek.record->offset == place.offset);
	CHECK(ringlog_release(consumer) == 0);
	CHECK(told.calls == 1 && told.lost == place.lost);
	end();
}

/* Breaks when one loss is told by what is peeked at and again by what comes next. */
static void test_told_once(void)
{
	struct ringlog_peek peek;

	begin(0);
	consumed_append(mapped, 20);
	mapped_lap(mapped, 1);
	CHECK(ringlog_peek(consumer, &peek) == -EPIPE);
	for (unsigned int i = 0; i < 5; i++) {
		/* Lapped again before it got any further. */
		mapped_lap(mapped, 1);
		CHECK(ringlog_peek(consumer, &peek) == 1);
		CHECK(peek.record->offset == consumed_place(consumer).offset);
		mapped_lap(mapped, 1);
		CHECK(ringlog_release(consumer) == -EPIPE);
		CHECK(consumed_place(consumer).lost == told.lost);
	}
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(ringlog_release(consumer) == 0);
	mapped_lap(mapped, 1);
	CHECK(take() == -EPIPE);
	/* All but the one. */
	CHECK(consumed_place(consumer).lost == mapped_ends(mapped).tail_offset - 1);
	CHECK(told.lost == consumed_place(consumer).lost);
	end();
}

/* Breaks when who cannot release the oldest record in time is given the oldest again. */
static void test_gets_away(void)
{
	struct ringlog_peek peek;

	begin(0);
	consumed_append(mapped, 1);
	for (unsigned int i = 0; i < 8; i++) {
		/* Oldest, oldest, and then so many quarters of the ring. */
		unsigned int quarters = i < 2 ? 0 : i < 5 ? i - 1 : 3;
		struct mapped_ends ends;

		CHECK(ringlog_peek(consumer, &peek) == 1);
		mapped_lap(mapped, 1);
		ends = mapped_ends(mapped);
		CHECK(ringlog_release(consumer) == -EPIPE);
		CHECK(consumed_place(consumer).lost == consumed_place(consumer).offset);
		CHECK(told.cursors[0].position >= ends.tail + quarters * MAPPED_RING / 4);
		CHECK(told.cursors[0].position < ends.tail + quarters * MAPPED_RING / 4 + 2 * 4096);
		CHECK(quarters || told.cursors[0].position == ends.tail);
	}
	CHECK(ringlog_peek(consumer, &peek) == 1 && ringlog_release(consumer) == 0);
	mapped_lap(mapped, 1);
	CHECK(take() == -EPIPE && told.cursors[0].position == mapped_ends(mapped).tail);
	end();
}

/* Readers of any lag. Breaks when the count of what was lost is ever wrong. */
static void test_exact(void)
{
	struct prng prng = prng_seed(1);
	uint64_t delivered = 0;

	begin(500);
	for (unsigned int i = 0; i < 4000 && !tap_failed(); i++) {
		struct ringlog_place place;

		consumed_append(mapped, (unsigned int)prng_below(&prng, 300));
		for (uint64_t n = prng_below(&prng, 300); n > 0; n--) {
			int ret = take();

			if (ret == 0)
				break;
			CHECK(ret == 1 || ret == -EPIPE);
			CHECK(consumed_place(consumer).lost == told.lost);
			delivered += ret == 1;
		}
		place = consumed_place(consumer);
		CHECK(place.oldest == mapped_ends(mapped).tail_offset);
		CHECK(place.end == mapped_ends(mapped).next_offset);
		CHECK(place.offset - 500 == delivered + place.lost);
		CHECK(place.expired == 0);
	}
	CHECK(consumed_place(consumer).lost > 1000 && delivered > 1000);
	end();
}

/* Breaks when what a purge took is not told, or counted only with the next record. */
static void test_purged(void)
{
	struct ringlog_place place;

	begin(0);
	consumed_append(mapped, 30);
	consumed_next_is(consumer, 0);
	mapped_purge(mapped);
	place = consumed_place(consumer);
	CHECK(place.offset == 30 && place.lost == 29 && place.oldest == 30 && place.end == 30);
	CHECK(take() == -EPIPE);
	CHECK(take() == 0);
	CHECK(consumed_place(consumer).lost == 29);
	consumed_append(mapped, 1);
	consumed_next_is(consumer, 30);
	CHECK(consumed_place(consumer).lost == 29 && told.lost == 29);
	/* Purged before it was known how many the last one took. */
	consumed_append(mapped, 5);
	mapped_purge(mapped);
	CHECK(take() == -EPIPE);
	consumed_append(mapped, 5);
	mapped_purge(mapped);
	CHECK(take() == 0);
	consumed_append(mapped, 1);
	consumed_next_is(consumer, 41);
	CHECK(consumed_place(consumer).lost == 39 && told.lost == 39);
	end();
}

/* Breaks when what age took counts as overwritten, or the other way round. */
static void test_expired_by_the_kernel(void)
{
	struct ringlog_place place;

	begin(0);
	consumed_append(mapped, 10);
	mapped_set_now(mapped, 2000);
	consumed_append(mapped, 10);
	consumed_next_is(consumer, 0);
	mapped_expire(mapped, 2000);
	place = consumed_place(consumer);
	CHECK(place.lost == 9 && place.expired == 9 && place.offset == 10);
	CHECK(take() == -EPIPE);
	CHECK(consumed_place(consumer).expired == 9 && told.expired == 9);
	consumed_next_is(consumer, 10);
	/* Some by age, and then some by the writer. */
	mapped_set_now(mapped, 3000);
	consumed_append(mapped, 10);
	mapped_expire(mapped, 3000);
	mapped_lap(mapped, 1);
	CHECK(take() == -EPIPE);
	place = consumed_place(consumer);
	CHECK(place.expired == 9 + 9 && place.lost == place.offset - 2);
	CHECK(told.lost == place.lost && told.expired == 18);
	end();
}

/* The library passes over what is too old by itself. */
static void test_aged(void)
{
	struct ringlog_place place;
	struct ringlog_peek peek;
	uint64_t time = now();

	if (!CHECK(time > 2000 * SECOND))
		return;
	begin(0);
	mapped_set_now(mapped, time - 1500 * SECOND);
	consumed_append(mapped, 50);
	mapped_set_now(mapped, time);
	consumed_append(mapped, 50);
	mapped_set_age(mapped, 1000 * SECOND);
	for (int looked = 0; looked < 2; looked++) {
		place = consumed_place(consumer);
		CHECK(place.offset == 50 && place.lost == 50 && place.expired == 50);
		CHECK(place.oldest == 50 && place.end == 100);
		CHECK(told.calls == (unsigned int)looked);
		CHECK(looked || ringlog_peek(consumer, &peek) == -EPIPE);
	}
	CHECK(told.lost == 50 && told.expired == 50);
	for (unsigned int i = 50; i < 90; i++)
		consumed_next_is(consumer, i);
	/* With an age each record is looked at when it is read, by the age of then. */
	mapped_set_age(mapped, 1);
	CHECK(ringlog_peek(consumer, &peek) == -EPIPE);
	CHECK(ringlog_peek(consumer, &peek) == 0);
	CHECK(consumed_place(consumer).lost == 60 && consumed_place(consumer).expired == 60);
	/* All of it. */
	mapped_set_age(mapped, 0);
	CHECK(!ringlog_consumer_seek(consumer, 0, NULL));
	mapped_set_age(mapped, 1);
	CHECK(ringlog_peek(consumer, &peek) == -EPIPE);
	CHECK(ringlog_peek(consumer, &peek) == 0);
	CHECK(consumed_place(consumer).lost == 160 && consumed_place(consumer).offset == 100);
	/* And what was peeked at stays until it is released. */
	mapped_set_now(mapped, now() + 1000 * SECOND);
	consumed_append(mapped, 2);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(peek.record->offset == 100);
	CHECK(ringlog_release(consumer) == 0);
	end();
}

static int seek(uint32_t from, uint64_t value)
{
	const struct ringlog_start start = { .from = from, .value = value };

	return ringlog_consumer_seek(consumer, 0, &start);
}

static bool is_at(uint64_t offset, uint64_t lost)
{
	struct ringlog_place place = consumed_place(consumer);

	return CHECK(place.offset == offset) && CHECK(place.lost == lost) &&
	       CHECK(place.expired == lost);
}

/* Breaks when a seek leads to what is too old, which would be lost, read before or not. */
static void test_seek_by_age(void)
{
	struct ringlog_peek peek;
	uint64_t time = now();

	if (!CHECK(time > 2000 * SECOND))
		return;
	begin(0);
	mapped_set_now(mapped, time - 1500 * SECOND);
	consumed_append(mapped, 50);
	CHECK(read_all() == 50);
	mapped_set_age(mapped, 1000 * SECOND);
	/* All of it, and nobody came by in the kernel. */
	CHECK(!seek(RINGLOG_START_OLDEST, 0) && is_at(50, 0));
	CHECK(!seek(RINGLOG_START_MONOTONIC, 1) && is_at(50, 0));
	CHECK(seek(RINGLOG_START_OFFSET, 49) == -ERANGE && is_at(50, 0));
	CHECK(!seek(RINGLOG_START_OFFSET, 50) && is_at(50, 0));
	CHECK(ringlog_peek(consumer, &peek) == 0);
	mapped_set_now(mapped, time);
	consumed_append(mapped, 50);
	CHECK(!seek(RINGLOG_START_NEWEST, 0) && is_at(100, 0));
	CHECK(!seek(RINGLOG_START_OLDEST, 0) && is_at(50, 0));
	consumed_next_is(consumer, 50);
	CHECK(!seek(RINGLOG_START_MONOTONIC, 1) && is_at(50, 0));
	CHECK(seek(RINGLOG_START_OFFSET, 49) == -ERANGE && is_at(50, 0));
	CHECK(!seek(RINGLOG_START_OFFSET, 70) && is_at(70, 0));
	/* What is peeked at was young enough. */
	CHECK(ringlog_peek(consumer, &peek) == 1);
	mapped_set_age(mapped, 1);
	CHECK(is_at(70, 0));
	CHECK(ringlog_release(consumer) == 0 && is_at(100, 29));
	CHECK(consumed_place(consumer).oldest == 100);
	CHECK(ringlog_peek(consumer, &peek) == -EPIPE && is_at(100, 29));
	CHECK(told.lost == 29 && told.expired == 29);
	end();
}

/* Many blocks of old records, with new ones at any place. Breaks when one more or less goes. */
static void test_aged_anywhere(void)
{
	struct prng prng = prng_seed(2);
	uint64_t time = now();

	if (!CHECK(time > 2000 * SECOND))
		return;
	for (unsigned int round = 0; round < 200 && !tap_failed(); round++) {
		unsigned int gone = round % 3 * 400, old = (unsigned int)prng_below(&prng, 250);
		unsigned int young = 1 + (unsigned int)prng_below(&prng, 5);
		struct ringlog_place place;

		begin(round);
		mapped_set_now(mapped, time - 1500 * SECOND);
		consumed_append(mapped, gone + old);
		mapped_set_now(mapped, time);
		consumed_append(mapped, young);
		mapped_set_age(mapped, 1000 * SECOND);
		CHECK(read_all() == young);
		place = consumed_place(consumer);
		CHECK(place.lost == gone + old && place.offset == place.end);
		/* What the writer took was not age's. */
		CHECK(place.expired == round + place.lost - mapped_ends(mapped).tail_offset);
		CHECK(told.lost == place.lost && told.expired == place.expired);
		end();
	}
}

static const struct tap_test tests[] = {
	{ "loss: lapped while it is peeked at", test_lapped_while_peeked },
	{ "loss: lapped between two records", test_lapped_between },
	{ "loss: told once", test_told_once },
	{ "loss: gets away from the writer", test_gets_away },
	{ "loss: exact for any lag", test_exact },
	{ "loss: a purge", test_purged },
	{ "loss: what the kernel expired", test_expired_by_the_kernel },
	{ "loss: what is too old", test_aged },
	{ "loss: what is too old begins anywhere", test_aged_anywhere },
	{ "loss: a seek among what is too old", test_seek_by_age },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
