// SPDX-License-Identifier: GPL-2.0-only
/* libshim: several partitions, and waiting for them. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "consumed.h"
#include "tap.h"
#include "told.h"

#define PARTITIONS 3

static struct mapped *mapped[PARTITIONS];
static struct ringlog_consumer *consumer;

static void begin(unsigned int flags)
{
	memset(&told, 0, sizeof(told));
	for (unsigned int i = 0; i < PARTITIONS; i++)
		mapped[i] = mapped_open(MAPPED_RING, 1000 * i);
	consumer = consumed_open(mapped, PARTITIONS, flags);
}

static void end(void)
{
	ringlog_consumer_close(consumer);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		mapped_close(mapped[i]);
}

/* The partition of the next record, which is released; or the error. */
static int next(void)
{
	struct ringlog_peek peek;
	int ret = ringlog_peek(consumer, &peek);

	if (ret != 1)
		return ret == 0 ? -EAGAIN : ret;
	CHECK(ringlog_release(consumer) == 0);
	return (int)peek.partition;
}

/* Breaks when a partition is passed by, or a record is taken twice. */
static void test_all(void)
{
	static const unsigned int counts[] = { 100, 30, 70 };
	unsigned int seen[PARTITIONS] = { 0 };

	begin(0);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		consumed_append(mapped[i], counts[i]);
	for (unsigned int i = 0; i < 200; i++) {
		struct ringlog_peek peek;

		if (!CHECK(ringlog_peek(consumer, &peek) == 1) || !CHECK(peek.partition < 3))
			break;
		CHECK(peek.record->offset == 1000 * peek.partition + seen[peek.partition]++);
		consumed_next_is(consumer, peek.record->offset);
	}
	CHECK(next() == -EAGAIN);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		CHECK(seen[i] == counts[i]);
	CHECK(told.calls == 0);
	end();
}

/* Partitions that never run dry. Breaks when one starves. */
static void test_fair(void)
{
	unsigned int seen[PARTITIONS] = { 0 }, longest = 0, run = 0;
	int last = -1;

	begin(0);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		consumed_append(mapped[i], 50);
	for (unsigned int i = 0; i < 30000 && !tap_failed(); i++) {
		int partition = next();

		if (!CHECK(partition >= 0 && partition < PARTITIONS))
			break;
		consumed_append(mapped[partition], 1);
		run = partition == last ? run + 1 : 1;
		longest = run > longest ? run : longest;
		last = partition;
		seen[partition]++;
	}
	for (unsigned int i = 0; i < PARTITIONS; i++)
		CHECK(seen[i] > 8000);
	/* A stretch of 64 KiB, of records of 64 bytes and up. */
	CHECK(longest <= 1025 && longest > 100);
	end();
}

/* Breaks when a damaged or lapped partition keeps the others from being read. */
static void test_trouble(void)
{
	unsigned int good = 0, bad = 0, lost = 0;

	begin(0);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		consumed_append(mapped[i], 10);
	((struct ringlog_record *)mapped_at(mapped[0], 0))->length = ~0U;
	mapped_lap(mapped[1], 1);
	for (unsigned int i = 0; i < 200 && good < 30; i++) {
		int ret = next();

		good += ret > 0;
		bad += ret == -EBADMSG;
		lost += ret == -EPIPE;
	}
	CHECK(good == 30 && lost == 1 && bad >= 1);
	CHECK(told.lost == mapped_ends(mapped[1]).tail_offset - 1000);
	CHECK(told.cursors[0].partition == 1);
	end();
}

/* Breaks when the record that is peeked at is forgotten, or belongs to no partition. */
static void test_detach(void)
{
	struct ringlog_peek peek;
	struct ringlog_place place;

	begin(0);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		consumed_append(mapped[i], 2);
	CHECK(ringlog_peek(consumer, &peek) == 1 && peek.partition == 0);
	CHECK(!ringlog_consumer_detach(consumer, 2));
	CHECK(ringlog_consumer_detach(consumer, 2) == -EINVAL);
	CHECK(ringlog_consumer_detach(consumer, 3) == -EINVAL);
	CHECK(ringlog_consumer_place(consumer, 2, &place) == -EINVAL);
	CHECK(ringlog_release(consumer) == 0);
	CHECK(ringlog_peek(consumer, &peek) == 1 && peek.partition == 0);
	CHECK(!ringlog_consumer_detach(consumer, 0));
	CHECK(ringlog_release(consumer) == -EINVAL);
	CHECK(next() == 1 && next() == 1 && next() == -EAGAIN);
	CHECK(!ringlog_consumer_detach(consumer, 1));
	CHECK(next() == -EAGAIN);
	CHECK(ringlog_consumer_wait(consumer, NULL) == -EINVAL);
	CHECK(ringlog_consumer_arm(consumer) == 0);
	end();
}

/* Would a wait for as much end at once? */
static bool waits(uint64_t records, uint64_t bytes)
{
	struct ringlog_patience patience = { .min_records = records, .min_bytes = bytes };

	switch (ringlog_consumer_wait(consumer, &patience)) {
	case 0:
		return false;
	case -ETIMEDOUT:
		return true;
	default:
		return CHECK(false);
	}
}

/* Breaks when the sum over the partitions is wrong, or asked of the kernel. */
static void test_enough(void)
{
	static const char value[32];
	struct ringlog_peek peek;

	begin(0);
	CHECK(waits(0, 0) && waits(1, 0) && waits(0, 1));
	mapped_append(mapped[1], value, 32);
	CHECK(!waits(0, 0) && !waits(1, 0) && waits(2, 0));
	CHECK(!waits(0, 64) && waits(0, 65));
	mapped_append(mapped[2], value, 32);
	CHECK(!waits(2, 0) && waits(3, 0));
	CHECK(!waits(0, 128) && waits(0, 129));
	/* The first of the two. */
	CHECK(!waits(3, 128) && !waits(2, 129) && waits(3, 129));
	/* What is peeked at is there. */
	CHECK(ringlog_peek(consumer, &peek) == 1);
	CHECK(!waits(2, 0) && !waits(0, 128));
	CHECK(ringlog_release(consumer) == 0);
	CHECK(waits(2, 0) && !waits(1, 0));
	CHECK(!ringlog_consumer_wait(consumer, NULL));
	CHECK(ringlog_consumer_arm(consumer) == 1);
	CHECK(told.calls == 0);
	/* A loss ends it, once; and so does the next one. */
	mapped_lap(mapped[0], 1);
	CHECK(!waits(1ULL << 40, 0));
	while (next() != -EPIPE && !tap_failed())
		;
	CHECK(waits(1ULL << 40, 0) && !waits(10, 0));
	for (unsigned int i = 0; i < 5; i++) {
		mapped_lap(mapped[0], 1);
		CHECK(!waits(1ULL << 40, 0));
		CHECK(waits(1ULL << 40, 0) && !waits(5, 0));
	}
	end();
}

/* After a purge and its -EPIPE there is nothing. Breaks when it says so for ever. */
static void test_purged(void)
{
	begin(0);
	consumed_append(mapped[1], 3);
	mapped_purge(mapped[1]);
	CHECK(!waits(0, 0));
	CHECK(next() == -EPIPE && next() == -EAGAIN);
	CHECK(waits(0, 0));
	/* What it lost it does not know; how much there is it does. */
	consumed_append(mapped[1], 3);
	CHECK(!waits(0, 0) && !waits(1, 0) && !waits(3, 0) && waits(4, 0));
	mapped_purge(mapped[1]);
	CHECK(waits(0, 0));
	consumed_append(mapped[1], 1);
	CHECK(next() == 1 && told.lost == 6);
	end();
}

static void append_one(void)
{
	consumed_append(mapped[2], 1);
}

/* Breaks when the kernel is not told where all readers are, or for how long to wait. */
static void test_sleep(void)
{
	struct ringlog_patience patience = { .min_records = 7, .min_bytes = 9000,
					     .timeout_ns = 12345 };
	uint64_t heads[PARTITIONS];

	begin(0);
	for (unsigned int i = 0; i < PARTITIONS; i++) {
		consumed_append(mapped[i], i + 1);
		heads[i] = mapped_ends(mapped[i]).head;
	}
	for (unsigned int i = 0; i < 6; i++)
		CHECK(next() >= 0);
	told.answer = -ETIMEDOUT;
	CHECK(ringlog_consumer_wait(consumer, &patience) == -ETIMEDOUT);
	CHECK(told.calls == 1);
	CHECK(told.wait.min_records == 7 && told.wait.min_bytes == 9000);
	CHECK(told.wait.timeout_ns == 12345 && told.wait.spin_ns == 0 && told.wait.flags == 0);
	CHECK(told.wait.cursor_count == PARTITIONS);
	for (unsigned int i = 0; i < PARTITIONS; i++) {
		CHECK(told.cursors[i].partition == i);
		CHECK(told.cursors[i].position == heads[i]);
		CHECK(told.cursors[i].offset == 1000 * i + i + 1);
		CHECK(!told.cursors[i].lost && !told.cursors[i].expired);
	}
	told.answer = -EINTR;
	CHECK(ringlog_consumer_wait(consumer, NULL) == -EINTR);
	CHECK(told.wait.timeout_ns == RINGLOG_WAIT_FOREVER && !told.wait.min_records);
	told.answer = 0;
	told.during = append_one;
	CHECK(ringlog_consumer_wait(consumer, NULL) == 0);
	CHECK(next() == 2 && next() == -EAGAIN);
	told.during = NULL;
	told.answer = -ETIMEDOUT;
	CHECK(ringlog_consumer_arm(consumer) == 0);
	CHECK(told.wait.timeout_ns == 0 && told.wait.cursor_count == PARTITIONS);
	told.answer = -EAGAIN;
	CHECK(ringlog_consumer_arm(consumer) == 0);
	told.answer = -ENODEV;
	CHECK(ringlog_consumer_arm(consumer) == -ENODEV);
	told.answer = 0;
	CHECK(ringlog_consumer_arm(consumer) == 1);
	CHECK(told.calls == 7);
	end();
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Breaks when the spin does not end, or what is left is not slept for. */
static void test_spin(void)
{
	struct ringlog_patience patience = { .spin_ns = 2000000, .timeout_ns = 1000000 };
	uint64_t start = now();

	begin(0);
	CHECK(ringlog_consumer_wait(consumer, &patience) == -ETIMEDOUT);
	CHECK(now() - start >= 1000000 && told.calls == 0);
	patience.spin_ns = RINGLOG_SPIN_ALWAYS;
	CHECK(ringlog_consumer_wait(consumer, &patience) == -ETIMEDOUT && told.calls == 0);
	patience.spin_ns = 1000000;
	patience.timeout_ns = 3600000000000;
	told.answer = -ETIMEDOUT;
	CHECK(ringlog_consumer_wait(consumer, &patience) == -ETIMEDOUT && told.calls == 1);
	CHECK(told.wait.timeout_ns <= 3600000000000 - 1000000 && told.wait.timeout_ns);
	patience.timeout_ns = RINGLOG_WAIT_FOREVER;
	CHECK(ringlog_consumer_wait(consumer, &patience) == -ETIMEDOUT && told.calls == 2);
	CHECK(told.wait.timeout_ns == RINGLOG_WAIT_FOREVER);
	end();
}

/* Breaks when a writer that waits is not told, is told too often, or of what is not passed. */
static void test_gate(void)
{
	static const char value[4096 - 32];
	unsigned int i;

	begin(RINGLOG_CONSUMER_GATE);
	for (i = 0; i < 16; i++)
		mapped_append(mapped[0], value, sizeof(value));
	CHECK(next() == 0 && next() == 0 && told.calls == 0);
	mapped_set_room_wanted(mapped[0], true);
	/* A writer waits, and there is something to read. */
	CHECK(!waits(16, 0));
	CHECK(told.calls == 2 && told.cursors[0].position == 2 * sizeof(value) + 64);
	CHECK(told.wait.timeout_ns == 0 && told.wait.min_records == 16);
	CHECK(!waits(16, 0) && told.calls == 3);
	/* Or it found room, and waits no more: only the kernel knows. */
	told.answer = -ETIMEDOUT;
	CHECK(waits(16, 0) && told.calls == 4);
	CHECK(!waits(14, 0) && told.calls == 4);
	for (i = 2; i < 10; i++) {
		CHECK(next() == 0);
		CHECK(told.calls == i + 2);
	}
	mapped_set_room_wanted(mapped[0], false);
	for (; i < 16; i++)
		CHECK(next() == 0);
	CHECK(told.calls == 11);
	CHECK(waits(0, 0));
	end();
	/* Who is no gate says nothing. */
	begin(0);
	mapped_set_room_wanted(mapped[0], true);
	for (i = 0; i < 16; i++)
		mapped_append(mapped[0], value, sizeof(value));
	for (i = 0; i < 16; i++)
		CHECK(next() == 0);
	CHECK(waits(0, 0) && told.calls == 0);
	end();
}

static const struct tap_test tests[] = {
	{ "turns: all of several", test_all },
	{ "turns: fair", test_fair },
	{ "turns: one in trouble", test_trouble },
	{ "turns: detached", test_detach },
	{ "turns: enough over all", test_enough },
	{ "turns: a wait after a purge", test_purged },
	{ "turns: what the kernel is told", test_sleep },
	{ "turns: spinning", test_spin },
	{ "turns: gates", test_gate },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
