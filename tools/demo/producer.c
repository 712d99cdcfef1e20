// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes that append. Sending is open-loop: each append has a due time
 * that does not wait for the one before, so a slow append does not thin out the
 * load that it is measured by.
 */
#include "demo.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* One append flat out: the longer, the faster, and the longer others wait. */
#define FLAT_LINES	128
#define BATCH_BYTES	16384

__u64 clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static void sleep_until(__u64 ns)
{
	struct timespec until = { .tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		;
}

/* The pipe's other end is closed when everybody is ready. */
static void wait_for(int go)
{
	char byte;

	if (read(go, &byte, 1))
		errx(EXIT_FAILURE, "no start");
}

static int open_stream(const struct plan *plan)
{
	int fd = open(plan->device, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		err(EXIT_FAILURE, "%s", plan->device);
	return fd;
}

/* Only this process writes these counters. */
static void count(struct producer_state *state, __u64 records, __u64 bytes)
{
	atomic_store_explicit(&state->records, state->records + records, memory_order_relaxed);
	atomic_store_explicit(&state->bytes, state->bytes + bytes, memory_order_relaxed);
}

static void note_start(struct producer_state *state, __u64 due, __u64 now)
{
	if (now - due > state->latest_start)
		state->latest_start = now - due;
}

/* Appends lines by RINGLOG_IOC_APPEND, which tells the offsets that they got. */
struct feeder {
	struct demo		*demo;
	struct producer_state	*state;
	struct ringlog_batch	batch;
	int			fd;
};

static const struct line *text_line(const struct feeder *feeder, __u64 number)
{
	const struct source *text = &feeder->demo->plan.text;

	return &text->lines[number % text->count];
}

/* Append the batch, which holds the lines from number @first on. */
static void flush_batch(struct feeder *feeder, __u64 first)
{
	struct demo *demo = feeder->demo;
	__u64 now = clock_now(), first_offset, bytes = 0;
	__u32 partition;
	int appended = ringlog_batch_append(&feeder->batch, feeder->fd, RINGLOG_PARTITION_TURN,
					    &partition, &first_offset);

	if (appended < 0)
		errx(EXIT_FAILURE, "append: %s", strerror(-appended));
	for (int i = 0; i < appended; i++) {
		const struct line *line = text_line(feeder, first + i);
		__u64 index = first_offset - demo->plan.first_offset[partition] + i;
		struct entry *entry = ledger_entry(&demo->sent, partition, index);

		if (!entry)
			errx(EXIT_FAILURE,
			     "append: partition %u, offset %llu: beyond all that is sent",
			     partition, (unsigned long long)first_offset + i);
		*entry = (struct entry) { .time = now, .crc = line->crc, .length = line->length };
		bytes += line->length;
	}
	count(feeder->state, appended, bytes);
}

static void feed(struct feeder *feeder, __u64 first, __u64 lines)
{
	__u64 in_batch = first;

	for (__u64 i = first; i < first + lines; i++) {
		const struct line *line = text_line(feeder, i);
		struct ringlog_content content = { .value = line->text, .value_len = line->length };
		int result = ringlog_batch_add(&feeder->batch, &content);

		if (result == -ENOSPC) {
			flush_batch(feeder, in_batch);
			in_batch = i;
			result = ringlog_batch_add(&feeder->batch, &content);
		}
		if (result)
			errx(EXIT_FAILURE, "batch: %s", strerror(-result));
	}
	flush_batch(feeder, in_batch);
}

static __u64 claim_lines(struct feeder *feeder, __u64 lines)
{
	return atomic_fetch_add_explicit(&feeder->demo->shared->next_line, lines,
					 memory_order_relaxed);
}

static void feed_paced(struct feeder *feeder, unsigned int index)
{
	const struct plan *plan = &feeder->demo->plan;
	__u64 lines = plan->lines_per_append;
	__u64 appends = plan->paced / lines / FEEDERS;

	for (__u64 i = 0; i < appends; i++) {
		/* Feeders take turns: the appends of all are evenly spaced. */
		__u64 due = feeder->demo->shared->start_time +
			    (i * FEEDERS + index) * lines * NS_PER_SEC / plan->rate;

		sleep_until(due);
		note_start(feeder->state, due, clock_now());
		feed(feeder, claim_lines(feeder, lines), lines);
	}
}

static void feed_flat_out(struct feeder *feeder)
{
	const struct plan *plan = &feeder->demo->plan;
	__u64 end = plan->paced + plan->flat;
	__u64 first;

	sleep_until(feeder->demo->shared->flat_time);
	while ((first = claim_lines(feeder, FLAT_LINES)) < end)
		feed(feeder, first, end - first < FLAT_LINES ? end - first : FLAT_LINES);
}

int feeder_main(struct demo *demo, unsigned int index, int go)
{
	size_t most = sizeof(struct ringlog_record) + demo->plan.max_record;
	size_t size = most < BATCH_BYTES ? most : BATCH_BYTES;
	struct feeder feeder = {
		.demo = demo,
		.state = &demo->shared->producers[index],
		.fd = open_stream(&demo->plan),
	};
	void *buffer = malloc(size);

	if (!buffer || ringlog_batch_init(&feeder.batch, buffer, size))
		errx(EXIT_FAILURE, "no memory for a batch");
	ledger_prefault(&demo->sent);
	wait_for(go);
	feed_paced(&feeder, index);
	feed_flat_out(&feeder);
	free(buffer);
	close(feeder.fd);
	return EXIT_SUCCESS;
}

/* As "cat /dev/kmsg > /dev/stream" would, but slowly: plain writes. */
int kernel_log_main(struct demo *demo, int go)
{
	struct producer_state *state = &demo->shared->producers[FEEDERS];
	const struct source *lines = &demo->plan.kernel_log;
	struct write_log *log = &demo->written;
	struct ringlog_attach pin = {
		.partition = log->partition,
		.flags = RINGLOG_ATTACH_WRITES,
	};
	int fd = open_stream(&demo->plan);

	if (ioctl(fd, RINGLOG_IOC_ATTACH, &pin) < 0)
		err(EXIT_FAILURE, "choosing a partition for write");
	wait_for(go);
	for (__u64 i = 0; i < lines->count; i++) {
		const struct line *line = &lines->lines[i];
		__u64 due = demo->shared->start_time +
			    (__u64)(demo->plan.seconds * i / lines->count * NS_PER_SEC);
		__u64 now;

		sleep_until(due);
		now = clock_now();
		note_start(state, due, now);
		if (write(fd, line->text, line->length) != (ssize_t)line->length)
			err(EXIT_FAILURE, "write");
		log->entries[i] = (struct entry) {
			.time = now, .crc = line->crc, .length = line->length,
		};
		count(state, 1, line->length);
	}
	/* On one CPU, leaving would hold up the readers of the last record. */
	sleep_until(demo->shared->flat_time);
	close(fd);
	return EXIT_SUCCESS;
}
