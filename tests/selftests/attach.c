// SPDX-License-Identifier: GPL-2.0-only
/* ATTACH: choosing partitions, and seeks against a brute-force reference. */
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "test.h"

struct known {
	uint64_t offset, position, timestamp;
};

struct reference {
	struct known *record;
	unsigned int count;
	uint64_t position;
};

static void note(const struct ringlog_run *run,
		 const struct ringlog_record *record, void *argument)
{
	struct reference *reference = argument;

	(void)run;
	reference->record[reference->count++] = (struct known){
		.offset = record->offset,
		.position = reference->position,
		.timestamp = record->timestamp,
	};
	reference->position += record_size(record);
}

/* Reads all that the partition retains, one after the other. */
static struct reference read_reference(unsigned int partition)
{
	int fd = dev_open(O_RDONLY | O_NONBLOCK);
	size_t bytes = batch_bytes();
	unsigned char *in = aligned_alloc(32, bytes);
	struct reference reference = {
		.record = calloc(dev_ring_bytes() / 32,
				 sizeof(*reference.record)),
		.position = dev_info(fd, partition).tail,
	};
	ssize_t got;

	CHECK(in && reference.record);
	dev_attach(fd, partition,
		   RINGLOG_ATTACH_BATCH | RINGLOG_ATTACH_REPLACE,
		   RINGLOG_START_OLDEST, 0);
	while ((got = read(fd, in, bytes)) > 0)
		walk_runs(in, got, note, &reference);
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(reference.position, dev_info(fd, partition).head);
	CHECK_EQ(reference.record[0].offset,
		 dev_info(fd, partition).oldest_offset);
	free(in);
	close(fd);
	return reference;
}

/* Laps the partition with records of all sizes, some of which cover blocks. */
static void fill_partition(unsigned int partition, unsigned int largest)
{
	uint64_t until = 3 * dev_ring_bytes() + 12345, state = largest;
	unsigned char *value = calloc(1, largest);
	int fd = dev_open(O_WRONLY);

	CHECK(value);
	until += dev_info(fd, partition).head;
	while (dev_info(fd, partition).head < until)
		append_value(fd, partition, value,
			     random_next(&state) % largest);
	free(value);
	close(fd);
}

static void check_at(int fd, const struct ringlog_attach *attach,
		     unsigned int partition, const struct reference *reference,
		     unsigned int index)
{
	uint64_t offset, position;

	if (index < reference->count) {
		offset = reference->record[index].offset;
		position = reference->record[index].position;
	} else {
		offset = reference->record[index - 1].offset + 1;
		position = reference->position;
	}
	CHECK_EQ(attach->offset, offset);
	CHECK_EQ(attach->position, position);
	CHECK_EQ(dev_info(fd, partition).cursor_offset, offset);
	CHECK_EQ(dev_info(fd, partition).cursor_position, position);
	CHECK_EQ(dev_info(fd, partition).lost, 0);
}

static void seek_offsets(unsigned int partition)
{
	struct reference reference = read_reference(partition);
	int fd = dev_open(O_RDONLY);
	unsigned int i, step = 1 + reference.count / 300;

	for (i = 0; i <= reference.count; i += step) {
		struct ringlog_attach attach =
			dev_attach(fd, partition, 0, RINGLOG_START_OFFSET,
				   reference.record[0].offset + i);

		check_at(fd, &attach, partition, &reference, i);
	}
	free(reference.record);
}

static unsigned int first_at_or_after(const struct reference *reference,
				      uint64_t time)
{
	unsigned int i = 0;

	while (i < reference->count && reference->record[i].timestamp < time)
		i++;
	return i;
}

static void seek_time(int fd, unsigned int partition,
		      const struct reference *reference, uint64_t time)
{
	struct ringlog_attach attach =
		dev_attach(fd, partition, 0, RINGLOG_START_MONOTONIC, time);

	check_at(fd, &attach, partition, reference,
		 first_at_or_after(reference, time));
}

static void seek_times(unsigned int partition)
{
	struct reference reference = read_reference(partition);
	int fd = dev_open(O_RDONLY);
	unsigned int i, step = 1 + reference.count / 200;

	for (i = 0; i < reference.count; i += step) {
		uint64_t time = reference.record[i].timestamp;

		seek_time(fd, partition, &reference, time - 1);
		seek_time(fd, partition, &reference, time);
		seek_time(fd, partition, &reference, time + 1);
	}
	seek_time(fd, partition, &reference, 0);
	seek_time(fd, partition, &reference, 1);
	seek_time(fd, partition, &reference, now_ns(CLOCK_MONOTONIC));
	seek_time(fd, partition, &reference, ~0ULL);
	seek_time(fd, partition, &reference, ~0ULL >> 1);
	free(reference.record);
}

static void seek_everywhere(void (*seek)(unsigned int partition))
{
	const unsigned int largest[] = { 40, 700, dev_max_record() };
	unsigned int i, p = dev_partitions() - 1;

	for (i = 0; i < 3; i++) {
		fill_partition(p, largest[i]);
		seek(p);
	}
}

static void test_seek_by_offset(void)
{
	seek_everywhere(seek_offsets);
}

static void test_seek_by_monotonic_time(void)
{
	seek_everywhere(seek_times);
}

/* A seek reads on from there. */
static void test_reads_from_there(void)
{
	struct ringlog_attach attach;
	int i, fd = dev_open_newest(O_RDWR);
	uint64_t first = dev_info(fd, 0).next_offset;

	for (i = 0; i < 10; i++)
		append_number(fd, 0, i);
	for (i = 9; i >= 0; i--) {
		attach = dev_attach(fd, 0, 0, RINGLOG_START_OFFSET, first + i);
		CHECK_EQ(attach.offset, first + i);
		CHECK_EQ(read_number(fd), i);
	}
	dev_attach(fd, 0, 0, RINGLOG_START_OFFSET, first + 10);
	no_more(fd);
}

/* REALTIME - MONOTONIC, from readings that are close together. */
static uint64_t clocks_distance(void)
{
	uint64_t before, real, after;
	int i;

	for (i = 0; i < 10000; i++) {
		before = now_ns(CLOCK_MONOTONIC);
		real = now_ns(CLOCK_REALTIME);
		after = now_ns(CLOCK_MONOTONIC);
		if (after - before < 1000000)
			return real - before - (after - before) / 2;
	}
	CHECK(!"the clocks can be read within a millisecond");
	return 0;
}

#define GAP_NS	20000000ULL

/* Appends records whose times lie so far apart that the clocks cannot err. */
static void append_apart(int fd, unsigned int partition, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		uint64_t until = now_ns(CLOCK_MONOTONIC) + GAP_NS;

		while (now_ns(CLOCK_MONOTONIC) < until)
			;
		append_number(fd, partition, i);
	}
}

static void test_seek_by_realtime(void)
{
	int fd = dev_open_newest(O_RDWR);
	uint64_t first = dev_info(fd, 0).next_offset, distance;
	struct reference reference;
	unsigned int i;

	append_apart(fd, 0, 8);
	reference = read_reference(0);
	distance = clocks_distance();
	for (i = 0; i < reference.count; i++) {
		struct known *known = &reference.record[i];
		struct ringlog_attach attach;

		if (known->offset < first)
			continue;
		attach = dev_attach(fd, 0, 0, RINGLOG_START_REALTIME,
				    known->timestamp + distance - GAP_NS / 2);
		CHECK_EQ(attach.offset, known->offset);
		attach = dev_attach(fd, 0, 0, RINGLOG_START_REALTIME,
				    known->timestamp + distance + GAP_NS / 2);
		CHECK_EQ(attach.offset, known->offset + 1);
	}
	free(reference.record);
	CHECK_EQ(dev_attach(fd, 0, 0, RINGLOG_START_REALTIME, 0).offset,
		 dev_info(fd, 0).oldest_offset);
	CHECK_EQ(dev_attach(fd, 0, 0, RINGLOG_START_REALTIME, distance / 2)
			.offset, dev_info(fd, 0).oldest_offset);
	CHECK_EQ(dev_attach(fd, 0, 0, RINGLOG_START_REALTIME, ~0ULL).offset,
		 dev_info(fd, 0).next_offset);
}

static void test_seek_all_by_time(void)
{
	unsigned int p, n = dev_partitions();
	int fd = dev_open_newest(O_RDWR);
	uint64_t between, first[PARTITIONS_MAX];
	struct ringlog_attach attach;

	for (p = 0; p < n; p++)
		append_apart(fd, p, 1);
	between = now_ns(CLOCK_MONOTONIC) + GAP_NS / 2;
	for (p = 0; p < n; p++) {
		first[p] = dev_info(fd, p).next_offset;
		append_apart(fd, p, 2);
	}
	attach = dev_attach(fd, ALL, 0, RINGLOG_START_MONOTONIC, between);
	CHECK_EQ(attach.offset, 0);
	CHECK_EQ(attach.position, 0);
	for (p = 0; p < n; p++)
		CHECK_EQ(dev_info(fd, p).cursor_offset, first[p]);
}

static void test_oldest_and_newest(void)
{
	int fd = dev_open(O_RDWR);
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++) {
		struct ringlog_info info;
		struct ringlog_attach attach;

		lap(fd, p);
		info = dev_info(fd, p);
		attach = dev_attach(fd, p, 0, RINGLOG_START_NEWEST, 0);
		CHECK_EQ(attach.offset, info.next_offset);
		CHECK_EQ(attach.position, info.head);
		attach = dev_attach(fd, p, 0, RINGLOG_START_OLDEST, 0);
		CHECK_EQ(attach.offset, info.oldest_offset);
		CHECK_EQ(attach.position, info.tail);
	}
}

static void test_replace(void)
{
	unsigned int p, n = dev_partitions();
	int fd = dev_open_newest(O_RDWR);

	need_partitions(2);
	dev_attach(fd, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < n; p++)
		CHECK_EQ(dev_info(fd, p).cursor_flags & RINGLOG_CURSOR_ATTACHED,
			 p == 1 ? RINGLOG_CURSOR_ATTACHED : 0);
	for (p = 0; p < n; p++)
		append_number(fd, p, p);
	CHECK_EQ(read_number(fd), 1);
	no_more(fd);
	/* One more, without letting go of the first. */
	dev_attach(fd, 0, 0, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < n; p++)
		append_number(fd, p, p);
	CHECK_EQ(read_number(fd) + read_number(fd), 1);
	no_more(fd);
}

static void test_read_mode_is_the_files(void)
{
	unsigned char in[256] __attribute__((aligned(32)));
	int fd = dev_open_newest(O_RDWR);
	unsigned int p;

	dev_attach(fd, 0, RINGLOG_ATTACH_BATCH, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < dev_partitions(); p++)
		CHECK(dev_info(fd, p).cursor_flags & RINGLOG_CURSOR_BATCH);
	append_number(fd, dev_partitions() - 1, 5);
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), 96);
	CHECK_EQ(walk_runs(in, 96, NULL, NULL), 1);
	dev_attach(fd, 0, 0, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < dev_partitions(); p++)
		CHECK(!(dev_info(fd, p).cursor_flags & RINGLOG_CURSOR_BATCH));
	append_number(fd, dev_partitions() - 1, 6);
	CHECK_EQ(read_number(fd), 6);
}

static const struct test tests[] = {
	{ "seek by offset", test_seek_by_offset },
	{ "seek by monotonic time", test_seek_by_monotonic_time },
	{ "seek by realtime", test_seek_by_realtime },
	{ "seek all partitions by time", test_seek_all_by_time },
	{ "reads go on from there", test_reads_from_there },
	{ "oldest and newest", test_oldest_and_newest },
	{ "REPLACE lets go of the others", test_replace },
	{ "the read mode is the file's", test_read_mode_is_the_files },
};

TEST_MAIN(tests)
