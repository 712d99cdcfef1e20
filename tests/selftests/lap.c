// SPDX-License-Identifier: GPL-2.0-only
/* Readers that writers overtake: loss is exact and told once. */
#include <poll.h>
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static void need_overwriting(void)
{
	if (dev_policy() == RINGLOG_POLICY_REJECT)
		test_skip("for a stream that overwrites");
}

/* A reader at the newest record of the last partition alone. */
static int reader(unsigned int flags, unsigned int *partition)
{
	int fd = dev_open(O_RDWR);

	need_overwriting();
	*partition = dev_partitions() - 1;
	dev_attach(fd, *partition, flags | RINGLOG_ATTACH_REPLACE,
		   RINGLOG_START_NEWEST, 0);
	return fd;
}

/* Values carry their offset and are large, so that few make a lap. */
static void append_offsets(int fd, unsigned int partition, uint64_t bytes)
{
	unsigned int length = dev_max_record() / 5;
	uint64_t until = dev_info(fd, partition).head + bytes;
	uint64_t *value = calloc(1, length);
	struct ringlog_info info;

	CHECK(value);
	for (;;) {
		info = dev_info(fd, partition);
		if (info.head >= until)
			break;
		value[0] = info.next_offset;
		append_value(fd, partition, value, length);
	}
	free(value);
}

static uint64_t read_offset(int fd)
{
	uint64_t *value = malloc(dev_max_record()), offset;
	ssize_t got = read(fd, value, dev_max_record());
	int error = errno;

	offset = got < 0 ? 0 : value[0];
	free(value);
	errno = error;
	return got < 0 ? ~0ULL : offset;
}

static void read_to_the_end(int fd, uint64_t from, uint64_t to)
{
	while (from < to)
		CHECK_EQ(read_offset(fd), from++);
	no_more(fd);
}

static void test_told_once(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	uint64_t start = dev_info(fd, p).next_offset;
	uint64_t told = dev_info(fd, p).lost_records, lost;
	struct ringlog_info info;

	append_offsets(fd, p, 3 * dev_ring_bytes());
	info = dev_info(fd, p);
	lost = info.oldest_offset - start;
	CHECK(lost > 0);
	CHECK(info.cursor_flags & RINGLOG_CURSOR_LAPPED);
	CHECK_EQ(info.lost, lost);
	CHECK_ERR(read_offset(fd), EPIPE);
	CHECK_EQ(dev_info(fd, p).lost, lost);
	read_to_the_end(fd, info.oldest_offset, info.next_offset);
	info = dev_info(fd, p);
	CHECK_EQ(info.lost, lost);
	CHECK_EQ(info.lost_records, told + lost);
	CHECK(!(info.cursor_flags & RINGLOG_CURSOR_LAPPED));
	CHECK_EQ(info.cursor_offset, info.next_offset);
}

/* The oldest is looked for when it is read, not when the loss is told. */
static void test_the_oldest_after_epipe(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	uint64_t start = dev_info(fd, p).next_offset, offset;
	struct ringlog_info info;

	append_offsets(fd, p, 2 * dev_ring_bytes());
	CHECK_ERR(read_offset(fd), EPIPE);
	append_offsets(fd, p, 2 * dev_ring_bytes());
	info = dev_info(fd, p);
	offset = read_offset(fd);
	CHECK_EQ(offset, info.oldest_offset);
	CHECK_EQ(dev_info(fd, p).lost, offset - start);
	read_to_the_end(fd, offset + 1, info.next_offset);
}

static void test_a_record_between_two_losses(void)
{
	unsigned int i, p, delivered = 0, told = 0;
	int fd = reader(0, &p);
	uint64_t start = dev_info(fd, p).next_offset;
	struct ringlog_info info;

	for (i = 0; i < 40; i++) {
		append_offsets(fd, p, 2 * dev_ring_bytes());
		if (read_offset(fd) != ~0ULL) {
			delivered++;
			continue;
		}
		CHECK_EQ(errno, EPIPE);
		CHECK_EQ(told, delivered);
		told++;
	}
	CHECK_EQ(told, 20);
	CHECK_EQ(delivered, 20);
	info = dev_info(fd, p);
	CHECK_EQ(info.lost + delivered, info.cursor_offset - start);
}

static void test_loss_in_the_batch(void)
{
	unsigned int p;
	int fd = reader(RINGLOG_ATTACH_BATCH, &p);
	uint64_t start = dev_info(fd, p).next_offset, lost = 0, delivered = 0;
	uint64_t told = dev_info(fd, p).lost_records;
	size_t bytes = batch_bytes();
	struct ringlog_run *run = aligned_alloc(32, bytes);
	struct ringlog_info info;
	ssize_t got;

	CHECK(run);
	append_offsets(fd, p, 3 * dev_ring_bytes());
	info = dev_info(fd, p);
	CHECK_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	while ((got = read(fd, run, bytes)) > 0) {
		CHECK_EQ(run->partition, p);
		CHECK_EQ(run->lost,
			 lost ? 0 : info.oldest_offset - start);
		lost += run->lost;
		CHECK_EQ(((struct ringlog_record *)(run + 1))->offset,
			 start + lost + delivered);
		delivered += walk_runs(run, got, NULL, NULL);
	}
	CHECK_EQ(errno, EAGAIN);
	info = dev_info(fd, p);
	CHECK_EQ(lost + delivered, info.next_offset - start);
	CHECK_EQ(info.lost, lost);
	CHECK_EQ(info.lost_records, told + lost);
}

static void test_a_seek_is_no_loss(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	uint64_t lost;

	append_offsets(fd, p, dev_ring_bytes() / 4);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(dev_info(fd, p).lost, 0);
	append_offsets(fd, p, dev_ring_bytes() / 4);
	dev_attach(fd, p, 0, RINGLOG_START_NEWEST, 0);
	CHECK_EQ(dev_info(fd, p).lost, 0);
	append_offsets(fd, p, 2 * dev_ring_bytes());
	CHECK_ERR(read_offset(fd), EPIPE);
	lost = dev_info(fd, p).lost;
	CHECK(lost > 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(dev_info(fd, p).lost, lost);
	no_more(fd);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read_offset(fd), dev_info(fd, p).oldest_offset);
	CHECK_EQ(dev_info(fd, p).lost, lost);
}

static void test_a_lap_of_one_partition(void)
{
	unsigned int p, n = dev_partitions();
	int fd = dev_open_newest(O_RDWR);
	uint64_t lost;

	need_partitions(2);
	need_overwriting();
	for (p = 0; p < n; p++)
		append_offsets(fd, p, 64);
	append_offsets(fd, 0, 3 * dev_ring_bytes());
	lost = dev_info(fd, 0).lost;
	CHECK(lost > 0);
	for (p = 1; p < n; p++)
		CHECK_EQ(dev_info(fd, p).lost, 0);
	while (read_offset(fd) != ~0ULL)
		CHECK_EQ(dev_info(fd, 0).lost, lost);
	CHECK_EQ(errno, EPIPE);
	CHECK_EQ(dev_info(fd, 0).lost, lost);
}

/* What is overwritten while the partition is not read is nobody's loss. */
static void test_no_loss_while_detached(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	uint64_t lost;

	need_partitions(2);
	append_offsets(fd, p, 2 * dev_ring_bytes());
	CHECK_ERR(read_offset(fd), EPIPE);
	lost = dev_info(fd, p).lost;
	CHECK(lost > 0);
	dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	append_offsets(fd, p, 2 * dev_ring_bytes());
	dev_attach(fd, p, 0, RINGLOG_START_NEWEST, 0);
	CHECK_EQ(dev_info(fd, p).lost, lost);
}

struct race {
	int stop, partition;
};

static void write_on(void *argument)
{
	struct race *race = argument;
	uint64_t value[8] = {};
	int fd = dev_open(O_WRONLY);

	/* The only writer of the partition, so it knows the offsets. */
	value[0] = dev_info(fd, race->partition).next_offset;
	while (!heard(&race->stop)) {
		append_value(fd, race->partition, value, sizeof(value));
		value[0]++;
	}
}

/* Each record is at least what was lost beyond the one before it. */
static void test_against_a_writer_that_never_stops(void)
{
	struct race *race = shared_memory(sizeof(*race));
	unsigned int p, delivered = 0, told = 0;
	uint64_t start, next, offset;
	struct ringlog_info info;
	int fd = reader(0, &p);
	bool just_told = false;
	pid_t pid;

	race->partition = p;
	start = dev_info(fd, p).next_offset;
	next = start;
	pid = spawn(write_on, race);
	while (delivered < 3000 || !told) {
		if (delivered % 500 == 499 && delivered < 3000)
			while (!(dev_info(fd, p).cursor_flags &
				 RINGLOG_CURSOR_LAPPED))
				;
		offset = read_offset(fd);
		if (offset == ~0ULL) {
			CHECK_EQ(errno, EPIPE);
			CHECK(!just_told);
			just_told = true;
			told++;
			continue;
		}
		CHECK_LE(next, offset);
		CHECK(just_told || offset == next);
		just_told = false;
		next = offset + 1;
		delivered++;
	}
	say(&race->stop, 1);
	reap(pid);
	CHECK_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	for (;;) {
		offset = read_offset(fd);
		if (offset != ~0ULL) {
			delivered++;
			continue;
		}
		if (errno == EAGAIN)
			break;
		CHECK_EQ(errno, EPIPE);
	}
	info = dev_info(fd, p);
	CHECK_EQ(info.lost + delivered, info.next_offset - start);
}

struct tally {
	uint64_t next, lost, delivered;
	const struct ringlog_run *run;
};

static void count(const struct ringlog_run *run,
		  const struct ringlog_record *record, void *argument)
{
	struct tally *tally = argument;
	uint64_t value;

	if (run != tally->run) {
		tally->run = run;
		tally->lost += run->lost;
		tally->next += run->lost;
	}
	CHECK_EQ(record->offset, tally->next);
	memcpy(&value, record_value(record), sizeof(value));
	CHECK_EQ(value, record->offset);
	tally->next++;
	tally->delivered++;
}

static void test_batches_against_a_writer_that_never_stops(void)
{
	struct race *race = shared_memory(sizeof(*race));
	struct tally tally = {};
	size_t bytes = batch_bytes();
	unsigned char *in = aligned_alloc(32, bytes);
	struct ringlog_info info;
	unsigned int p;
	int fd = reader(RINGLOG_ATTACH_BATCH, &p);
	uint64_t start = dev_info(fd, p).next_offset;
	ssize_t got;
	pid_t pid;

	CHECK(in);
	race->partition = p;
	tally.next = start;
	pid = spawn(write_on, race);
	while (tally.delivered < 3000 || !tally.lost) {
		tally.run = NULL;
		walk_runs(in, CHECK_OK(read(fd, in, bytes)), count, &tally);
		if (tally.delivered > 1500 && !tally.lost)
			while (!(dev_info(fd, p).cursor_flags &
				 RINGLOG_CURSOR_LAPPED))
				;
	}
	say(&race->stop, 1);
	reap(pid);
	CHECK_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	while ((got = read(fd, in, bytes)) > 0) {
		tally.run = NULL;
		walk_runs(in, got, count, &tally);
	}
	CHECK_EQ(errno, EAGAIN);
	info = dev_info(fd, p);
	CHECK_EQ(tally.next, info.next_offset);
	CHECK_EQ(tally.lost, info.lost);
	CHECK_EQ(tally.lost + tally.delivered, info.next_offset - start);
}

static void test_a_lap_wakes_nobody_twice(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLPRI };

	append_offsets(fd, p, 2 * dev_ring_bytes());
	CHECK_EQ(CHECK_OK(poll(&poll_fd, 1, 0)), 1);
	CHECK_EQ(poll_fd.revents, POLLIN | POLLPRI);
	CHECK_ERR(read_offset(fd), EPIPE);
	CHECK(read_offset(fd) != ~0ULL);
	CHECK_EQ(CHECK_OK(poll(&poll_fd, 1, 0)), 1);
	CHECK_EQ(poll_fd.revents, POLLIN);
}

static const struct test tests[] = {
	{ "a loss is told once and exactly", test_told_once },
	{ "after EPIPE comes the oldest record",
	  test_the_oldest_after_epipe },
	{ "between two losses comes a record",
	  test_a_record_between_two_losses },
	{ "a batch tells its loss", test_loss_in_the_batch },
	{ "a seek is no loss", test_a_seek_is_no_loss },
	{ "no loss while detached", test_no_loss_while_detached },
	{ "a lap of one partition", test_a_lap_of_one_partition },
	{ "poll tells a loss until it is told", test_a_lap_wakes_nobody_twice },
	{ "against a writer that never stops",
	  test_against_a_writer_that_never_stops },
	{ "batches against a writer that never stops",
	  test_batches_against_a_writer_that_never_stops },
};

TEST_MAIN(tests)
