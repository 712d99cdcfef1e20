// SPDX-License-Identifier: GPL-2.0-only
/* A stream is deleted while it is open: whoever waits in it wakes up and is told. */
#include <liburing.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

#define NAME	"doomed"

/* How a waiter waits. */
struct kind {
	const char *name;
	int flags;
	long call;
	void (*wait)(int fd, const struct kind *kind, int *about_to);
	unsigned int events, mode;
	uint64_t timeout;
};

static void in_read(int fd, const struct kind *kind, int *about_to)
{
	static char buffer[16384];

	if (kind->mode)
		dev_attach(fd, ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_NEWEST, 0);
	say(about_to, 1);
	CHECK_ERR(read(fd, buffer, sizeof(buffer)), ENODEV);
}

static void in_wait(int fd, const struct kind *kind, int *about_to)
{
	struct ringlog_wait wait = { .timeout_ns = kind->timeout };

	say(about_to, 1);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_WAIT, &wait), ENODEV);
}

static void in_write(int fd, const struct kind *kind, int *about_to)
{
	(void)kind;
	say(about_to, 1);
	CHECK_ERR(write(fd, "x", 1), ENODEV);
}

static void in_append(int fd, const struct kind *kind, int *about_to)
{
	(void)kind;
	say(about_to, 1);
	CHECK_ERR(try_append_value(fd, 0, "x", 1), ENODEV);
}

static void in_poll(int fd, const struct kind *kind, int *about_to)
{
	struct pollfd poll_fd = { .fd = fd, .events = kind->events };

	say(about_to, 1);
	CHECK_EQ(CHECK_OK(poll(&poll_fd, 1, -1)), 1);
	CHECK_EQ(poll_fd.revents, POLLERR | POLLHUP);
}

static int epoll_on(int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };
	int epoll = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));

	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	return epoll;
}

static void in_epoll(int fd, const struct kind *kind, int *about_to)
{
	int epoll = epoll_on(fd, kind->events | kind->mode);
	struct epoll_event event = { .events = 0 };

	say(about_to, 1);
	CHECK_EQ(CHECK_OK(epoll_wait(epoll, &event, 1, -1)), 1);
	CHECK_EQ(event.events, EPOLLERR | EPOLLHUP);
	if (!(kind->mode & EPOLLET))
		CHECK_EQ(CHECK_OK(epoll_wait(epoll, &event, 1, 0)), 1);
}

static struct io_uring *new_ring(void)
{
	static struct io_uring ring;

	CHECK_EQ(io_uring_queue_init(4, &ring, 0), 0);
	return &ring;
}

static int submit_and_wait(struct io_uring *ring, int *about_to)
{
	struct io_uring_cqe *cqe;
	int result;

	CHECK_EQ(io_uring_submit(ring), 1);
	CHECK_EQ(io_uring_peek_cqe(ring, &cqe), -EAGAIN);
	say(about_to, 1);
	CHECK_EQ(io_uring_wait_cqe(ring, &cqe), 0);
	result = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return result;
}

static void in_uring_read(int fd, const struct kind *kind, int *about_to)
{
	struct io_uring *ring = new_ring();
	static char buffer[64];

	(void)kind;
	io_uring_prep_read(io_uring_get_sqe(ring), fd, buffer, sizeof(buffer), -1);
	CHECK_EQ(submit_and_wait(ring, about_to), -ENODEV);
}

static void in_uring_write(int fd, const struct kind *kind, int *about_to)
{
	struct io_uring *ring = new_ring();

	(void)kind;
	io_uring_prep_write(io_uring_get_sqe(ring), fd, "x", 1, -1);
	CHECK_EQ(submit_and_wait(ring, about_to), -ENODEV);
}

static void in_uring_poll(int fd, const struct kind *kind, int *about_to)
{
	struct io_uring *ring = new_ring();

	io_uring_prep_poll_multishot(io_uring_get_sqe(ring), fd, kind->events);
	CHECK_EQ(submit_and_wait(ring, about_to), POLLERR | POLLHUP);
	check_gone(fd);
}

#define HOUR	3600000000000ULL

static const struct kind kinds[] = {
	{ .name = "read", .flags = O_RDONLY, .call = SYS_read, .wait = in_read },
	{ .name = "read, of both", .flags = O_RDWR, .call = SYS_read, .wait = in_read },
	{ .name = "batch read", .flags = O_RDONLY, .call = SYS_read,
	  .wait = in_read, .mode = 1 },
	{ .name = "WAIT for ever", .flags = O_RDONLY, .call = SYS_ioctl, .wait = in_wait,
	  .timeout = RINGLOG_WAIT_FOREVER },
	{ .name = "WAIT an hour", .flags = O_RDWR, .call = SYS_ioctl,
	  .wait = in_wait, .timeout = HOUR },
	{ .name = "write", .flags = O_WRONLY, .call = SYS_write, .wait = in_write },
	{ .name = "write, of both", .flags = O_RDWR, .call = SYS_write, .wait = in_write },
	{ .name = "APPEND", .flags = O_WRONLY, .call = SYS_ioctl, .wait = in_append },
	{ .name = "poll IN, read", .flags = O_RDONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLIN },
	{ .name = "poll OUT, read", .flags = O_RDONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLOUT },
	{ .name = "poll PRI, read", .flags = O_RDONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLPRI },
	{ .name = "poll for the end, read", .flags = O_RDONLY, .call = SYS_poll,
	  .wait = in_poll },
	{ .name = "poll IN, write", .flags = O_WRONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLIN },
	{ .name = "poll OUT, write", .flags = O_WRONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLOUT },
	{ .name = "poll PRI, write", .flags = O_WRONLY, .call = SYS_poll,
	  .wait = in_poll, .events = POLLPRI },
	{ .name = "poll for the end, write", .flags = O_WRONLY, .call = SYS_poll,
	  .wait = in_poll },
	{ .name = "poll IN, both", .flags = O_RDWR, .call = SYS_poll,
	  .wait = in_poll, .events = POLLIN },
	{ .name = "poll OUT, both", .flags = O_RDWR, .call = SYS_poll,
	  .wait = in_poll, .events = POLLOUT },
	{ .name = "poll PRI, both", .flags = O_RDWR, .call = SYS_poll,
	  .wait = in_poll, .events = POLLPRI },
	{ .name = "poll for the end, both", .flags = O_RDWR, .call = SYS_poll,
	  .wait = in_poll },
	{ .name = "epoll IN, read", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN },
	{ .name = "epoll OUT, read", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT },
	{ .name = "epoll for the end, read", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll },
	{ .name = "epoll IN, write", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN },
	{ .name = "epoll OUT, write", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT },
	{ .name = "epoll for the end, write", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll },
	{ .name = "epoll IN, both", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN },
	{ .name = "epoll OUT, both", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT },
	{ .name = "epoll for the end, both", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll },
	{ .name = "epoll IN, read, by edges", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLET },
	{ .name = "epoll OUT, read, by edges", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLET },
	{ .name = "epoll for the end, read, by edges", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLET },
	{ .name = "epoll IN, write, by edges", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLET },
	{ .name = "epoll OUT, write, by edges", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLET },
	{ .name = "epoll for the end, write, by edges", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLET },
	{ .name = "epoll IN, both, by edges", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLET },
	{ .name = "epoll OUT, both, by edges", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLET },
	{ .name = "epoll for the end, both, by edges", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLET },
	{ .name = "epoll IN, read, shared", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll OUT, read, shared", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll for the end, read, shared", .flags = O_RDONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll IN, write, shared", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll OUT, write, shared", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll for the end, write, shared", .flags = O_WRONLY, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll IN, both, shared", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLIN, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll OUT, both, shared", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .events = EPOLLOUT, .mode = EPOLLEXCLUSIVE },
	{ .name = "epoll for the end, both, shared", .flags = O_RDWR, .call = SYS_epoll_wait,
	  .wait = in_epoll, .mode = EPOLLEXCLUSIVE },
	{ .name = "io_uring read", .flags = O_RDONLY, .call = SYS_io_uring_enter,
	  .wait = in_uring_read },
	{ .name = "io_uring write", .flags = O_WRONLY, .call = SYS_io_uring_enter,
	  .wait = in_uring_write },
	{ .name = "io_uring poll IN", .flags = O_RDONLY, .call = SYS_io_uring_enter,
	  .wait = in_uring_poll, .events = POLLIN },
	{ .name = "io_uring poll OUT", .flags = O_WRONLY, .call = SYS_io_uring_enter,
	  .wait = in_uring_poll, .events = POLLOUT },
	{ .name = "io_uring poll IN, of both", .flags = O_RDWR, .call = SYS_io_uring_enter,
	  .wait = in_uring_poll, .events = POLLIN },
	{ .name = "io_uring poll OUT, of both", .flags = O_RDWR, .call = SYS_io_uring_enter,
	  .wait = in_uring_poll, .events = POLLOUT },
};

#define KINDS	((int)(sizeof(kinds) / sizeof(*kinds)))

/* A stream with no room: there is a gate at its oldest record. Returns the gate. */
static int make_full_stream(unsigned int partitions)
{
	struct ringlog_ctl_config config = stream_config(NAME);
	int gate, writer;
	unsigned int p;

	config.has |= RINGLOG_CTL_POLICY | RINGLOG_CTL_PARTITIONS;
	config.policy = RINGLOG_POLICY_BLOCK;
	config.partitions = partitions;
	streams_clear();
	stream_make_as(&config);
	gate = stream_open(NAME, O_RDWR);
	writer = stream_open(NAME, O_WRONLY | O_NONBLOCK);
	dev_attach(gate, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST, 0);
	for (p = 0; p < partitions; p++) {
		while (!try_append_value(writer, p, "x", 1))
			;
		CHECK_EQ(errno, EAGAIN);
	}
	CHECK_OK(close(writer));
	return gate;
}

struct waiter {
	const struct kind *kind;
	int about_to, fd;
	pid_t pid;
};

static void wait_for_the_end(void *argument)
{
	struct waiter *waiter = argument;
	int fd = waiter->fd;

	if (fd < 0) {
		fd = stream_open(NAME, waiter->kind->flags);
		if (waiter->kind->flags != O_WRONLY)
			CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	}
	waiter->kind->wait(fd, waiter->kind, &waiter->about_to);
	check_gone(fd);
}

static void start_waiter(struct waiter *waiter, const struct kind *kind, int fd)
{
	waiter->kind = kind;
	waiter->fd = fd;
	waiter->pid = spawn(wait_for_the_end, waiter);
	wait_in_call(waiter->pid, &waiter->about_to, kind->call);
}

static void end_waiter(struct waiter *waiter)
{
	int status = reap_soon(waiter->pid);

	if (status)
		test_fail(__FILE__, __LINE__, "%s: %s", waiter->kind->name,
			  status < 0 ? "it was not woken" : "it was told something else");
}

/* Those who ask for nothing but the end sleep through records, and hear of it. */
static void check_after_records(int flags, const struct kind *kind)
{
	struct waiter *waiter = shared_memory(sizeof(*waiter));
	int i, fd;

	streams_clear();
	stream_make(NAME);
	fd = stream_open(NAME, flags);
	start_waiter(waiter, kind, fd);
	for (i = 0; i < 3; i++)
		write_number(stream_open(NAME, O_WRONLY), i);
	wait_in_call(waiter->pid, &waiter->about_to, kind->call);
	stream_delete(NAME);
	end_waiter(waiter);
}

static void test_after_records(void)
{
	static const struct kind ends[] = {
		{ .name = "poll", .call = SYS_poll, .wait = in_poll },
		{ .name = "poll RDHUP", .call = SYS_poll, .wait = in_poll, .events = POLLRDHUP },
		{ .name = "epoll", .call = SYS_epoll_wait, .wait = in_epoll },
		{ .name = "epoll, edges", .call = SYS_epoll_wait, .wait = in_epoll,
		  .mode = EPOLLET },
	};
	int i;

	for (i = 0; i < 4; i++) {
		check_after_records(O_RDONLY, &ends[i]);
		check_after_records(O_WRONLY, &ends[i]);
		check_after_records(O_RDWR, &ends[i]);
	}
}

/* One at a time, so that nobody is woken by another who was. */
static void check_each(unsigned int partitions)
{
	struct waiter *waiter = shared_memory(sizeof(*waiter));
	int i, gate;

	for (i = 0; i < KINDS; i++) {
		waiter->about_to = 0;
		gate = make_full_stream(partitions);
		start_waiter(waiter, &kinds[i], -1);
		stream_delete(NAME);
		end_waiter(waiter);
		check_gone(gate);
		CHECK_OK(close(gate));
	}
}

static void test_each(void)
{
	check_each(1);
}

static void test_each_with_partitions(void)
{
	check_each(3);
}

static void check_all(struct waiter *waiters, int count)
{
	int i;

	stream_delete(NAME);
	for (i = 0; i < count; i++)
		end_waiter(&waiters[i]);
}

static void test_all_at_once(void)
{
	struct waiter *waiters = shared_memory(2 * KINDS * sizeof(*waiters));
	int i;

	make_full_stream(1);
	for (i = 0; i < 2 * KINDS; i++)
		start_waiter(&waiters[i], &kinds[i % KINDS], -1);
	check_all(waiters, 2 * KINDS);
}

/* On one open file: whoever waits with others is told with them. */
static void check_shared_file(int flags)
{
	struct waiter *waiters = shared_memory(KINDS * sizeof(*waiters));
	int i, fd, count = 0, gate = make_full_stream(1);

	fd = stream_open(NAME, flags);
	if (flags != O_WRONLY)
		CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	for (i = 0; i < KINDS; i++)
		/* A batch read changes the mode of the file. */
		if (kinds[i].flags == flags && (kinds[i].wait != in_read || !kinds[i].mode))
			start_waiter(&waiters[count++], &kinds[i], fd);
	CHECK(count > 10);
	check_all(waiters, count);
	check_gone(fd);
	CHECK_OK(close(gate));
}

static void test_a_shared_file(void)
{
	check_shared_file(O_RDONLY);
	check_shared_file(O_WRONLY);
	check_shared_file(O_RDWR);
}

/* Each asks to be the only one that is woken, but the end is for all. */
static void check_exclusive(int flags, unsigned int events)
{
	const struct kind kind = {
		.name = "one of several", .flags = flags, .call = SYS_epoll_wait, .wait = in_epoll,
		.events = events, .mode = EPOLLEXCLUSIVE,
	};
	struct waiter *waiters = shared_memory(4 * sizeof(*waiters));
	int i, fd, gate = make_full_stream(1);

	fd = stream_open(NAME, flags);
	if (flags != O_WRONLY)
		CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	for (i = 0; i < 4; i++)
		start_waiter(&waiters[i], &kind, fd);
	check_all(waiters, 4);
	CHECK_OK(close(fd));
	CHECK_OK(close(gate));
}

static void test_exclusive_readers(void)
{
	check_exclusive(O_RDONLY, EPOLLIN);
}

static void test_exclusive_writers(void)
{
	check_exclusive(O_WRONLY, EPOLLOUT);
}

/* What is retained is not for reading any more, and a loss is not told. */
static void test_records_go_at_once(void)
{
	int reader, lapped, writer;

	streams_clear();
	stream_make(NAME);
	writer = stream_open(NAME, O_RDWR);
	lapped = stream_open(NAME, O_RDONLY);
	lap(writer, 0);
	reader = stream_open(NAME, O_RDONLY);
	stream_delete(NAME);
	CHECK_ERR(read(lapped, &reader, sizeof(reader)), ENODEV);
	CHECK_ERR(read(reader, &writer, sizeof(writer)), ENODEV);
	CHECK_ERR(write(writer, "x", 1), ENODEV);
}

static void test_nonblocking(void)
{
	char byte;
	int fd, gate = make_full_stream(1);

	fd = stream_open(NAME, O_RDWR | O_NONBLOCK);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_ERR(read(fd, &byte, 1), EAGAIN);
	CHECK_ERR(write(fd, "x", 1), EAGAIN);
	stream_delete(NAME);
	check_gone(fd);
	check_gone(gate);
}

static void kill_sleepers(const struct kind *kind)
{
	struct waiter *waiters = shared_memory(3 * sizeof(*waiters));
	int i, gate = make_full_stream(1);

	for (i = 0; i < 3; i++)
		start_waiter(&waiters[i], kind, -1);
	CHECK_OK(kill(waiters[1].pid, SIGKILL));
	stream_delete(NAME);
	end_waiter(&waiters[0]);
	end_waiter(&waiters[2]);
	reap_killed(waiters[1].pid);
	CHECK_OK(close(gate));
}

/* One who is woken and dies takes nobody's wakeup with it. */
static void test_one_is_killed_meanwhile(void)
{
	int i;

	for (i = 0; i < KINDS; i++)
		if (kinds[i].wait == in_write || kinds[i].wait == in_read)
			kill_sleepers(&kinds[i]);
}

static const struct test tests[] = {
	{ "each kind of waiter", test_each },
	{ "each kind of waiter, several partitions", test_each_with_partitions },
	{ "for the end, past records", test_after_records },
	{ "all at once", test_all_at_once },
	{ "on one open file", test_a_shared_file },
	{ "readers that share wakeups", test_exclusive_readers },
	{ "writers that share wakeups", test_exclusive_writers },
	{ "records go at once", test_records_go_at_once },
	{ "files that do not wait", test_nonblocking },
	{ "one is killed meanwhile", test_one_is_killed_meanwhile },
};

TEST_MAIN(tests)
