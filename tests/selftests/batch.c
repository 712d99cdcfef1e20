// SPDX-License-Identifier: GPL-2.0-only
/* APPEND and batch reads: the layout of records and runs. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static int batch_reader(int flags)
{
	int fd = dev_open(flags);

	dev_attach(fd, ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_NEWEST, 0);
	return fd;
}

static const struct parts samples[] = {
	{ .value = "just a value", .value_len = 12 },
	{ .flags = RINGLOG_RECORD_HAS_KEY, .key = "k", .key_len = 1,
	  .value = "v", .value_len = 1 },
	{ .flags = RINGLOG_RECORD_HAS_KEY, .key = "", .key_len = 0,
	  .value = "an empty key", .value_len = 12 },
	{ .headers = "only headers", .headers_len = 12 },
	{ .flags = RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE,
	  .key = "deleted", .key_len = 7 },
	{ .flags = RINGLOG_RECORD_NULL_VALUE },
	{ .flags = RINGLOG_RECORD_HAS_KEY, .key = "12345678", .key_len = 8,
	  .headers = "123456789", .headers_len = 9,
	  .value = "all three of them, with a longer value", .value_len = 38 },
	{ .value = "" },
};

#define SAMPLES	(sizeof(samples) / sizeof(samples[0]))

static size_t put_samples(unsigned char *to)
{
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < SAMPLES; i++)
		size += record_put(to + size, &samples[i]);
	return size;
}

static void check_sample(const struct ringlog_record *record,
			 const struct parts *sample)
{
	CHECK_EQ(record->flags, sample->flags);
	CHECK_EQ(record->key_len, sample->key_len);
	CHECK_EQ(record->headers_len, sample->headers_len);
	CHECK_EQ(record_value_len(record), sample->value_len);
	CHECK(!sample->key_len ||
	      !memcmp(record_key(record), sample->key, sample->key_len));
	CHECK(!sample->headers_len ||
	      !memcmp(record_headers(record), sample->headers,
		      sample->headers_len));
	CHECK(!sample->value_len ||
	      !memcmp(record_value(record), sample->value,
		      sample->value_len));
}

struct expected {
	unsigned int count, partition;
	uint64_t offset, since, until, last;
	unsigned int producer;
};

static void visit_sample(const struct ringlog_run *run,
			 const struct ringlog_record *record, void *argument)
{
	struct expected *expected = argument;

	check_sample(record, &samples[expected->count % SAMPLES]);
	CHECK_EQ(run->partition, expected->partition);
	CHECK_EQ(run->lost, 0);
	CHECK_EQ(record->offset, expected->offset + expected->count);
	CHECK_EQ(record->producer, expected->producer);
	CHECK_LE(expected->since, record->timestamp);
	CHECK_LE(record->timestamp, expected->until);
	CHECK_LE(expected->last, record->timestamp);
	expected->last = record->timestamp;
	expected->count++;
}

/* walk_runs() checks that the padding, dirty when appended, came out clean. */
static void round_trip(unsigned int partition)
{
	int fd = batch_reader(O_RDWR);
	unsigned char out[1024], in[2048] __attribute__((aligned(32)));
	struct expected expected = {
		.partition = partition,
		.offset = dev_info(fd, partition).next_offset,
		.producer = dev_info(fd, partition).producer,
		.since = now_ns(CLOCK_MONOTONIC),
	};
	size_t size = put_samples(out);
	struct ringlog_append append = dev_append(fd, partition, out, size);
	ssize_t got;

	expected.until = now_ns(CLOCK_MONOTONIC);
	CHECK_EQ(append.count, SAMPLES);
	CHECK_EQ(append.first_offset, expected.offset);
	CHECK_EQ(append.appended_to, partition);
	CHECK_EQ(append.reserved, 0);
	got = CHECK_OK(read(fd, in, sizeof(in)));
	CHECK_EQ(got, sizeof(struct ringlog_run) + size);
	CHECK_EQ(walk_runs(in, got, visit_sample, &expected), SAMPLES);
	CHECK_EQ(expected.count, SAMPLES);
	no_more(fd);
}

static void test_layout(void)
{
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++)
		round_trip(p);
}

static void test_unaligned_address(void)
{
	unsigned char out[1100], in[2048] __attribute__((aligned(32)));
	int fd = batch_reader(O_RDWR);
	unsigned int shift;

	for (shift = 1; shift < 32; shift += 5) {
		struct expected expected = {
			.offset = dev_info(fd, 0).next_offset,
			.producer = dev_info(fd, 0).producer,
			.until = ~0ULL >> 1,
		};

		dev_append(fd, 0, out + shift, put_samples(out + shift));
		walk_runs(in, CHECK_OK(read(fd, in, sizeof(in))),
			  visit_sample, &expected);
		CHECK_EQ(expected.count, SAMPLES);
	}
}

/* What a batch read gave can be appended as it is. */
static void test_append_what_was_read(void)
{
	unsigned char out[1024], in[2048] __attribute__((aligned(32)));
	const struct ringlog_run *run = (const void *)in;
	int fd = batch_reader(O_RDWR);
	struct expected expected = {
		.producer = dev_info(fd, 0).producer,
		.until = ~0ULL >> 1,
	};

	dev_append(dev_open(O_WRONLY), 0, out, put_samples(out));
	CHECK_OK(read(fd, in, sizeof(in)));
	CHECK_EQ(run->records, SAMPLES);
	expected.offset = dev_append(fd, 0, run + 1, run->bytes).first_offset;
	walk_runs(in, CHECK_OK(read(fd, in, sizeof(in))), visit_sample,
		  &expected);
	CHECK_EQ(expected.count, SAMPLES);
}

/* The largest record passes through APPEND and batch reads too. */
static void test_largest(void)
{
	unsigned int max = dev_max_record();
	unsigned char *value = malloc(max), *in;
	struct ringlog_run *run;
	int fd = batch_reader(O_RDWR);
	size_t bytes = batch_bytes();

	run = aligned_alloc(32, bytes);
	in = (unsigned char *)run;
	CHECK(value && in);
	memset(value, 'm', max);
	CHECK_EQ(CHECK_OK(write(fd, value, max)), max);
	CHECK_EQ(CHECK_OK(read(fd, in, bytes)), bytes);
	CHECK_EQ(walk_runs(in, bytes, NULL, NULL), 1);
	dev_append(fd, 0, run + 1, run->bytes);
	memset(in, 0, bytes);
	CHECK_EQ(CHECK_OK(read(fd, in, bytes)), bytes);
	CHECK_EQ(walk_runs(in, bytes, NULL, NULL), 1);
	CHECK(!memcmp(record_value((void *)(run + 1)), value, max));
	free(run);
	free(value);
}

/* A write is a record without key and headers. */
static void test_writes_in_a_batch(void)
{
	unsigned char in[512] __attribute__((aligned(32)));
	const struct ringlog_record *record =
		(const void *)(in + sizeof(struct ringlog_run));
	int fd = batch_reader(O_RDWR);

	CHECK_EQ(CHECK_OK(write(fd, "plain", 5)), 5);
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), 96);
	CHECK_EQ(walk_runs(in, 96, NULL, NULL), 1);
	CHECK_EQ(record->length, 5);
	CHECK_EQ(record->flags, 0);
	CHECK_EQ(record->key_len, 0);
	CHECK_EQ(record->headers_len, 0);
	CHECK(!memcmp(record_value(record), "plain", 5));
}

/* A reader must not get what the ring held before: there is none of it in the padding. */
static void test_padding_of_writes(void)
{
	unsigned char in[512] __attribute__((aligned(32)));
	unsigned char value[64];
	unsigned int p, length;
	int fd;

	memset(value, 'v', sizeof(value));
	for (p = 0; p < dev_partitions(); p++)
		lap(dev_open(O_WRONLY), p);
	fd = batch_reader(O_RDWR);
	for (length = 1; length <= sizeof(value); length++) {
		ssize_t got;

		CHECK_EQ(CHECK_OK(write(fd, value, length)), length);
		got = CHECK_OK(read(fd, in, sizeof(in)));
		CHECK_EQ(walk_runs(in, got, NULL, NULL), 1);
	}
}

static void test_whole_records_only(void)
{
	unsigned char in[512] __attribute__((aligned(32)));
	int i, fd = batch_reader(O_RDWR);

	for (i = 0; i < 5; i++)
		append_number(fd, 0, i);
	CHECK_ERR(read(fd, in, 95), EMSGSIZE);
	CHECK_EQ(CHECK_OK(read(fd, in, 96)), 96);
	CHECK_EQ(CHECK_OK(read(fd, in, 32 + 2 * 64 + 63)), 32 + 2 * 64);
	CHECK_EQ(walk_runs(in, 32 + 2 * 64, NULL, NULL), 2);
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), 32 + 2 * 64);
	no_more(fd);
}

static void visit_partition(const struct ringlog_run *run,
			    const struct ringlog_record *record, void *argument)
{
	unsigned int *seen = argument;
	uint64_t number;

	memcpy(&number, record_value(record), sizeof(number));
	CHECK_EQ(number, run->partition * 1000 + seen[run->partition]);
	seen[run->partition]++;
}

/* However small the buffer, every partition comes in order and whole. */
static void read_in_pieces(size_t bytes)
{
	unsigned int i, p, seen[PARTITIONS_MAX] = {}, got = 0;
	unsigned char *in = aligned_alloc(32, (bytes + 31) / 32 * 32);
	int fd = batch_reader(O_RDWR);

	CHECK(in);
	for (p = 0; p < dev_partitions(); p++)
		for (i = 0; i < 20; i++)
			append_number(fd, p, p * 1000 + i);
	while (got < 20 * dev_partitions())
		got += walk_runs(in, CHECK_OK(read(fd, in, bytes)),
				 visit_partition, seen);
	for (p = 0; p < dev_partitions(); p++)
		CHECK_EQ(seen[p], 20);
	no_more(fd);
	free(in);
	close(fd);
}

static void test_runs_of_partitions(void)
{
	static const size_t sizes[] = {
		96, 100, 128, 160, 191, 192, 193, 500, 1000, 1312, 4096, 65536,
	};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		read_in_pieces(sizes[i]);
}

/* As many as fit: a large buffer takes all there is, of every partition. */
static void test_as_many_as_fit(void)
{
	unsigned int p, n = dev_partitions();
	static unsigned char in[65536] __attribute__((aligned(32)));
	int fd = batch_reader(O_RDWR);

	for (p = 0; p < n; p++) {
		append_number(fd, p, 1);
		append_number(fd, p, 2);
	}
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), n * (32 + 2 * 64));
	CHECK_EQ(walk_runs(in, n * (32 + 2 * 64), NULL, NULL), 2 * n);
}

static void test_empty_values_are_records(void)
{
	struct parts empty = { .flags = 0 };
	unsigned char out[64], in[256] __attribute__((aligned(32)));
	int fd = batch_reader(O_RDWR);

	dev_append(fd, 0, out, record_put(out, &empty));
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), 64);
	CHECK_EQ(walk_runs(in, 64, NULL, NULL), 1);
}

/* A batch may be as long as the longest record with its header. */
static void test_longest_batch(void)
{
	unsigned int max = (32 + dev_max_record()) / 32 * 32, size = 0;
	struct parts parts = { .value = "v", .value_len = 1 };
	unsigned char *out = malloc(max + 64);
	int fd = dev_open(O_WRONLY);
	struct ringlog_append append;

	CHECK(out);
	while (size + 64 <= max)
		size += record_put(out + size, &parts);
	append = dev_append(fd, 0, out, size);
	free(out);
	CHECK_EQ(append.count, size / 64);
	CHECK_EQ(dev_info(fd, 0).next_offset,
		 append.first_offset + append.count);
}

static void append_many(void *argument)
{
	struct parts parts = { .value = "t", .value_len = 1 };
	unsigned char out[64 * 3];
	int i, fd = dev_open(O_WRONLY);
	size_t size = record_put(out, &parts);

	(void)argument;
	size += record_put(out + size, &parts);
	for (i = 0; i < 500; i++)
		CHECK_EQ(dev_append(fd, i % dev_partitions(), out, size).count,
			 2);
}

static void visit_timestamp(const struct ringlog_run *run,
			    const struct ringlog_record *record, void *argument)
{
	uint64_t *last = argument;

	CHECK_LE(last[run->partition], record->timestamp);
	last[run->partition] = record->timestamp;
}

static void test_timestamps_never_go_back(void)
{
	uint64_t last[PARTITIONS_MAX] = {};
	size_t bytes = batch_bytes();
	unsigned char *in = aligned_alloc(32, bytes);
	pid_t pids[4];
	ssize_t got;
	int i, fd;

	CHECK(in);
	for (i = 0; i < 4; i++)
		pids[i] = spawn(append_many, NULL);
	for (i = 0; i < 4; i++)
		reap(pids[i]);
	fd = dev_open(O_RDONLY | O_NONBLOCK);
	dev_attach(fd, ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_OLDEST, 0);
	while ((got = read(fd, in, bytes)) > 0)
		walk_runs(in, got, visit_timestamp, last);
	CHECK_EQ(errno, EAGAIN);
	for (i = 0; i < (int)dev_partitions(); i++)
		CHECK(last[i]);
}

static void test_producers_have_ids(void)
{
	unsigned char in[512] __attribute__((aligned(32)));
	const struct ringlog_record *first = (const void *)(in + 32);
	const struct ringlog_record *second = (const void *)(in + 32 + 64);
	int fd = batch_reader(O_RDWR), other = dev_open(O_WRONLY);

	CHECK(dev_info(fd, 0).producer != dev_info(other, 0).producer);
	append_number(fd, 0, 1);
	append_number(other, 0, 2);
	CHECK_EQ(CHECK_OK(read(fd, in, sizeof(in))), 32 + 2 * 64);
	CHECK_EQ(first->producer, dev_info(fd, 0).producer);
	CHECK_EQ(second->producer, dev_info(other, 0).producer);
}

/* However much there is and fits: a run is copied in one go. */
static void test_a_run_is_bounded(void)
{
	size_t bytes = 4 << 20, got, total = 0;
	unsigned char *in = aligned_alloc(32, bytes);
	uint64_t first;
	int fd;

	CHECK(in);
	if (dev_ring_bytes() < 2 * bytes)
		test_skip("for a large ring");
	fd = batch_reader(O_RDWR);
	first = dev_info(fd, 0).head;
	while (dev_info(fd, 0).head < first + bytes)
		append_value(fd, 0, in, dev_max_record());
	while (total < bytes) {
		got = CHECK_OK(read(fd, in, bytes));
		CHECK(walk_runs(in, got, NULL, NULL) > 0);
		CHECK_LE(got, (1 << 20) + 64);
		if (!total)
			CHECK_LE((1 << 20) - (int)dev_max_record() - 64, got);
		total += got - sizeof(struct ringlog_run);
	}
	no_more(fd);
	free(in);
}

static void append_batches(void *argument)
{
	struct ringlog_record records[2] = {};
	int i, fd = dev_open(O_WRONLY);

	(void)argument;
	for (i = 0; i < 2; i++)
		records[i].type = RINGLOG_TYPE_DATA;
	for (;;)
		dev_append(fd, 0, records, sizeof(records));
}

/* However much of a batch is counted when somebody looks. */
static void test_counters_while_batches_come(void)
{
	struct ringlog_info before, now;
	int i, fd = dev_open(O_RDONLY);
	pid_t pid = spawn(append_batches, NULL);

	before = dev_info(fd, 0);
	for (i = 0; i < 60000; i++) {
		now = dev_info(fd, 0);
		CHECK_LE(before.appends, now.appends);
		CHECK_LE(now.appends, now.records);
		CHECK_LE(now.wakeups_elided, now.appends);
		before = now;
	}
	CHECK_OK(kill(pid, SIGKILL));
	reap_killed(pid);
}

static const struct test tests[] = {
	{ "records come back in their layout", test_layout },
	{ "a batch needs no alignment", test_unaligned_address },
	{ "what was read can be appended", test_append_what_was_read },
	{ "the largest record passes", test_largest },
	{ "a write is a record too", test_writes_in_a_batch },
	{ "the padding of writes is zero", test_padding_of_writes },
	{ "whole records only", test_whole_records_only },
	{ "runs of partitions", test_runs_of_partitions },
	{ "as many records as fit", test_as_many_as_fit },
	{ "empty values are records", test_empty_values_are_records },
	{ "the longest batch", test_longest_batch },
	{ "timestamps never go back", test_timestamps_never_go_back },
	{ "producers have ids", test_producers_have_ids },
	{ "a run is bounded", test_a_run_is_bounded },
	{ "counters while batches come", test_counters_while_batches_come },
};

TEST_MAIN(tests)
