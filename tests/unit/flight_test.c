// SPDX-License-Identifier: GPL-2.0-only
/*
 * libshim: appends that are half done when a reader looks, writers that come by in the midst
 * of a look, and what is left to be told then.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "consumed.h"
#include "prng.h"
#include "search.h"
#include "tap.h"
#include "told.h"

#define SECOND	1000000000ULL
#define HALF_DONE 3

static struct mapped *mapped;
static struct ringlog_consumer *consumer;
static void (*before_search)(void), (*before_search_end)(void);

__typeof__(ringlog_search) __real_ringlog_search;
__typeof__(ringlog_search_end) __real_ringlog_search_end;

/* The library's search, but that something happens before. */
int __wrap_ringlog_search(const struct ringlog_window *window, __u64 from, __u64 key,
			  bool by_time, struct ringlog_target *target)
{
	if (before_search)
		before_search();
	before_search = NULL;
	return __real_ringlog_search(window, from, key, by_time, target);
}

int __wrap_ringlog_search_end(const struct ringlog_window *window, __u64 head, __u64 *offset)
{
	if (before_search_end)
		before_search_end();
	before_search_end = NULL;
	return __real_ringlog_search_end(window, head, offset);
}

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

static int peek(void)
{
	struct ringlog_peek peek;

	return ringlog_peek(consumer, &peek);
}

static int wait_a_little(void)
{
	static const struct ringlog_patience patience = { .timeout_ns = 1 };

	return ringlog_consumer_wait(consumer, &patience);
}

static int seek(uint32_t from, uint64_t value)
{
	struct ringlog_start start = { .from = from, .value = value };

	return ringlog_consumer_seek(consumer, 0, &start);
}

/* Is it at @offset, where the next record will be, with @lost? */
static bool at_the_end(uint64_t offset, uint64_t lost)
{
	struct ringlog_place place = consumed_place(consumer);

	return CHECK(place.offset == offset) && CHECK(place.end == offset) &&
	       CHECK(place.oldest == mapped_ends(mapped).tail_offset) && CHECK(place.lost == lost);
}

/* It saw that the next record is there, which is gone now. Is it told so? */
static bool told_of_loss(void)
{
	return CHECK(peek() == 1) && CHECK(ringlog_release(consumer) == -EPIPE);
}

/* The ring is empty, and the next record will be of @offset. Its append is half done. */
static void go_everywhere(uint64_t offset)
{
	mapped_half_append(mapped, HALF_DONE);
	CHECK(!seek(RINGLOG_START_OLDEST, 0) && at_the_end(offset, 0));
	CHECK(!seek(RINGLOG_START_NEWEST, 0) && at_the_end(offset, 0));
	CHECK(!seek(RINGLOG_START_MONOTONIC, 1) && at_the_end(offset, 0));
	CHECK(seek(RINGLOG_START_OFFSET, offset + HALF_DONE) == -ERANGE);
	CHECK(!seek(RINGLOG_START_OFFSET, offset) && at_the_end(offset, 0));
	told.answer = -ETIMEDOUT;
	CHECK(wait_a_little() == -ETIMEDOUT && told.cursors[0].offset == offset);
	CHECK(peek() == 0);
	consumed_append(mapped, HALF_DONE);
	for (unsigned int i = 0; i < HALF_DONE; i++)
		consumed_next_is(consumer, offset + i);
	CHECK(at_the_end(offset + HALF_DONE, 0));
}

/* Breaks when a reader goes by the next offset of a record that is not there yet. */
static void test_half_done(void)
{
	for (uint64_t first = 0; first < 200; first += 100) {
		begin(first);
		go_everywhere(first);
		consumed_append(mapped, 5);
		mapped_purge(mapped);
		go_everywhere(first + HALF_DONE + 5);
		mapped_lap(mapped, 2);
		mapped_purge(mapped);
		go_everywhere(mapped_ends(mapped).next_offset);
		end();
	}
}

/* Breaks when what comes later is counted as lost. */
static void test_lapped_half_done(void)
{
	begin(0);
	consumed_append(mapped, 30);
	consumed_next_is(consumer, 0);
	mapped_purge(mapped);
	mapped_half_append(mapped, HALF_DONE);
	CHECK(at_the_end(30, 29));
	CHECK(told_of_loss() && at_the_end(30, 29));
	CHECK(peek() == 0 && at_the_end(30, 29));
	consumed_append(mapped, 1);
	consumed_next_is(consumer, 30);
	CHECK(at_the_end(31, 29) && told.lost == 29);
	end();
}

static void damage_index(void)
{
	memset((char *)mapped_base(mapped) + 8192, 0xff,
	       MAPPED_RING / RINGLOG_BLOCK * sizeof(struct ringlog_index_entry));
}

/* Nothing says what the next offset is. Breaks when a guess is reported, or the kernel told. */
static void test_unsure(void)
{
	struct ringlog_place place;

	begin(0);
	told.answer = -ETIMEDOUT;
	consumed_append(mapped, 30);
	consumed_next_is(consumer, 0);
	mapped_purge(mapped);
	damage_index();
	mapped_half_append(mapped, HALF_DONE);
	CHECK(told_of_loss() && peek() == 0);
	place = consumed_place(consumer);
	CHECK(place.offset == 1 && place.lost == 0);
	/* It does not know where it is, and zero is not too high. */
	CHECK(wait_a_little() == -ETIMEDOUT && told.cursors[0].offset == 0);
	consumed_append(mapped, 1);
	consumed_next_is(consumer, 30);
	CHECK(consumed_place(consumer).lost == 29 && told.lost == 29);
	/* Nor does who begins there. */
	mapped_purge(mapped);
	damage_index();
	mapped_half_append(mapped, HALF_DONE);
	CHECK(seek(RINGLOG_START_OFFSET, 31) == -EBADMSG);
	CHECK(!seek(RINGLOG_START_OLDEST, 0));
	CHECK(wait_a_little() == -ETIMEDOUT && told.cursors[0].offset == 0);
	consumed_append(mapped, 1);
	consumed_next_is(consumer, 31);
	CHECK(consumed_place(consumer).lost == 29);
	end();
}

static void append_three(void)
{
	consumed_append(mapped, 3);
}

/* The first records come once it was seen that there are none. Breaks when it is guessed. */
static void test_first_come(void)
{
	static const uint32_t by_time[] = { RINGLOG_START_MONOTONIC, RINGLOG_START_REALTIME };

	begin(0);
	before_search_end = append_three;
	CHECK(seek(RINGLOG_START_OFFSET, 4) == -ERANGE && !before_search_end);
	CHECK(!seek(RINGLOG_START_OFFSET, 3) && at_the_end(3, 0));
	CHECK(peek() == 0);
	end();
	for (uint64_t offset = 0; offset < 4; offset++) {
		begin(0);
		before_search_end = append_three;
		CHECK(!seek(RINGLOG_START_OFFSET, offset));
		CHECK(consumed_place(consumer).offset == offset && !before_search_end);
		for (uint64_t next = offset; next < 3; next++)
			consumed_next_is(consumer, next);
		CHECK(peek() == 0 && at_the_end(3, 0));
		end();
	}
	for (unsigned int i = 0; i < 2; i++) {
		begin(0);
		before_search_end = append_three;
		CHECK(!seek(by_time[i], 0) && !before_search_end);
		/* It does not guess where it is, though it has looked at no record yet. */
		CHECK(told.calls == 0 && ringlog_consumer_arm(consumer) == 1);
		mapped_purge(mapped);
		CHECK(peek() == -EPIPE && at_the_end(3, 3));
		end();
	}
}

/* Records of any length. Breaks when one more or less is counted up to head. */
static void test_end_anywhere(void)
{
	static const uint32_t largest[] = { 8, 300, 4064, 8160 };
	static const uint8_t value[8192];
	struct prng prng = prng_seed(1);

	for (unsigned int round = 0; round < 8 && !tap_failed(); round++) {
		begin(round * 100);
		for (unsigned int i = 0; i < 1500 && !tap_failed(); i++) {
			uint32_t most = largest[round % 4];

			/* Some are as long as a block, or two. */
			mapped_append(mapped, value, round > 3 ? most :
				      (uint32_t)prng_below(&prng, most + 1));
			if (prng_once_in(&prng, 5))
				mapped_purge(mapped);
			mapped_half_append(mapped, HALF_DONE);
			CHECK(consumed_place(consumer).end == mapped_ends(mapped).next_offset);
			CHECK(consumed_place(consumer).oldest == mapped_ends(mapped).tail_offset);
		}
		end();
	}
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void expire_and_lap(void)
{
	mapped_expire(mapped, now() - 1000 * SECOND);
	mapped_lap(mapped, 1);
}

/* Breaks when young records that were overwritten meanwhile are called too old. */
static void test_lapped_in_search(void)
{
	struct ringlog_place place;
	uint64_t time = now();

	if (!CHECK(time > 2000 * SECOND))
		return;
	begin(0);
	mapped_set_now(mapped, time - 1500 * SECOND);
	consumed_append(mapped, 50);
	mapped_set_now(mapped, time);
	consumed_append(mapped, 50);
	mapped_set_age(mapped, 1000 * SECOND);
	before_search = expire_and_lap;
	CHECK(peek() == -EPIPE && !before_search);
	place = consumed_place(consumer);
	CHECK(place.offset == mapped_ends(mapped).tail_offset && place.lost == place.offset);
	CHECK(place.expired == 50);
	CHECK(told.lost == place.lost && told.expired == 50);
	CHECK(peek() == 1 && !ringlog_release(consumer));
	end();
}

/* Breaks when a loss that was told is not counted any more, or the kernel never hears of it. */
static void test_seek_after_loss(void)
{
	begin(0);
	consumed_append(mapped, 10);
	mapped_set_now(mapped, 2000);
	mapped_expire(mapped, 2000);
	CHECK(peek() == -EPIPE && at_the_end(10, 10));
	CHECK(!seek(RINGLOG_START_NEWEST, 0) && at_the_end(10, 10));
	CHECK(!seek(RINGLOG_START_OLDEST, 0) && at_the_end(10, 10));
	CHECK(consumed_place(consumer).expired == 10);
	CHECK(peek() == 0 && told.lost == 10 && told.expired == 10);
	/* Only what is gone: the rest is passed over. */
	consumed_append(mapped, 5);
	mapped_purge(mapped);
	CHECK(peek() == -EPIPE);
	consumed_append(mapped, 5);
	CHECK(!seek(RINGLOG_START_NEWEST, 0));
	CHECK(consumed_place(consumer).offset == 20 && consumed_place(consumer).lost == 15);
	CHECK(peek() == 0 && told.lost == 15 && told.expired == 10);
	end();
}

/* Breaks when a wait takes away what is peeked at, so that nobody says that it is lost. */
static void test_wait_while_peeked(void)
{
	static const struct ringlog_patience many = { .min_records = 1ULL << 40 };

	begin(0);
	consumed_append(mapped, 10);
	mapped_lap(mapped, 1);
	/* Told once, so that it would not be told again. */
	CHECK(peek() == -EPIPE && peek() == 1);
	mapped_lap(mapped, 1);
	CHECK(ringlog_consumer_wait(consumer, &many) == 0);
	CHECK(ringlog_check(consumer) == -EPIPE);
	CHECK(ringlog_release(consumer) == -EPIPE);
	CHECK(consumed_place(consumer).lost == mapped_ends(mapped).tail_offset);
	CHECK(peek() == 1 && !ringlog_release(consumer));
	end();
}

/* Lose some, of which the kernel, that answers so, is told. Returns how many it is told next. */
static uint64_t told_again(int answer, bool waits)
{
	uint64_t before = consumed_place(consumer).lost;

	told.answer = answer;
	mapped_lap(mapped, 1);
	/* And nothing is left to be read. */
	mapped_purge(mapped);
	CHECK(peek() == -EPIPE);
	consumed_append(mapped, 1);
	CHECK(peek() == 1 && !ringlog_release(consumer));
	CHECK(consumed_place(consumer).lost - before == told.cursors[0].lost);
	if (waits)
		CHECK(wait_a_little() == answer);
	told.answer = -ETIMEDOUT;
	told.cursors[0].lost = 0;
	CHECK(wait_a_little() == -ETIMEDOUT);
	before = told.cursors[0].lost;
	CHECK(wait_a_little() == -ETIMEDOUT && !told.cursors[0].lost);
	return before;
}

/* Breaks when what the kernel did not take up is taken for told, or told twice. */
static void test_not_taken_up(void)
{
	static const int refusals[] = { -EBADF, -EINVAL, -EFAULT, -ENODEV };
	static const int answers[] = { -EINTR, -EAGAIN, -ETIMEDOUT };

	begin(0);
	consumed_append(mapped, 1);
	for (unsigned int i = 0; i < 4; i++)
		for (int waits = 0; waits < 2; waits++)
			CHECK(told_again(refusals[i], waits) > 60);
	for (unsigned int i = 0; i < 3; i++)
		for (int waits = 0; waits < 2; waits++)
			CHECK(told_again(answers[i], waits) == 0);
	end();
}

static const struct tap_test tests[] = {
	{ "flight: an append that is half done", test_half_done },
	{ "flight: half done after a purge", test_lapped_half_done },
	{ "flight: a next offset that nothing says", test_unsure },
	{ "flight: the first records come", test_first_come },
	{ "flight: the end of any records", test_end_anywhere },
	{ "flight: lapped while it searches", test_lapped_in_search },
	{ "flight: a seek after a loss", test_seek_after_loss },
	{ "flight: a wait while it peeks", test_wait_while_peeked },
	{ "flight: a kernel that does not take it up", test_not_taken_up },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
