// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults-calls MODULE [NAME]...: allocations that fail in calls that should make
 * none themselves: whatever is on the way of a record, and poll.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include "calls.h"
#include "module.h"
#include "paths.h"
#include "proc.h"
#include "test.h"

static struct iovec vector[2] = { { value, 100 }, { value + 100, 200 } };

static void open_batch(void)
{
	open_file();
	dev_attach(file, ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_OLDEST, 0);
}

static void attach_newest(void)
{
	attach_as(ALL, 0, RINGLOG_START_NEWEST, 0);
}

static void attach_oldest_batch(void)
{
	attach_as(ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_OLDEST, 0);
}

static void attach_offset(void)
{
	attach_as(1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OFFSET, 0);
	attach_argument.value = dev_info(file, 1).oldest_offset + 1;
}

static void attach_monotonic(void)
{
	attach_as(ALL, 0, RINGLOG_START_MONOTONIC, now_ns(CLOCK_MONOTONIC));
}

static void attach_realtime(void)
{
	attach_as(2, 0, RINGLOG_START_REALTIME, now_ns(CLOCK_REALTIME));
}

static void attach_writes(void)
{
	attach_as(2, RINGLOG_ATTACH_WRITES, 0, 0);
}

static long call_write(void)
{
	return write(file, value, 300);
}

static long call_writev(void)
{
	return writev(file, vector, 2);
}

static long call_read(void)
{
	return read(file, into, sizeof(into));
}

static long call_readv(void)
{
	return readv(file, vector, 2);
}

static long call_lseek(void)
{
	return lseek(file, 0, SEEK_END);
}

static long call_poll(void)
{
	struct pollfd poll_fd = { file, POLLIN | POLLOUT | POLLPRI, 0 };

	return poll(&poll_fd, 1, 0);
}

/* Appends that take turns do not go to the same partition twice. */
static bool writes_to_two(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		fill_batch();
		CHECK_OK(call_append());
		if (append_argument.appended_to != 2)
			return false;
	}
	return true;
}

static void after_writes(bool success)
{
	CHECK_EQ(writes_to_two(), success);
}

static const struct path hot[] = {
	{ "INFO", open_file, .call = call_info },
	{ "ATTACH, newest", attach_newest, call_attach, .tells = true },
	{ "ATTACH, oldest in batches", attach_oldest_batch, call_attach, .tells = true },
	{ "ATTACH, offset of one", attach_offset, call_attach, .tells = true },
	{ "ATTACH, monotonic", attach_monotonic, call_attach, .tells = true },
	{ "ATTACH, realtime", attach_realtime, call_attach, .tells = true },
	{ "ATTACH, writes", attach_writes, call_attach, after_writes, .tells = true,
	  .done = writes_to_two },
	{ "APPEND", open_file, call_append, after_append, .tells = true },
	{ "WAIT", open_file, .call = call_wait },
	{ "write", open_file, call_write, .check = after_append },
	{ "writev", open_file, call_writev, .check = after_append },
	{ "read", open_file, .call = call_read },
	{ "readv", open_file, .call = call_readv },
	{ "read of a batch", open_batch, .call = call_read },
	{ "lseek", open_file, .call = call_lseek },
	{ "poll", open_file, .call = call_poll },
};

static void test_hot(void)
{
	inject_prepare();
	CHECK_PATHS("ring_bytes=64K partitions=3", hot);
}

static void open_idle_quick(void)
{
	open_idle();
	CHECK_OK(fcntl(file, F_SETFL, O_NONBLOCK));
}

/* Fills every partition up to the gate of @file. */
static void open_full(void)
{
	unsigned int p;

	file = dev_open(O_RDWR | O_NONBLOCK);
	dev_attach(file, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST, 0);
	for (p = 0; p < dev_partitions(); p++)
		while (!try_append_value(file, p, value, sizeof(value)))
			;
	CHECK_EQ(errno, EAGAIN);
}

static long call_write_much(void)
{
	return write(file, value, sizeof(value));
}

static const struct path waits[] = {
	{ "WAIT that sleeps", open_idle, call_wait, .tells = true,
	  .gives = ETIMEDOUT },
	{ "read that would wait", open_idle_quick, call_read, .gives = EAGAIN },
	{ "write that would wait", open_full, call_write_much, .gives = EAGAIN },
};

static void test_waits(void)
{
	inject_prepare();
	CHECK_PATHS("ring_bytes=64K partitions=3 policy=block", waits);
}

#define POLLED	64

static struct pollfd polled[POLLED];
static int epoll_fd;
static struct epoll_event event = { .events = EPOLLIN | EPOLLET };

static void open_polled(void)
{
	int i;

	open_idle();
	for (i = 0; i < POLLED; i++)
		polled[i] = (struct pollfd){ file, POLLIN, 0 };
}

static long call_poll_many(void)
{
	return poll(polled, POLLED, 0);
}

static void open_epoll(void)
{
	open_idle();
	epoll_fd = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
}

static long call_epoll(void)
{
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, file, &event);
}

/* A file that could not be added is not there, and can be added then. */
static void after_epoll(bool success)
{
	struct epoll_event got;

	if (!success)
		CHECK_OK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, file, &event));
	CHECK_EQ(epoll_wait(epoll_fd, &got, 1, 0), 0);
	append_number(file, 0, 1);
	CHECK_EQ(CHECK_OK(epoll_wait(epoll_fd, &got, 1, SOON_MS)), 1);
	CHECK_OK(close(epoll_fd));
}

static const struct path polls[] = {
	{ "poll of many", open_polled, call_poll_many, .own = 1 },
	{ "epoll_ctl", open_epoll, call_epoll, after_epoll, .own = 1 },
};

static void test_polls(void)
{
	inject_prepare();
	CHECK_PATHS("ring_bytes=64K partitions=3", polls);
}

static const struct test tests[] = {
	{ "calls that allocate nothing", test_hot },
	{ "calls that would wait", test_waits },
	{ "poll and epoll", test_polls },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: faults-calls MODULE [NAME]...\n");
		return 2;
	}
	module_read(argv[1]);
	return test_main(argc - 1, argv + 1, tests, sizeof(tests) / sizeof(tests[0]));
}
