// SPDX-License-Identifier: GPL-2.0-only
/* poll, select and level-triggered epoll; signals; threads on one file. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static int ready(int fd, int events, int timeout)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	CHECK_OK(poll(&poll_fd, 1, timeout));
	return poll_fd.revents;
}

static void test_in(void)
{
	int fd = dev_open_newest(O_RDWR);

	CHECK_EQ(ready(fd, POLLIN | POLLPRI, 0), 0);
	CHECK_EQ(ready(fd, POLLIN, 50), 0);
	write_number(fd, 1);
	write_number(fd, 2);
	CHECK_EQ(ready(fd, POLLIN | POLLPRI, SOON_MS), POLLIN);
	read_number(fd);
	CHECK_EQ(ready(fd, POLLIN, SOON_MS), POLLIN);
	read_number(fd);
	CHECK_EQ(ready(fd, POLLIN, 0), 0);
}

static void test_in_of_each_partition(void)
{
	int fd = dev_open_newest(O_RDWR);
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++) {
		CHECK_EQ(ready(fd, POLLIN, 0), 0);
		append_number(fd, p, p);
		CHECK_EQ(ready(fd, POLLIN, SOON_MS), POLLIN);
		CHECK_EQ(read_number(fd), p);
	}
	need_partitions(2);
	dev_attach(fd, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	append_number(fd, 0, 0);
	CHECK_EQ(ready(fd, POLLIN, 0), 0);
	append_number(fd, 1, 0);
	CHECK_EQ(ready(fd, POLLIN, SOON_MS), POLLIN);
}

static void test_out(void)
{
	need_policy(RINGLOG_POLICY_OVERWRITE);
	CHECK_EQ(ready(dev_open(O_WRONLY), POLLOUT, SOON_MS), POLLOUT);
	CHECK_EQ(ready(dev_open_newest(O_RDWR), POLLIN | POLLOUT, SOON_MS),
		 POLLOUT);
}

static void test_a_reader_has_no_out(void)
{
	CHECK_EQ(ready(dev_open_newest(O_RDONLY), POLLIN | POLLPRI, 0), 0);
	/* Nor has a writer anything to read. */
	CHECK_EQ(ready(dev_open(O_WRONLY), POLLIN | POLLPRI, 0), 0);
}

static void test_pri(void)
{
	int fd = dev_open_newest(O_RDWR);

	if (dev_policy() == RINGLOG_POLICY_REJECT)
		test_skip("nothing is lost here");
	lap(fd, 0);
	CHECK_EQ(ready(fd, POLLIN | POLLPRI, SOON_MS), POLLIN | POLLPRI);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(ready(fd, POLLIN | POLLPRI, 0), 0);
}

static void test_select(void)
{
	struct timeval timeout = { .tv_sec = SOON_MS / 1000 };
	int fd = dev_open_newest(O_RDWR);
	fd_set set;

	write_number(fd, 1);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	CHECK_EQ(CHECK_OK(select(fd + 1, &set, NULL, NULL, &timeout)), 1);
	CHECK(FD_ISSET(fd, &set));
	read_number(fd);
	timeout = (struct timeval){ 0 };
	CHECK_EQ(CHECK_OK(select(fd + 1, &set, NULL, NULL, &timeout)), 0);
}

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

static void test_level_triggered(void)
{
	int fd = dev_open_newest(O_RDWR), epoll = epoll_on(fd, EPOLLIN), i;

	CHECK_EQ(epoll_events(epoll, 0), 0);
	for (i = 0; i < 100; i++) {
		write_number(fd, i);
		CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
		read_number(fd);
		CHECK_EQ(epoll_events(epoll, 0), 0);
	}
}

static void test_epoll_in_epoll(void)
{
	int fd = dev_open_newest(O_RDWR), inner = epoll_on(fd, EPOLLIN);
	int outer = epoll_on(inner, EPOLLIN), i;

	for (i = 0; i < 20; i++) {
		CHECK_EQ(epoll_events(outer, 0), 0);
		write_number(fd, i);
		CHECK_EQ(epoll_events(outer, SOON_MS), EPOLLIN);
		CHECK_EQ(epoll_events(inner, SOON_MS), EPOLLIN);
		read_number(fd);
	}
}

/* Two epolls and a poll on one file: all of them hear of a record. */
static void test_two_epolls_on_one_file(void)
{
	int fd = dev_open_newest(O_RDWR), i;
	int a = epoll_on(fd, EPOLLIN), b = epoll_on(fd, EPOLLIN);

	for (i = 0; i < 20; i++) {
		write_number(fd, i);
		CHECK_EQ(epoll_events(a, SOON_MS), EPOLLIN);
		CHECK_EQ(epoll_events(b, SOON_MS), EPOLLIN);
		CHECK_EQ(ready(fd, POLLIN, SOON_MS), POLLIN);
		read_number(fd);
		CHECK_EQ(epoll_events(a, 0), 0);
		CHECK_EQ(epoll_events(b, 0), 0);
	}
}

struct sleeper {
	int about_to, fd;
	int (*sleep)(struct sleeper *sleeper);
};

static int sleep_in_poll(struct sleeper *sleeper)
{
	struct pollfd poll_fd = { .fd = sleeper->fd, .events = POLLIN };

	return poll(&poll_fd, 1, -1);
}

static int sleep_in_epoll(struct sleeper *sleeper)
{
	struct epoll_event event;
	int epoll = epoll_on(sleeper->fd, EPOLLIN);

	return epoll_wait(epoll, &event, 1, -1);
}

static int sleep_in_read(struct sleeper *sleeper)
{
	uint64_t number;

	return read(sleeper->fd, &number, sizeof(number));
}

static int sleep_in_wait(struct sleeper *sleeper)
{
	struct ringlog_wait wait = { .timeout_ns = RINGLOG_WAIT_FOREVER };

	return ioctl(sleeper->fd, RINGLOG_IOC_WAIT, &wait);
}

static void sleep_till_woken(void *argument)
{
	struct sleeper *sleeper = argument;

	say(&sleeper->about_to, 1);
	CHECK_OK(sleeper->sleep(sleeper));
}

static struct sleeper *new_sleeper(int fd, int (*sleep)(struct sleeper *))
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));

	sleeper->fd = fd;
	sleeper->sleep = sleep;
	return sleeper;
}

static int (*const ways[])(struct sleeper *) = {
	sleep_in_poll, sleep_in_epoll, sleep_in_read, sleep_in_wait,
};

static void test_a_record_wakes_every_sleeper(void)
{
	int writer = dev_open(O_WRONLY);
	unsigned int i, p, n = dev_partitions();
	pid_t pids[8];

	for (p = 0; p < n; p++) {
		for (i = 0; i < 8; i++) {
			struct sleeper *sleeper =
				new_sleeper(dev_open_newest(O_RDONLY),
					    ways[i % 4]);

			pids[i] = spawn(sleep_till_woken, sleeper);
			wait_asleep(pids[i], &sleeper->about_to);
		}
		append_number(writer, p, 1);
		for (i = 0; i < 8; i++)
			reap(pids[i]);
	}
}

/* An ATTACH that goes back to a record is as good as a new one. */
static void test_going_back_wakes_every_sleeper(void)
{
	unsigned int i, p = dev_partitions() - 1;

	for (i = 0; i < 4; i++) {
		struct sleeper *sleeper = new_sleeper(dev_open_newest(O_RDWR), ways[i]);
		uint64_t offset = dev_info(sleeper->fd, p).next_offset;
		pid_t pid;

		append_number(sleeper->fd, p, 1);
		CHECK_EQ(read_number(sleeper->fd), 1);
		pid = spawn(sleep_till_woken, sleeper);
		wait_asleep(pid, &sleeper->about_to);
		dev_attach(sleeper->fd, p, 0, RINGLOG_START_OFFSET, offset);
		reap(pid);
	}
}

static void test_lseek_back_wakes_pollers(void)
{
	int fd = dev_open_newest(O_RDWR), epoll;

	write_number(fd, 1);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	epoll = epoll_on(fd, EPOLLIN);
	CHECK_EQ(epoll_events(epoll, 0), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(epoll_events(epoll, 0), 0);
	write_number(fd, 2);
	CHECK_EQ(epoll_events(epoll, SOON_MS), EPOLLIN);
}

/* A partition that is attached while somebody sleeps wakes it from then on. */
static void test_attaching_arms_every_sleeper(void)
{
	unsigned int i;

	need_partitions(2);
	for (i = 0; i < 4; i++) {
		struct sleeper *sleeper = new_sleeper(dev_open_newest(O_RDWR), ways[i]);
		pid_t pid;

		dev_attach(sleeper->fd, 0, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
		pid = spawn(sleep_till_woken, sleeper);
		wait_asleep(pid, &sleeper->about_to);
		dev_attach(sleeper->fd, 1, 0, RINGLOG_START_NEWEST, 0);
		append_number(sleeper->fd, 1, 1);
		reap(pid);
	}
}

static void sleep_till_signal(void *argument)
{
	struct sleeper *sleeper = argument;

	catch_signal(SIGUSR1, 0);
	say(&sleeper->about_to, 1);
	CHECK_ERR(sleeper->sleep(sleeper), EINTR);
	/* It is whole afterwards. */
	append_number(sleeper->fd, 0, 4);
	CHECK_EQ(read_number(sleeper->fd), 4);
}

static void test_signals(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct sleeper *sleeper =
			new_sleeper(dev_open_newest(O_RDWR), ways[i]);
		pid_t pid = spawn(sleep_till_signal, sleeper);

		wait_asleep(pid, &sleeper->about_to);
		CHECK_OK(kill(pid, SIGUSR1));
		reap(pid);
	}
}

static void test_killed_sleepers_leave_nothing(void)
{
	int fd = dev_open_newest(O_RDWR);
	unsigned int i;

	for (i = 0; i < 12; i++) {
		struct sleeper *sleeper =
			new_sleeper(i < 4 ? fd : dev_open_newest(O_RDWR),
				    ways[i % 4]);
		pid_t pid = spawn(sleep_till_woken, sleeper);

		wait_asleep(pid, &sleeper->about_to);
		CHECK_OK(kill(pid, SIGKILL));
		reap_killed(pid);
	}
	append_number(fd, 0, 6);
	CHECK_EQ(ready(fd, POLLIN, SOON_MS), POLLIN);
	CHECK_EQ(read_number(fd), 6);
}

#define CROWD_READERS	3
#define CROWD_RECORDS	500

struct crowd {
	int fd, left;
	unsigned char seen[CROWD_RECORDS];
};

/* Reads till it gets a number that is none of the records. */
static void *crowd_read(void *argument)
{
	struct crowd *crowd = argument;
	uint64_t number;

	while ((number = read_number(crowd->fd)) < CROWD_RECORDS) {
		CHECK_EQ(__atomic_fetch_add(&crowd->seen[number], 1,
					    __ATOMIC_RELAXED), 0);
		__atomic_fetch_sub(&crowd->left, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void *crowd_poll(void *argument)
{
	struct crowd *crowd = argument;

	while (heard(&crowd->left))
		CHECK_EQ(ready(crowd->fd, POLLIN | POLLOUT, SOON_MS) &
			 (POLLERR | POLLHUP | POLLNVAL), 0);
	return NULL;
}

static void *crowd_epoll(void *argument)
{
	struct crowd *crowd = argument;
	int epoll = epoll_on(crowd->fd, EPOLLIN | EPOLLET);

	while (heard(&crowd->left))
		CHECK_EQ(epoll_events(epoll, 100) & ~EPOLLIN, 0);
	return NULL;
}

static void test_a_crowd_on_one_file(void)
{
	struct crowd crowd = {
		.fd = dev_open_newest(O_RDONLY), .left = CROWD_RECORDS,
	};
	int i, writer = dev_open(O_WRONLY);
	pthread_t threads[CROWD_READERS + 2];

	for (i = 0; i < CROWD_READERS; i++)
		threads[i] = thread_start(crowd_read, &crowd);
	threads[i++] = thread_start(crowd_poll, &crowd);
	threads[i] = thread_start(crowd_epoll, &crowd);
	for (i = 0; i < CROWD_RECORDS; i++) {
		/* Small enough a lead that no reader is lapped. */
		while (i - (CROWD_RECORDS - heard(&crowd.left)) >= 100)
			sched_yield();
		write_number(writer, i);
	}
	wait_until(&crowd.left, 0);
	for (i = 0; i < CROWD_READERS; i++)
		write_number(writer, CROWD_RECORDS);
	for (i = 0; i < CROWD_READERS + 2; i++)
		thread_join(threads[i]);
	for (i = 0; i < CROWD_RECORDS; i++)
		CHECK_EQ(crowd.seen[i], 1);
}

struct game {
	int to, from;
	unsigned int rounds;
};

static void answer(void *argument)
{
	struct game *game = argument;
	int fd = dev_open_newest(O_RDONLY);
	uint64_t i, number = 0;

	CHECK_EQ(write(game->from, &number, 8), 8);
	for (i = 0; i < game->rounds; i++) {
		number = read_number(fd);
		CHECK_EQ(number, i);
		CHECK_EQ(write(game->from, &number, 8), 8);
	}
}

/* A wakeup lost in one of many rounds would hang here. */
static void test_ping_pong(void)
{
	struct game game = { .rounds = 1500 };
	int pipes[2], writer = dev_open(O_WRONLY);
	uint64_t i, number;
	pid_t pid;

	CHECK_OK(pipe(pipes));
	game.from = pipes[1];
	pid = spawn(answer, &game);
	CHECK_EQ(CHECK_OK(read(pipes[0], &number, 8)), 8);
	for (i = 0; i < game.rounds; i++) {
		write_number(writer, i);
		CHECK_EQ(CHECK_OK(read(pipes[0], &number, 8)), 8);
		CHECK_EQ(number, i);
	}
	reap(pid);
}

static const struct test tests[] = {
	{ "IN", test_in },
	{ "IN of each partition", test_in_of_each_partition },
	{ "OUT", test_out },
	{ "neither half sees the other's events", test_a_reader_has_no_out },
	{ "PRI", test_pri },
	{ "select", test_select },
	{ "level-triggered epoll", test_level_triggered },
	{ "epoll in epoll", test_epoll_in_epoll },
	{ "two epolls on one file", test_two_epolls_on_one_file },
	{ "a record wakes every sleeper", test_a_record_wakes_every_sleeper },
	{ "ATTACH back to a record wakes every sleeper", test_going_back_wakes_every_sleeper },
	{ "lseek back to a record wakes pollers", test_lseek_back_wakes_pollers },
	{ "ATTACH of one more partition arms every sleeper", test_attaching_arms_every_sleeper },
	{ "a signal ends each sleep", test_signals },
	{ "killed sleepers leave nothing", test_killed_sleepers_leave_nothing },
	{ "readers and pollers on one file", test_a_crowd_on_one_file },
	{ "no wakeup is lost in many rounds", test_ping_pong },
};

TEST_MAIN(tests)
