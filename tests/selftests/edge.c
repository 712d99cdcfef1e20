// SPDX-License-Identifier: GPL-2.0-only
/* Edge-triggered epoll: each record is an edge, and none is lost. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static int epoll_on(int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };
	int epoll = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));

	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	return epoll;
}

static int epoll_events(int epoll, int timeout)
{
	struct epoll_event event = { .events = 0 };

	return CHECK_OK(epoll_wait(epoll, &event, 1, timeout)) ?
		(int)event.events : 0;
}

static void test_one_edge_a_record(void)
{
	int fd = dev_open_newest(O_RDWR), i;
	int epoll = epoll_on(fd, EPOLLIN | EPOLLET);

	CHECK_EQ(epoll_events(epoll, 0), 0);
	for (i = 0; i < 200; i++) {
		write_number(fd, i);
		CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		CHECK_EQ(epoll_events(epoll, 0), 0);
	}
}

/* Read one of many, and a new record is still an edge. */
static void test_half_drained(void)
{
	int fd = dev_open_newest(O_RDWR), i;
	int epoll = epoll_on(fd, EPOLLIN | EPOLLET);

	for (i = 0; i < 100; i++) {
		write_number(fd, i);
		write_number(fd, i);
		CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		read_number(fd);
	}
}

static void test_edges_of_all_partitions(void)
{
	int fd = dev_open_newest(O_RDWR);
	int epoll = epoll_on(fd, EPOLLIN | EPOLLET);
	unsigned int i, p;

	for (i = 0; i < 20; i++)
		for (p = 0; p < dev_partitions(); p++) {
			append_number(fd, p, i);
			CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		}
}

/* What waits when the file is added is an edge as well. */
static void test_records_before_the_epoll(void)
{
	int fd = dev_open_newest(O_RDWR);

	write_number(fd, 1);
	CHECK_EQ(epoll_events(epoll_on(fd, EPOLLIN | EPOLLET), SOON_MS),
		 EPOLLIN);
}

static void test_one_shot(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	int fd = dev_open_newest(O_RDWR), i;
	int epoll = epoll_on(fd, event.events);

	for (i = 0; i < 50; i++) {
		write_number(fd, i);
		CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		CHECK_EQ(epoll_events(epoll, 0), 0);
		CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event));
	}
}

/* The largest record there may be, till one would wait. */
static void fill(int fd)
{
	char *value = calloc(1, dev_max_record());

	CHECK(value);
	while (write(fd, value, dev_max_record()) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
	free(value);
}

/* Room is asked for only when it has run out, as event loops do. */
static void test_out_asked_for_later(void)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int gate, fd = dev_open(O_RDWR | O_NONBLOCK);
	int epoll;

	need_policy(RINGLOG_POLICY_BLOCK);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	epoll = epoll_on(fd, EPOLLIN);
	gate = dev_open(O_RDWR);
	dev_attach(gate, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	fill(fd);
	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event));
	CHECK_EQ(epoll_events(epoll, 0), 0);
	CHECK_EQ(lseek(gate, 0, SEEK_END), 0);
	CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLOUT);
}

struct pace {
	int read, written;
	unsigned int records;
};

/*
 * Writes a few records at a time and mostly lets the reader fall asleep
 * between, sometimes not quite.
 */
static void write_in_fits(void *argument)
{
	struct pace *pace = argument;
	int fd = dev_open(O_WRONLY);
	uint64_t state = 1;
	unsigned int i = 0;

	while (i < pace->records) {
		unsigned int burst = 1 + random_next(&state) % 3;
		unsigned int idle = random_next(&state) % 2000;
		volatile unsigned int spin = 0;

		while (burst-- && i < pace->records)
			write_number(fd, i++);
		while (heard(&pace->read) + 20 < (int)i)
			;
		while (spin < idle)
			spin++;
	}
}

static void drain_by_edges(int fd, int epoll, struct pace *pace)
{
	uint64_t number;

	/* The bound is reached if an edge was lost. */
	CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
	while (read(fd, &number, sizeof(number)) == sizeof(number))
		__atomic_fetch_add(&pace->read, 1, __ATOMIC_SEQ_CST);
	CHECK_EQ(errno, EAGAIN);
}

static void test_no_edge_is_lost(void)
{
	struct pace *pace = shared_memory(sizeof(*pace));
	int fd = dev_open_newest(O_RDONLY | O_NONBLOCK);
	int epoll = epoll_on(fd, EPOLLIN | EPOLLET);
	pid_t pid;

	pace->records = 3000;
	pid = spawn(write_in_fits, pace);
	while (heard(&pace->read) < (int)pace->records)
		drain_by_edges(fd, epoll, pace);
	CHECK_EQ(heard(&pace->read), pace->records);
	reap(pid);
}

static const struct test tests[] = {
	{ "one edge a record", test_one_edge_a_record },
	{ "an edge although not drained", test_half_drained },
	{ "edges of all partitions", test_edges_of_all_partitions },
	{ "records before the epoll", test_records_before_the_epoll },
	{ "one shot", test_one_shot },
	{ "OUT that is asked for later", test_out_asked_for_later },
	{ "no edge is lost in many rounds", test_no_edge_is_lost },
};

TEST_MAIN(tests)
