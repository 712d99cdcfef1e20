// SPDX-License-Identifier: GPL-2.0-only
/* RINGLOG_IOC_WAIT. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "test.h"

#define NUMBER_BYTES	64	/* of ring that a number takes */

static struct ringlog_wait wait_for(int fd, struct ringlog_wait wait)
{
	CHECK_OK(ioctl(fd, RINGLOG_IOC_WAIT, &wait));
	return wait;
}

static struct ringlog_wait wait_fails(int fd, struct ringlog_wait wait,
				      int error)
{
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_WAIT, &wait), error);
	return wait;
}

/* Numbers over all partitions by turns. */
static void write_numbers(int fd, unsigned int count)
{
	while (count--)
		write_number(fd, count);
}

static void test_what_is_there(void)
{
	int fd = dev_open_newest(O_RDWR);
	struct ringlog_wait wait;

	write_numbers(fd, 5);
	wait = wait_for(fd, (struct ringlog_wait){ .flags = 0 });
	CHECK_EQ(wait.records, 5);
	CHECK_EQ(wait.bytes, 5 * NUMBER_BYTES);
	wait_for(fd, (struct ringlog_wait){ .min_records = 5 });
	wait_for(fd, (struct ringlog_wait){ .min_bytes = 5 * NUMBER_BYTES });
	wait_for(fd, (struct ringlog_wait){ .min_records = 5,
		 .min_bytes = 1 << 30 });
	wait_for(fd, (struct ringlog_wait){ .min_records = 1 << 30,
		 .min_bytes = 5 * NUMBER_BYTES });
	read_number(fd);
	wait = wait_for(fd, (struct ringlog_wait){ .min_records = 4 });
	CHECK_EQ(wait.records, 4);
	CHECK_EQ(wait.bytes, 4 * NUMBER_BYTES);
}

static void test_looks_once(void)
{
	int fd = dev_open_newest(O_RDWR);
	struct ringlog_wait wait;

	wait = wait_fails(fd, (struct ringlog_wait){ .records = 77,
			  .bytes = 77 }, ETIMEDOUT);
	CHECK_EQ(wait.records, 0);
	CHECK_EQ(wait.bytes, 0);
	write_numbers(fd, 3);
	wait = wait_fails(fd, (struct ringlog_wait){ .min_records = 4 },
			  ETIMEDOUT);
	CHECK_EQ(wait.records, 3);
	CHECK_EQ(wait.bytes, 3 * NUMBER_BYTES);
	wait_fails(fd, (struct ringlog_wait){
			.min_bytes = 3 * NUMBER_BYTES + 1 }, ETIMEDOUT);
	wait_fails(fd, (struct ringlog_wait){ .min_records = 4,
		   .min_bytes = 3 * NUMBER_BYTES + 1 }, ETIMEDOUT);
}

static void test_gives_up(void)
{
	const uint64_t timeout = 30000000;
	int fd = dev_open_newest(O_RDWR);
	uint64_t since = now_ns(CLOCK_MONOTONIC);
	struct ringlog_wait wait;

	write_numbers(fd, 2);
	wait = wait_fails(fd, (struct ringlog_wait){ .min_records = 3,
			  .timeout_ns = timeout }, ETIMEDOUT);
	CHECK_LE(since + timeout, now_ns(CLOCK_MONOTONIC));
	CHECK_EQ(wait.records, 2);
	CHECK_EQ(wait.bytes, 2 * NUMBER_BYTES);
}

/* The spin is counted: a long one does not outlast the timeout for ever. */
static void test_gives_up_spinning(void)
{
	const uint64_t timeout = 30000000;
	int fd = dev_open_newest(O_RDWR);
	uint64_t since = now_ns(CLOCK_MONOTONIC);

	wait_fails(fd, (struct ringlog_wait){ .spin_ns = timeout / 2,
		   .timeout_ns = timeout }, ETIMEDOUT);
	CHECK_LE(since + timeout, now_ns(CLOCK_MONOTONIC));
	wait_fails(fd, (struct ringlog_wait){ .spin_ns = RINGLOG_SPIN_MAX,
		   .timeout_ns = timeout }, ETIMEDOUT);
}

static void test_nonblocking(void)
{
	int fd = dev_open_newest(O_RDWR | O_NONBLOCK);
	struct ringlog_wait wait;

	write_numbers(fd, 2);
	wait = wait_fails(fd, (struct ringlog_wait){ .min_records = 3,
			  .timeout_ns = RINGLOG_WAIT_FOREVER }, EAGAIN);
	CHECK_EQ(wait.records, 2);
	CHECK_EQ(wait.bytes, 2 * NUMBER_BYTES);
	wait_for(fd, (struct ringlog_wait){ .min_records = 2,
		 .timeout_ns = RINGLOG_WAIT_FOREVER });
}

static void test_only_attached_partitions_count(void)
{
	int fd = dev_open_newest(O_RDWR);

	need_partitions(2);
	dev_attach(fd, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	append_number(fd, 0, 0);
	wait_fails(fd, (struct ringlog_wait){ .flags = 0 }, ETIMEDOUT);
	append_number(fd, 1, 0);
	CHECK_EQ(wait_for(fd, (struct ringlog_wait){ .flags = 0 }).records, 1);
}

struct sleeper {
	struct ringlog_wait wait;
	int about_to, fd, pipe, error;
};

static void sleep_in_wait(void *argument)
{
	struct sleeper *sleeper = argument;

	say(&sleeper->about_to, 1);
	if (ioctl(sleeper->fd, RINGLOG_IOC_WAIT, &sleeper->wait))
		sleeper->error = errno;
	CHECK_EQ(write(sleeper->pipe, "", 1), 1);
}

static struct sleeper *new_sleeper(struct ringlog_wait wait)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));

	sleeper->wait = wait;
	sleeper->wait.timeout_ns = RINGLOG_WAIT_FOREVER;
	sleeper->fd = dev_open_newest(O_RDWR);
	return sleeper;
}

#define SLEEPERS	8

/*
 * Each wakes at its own amount and not before: the writer goes on only when
 * those that are due have said so, and each must find just what it asked for.
 */
static void sleepers_of(const unsigned int *wants, bool bytes)
{
	struct sleeper *sleepers[SLEEPERS];
	unsigned int i, written, due;
	int pipes[2], writer = dev_open(O_WRONLY);
	pid_t pids[SLEEPERS];
	char byte;

	CHECK_OK(pipe(pipes));
	for (i = 0; i < SLEEPERS; i++) {
		sleepers[i] = new_sleeper((struct ringlog_wait){
			.min_records = bytes ? 0 : wants[i],
			.min_bytes = bytes ? wants[i] * NUMBER_BYTES - 5 : 0,
		});
		sleepers[i]->pipe = pipes[1];
	}
	for (i = 0; i < SLEEPERS; i++) {
		pids[i] = spawn(sleep_in_wait, sleepers[i]);
		wait_asleep(pids[i], &sleepers[i]->about_to);
	}
	for (written = 1; written <= 40; written++) {
		write_number(writer, written);
		for (due = 0, i = 0; i < SLEEPERS; i++)
			due += wants[i] == written;
		while (due--)
			CHECK_EQ(CHECK_OK(read(pipes[0], &byte, 1)), 1);
	}
	for (i = 0; i < SLEEPERS; i++) {
		reap(pids[i]);
		CHECK_EQ(sleepers[i]->error, 0);
		CHECK_EQ(sleepers[i]->wait.records, wants[i]);
		CHECK_EQ(sleepers[i]->wait.bytes, wants[i] * NUMBER_BYTES);
	}
}

static const unsigned int wants[SLEEPERS] = { 3, 1, 40, 7, 7, 2, 20, 16 };

static void test_sleepers_want_records(void)
{
	sleepers_of(wants, false);
}

static void test_sleepers_want_bytes(void)
{
	sleepers_of(wants, true);
}

/* All records to one partition of several: no share of it is waited for. */
static void test_one_partition_brings_all(void)
{
	struct sleeper *sleeper = new_sleeper((struct ringlog_wait){
		.min_records = 10 });
	int i, pipes[2], writer = dev_open(O_WRONLY);
	pid_t pid;

	CHECK_OK(pipe(pipes));
	sleeper->pipe = pipes[1];
	pid = spawn(sleep_in_wait, sleeper);
	wait_asleep(pid, &sleeper->about_to);
	for (i = 0; i < 10; i++)
		append_number(writer, dev_partitions() - 1, i);
	reap(pid);
	CHECK_EQ(sleeper->error, 0);
	CHECK_EQ(sleeper->wait.records, 10);
}

static void test_woken_while_spinning(void)
{
	struct sleeper *sleeper = new_sleeper((struct ringlog_wait){
		.min_records = 2, .spin_ns = RINGLOG_SPIN_MAX });
	int pipes[2], writer = dev_open(O_WRONLY);
	pid_t pid;

	CHECK_OK(pipe(pipes));
	sleeper->pipe = pipes[1];
	pid = spawn(sleep_in_wait, sleeper);
	wait_until(&sleeper->about_to, 1);
	write_numbers(writer, 2);
	reap(pid);
	CHECK_EQ(sleeper->error, 0);
	CHECK_EQ(sleeper->wait.records, 2);
}

/* More than the rings can hold: the lap ends the wait. */
static void lapped(struct ringlog_wait wait)
{
	struct sleeper *sleeper = new_sleeper(wait);
	int pipes[2], writer = dev_open(O_WRONLY);
	pid_t pid;

	if (dev_policy() == RINGLOG_POLICY_REJECT)
		test_skip("nobody is lapped here");
	CHECK_OK(pipe(pipes));
	sleeper->pipe = pipes[1];
	pid = spawn(sleep_in_wait, sleeper);
	wait_asleep(pid, &sleeper->about_to);
	lap(writer, 0);
	reap(pid);
	CHECK_EQ(sleeper->error, 0);
}

static void test_a_lap_ends_a_wait_for_records(void)
{
	lapped((struct ringlog_wait){ .min_records = ~0ULL });
}

static void test_a_lap_ends_a_wait_for_bytes(void)
{
	lapped((struct ringlog_wait){ .min_bytes = ~0ULL });
}

/* Not restarted, whatever the handler's flags say. */
static void test_signals(void)
{
	static const int flags[] = { 0, SA_RESTART };
	int i, pipes[2];

	CHECK_OK(pipe(pipes));
	for (i = 0; i < 2; i++) {
		struct sleeper *sleeper = new_sleeper((struct ringlog_wait){
			.min_records = 5 });
		pid_t pid;

		sleeper->pipe = pipes[1];
		catch_signal(SIGUSR1, flags[i]);
		pid = spawn(sleep_in_wait, sleeper);
		wait_asleep(pid, &sleeper->about_to);
		CHECK_OK(kill(pid, SIGUSR1));
		reap(pid);
		CHECK_EQ(sleeper->error, EINTR);
	}
}

struct pace {
	int read;
	unsigned int records;
};

static void write_in_fits(void *argument)
{
	struct pace *pace = argument;
	int fd = dev_open(O_WRONLY);
	uint64_t state = 3;
	unsigned int i;

	for (i = 0; i < pace->records; i++) {
		volatile unsigned int spin = random_next(&state) % 500;

		write_number(fd, i);
		while (heard(&pace->read) + 100 < (int)i)
			;
		while (spin)
			spin--;
	}
}

/* Many waits for few records, from a writer that never quite stops. */
static void test_no_wakeup_is_lost(void)
{
	struct pace *pace = shared_memory(sizeof(*pace));
	int fd = dev_open_newest(O_RDONLY), i;
	uint64_t state = 5;
	pid_t pid;

	pace->records = 3000;
	pid = spawn(write_in_fits, pace);
	while (pace->read < (int)pace->records) {
		unsigned int left = pace->records - pace->read;
		struct ringlog_wait wait = {
			.min_records = 1 + random_next(&state) % 7,
			.timeout_ns = SOON_MS * 1000000ULL,
		};

		if (wait.min_records > left)
			wait.min_records = left;
		wait = wait_for(fd, wait);
		CHECK_LE(wait.min_records, wait.records);
		for (i = 0; i < (int)wait.records; i++)
			read_number(fd);
		say(&pace->read, pace->read + wait.records);
	}
	reap(pid);
}

#define PAIRS	4000

static void write_pairs(void *argument)
{
	int *round = argument;
	int fd = dev_open(O_WRONLY), i;
	uint64_t state = 7;

	for (i = 1; i <= PAIRS; i++) {
		volatile unsigned int spin = random_next(&state) % 300;

		while (heard(round) < i)
			;
		while (spin)
			spin--;
		write_number(fd, i);
		write_number(fd, i);
	}
}

/* The writer stops when just enough is there, so no later append makes up for a wakeup. */
static void just_enough(struct ringlog_wait wanted)
{
	int *round = shared_memory(sizeof(*round));
	int fd = dev_open_newest(O_RDONLY), i;
	pid_t pid = spawn(write_pairs, round);

	for (i = 1; i <= PAIRS; i++) {
		struct ringlog_wait got;

		say(round, i);
		got = wait_for(fd, wanted);
		/* The next offset moves after head: what was not asked for may lag. */
		CHECK_LE(wanted.min_records, got.records);
		CHECK_LE(wanted.min_bytes, got.bytes);
		read_number(fd);
		read_number(fd);
	}
	reap(pid);
}

static void test_just_enough_records(void)
{
	struct ringlog_wait wait = { .min_records = 2, .timeout_ns = RINGLOG_WAIT_FOREVER };

	just_enough(wait);
}

static void test_just_enough_bytes(void)
{
	struct ringlog_wait wait = {
		.min_bytes = 2 * NUMBER_BYTES,
		.timeout_ns = RINGLOG_WAIT_FOREVER,
	};

	just_enough(wait);
}

static const struct test tests[] = {
	{ "what is there ends a wait", test_what_is_there },
	{ "no timeout looks once", test_looks_once },
	{ "a timeout gives up", test_gives_up },
	{ "a spin is counted", test_gives_up_spinning },
	{ "O_NONBLOCK", test_nonblocking },
	{ "only attached partitions count",
	  test_only_attached_partitions_count },
	{ "sleepers want records", test_sleepers_want_records },
	{ "sleepers want bytes", test_sleepers_want_bytes },
	{ "one partition brings all", test_one_partition_brings_all },
	{ "woken while spinning", test_woken_while_spinning },
	{ "a lap ends a wait for records", test_a_lap_ends_a_wait_for_records },
	{ "a lap ends a wait for bytes", test_a_lap_ends_a_wait_for_bytes },
	{ "a signal ends a wait", test_signals },
	{ "no wakeup is lost in many rounds", test_no_wakeup_is_lost },
	{ "just enough records end a wait", test_just_enough_records },
	{ "just enough bytes end a wait", test_just_enough_bytes },
};

TEST_MAIN(tests)
