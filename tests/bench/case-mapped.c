// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading by mmap(2), through the library as programs use it, no system call among it.
 *
 * `mmap_read`: ringlog_peek() and ringlog_release() of a record that is there, one of many,
 * less what the same loop takes that calls two functions which only return.
 * `mmap_read_whole` has that too.
 *
 * `mmap_fanout`: one write(2), and the record delivered to each of many readers, who find it
 * and are not asleep, as in `fanout`. Each reader has a mapping of its own. Delivered is what
 * was peeked at, of which each cache line was read once, and which was released as good.
 * `mmap_fanout_reference` is the same by readers who do not look at the payload.
 */
#include <err.h>
#include <fcntl.h>
#include <ringlog.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "system-ringlog.h"

#define READ_BYTES	64
#define READ_RECORDS	1024
#define READ_ROUNDS	64
#define FANOUT_BYTES	(16 << 10)
#define FANOUT_READERS	16
#define FANOUT_ROUNDS	256
#define WARM_UP		16
#define LINE		64

typedef void use_fn(const struct ringlog_peek *peek);

/* NULL if there is no module. */
static struct ringlog_consumer *open_consumer(void)
{
	struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	struct ringlog_consumer *consumer;

	if (ringlog_consumer_open(&consumer, RINGLOG_PATH, 0))
		return NULL;
	if (ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, &newest))
		errx(1, RINGLOG_PATH ": cannot be mapped");
	return consumer;
}

static void append(int fd, size_t bytes)
{
	if (write(fd, bench_data, bytes) != (ssize_t)bytes)
		err(1, RINGLOG_PATH ": write");
}

typedef int peek_fn(struct ringlog_consumer *consumer, struct ringlog_peek *peek);
typedef int release_fn(struct ringlog_consumer *consumer);

/* Inlined, so that both are called as programs call them. */
static inline __attribute__((__always_inline__)) uint64_t
read_all(struct ringlog_consumer *consumer, struct ringlog_peek *peek, peek_fn *peek_at,
	 release_fn *release)
{
	uint64_t begin = clock_now();
	unsigned int i;

	for (i = 0; i < READ_RECORDS; i++)
		if (peek_at(consumer, peek) != 1 || release(consumer))
			errx(1, "mmap_read: record %u", i);
	return clock_now() - begin;
}

static uint64_t read_records(struct ringlog_consumer *consumer)
{
	struct ringlog_peek peek;
	uint64_t taken = read_all(consumer, &peek, ringlog_peek, ringlog_release);

	if (peek.value_len != READ_BYTES || memcmp(peek.value, bench_data, READ_BYTES) != 0)
		errx(1, "mmap_read: a record is not what was written");
	return taken;
}

static uint64_t read_nothing(struct ringlog_consumer *consumer)
{
	struct ringlog_peek peek;

	return read_all(consumer, &peek, nothing_peek, nothing_release);
}

void case_mmap_read(void)
{
	struct ringlog_consumer *consumer = open_consumer();
	struct series records, nothing;
	unsigned int round, i;
	double whole, floor;
	int writer;

	if (!consumer)
		return;
	writer = open(RINGLOG_PATH, O_WRONLY);
	series_init(&records, READ_ROUNDS);
	series_init(&nothing, READ_ROUNDS);
	for (round = 0; round < WARM_UP + READ_ROUNDS; round++) {
		uint64_t taken, floor_taken;

		for (i = 0; i < READ_RECORDS; i++)
			append(writer, READ_BYTES);
		taken = read_records(consumer);
		floor_taken = read_nothing(consumer);
		if (round < WARM_UP)
			continue;
		series_add(&records, taken);
		series_add(&nothing, floor_taken);
	}
	whole = series_mean(&records) - bench_clock_cost;
	floor = series_mean(&nothing) - bench_clock_cost;
	report("mmap_read", READ_BYTES, 1, "ringlog", (whole - floor) / READ_RECORDS);
	report("mmap_read_whole", READ_BYTES, 1, "ringlog", whole / READ_RECORDS);
	series_free(&records);
	series_free(&nothing);
	ringlog_consumer_close(consumer);
	close(writer);
}

/* A word of each line: the rest of it comes with that. */
static void read_lines(const struct ringlog_peek *peek)
{
	const char *at = peek->value, *end = at + peek->value_len / (8 * LINE) * (8 * LINE);
	uint64_t sum = 0;

	for (; at < end; at += 8 * LINE) {
		sum += *(const uint64_t *)(at + 0 * LINE);
		sum += *(const uint64_t *)(at + 1 * LINE);
		sum += *(const uint64_t *)(at + 2 * LINE);
		sum += *(const uint64_t *)(at + 3 * LINE);
		sum += *(const uint64_t *)(at + 4 * LINE);
		sum += *(const uint64_t *)(at + 5 * LINE);
		sum += *(const uint64_t *)(at + 6 * LINE);
		sum += *(const uint64_t *)(at + 7 * LINE);
	}
	/* So that it is not left out. */
	__asm__ volatile("" : : "r"(sum));
}

static void leave_alone(const struct ringlog_peek *peek)
{
	(void)peek;
}

static uint64_t deliver(int writer, struct ringlog_consumer **consumers, use_fn *use)
{
	uint64_t begin = clock_now();
	struct ringlog_peek peek;
	size_t bytes = 0;
	unsigned int i;

	append(writer, FANOUT_BYTES);
	for (i = 0; i < FANOUT_READERS; i++) {
		if (ringlog_peek(consumers[i], &peek) != 1)
			break;
		use(&peek);
		bytes += peek.value_len;
		if (ringlog_release(consumers[i]))
			break;
	}
	begin = clock_now() - begin;
	if (bytes != FANOUT_READERS * FANOUT_BYTES || i < FANOUT_READERS)
		errx(1, "mmap_fanout: reader %u", i);
	return begin;
}

static void fanout(const char *name, use_fn *use)
{
	struct ringlog_consumer *consumers[FANOUT_READERS];
	struct series series;
	unsigned int i;
	int writer;

	for (i = 0; i < FANOUT_READERS; i++) {
		consumers[i] = open_consumer();
		if (!consumers[i])
			return;
	}
	writer = open(RINGLOG_PATH, O_WRONLY);
	series_init(&series, FANOUT_ROUNDS);
	for (i = 0; i < WARM_UP; i++)
		deliver(writer, consumers, use);
	for (i = 0; i < FANOUT_ROUNDS; i++)
		series_add(&series, deliver(writer, consumers, use));
	report(name, FANOUT_BYTES, FANOUT_READERS, "ringlog",
	       series_mean(&series) - bench_clock_cost);
	series_free(&series);
	for (i = 0; i < FANOUT_READERS; i++)
		ringlog_consumer_close(consumers[i]);
	close(writer);
}

void case_mmap_fanout(void)
{
	fanout("mmap_fanout", read_lines);
	fanout("mmap_fanout_reference", leave_alone);
}
