// SPDX-License-Identifier: GPL-2.0-only
/* io_uring: completions without worker threads. */
#include <dirent.h>
#include <liburing.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "test.h"

#define IN_FLIGHT	32

/* An io worker shows as a thread of the process that is named so. */
static void check_no_workers(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;

	CHECK(tasks);
	while ((task = readdir(tasks))) {
		char path[300], comm[32] = "";
		FILE *file;

		if (task->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm",
			 task->d_name);
		file = fopen(path, "r");
		CHECK(file && fgets(comm, sizeof(comm), file));
		fclose(file);
		CHECK(strncmp(comm, "iou-wrk", 7));
	}
	closedir(tasks);
}

static struct io_uring *new_ring(void)
{
	static struct io_uring ring;

	CHECK_EQ(io_uring_queue_init(2 * IN_FLIGHT, &ring, 0), 0);
	return &ring;
}

static struct io_uring_sqe *new_sqe(struct io_uring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	CHECK(sqe);
	return sqe;
}

static void queue_read(struct io_uring *ring, int fd, uint64_t *to)
{
	struct io_uring_sqe *sqe = new_sqe(ring);

	io_uring_prep_read(sqe, fd, to, sizeof(*to), -1);
	io_uring_sqe_set_data(sqe, to);
}

static void queue_write(struct io_uring *ring, int fd, const uint64_t *from)
{
	struct io_uring_sqe *sqe = new_sqe(ring);

	io_uring_prep_write(sqe, fd, from, sizeof(*from), -1);
	io_uring_sqe_set_data(sqe, NULL);
}

static int next_result(struct io_uring *ring, void **data)
{
	struct __kernel_timespec soon = { .tv_sec = SOON_MS / 1000 };
	struct io_uring_cqe *cqe;
	int result;

	CHECK_EQ(io_uring_wait_cqe_timeout(ring, &cqe, &soon), 0);
	result = cqe->res;
	if (data)
		*data = io_uring_cqe_get_data(cqe);
	io_uring_cqe_seen(ring, cqe);
	return result;
}

static void check_none(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;

	CHECK_EQ(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
}

static void test_read_before_the_record(void)
{
	struct io_uring *ring = new_ring();
	int i, fd = dev_open_newest(O_RDWR);
	uint64_t number = 0;

	for (i = 1; i < 100; i++) {
		queue_read(ring, fd, &number);
		CHECK_EQ(io_uring_submit(ring), 1);
		check_none(ring);
		write_number(fd, i);
		CHECK_EQ(next_result(ring, NULL), sizeof(number));
		CHECK_EQ(number, i);
	}
	check_no_workers();
}

static void test_read_after_the_record(void)
{
	struct io_uring *ring = new_ring();
	int fd = dev_open_newest(O_RDWR);
	uint64_t number = 0;

	write_number(fd, 8);
	queue_read(ring, fd, &number);
	CHECK_EQ(io_uring_submit(ring), 1);
	CHECK_EQ(next_result(ring, NULL), sizeof(number));
	CHECK_EQ(number, 8);
	check_no_workers();
}

static void test_write(void)
{
	struct io_uring *ring = new_ring();
	int fd = dev_open_newest(O_RDWR);
	uint64_t i;

	for (i = 0; i < 50; i++) {
		queue_write(ring, fd, &i);
		CHECK_EQ(io_uring_submit(ring), 1);
		CHECK_EQ(next_result(ring, NULL), sizeof(i));
		CHECK_EQ(read_number(fd), i);
	}
	check_no_workers();
}

static void test_many_in_flight(void)
{
	struct io_uring *ring = new_ring();
	int i, fd = dev_open_newest(O_RDWR);
	uint64_t numbers[IN_FLIGHT], *at, seen = 0;
	void *data;

	for (i = 0; i < IN_FLIGHT; i++)
		queue_read(ring, fd, &numbers[i]);
	CHECK_EQ(io_uring_submit(ring), IN_FLIGHT);
	check_none(ring);
	for (i = 0; i < IN_FLIGHT; i++)
		write_number(fd, i);
	for (i = 0; i < IN_FLIGHT; i++) {
		CHECK_EQ(next_result(ring, &data), sizeof(uint64_t));
		at = data;
		CHECK(*at < IN_FLIGHT);
		CHECK(!(seen & 1ULL << *at));
		seen |= 1ULL << *at;
	}
	check_none(ring);
	no_more(fd);
	check_no_workers();
}

static void test_reads_on_many_files(void)
{
	struct io_uring *ring = new_ring();
	uint64_t numbers[IN_FLIGHT] = {};
	int i, writer = dev_open(O_WRONLY);

	for (i = 0; i < IN_FLIGHT; i++)
		queue_read(ring, dev_open_newest(O_RDONLY), &numbers[i]);
	CHECK_EQ(io_uring_submit(ring), IN_FLIGHT);
	check_none(ring);
	write_number(writer, 55);
	for (i = 0; i < IN_FLIGHT; i++)
		CHECK_EQ(next_result(ring, NULL), sizeof(uint64_t));
	for (i = 0; i < IN_FLIGHT; i++)
		CHECK_EQ(numbers[i], 55);
	check_no_workers();
}

static void test_poll(void)
{
	struct io_uring *ring = new_ring();
	int fd = dev_open_newest(O_RDWR);

	io_uring_prep_poll_add(new_sqe(ring), fd, POLLIN);
	CHECK_EQ(io_uring_submit(ring), 1);
	check_none(ring);
	write_number(fd, 1);
	CHECK_EQ(next_result(ring, NULL), POLLIN);
	check_no_workers();
}

static void test_multishot_poll(void)
{
	struct io_uring *ring = new_ring();
	int i, fd = dev_open_newest(O_RDWR);

	io_uring_prep_poll_multishot(new_sqe(ring), fd, POLLIN);
	CHECK_EQ(io_uring_submit(ring), 1);
	for (i = 0; i < 50; i++) {
		write_number(fd, i);
		CHECK_EQ(next_result(ring, NULL), POLLIN);
		CHECK_EQ(read_number(fd), i);
	}
}

/* On a file with O_NONBLOCK io_uring still polls, as it does on pipes: the call has to say it. */
static void test_errors(void)
{
	struct io_uring *ring = new_ring();
	int fd = dev_open_newest(O_RDWR | O_NONBLOCK);
	struct io_uring_sqe *sqe = new_sqe(ring);
	uint64_t number = 1;
	char byte;

	io_uring_prep_read(sqe, fd, &number, sizeof(number), -1);
	sqe->rw_flags = RWF_NOWAIT;
	CHECK_EQ(io_uring_submit(ring), 1);
	CHECK_EQ(next_result(ring, NULL), -EAGAIN);
	write_number(fd, 1);
	io_uring_prep_read(new_sqe(ring), fd, &byte, 1, -1);
	CHECK_EQ(io_uring_submit(ring), 1);
	CHECK_EQ(next_result(ring, NULL), -EMSGSIZE);
	CHECK_EQ(read_number(fd), 1);
}

static void test_cancel(void)
{
	struct io_uring *ring = new_ring();
	int fd = dev_open_newest(O_RDWR);
	uint64_t number;
	int results[2];

	queue_read(ring, fd, &number);
	CHECK_EQ(io_uring_submit(ring), 1);
	check_none(ring);
	io_uring_prep_cancel(new_sqe(ring), &number, 0);
	CHECK_EQ(io_uring_submit(ring), 1);
	results[0] = next_result(ring, NULL);
	results[1] = next_result(ring, NULL);
	CHECK_EQ(results[0] + results[1], -ECANCELED);
	write_number(fd, 4);
	CHECK_EQ(read_number(fd), 4);
}

static void leave_in_flight(void *argument)
{
	struct io_uring *ring = new_ring();
	static uint64_t numbers[8];
	int i, *about_to = argument;

	for (i = 0; i < 8; i++)
		queue_read(ring, dev_open_newest(O_RDONLY), &numbers[i]);
	CHECK_EQ(io_uring_submit(ring), 8);
	say(about_to, 1);
	for (;;)
		pause();
}

static void test_death_in_flight(void)
{
	int *about_to = shared_memory(sizeof(*about_to));
	int fd = dev_open_newest(O_RDWR);
	pid_t pid = spawn(leave_in_flight, about_to);

	wait_until(about_to, 1);
	CHECK_OK(kill(pid, SIGKILL));
	reap_killed(pid);
	write_number(fd, 3);
	CHECK_EQ(read_number(fd), 3);
}

static void test_write_waits_for_room(void)
{
	struct io_uring *ring = new_ring();
	int gate, fd, p;
	uint64_t number = 6;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = dev_open(O_RDWR);
	fd = dev_open(O_WRONLY | O_NONBLOCK);
	dev_attach(gate, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < (int)dev_partitions(); p++)
		while (!try_append_value(fd, p, "x", 1))
			;
	CHECK_EQ(errno, EAGAIN);
	queue_write(ring, dev_open(O_WRONLY), &number);
	CHECK_EQ(io_uring_submit(ring), 1);
	check_none(ring);
	CHECK_EQ(lseek(gate, 0, SEEK_END), 0);
	CHECK_EQ(next_result(ring, NULL), sizeof(number));
	CHECK_EQ(read_number(gate), 6);
	check_no_workers();
}

static const struct test tests[] = {
	{ "a read before the record", test_read_before_the_record },
	{ "a read after the record", test_read_after_the_record },
	{ "write", test_write },
	{ "many reads in flight", test_many_in_flight },
	{ "reads on many files", test_reads_on_many_files },
	{ "poll", test_poll },
	{ "multishot poll", test_multishot_poll },
	{ "errors", test_errors },
	{ "cancel", test_cancel },
	{ "death with reads in flight", test_death_in_flight },
	{ "a write waits for room", test_write_waits_for_room },
};

TEST_MAIN(tests)
