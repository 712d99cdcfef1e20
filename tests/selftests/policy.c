// SPDX-License-Identifier: GPL-2.0-only
/* What a full ring does: the policies and their gates. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static unsigned int piece(void)
{
	return dev_max_record() / 4;
}

static int gates[4], gate_count;

/* A gate at the newest record of every partition. */
static int open_gate(void)
{
	int fd = dev_open(O_RDWR);

	dev_attach(fd, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	CHECK(gate_count < 4);
	gates[gate_count++] = fd;
	return fd;
}

/* A child holds its parent's gates until it lets go of them. */
static void close_gates(void)
{
	while (gate_count)
		close(gates[--gate_count]);
}

static int try_piece(int fd, unsigned int partition, uint64_t number)
{
	uint64_t *value = calloc(1, piece());
	int result, error;

	CHECK(value);
	value[0] = number;
	result = try_append_value(fd, partition, value, piece());
	error = errno;
	free(value);
	errno = error;
	return result;
}

/* Numbers tell the partition and the turn; those of other writers are extra. */
#define FILL	1000000
#define EXTRA	(FILL * PARTITIONS_MAX)

/* Fills the partition until it refuses; returns the records it took. */
static unsigned int fill_partition(int fd, unsigned int partition, int error)
{
	unsigned int took = 0;

	while (!try_piece(fd, partition, partition * FILL + took))
		CHECK_LE(++took * piece(), dev_ring_bytes());
	CHECK_EQ(errno, error);
	/* The floor is by blocks, and a record may not quite fit. */
	CHECK_LE(dev_ring_bytes() / 2, took * piece());
	return took;
}

static unsigned int fill(int error)
{
	int fd = dev_open(O_WRONLY | O_NONBLOCK);
	unsigned int p, took = 0;

	for (p = 0; p < dev_partitions(); p++)
		took += fill_partition(fd, p, error);
	close(fd);
	return took;
}

/* Takes the room that is left for the smallest records too. */
static void fill_gaps(int error)
{
	int fd = dev_open(O_WRONLY | O_NONBLOCK);
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++) {
		while (!try_append_value(fd, p, "x", 1))
			;
		CHECK_EQ(errno, error);
	}
	close(fd);
}

static uint64_t read_piece(int fd)
{
	uint64_t *value = malloc(dev_max_record()), number;

	CHECK(value);
	CHECK_EQ(CHECK_OK(read(fd, value, dev_max_record())), piece());
	number = value[0];
	free(value);
	return number;
}

/* Reads what the gate held up and the extras: all, in order, nothing lost. */
static void drain(int gate, unsigned int took, unsigned int extras)
{
	unsigned int i, p, next[PARTITIONS_MAX] = {}, seen = 0;

	for (i = 0; i < took + extras; i++) {
		uint64_t number = read_piece(gate);

		if (number >= EXTRA) {
			CHECK(number - EXTRA < 32 && extras);
			CHECK(!(seen & 1U << (number - EXTRA)));
			seen |= 1U << (number - EXTRA);
			continue;
		}
		p = number / FILL;
		CHECK(p < dev_partitions());
		CHECK_EQ(number % FILL, next[p]);
		next[p]++;
	}
	CHECK_EQ(seen, (1U << extras) - 1);
	for (p = 0; p < dev_partitions(); p++)
		CHECK_EQ(dev_info(gate, p).lost, 0);
}

static uint64_t appended(void)
{
	int fd = dev_open(O_WRONLY);
	uint64_t records = dev_info(fd, 0).records;

	close(fd);
	return records;
}

static int can_write(int fd, int timeout)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	CHECK_OK(poll(&poll_fd, 1, timeout));
	return poll_fd.revents;
}

struct writer {
	int about_to, fd;
	unsigned int partition;
	uint64_t number;
};

/* Blocks in write(), for which it takes its turn. */
static void write_blocked(void *argument)
{
	struct writer *writer = argument;
	uint64_t *value = calloc(1, piece());

	CHECK(value);
	value[0] = writer->number;
	close_gates();
	say(&writer->about_to, 1);
	CHECK_EQ(CHECK_OK(write(writer->fd, value, piece())), piece());
	free(value);
}

static void append_blocked(void *argument)
{
	struct writer *writer = argument;

	close_gates();
	say(&writer->about_to, 1);
	CHECK_OK(try_piece(writer->fd, writer->partition, writer->number));
}

static pid_t blocked_writer(void (*how)(void *), unsigned int partition,
			    unsigned int extra)
{
	struct writer *writer = shared_memory(sizeof(*writer));
	pid_t pid;

	writer->fd = dev_open(O_WRONLY);
	writer->partition = partition;
	writer->number = EXTRA + extra;
	pid = spawn(how, writer);
	wait_asleep(pid, &writer->about_to);
	close(writer->fd);
	return pid;
}

static void test_no_gate_overwrites(void)
{
	int fd = dev_open(O_WRONLY | O_NONBLOCK);
	unsigned int p;

	if (dev_policy() == RINGLOG_POLICY_REJECT)
		test_skip("nothing is overwritten here");
	for (p = 0; p < dev_partitions(); p++) {
		lap(fd, p);
		CHECK_EQ(can_write(fd, 0), POLLOUT);
	}
}

static void test_full_gives_eagain(void)
{
	static char value[64];
	struct iovec iov = { value, sizeof(value) };
	int gate, fd = dev_open(O_WRONLY);
	uint64_t before;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	fill(EAGAIN);
	fill_gaps(EAGAIN);
	before = appended();
	CHECK_ERR(pwritev2(fd, &iov, 1, -1, RWF_NOWAIT), EAGAIN);
	CHECK_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	CHECK_ERR(write(fd, value, sizeof(value)), EAGAIN);
	CHECK_ERR(try_append_value(fd, 0, value, sizeof(value)), EAGAIN);
	CHECK_EQ(appended(), before);
	CHECK_EQ(can_write(fd, 0), 0);
	CHECK_EQ(lseek(gate, 0, SEEK_END), 0);
	CHECK_EQ(can_write(fd, SOON_MS), POLLOUT);
	CHECK_EQ(CHECK_OK(write(fd, value, sizeof(value))), sizeof(value));
	CHECK_EQ(CHECK_OK(read(gate, value, sizeof(value))), sizeof(value));
}

static void test_a_writer_sleeps_till_the_gate_moves(void)
{
	unsigned int took;
	uint64_t waits;
	pid_t pid;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	waits = dev_info(gate, 0).waits;
	pid = blocked_writer(write_blocked, 0, 0);
	dev_until_waits(gate, waits + 1);
	drain(gate, took, 1);
	reap(pid);
	no_more(gate);
}

static void test_a_batch_sleeps_too(void)
{
	unsigned int took;
	pid_t pid;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	pid = blocked_writer(append_blocked, dev_partitions() - 1, 0);
	drain(gate, took, 1);
	reap(pid);
}

/* The slowest gate counts. */
static void test_the_slowest_gate(void)
{
	unsigned int took;
	uint64_t before;
	int slow, fast;
	pid_t pid;

	need_policy(RINGLOG_POLICY_BLOCK);
	slow = open_gate();
	fast = open_gate();
	took = fill(EAGAIN);
	pid = blocked_writer(write_blocked, 0, 0);
	before = appended();
	drain(fast, took, 0);
	CHECK_EQ(can_write(dev_open(O_WRONLY), 0), 0);
	/* A look at the gates may have woken it, to no avail. */
	CHECK_EQ(appended(), before);
	drain(slow, took, 1);
	reap(pid);
	CHECK_EQ(read_piece(fast), EXTRA);
}

/* A reader without a gate holds nobody up and is lapped. */
static void test_others_are_lapped(void)
{
	unsigned int p, took;
	int other, gate;
	char *in = malloc(dev_max_record());

	need_policy(RINGLOG_POLICY_BLOCK);
	other = dev_open_newest(O_RDONLY);
	gate = open_gate();
	took = fill(EAGAIN);
	drain(gate, took, 0);
	took = fill(EAGAIN);
	drain(gate, took, 0);
	took = fill(EAGAIN);
	for (p = 0; p < dev_partitions(); p++)
		CHECK(dev_info(other, p).lost > 0);
	CHECK_ERR(read(other, in, dev_max_record()), EPIPE);
	drain(gate, took, 0);
}

static void poll_for_out(void *argument)
{
	struct writer *writer = argument;

	say(&writer->about_to, 1);
	CHECK_EQ(can_write(writer->fd, -1), POLLOUT);
}

static void test_a_poller_for_out_wakes(void)
{
	struct writer *writer = shared_memory(sizeof(*writer));
	unsigned int took;
	pid_t pid;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	writer->fd = dev_open(O_WRONLY);
	pid = spawn(poll_for_out, writer);
	wait_asleep(pid, &writer->about_to);
	drain(gate, took, 0);
	reap(pid);
}

static void interrupted(void *argument)
{
	struct writer *writer = argument;
	char *value = calloc(1, piece());

	catch_signal(SIGUSR1, 0);
	say(&writer->about_to, 1);
	if (writer->number)
		CHECK_ERR(write(writer->fd, value, piece()), EINTR);
	else
		CHECK_ERR(try_piece(writer->fd, 0, 1), EINTR);
	free(value);
}

static void test_a_signal_appends_nothing(void)
{
	unsigned int i, took;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	for (i = 0; i < 2; i++) {
		struct writer *writer = shared_memory(sizeof(*writer));
		uint64_t before = appended();
		pid_t pid;

		writer->fd = dev_open(O_WRONLY);
		writer->number = i;
		pid = spawn(interrupted, writer);
		wait_asleep(pid, &writer->about_to);
		CHECK_OK(kill(pid, SIGUSR1));
		reap(pid);
		CHECK_EQ(appended(), before);
	}
	drain(gate, took, 0);
	no_more(gate);
}

static void test_a_killed_writer_appends_nothing(void)
{
	unsigned int took;
	uint64_t before;
	pid_t pid;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	before = appended();
	pid = blocked_writer(write_blocked, 0, 1);
	CHECK_OK(kill(pid, SIGKILL));
	reap_killed(pid);
	CHECK_EQ(appended(), before);
	drain(gate, took, 0);
	no_more(gate);
	append_number(gate, 0, 5);
	CHECK_EQ(read_number(gate), 5);
}

static void attach_without(int gate)
{
	dev_attach(gate, ALL, 0, RINGLOG_START_OLDEST, 0);
}

static void attach_newest(int gate)
{
	dev_attach(gate, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
}

static void seek_end(int gate)
{
	CHECK_EQ(lseek(gate, 0, SEEK_END), 0);
}

static void let_go_of(int gate)
{
	CHECK_OK(close(gate));
}

/* Each of these must let the writers go on. */
static void released_by(void (*release)(int gate))
{
	unsigned int p;
	pid_t pids[PARTITIONS_MAX] = {};
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	fill(EAGAIN);
	for (p = 0; p < dev_partitions(); p++)
		pids[p] = blocked_writer(append_blocked, p, 1);
	release(gate);
	for (p = 0; p < dev_partitions(); p++)
		reap(pids[p]);
}

static void test_released_by_attach(void)
{
	released_by(attach_without);
}

static void test_released_by_a_moved_gate(void)
{
	released_by(attach_newest);
}

static void test_released_by_lseek(void)
{
	released_by(seek_end);
}

static void test_released_by_close(void)
{
	released_by(let_go_of);
}

static void test_released_by_replace(void)
{
	unsigned int took;
	pid_t pid;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	need_partitions(2);
	gate = open_gate();
	took = fill(EAGAIN);
	pid = blocked_writer(append_blocked, 1, took);
	dev_attach(gate, 0, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_GATE,
		   RINGLOG_START_OLDEST, 0);
	reap(pid);
	CHECK(!(dev_info(gate, 1).cursor_flags & RINGLOG_CURSOR_GATE));
	CHECK(dev_info(gate, 0).cursor_flags & RINGLOG_CURSOR_GATE);
}

static void hold_a_gate(void *argument)
{
	struct writer *holder = argument;

	open_gate();
	say(&holder->about_to, 1);
	for (;;)
		pause();
}

static void test_released_by_death(void)
{
	struct writer *holder = shared_memory(sizeof(*holder));
	pid_t pid, gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = spawn(hold_a_gate, holder);
	wait_until(&holder->about_to, 1);
	fill(EAGAIN);
	pid = blocked_writer(write_blocked, 0, 1);
	CHECK_OK(kill(gate, SIGKILL));
	reap_killed(gate);
	reap(pid);
}

static void append_largest(void *argument)
{
	struct writer *writer = argument;
	char *value = calloc(1, dev_max_record());

	CHECK(value);
	close_gates();
	say(&writer->about_to, 1);
	CHECK_OK(try_append_value(writer->fd, 0, value, dev_max_record()));
	free(value);
}

static void append_byte(void *argument)
{
	struct writer *writer = argument;

	close_gates();
	say(&writer->about_to, 1);
	CHECK_OK(try_append_value(writer->fd, 0, "x", 1));
}

/* The first in the queue wants more than there is; the second does not. */
static void test_room_for_the_second_in_the_queue(void)
{
	struct ringlog_info info;
	struct writer *blocked;
	pid_t first, second;
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	fill(EAGAIN);
	fill_gaps(EAGAIN);
	blocked = shared_memory(sizeof(*blocked));
	blocked->fd = dev_open(O_WRONLY);
	first = spawn(append_largest, blocked);
	wait_asleep(first, &blocked->about_to);
	second = blocked_writer(append_byte, 0, 0);
	/* To the end of a block, which is less than the first one wants. */
	info = dev_info(gate, 0);
	dev_attach(gate, 0, RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_REPLACE, RINGLOG_START_OFFSET,
		   info.cursor_offset);
	while (dev_info(gate, 0).cursor_position / RINGLOG_BLOCK ==
	       info.cursor_position / RINGLOG_BLOCK)
		read_piece(gate);
	reap(second);
	close_gates();
	reap(first);
}

#define WRITERS	8

static void test_many_writers_all_get_through(void)
{
	unsigned int i, took;
	pid_t pids[WRITERS];
	int gate;

	need_policy(RINGLOG_POLICY_BLOCK);
	gate = open_gate();
	took = fill(EAGAIN);
	for (i = 0; i < WRITERS; i++)
		pids[i] = blocked_writer(append_blocked, i % dev_partitions(),
					 i);
	drain(gate, took, WRITERS);
	for (i = 0; i < WRITERS; i++)
		reap(pids[i]);
	no_more(gate);
}

struct sleeper {
	struct ringlog_wait wait;
	int about_to, fd;
};

static void wait_for_much(void *argument)
{
	struct sleeper *sleeper = argument;

	say(&sleeper->about_to, 1);
	CHECK_OK(ioctl(sleeper->fd, RINGLOG_IOC_WAIT, &sleeper->wait));
}

static void test_wait_ends_when_a_writer_waits(void)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));
	unsigned int took;
	pid_t reader, pid;

	need_policy(RINGLOG_POLICY_BLOCK);
	sleeper->fd = open_gate();
	sleeper->wait.min_records = ~0ULL;
	sleeper->wait.timeout_ns = RINGLOG_WAIT_FOREVER;
	reader = spawn(wait_for_much, sleeper);
	wait_asleep(reader, &sleeper->about_to);
	took = fill(EAGAIN);
	pid = blocked_writer(write_blocked, 0, 0);
	reap(reader);
	CHECK_EQ(sleeper->wait.records, took);
	/* The writer waits already: no sleep at all. */
	wait_for_much(sleeper);
	drain(sleeper->fd, took, 1);
	reap(pid);
}

static void test_gates_are_told(void)
{
	int fd = dev_open(O_RDWR);
	unsigned int p;

	if (dev_policy() == RINGLOG_POLICY_OVERWRITE)
		test_skip("for a stream with gates");
	for (p = 0; p < dev_partitions(); p++)
		CHECK(!(dev_info(fd, p).cursor_flags & RINGLOG_CURSOR_GATE));
	dev_attach(fd, 0, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	for (p = 0; p < dev_partitions(); p++)
		CHECK_EQ(dev_info(fd, p).cursor_flags & RINGLOG_CURSOR_GATE,
			 p ? 0 : RINGLOG_CURSOR_GATE);
	dev_attach(fd, 0, 0, RINGLOG_START_NEWEST, 0);
	CHECK(!(dev_info(fd, 0).cursor_flags & RINGLOG_CURSOR_GATE));
}

/* A call that fails changes nothing: the gate that it asked for is not there. */
static void test_a_refused_gate_is_none(void)
{
	int fd = dev_open(O_RDWR);
	uint64_t beyond;

	if (dev_policy() == RINGLOG_POLICY_OVERWRITE)
		test_skip("for a stream with gates");
	beyond = dev_info(fd, 0).next_offset + 1;
	CHECK_ERR(try_attach(fd, 0, RINGLOG_ATTACH_GATE, RINGLOG_START_OFFSET, beyond), ERANGE);
	CHECK(!(dev_info(fd, 0).cursor_flags & RINGLOG_CURSOR_GATE));
}

/* With no gate nothing may go: this must come first, on an empty stream. */
static void test_reject_without_gates(void)
{
	static char value[64];
	int fd, blocking = dev_open(O_WRONLY);
	uint64_t rejects;

	need_policy(RINGLOG_POLICY_REJECT);
	fd = dev_open(O_RDONLY);
	drain(fd, fill(ENOBUFS), 0);
	fill_gaps(ENOBUFS);
	rejects = dev_info(fd, 0).rejects;
	CHECK(rejects > 0);
	CHECK_ERR(write(blocking, value, sizeof(value)), ENOBUFS);
	CHECK_ERR(try_append_value(blocking, 0, value, 64), ENOBUFS);
	CHECK_EQ(dev_info(fd, 0).rejects, rejects + 2);
	CHECK_EQ(dev_info(fd, 0).oldest_offset, 0);
	CHECK_EQ(dev_info(fd, 0).tail, 0);
}

static void test_reject_with_gates(void)
{
	unsigned int took, i;
	int slow, fast;
	uint64_t before;

	need_policy(RINGLOG_POLICY_REJECT);
	slow = open_gate();
	fast = open_gate();
	/* Both are past everything, so all of it may go. */
	for (i = 0; i < 3; i++) {
		took = fill(ENOBUFS);
		before = appended();
		drain(fast, took, 0);
		CHECK_ERR(try_piece(fast, 0, 0), ENOBUFS);
		CHECK_EQ(appended(), before);
		drain(slow, took, 0);
	}
	CHECK_OK(try_piece(fast, 0, 0));
	CHECK_EQ(read_piece(fast), 0);
	CHECK_EQ(read_piece(slow), 0);
}

static const struct {
	const char *name;
	unsigned int policy;
} policies[] = {
	{ "overwrite", RINGLOG_POLICY_OVERWRITE },
	{ "block", RINGLOG_POLICY_BLOCK },
	{ "reject", RINGLOG_POLICY_REJECT },
};

static const struct test tests[] = {
	{ "reject: nothing goes without a gate", test_reject_without_gates },
	{ "reject: what every gate has passed goes", test_reject_with_gates },
	{ "no gate overwrites", test_no_gate_overwrites },
	{ "full: EAGAIN and no OUT", test_full_gives_eagain },
	{ "a writer sleeps till the gate moves",
	  test_a_writer_sleeps_till_the_gate_moves },
	{ "a batch sleeps too", test_a_batch_sleeps_too },
	{ "the slowest gate counts", test_the_slowest_gate },
	{ "readers without a gate are lapped", test_others_are_lapped },
	{ "a poller for OUT wakes", test_a_poller_for_out_wakes },
	{ "a signal appends nothing", test_a_signal_appends_nothing },
	{ "a killed writer appends nothing",
	  test_a_killed_writer_appends_nothing },
	{ "released by ATTACH without a gate", test_released_by_attach },
	{ "released by a gate that moves", test_released_by_a_moved_gate },
	{ "released by lseek", test_released_by_lseek },
	{ "released by close", test_released_by_close },
	{ "released by REPLACE", test_released_by_replace },
	{ "released by death", test_released_by_death },
	{ "room for the second in the queue", test_room_for_the_second_in_the_queue },
	{ "many writers all get through", test_many_writers_all_get_through },
	{ "WAIT ends when a writer waits",
	  test_wait_ends_when_a_writer_waits },
	{ "INFO tells gates", test_gates_are_told },
	{ "a refused gate is none", test_a_refused_gate_is_none },
};

/* policy NAME [TEST...]: the policy that the stream must have */
int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc > 1 && i < 3; i++)
		if (!strcmp(argv[1], policies[i].name) &&
		    dev_policy() == policies[i].policy)
			return test_main(argc - 1, argv + 1, tests,
					 sizeof(tests) / sizeof(tests[0]));
	fprintf(stderr, "usage: policy NAME [TEST...], on such a stream\n");
	return 2;
}
