// SPDX-License-Identifier: GPL-2.0-only
/*
 * streams-race ROUNDS
 *
 * Streams of the same few names come and go, so often, while others open, read,
 * write, poll and control whatever they find, and what they opened before.
 * Whatever comes of a call is documented of it, whoever waits is woken by the
 * end, and nothing is left.
 */
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

#define MAKERS	2
#define USERS	2
#define WAITERS	3
#define FILES	8	/* that a user has open */

static const char * const names[] = { "a", "b", "c" };

enum op {
	OP_NEW, OP_DELETE, OP_SET, OP_GET, OP_PURGE, OP_LIST,
	OP_OPEN, OP_READ, OP_WRITE, OP_APPEND, OP_ATTACH, OP_INFO, OP_WAIT, OP_SEEK, OP_POLL,
	OP_BLOCKED_READ, OP_BLOCKED_WRITE, OP_BLOCKED_WAIT, OP_BLOCKED_POLL,
	OPS
};

/* What may come of each, but for success. */
static const struct {
	const char *name;
	int errors[4];
} ops[OPS] = {
	[OP_NEW] = { "new", { EEXIST } },
	[OP_DELETE] = { "delete", { ENOENT } },
	[OP_SET] = { "set", { ENOENT } },
	[OP_GET] = { "get", { ENOENT } },
	[OP_PURGE] = { "purge", { ENOENT } },
	[OP_LIST] = { "list", { EAGAIN } },
	[OP_OPEN] = { "open", { ENOENT, ENODEV } },
	[OP_READ] = { "read", { EAGAIN, EPIPE, ENODEV } },
	[OP_WRITE] = { "write", { EAGAIN, ENOBUFS, ENODEV } },
	[OP_APPEND] = { "append", { EAGAIN, ENOBUFS, ENODEV } },
	[OP_ATTACH] = { "attach", { EOPNOTSUPP, EUSERS, ENODEV } },
	[OP_INFO] = { "info", { ENODEV } },
	[OP_WAIT] = { "wait", { EAGAIN, ENODEV } },
	[OP_SEEK] = { "lseek", { ENODEV } },
	[OP_POLL] = { "poll", { ENODEV } },
	[OP_BLOCKED_READ] = { "blocked read", { EPIPE, ENODEV } },
	[OP_BLOCKED_WRITE] = { "blocked write", { ENOBUFS, ENODEV } },
	[OP_BLOCKED_WAIT] = { "blocked wait", { ENODEV } },
	[OP_BLOCKED_POLL] = { "blocked poll", { ENODEV } },
};

struct shared {
	int rounds, stop;
	int done[OPS], refused[OPS], gone[OPS];
};

static struct shared *shared;
static int rounds;

static void add(int *count)
{
	__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
}

/* @error: 0 or an errno. Returns whether the stream is gone. */
static bool came_of_it(enum op op, int error)
{
	size_t i;

	if (!error) {
		add(&shared->done[op]);
		return false;
	}
	for (i = 0; i < sizeof(ops[op].errors) / sizeof(int); i++)
		if (error == ops[op].errors[i])
			break;
	if (i == sizeof(ops[op].errors) / sizeof(int))
		test_fail(__FILE__, __LINE__, "%s: %s", ops[op].name, strerror(error));
	add(error == ENODEV ? &shared->gone[op] : &shared->refused[op]);
	return error == ENODEV;
}

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static const char *any_name(uint64_t *state)
{
	return names[random_next(state) % 3];
}

/* --- who makes them */

static int seen(const struct ringlog_ctl_stream *stream, void *data)
{
	(void)stream;
	(void)data;
	return 0;
}

static void control(const char *name, unsigned int what)
{
	/* An age that strikes soon. */
	struct ringlog_ctl_config age = {
		.name = name, .has = RINGLOG_CTL_AGE, .age = RINGLOG_AGE_MIN,
	};
	struct ringlog_ctl_stream stream;

	switch (what) {
	case 0:
		came_of_it(OP_SET, -ringlog_ctl_stream_set(ctl(), &age, &stream));
		break;
	case 1:
		came_of_it(OP_GET, -ringlog_ctl_stream_get(ctl(), name, &stream));
		break;
	case 2:
		came_of_it(OP_PURGE, -ringlog_ctl_stream_purge(ctl(), name, 0,
							       RINGLOG_CTL_ALL_PARTITIONS));
		break;
	case 3:
		came_of_it(OP_LIST, -ringlog_ctl_streams_list(ctl(), seen, NULL));
		break;
	}
}

static void make(void *argument)
{
	uint64_t state = (uintptr_t)argument;

	while (heard(&shared->rounds) < rounds) {
		struct ringlog_ctl_config config = stream_config(any_name(&state));
		int ret;

		config.has |= RINGLOG_CTL_POLICY | RINGLOG_CTL_PARTITIONS | RINGLOG_CTL_AGE;
		config.policy = random_next(&state) % 3;
		config.partitions = 1 + random_next(&state) % 2;
		config.age = random_next(&state) % 4 ? 0 : 1000000;
		ret = ringlog_ctl_stream_new(ctl(), &config, NULL);
		came_of_it(OP_NEW, -ret);
		if (!ret)
			add(&shared->rounds);
		/* Give those who wait for it a moment, mostly. */
		if (random_next(&state) % 4)
			sched_yield();
		control(any_name(&state), random_next(&state) % 16);
		ret = ringlog_ctl_stream_delete(ctl(), config.name, 0);
		came_of_it(OP_DELETE, -ret);
	}
}

/* --- who uses them */

static int open_any(uint64_t *state, int flags)
{
	int fd, error = stream_try_open(any_name(state), flags, &fd);

	came_of_it(OP_OPEN, error);
	return error ? -1 : fd;
}

static bool do_attach(int fd, uint64_t *state)
{
	struct ringlog_attach attach = {
		.partition = ALL,
		.flags = random_next(state) % 2 ? RINGLOG_ATTACH_GATE : 0,
		.start = random_next(state) % 2,
	};

	return came_of_it(OP_ATTACH, error_of(ioctl(fd, RINGLOG_IOC_ATTACH, &attach)));
}

static bool do_wait(int fd)
{
	struct ringlog_wait wait = { .timeout_ns = RINGLOG_WAIT_FOREVER };

	return came_of_it(OP_WAIT, error_of(ioctl(fd, RINGLOG_IOC_WAIT, &wait)));
}

static bool do_info(int fd)
{
	struct ringlog_info info = { .partition = 0 };

	return came_of_it(OP_INFO, error_of(ioctl(fd, RINGLOG_IOC_INFO, &info)));
}

static bool do_poll(int fd, enum op op, int events, int timeout)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	CHECK_OK(poll(&poll_fd, 1, timeout));
	CHECK_EQ(poll_fd.revents & POLLNVAL, 0);
	/* Both or none of them. */
	CHECK_EQ(!(poll_fd.revents & POLLHUP), !(poll_fd.revents & POLLERR));
	return came_of_it(op, poll_fd.revents & POLLHUP ? ENODEV : 0);
}

static char buffer[1 << 16];

/* A call on a file that is open for both and does not wait. Returns whether its stream is gone. */
static bool do_any(int fd, uint64_t *state)
{
	unsigned int bytes = 1 + random_next(state) % 8000;

	switch (random_next(state) % 8) {
	case 0:
		return came_of_it(OP_READ, error_of(read(fd, buffer, sizeof(buffer))));
	case 1:
		return came_of_it(OP_WRITE, error_of(write(fd, buffer, bytes)));
	case 2:
		return came_of_it(OP_APPEND, error_of(try_append_value(fd, TURN, buffer, bytes)));
	case 3:
		return do_attach(fd, state);
	case 4:
		return do_info(fd);
	case 5:
		return do_wait(fd);
	case 6:
		return came_of_it(OP_SEEK, error_of(lseek(fd, 0, random_next(state) % 2 ?
							     SEEK_SET : SEEK_END)));
	default:
		return do_poll(fd, OP_POLL, POLLIN | POLLOUT, 0);
	}
}

static void use(void *argument)
{
	uint64_t state = (uintptr_t)argument;
	int fds[FILES], i;

	memset(fds, -1, sizeof(fds));
	while (!heard(&shared->stop)) {
		i = random_next(&state) % FILES;
		if (fds[i] < 0) {
			fds[i] = open_any(&state, O_RDWR | O_NONBLOCK);
			continue;
		}
		/* What is gone once stays gone. */
		if (do_any(fds[i], &state))
			check_gone(fds[i]);
		else if (random_next(&state) % 16)
			continue;
		if (random_next(&state) % 2) {
			CHECK_OK(close(fds[i]));
			fds[i] = -1;
		}
	}
}

/* Until it is gone, and each time as somebody who would sleep for ever. */
static void wait_in(int fd, uint64_t *state)
{
	struct ringlog_wait wait = { .timeout_ns = RINGLOG_WAIT_FOREVER };
	unsigned int how = random_next(state) % 4;
	bool gone = false;

	while (!gone)
		switch (how) {
		case 0:
			gone = came_of_it(OP_BLOCKED_READ,
					  error_of(read(fd, buffer, sizeof(buffer))));
			break;
		case 1:
			gone = do_attach(fd, state) ||
			       came_of_it(OP_BLOCKED_WRITE, error_of(write(fd, buffer, 8000)));
			break;
		case 2:
			CHECK(lseek(fd, 0, SEEK_END) >= 0 || errno == ENODEV);
			gone = came_of_it(OP_BLOCKED_WAIT,
					  error_of(ioctl(fd, RINGLOG_IOC_WAIT, &wait)));
			break;
		case 3:
			gone = do_poll(fd, OP_BLOCKED_POLL, 0, -1);
			break;
		}
}

static void wait_for_ends(void *argument)
{
	uint64_t state = (uintptr_t)argument;
	int fd;

	while (!heard(&shared->stop)) {
		fd = open_any(&state, O_RDWR);
		if (fd < 0)
			continue;
		wait_in(fd, &state);
		check_gone(fd);
		CHECK_OK(close(fd));
	}
}

/* --- the whole */

static void report(void)
{
	int op;

	for (op = 0; op < OPS; op++)
		dprintf(STDOUT_FILENO, "# %s: %d done, %d refused, %d gone\n", ops[op].name,
			shared->done[op], shared->refused[op], shared->gone[op]);
}

/* The race was one: each of these came about. */
static void check_it_was_a_race(void)
{
	int op;

	for (op = OP_NEW; op < OPS; op++)
		if (op != OP_BLOCKED_POLL && !shared->done[op])
			test_fail(__FILE__, __LINE__, "%s: never done", ops[op].name);
	for (op = OP_READ; op < OPS; op++)
		if (!shared->gone[op])
			test_fail(__FILE__, __LINE__, "%s: never met the end", ops[op].name);
	CHECK(shared->refused[OP_NEW]);
	CHECK(shared->refused[OP_DELETE]);
}

/* To the byte: there is room for a stream as large as the limit, and for no larger one. */
static void check_nothing_is_left(void)
{
	struct ringlog_ctl_config config = stream_config("last");
	uint64_t base = stream_get("default").memory, cost;
	int fd;

	CHECK_EQ(streams_count(), 1);
	CHECK_ERR(access(STREAMS, F_OK), ENOENT);
	CHECK_EQ(stream_get("default").open_files, 0);
	cost = stream_make("last").memory;
	stream_delete("last");
	set_limit("streams_limit", 2);
	set_limit("memory_limit", base + cost - 1);
	stream_refused(&config, ENOSPC);
	set_limit("memory_limit", base + cost);
	set_limit("uid_memory_limit", base + cost - 1);
	stream_refused(&config, EDQUOT);
	set_limit("uid_memory_limit", base + cost);
	stream_make("last");
	CHECK_EQ(stream_try_open("last", O_RDWR, &fd), 0);
}

static void test_race(void)
{
	pid_t makers[MAKERS], others[USERS + WAITERS];
	uintptr_t i;

	shared = shared_memory(sizeof(*shared));
	streams_clear();
	for (i = 0; i < USERS + WAITERS; i++)
		others[i] = spawn(i < USERS ? use : wait_for_ends, (void *)(i + 1));
	for (i = 0; i < MAKERS; i++)
		makers[i] = spawn(make, (void *)(i + 100));
	for (i = 0; i < MAKERS; i++)
		reap(makers[i]);
	streams_clear();
	say(&shared->stop, 1);
	report();
	for (i = 0; i < USERS + WAITERS; i++)
		CHECK_EQ(reap_soon(others[i]), 0);
	CHECK_LE(rounds, shared->rounds);
	check_it_was_a_race();
	check_nothing_is_left();
}

static const struct test tests[] = {
	{ "streams come and go", test_race },
};

int main(int argc, char **argv)
{
	rounds = argc == 2 ? atoi(argv[1]) : 0;
	if (rounds <= 0) {
		fprintf(stderr, "usage: streams-race ROUNDS\n");
		return 2;
	}
	return test_main(1, argv, tests, 1);
}
