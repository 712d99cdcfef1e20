// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consumers of libringlog on the device: what they cost, and that they are right while
 * writers lap them. zerocopy lap SECONDS and zerocopy hunt ROUNDS last that long; with
 * names of tests, or nothing, the others run.
 */
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../libshim/ringlog.h"
#include "device.h"
#include "payload.h"
#include "proc.h"
#include "test.h"

static struct ringlog_consumer *consumer_at(__u32 partition, __u32 from)
{
	const struct ringlog_start start = { .from = from };
	struct ringlog_consumer *consumer;

	CHECK_EQ(ringlog_consumer_open(&consumer, "default", 0), 0);
	CHECK_EQ(ringlog_consumer_attach(consumer, partition, &start), 0);
	return consumer;
}

/* --- what it costs ---------------------------------------------------------------------- */

#define FEW	400	/* records of 64 bytes that fit into the smallest ring */

/* Nothing but read, write and exit is let through from here on. */
static void forbid_calls(void)
{
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
}

/* exit_group(), which a return and exit() are, would not be let through. */
static void leave(int status)
{
	syscall(SYS_exit, status);
}

static void call_something(void *argument)
{
	(void)argument;
	forbid_calls();
	syscall(SYS_getppid);
	leave(0);
}

static void read_with_no_call(void *argument)
{
	struct ringlog_consumer *consumer = consumer_at(0, RINGLOG_START_NEWEST);
	const struct ringlog_start oldest = { .from = RINGLOG_START_OLDEST };
	struct ringlog_peek peek;
	unsigned int count;

	say(argument, 1);
	wait_until((int *)argument, 2);
	forbid_calls();
	for (count = 0; count < FEW; count++) {
		if (ringlog_consumer_wait(consumer, NULL) || ringlog_peek(consumer, &peek) != 1 ||
		    peek.value_len != sizeof(uint64_t) || *(const uint64_t *)peek.value != count ||
		    ringlog_release(consumer))
			leave(2);
	}
	if (ringlog_peek(consumer, &peek) || ringlog_consumer_seek(consumer, 0, &oldest) ||
	    ringlog_peek(consumer, &peek) != 1)
		leave(3);
	leave(0);
}

static void test_no_call(void)
{
	int *state = shared_memory(sizeof(*state));
	int i, status, fd = dev_open(O_WRONLY);
	pid_t pid;

	if (prctl(PR_GET_SECCOMP) < 0)
		test_skip("this kernel has no seccomp");
	/* That it would be seen. */
	pid = spawn(call_something, NULL);
	CHECK_OK(waitpid(pid, &status, 0));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	pid = spawn(read_with_no_call, state);
	wait_until(state, 1);
	for (i = 0; i < FEW; i++)
		append_number(fd, 0, i);
	say(state, 2);
	CHECK_OK(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

/* Who finds its records without sleeping costs those who append no wakeup. */
static void test_no_wakeup(void)
{
	struct ringlog_consumer *consumer = consumer_at(0, RINGLOG_START_NEWEST);
	int i, fd = dev_open(O_RDWR);
	struct ringlog_info before = dev_info(fd, 0), after;
	const struct ringlog_patience spin = { .spin_ns = RINGLOG_SPIN_ALWAYS,
					       .timeout_ns = RINGLOG_WAIT_FOREVER };
	struct ringlog_peek peek;

	for (i = 0; i < FEW; i++) {
		append_number(fd, 0, i);
		CHECK_EQ(ringlog_consumer_wait(consumer, &spin), 0);
		CHECK_EQ(ringlog_peek(consumer, &peek), 1);
		CHECK_EQ(ringlog_release(consumer), 0);
	}
	after = dev_info(fd, 0);
	CHECK_EQ(after.wakeups, before.wakeups);
	CHECK_EQ(after.wakeups_elided, before.wakeups_elided + FEW);
	CHECK_EQ(after.waits, before.waits);
}

static void wait_for_one(void *argument)
{
	struct ringlog_consumer *consumer = consumer_at(RINGLOG_PARTITION_ALL,
							RINGLOG_START_NEWEST);
	struct ringlog_peek peek;

	say(argument, 1);
	CHECK_EQ(ringlog_consumer_wait(consumer, NULL), 0);
	CHECK_EQ(ringlog_peek(consumer, &peek), 1);
	CHECK_EQ(ringlog_release(consumer), 0);
	ringlog_consumer_close(consumer);
}

/* How often the task has been put on a processor. */
static unsigned long switches(pid_t pid)
{
	unsigned long sum = 0, count;
	unsigned int found = 0;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "voluntary_ctxt_switches: %lu", &count) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %lu", &count) == 1) {
			sum += count;
			found++;
		}
	}
	fclose(file);
	CHECK_EQ(found, 2);
	return sum;
}

static void test_idle(void)
{
	const struct timespec while_idle = { .tv_sec = 10 };
	int *about_to = shared_memory(sizeof(*about_to));
	pid_t pid = spawn(wait_for_one, about_to);
	int fd = dev_open(O_WRONLY);
	unsigned long before;

	wait_in_call(pid, about_to, SYS_ioctl);
	before = switches(pid);
	CHECK_OK(nanosleep(&while_idle, NULL));
	CHECK_EQ(switches(pid), before);
	append_number(fd, 0, 1);
	CHECK_EQ(reap_soon(pid), 0);
}

/* --- lapped ----------------------------------------------------------------------------- */

#define READERS		3
#define LENGTH_MAX	3000

static struct lap {
	int ready;
	int stop;
	unsigned int seconds;
	uint64_t delivered[READERS];
	uint64_t lost[READERS];
	uint64_t torn[READERS];
} *laps;

static union {
	struct payload payload;
	unsigned char bytes[LENGTH_MAX];
} whole;

/* The writer's own numbers are the offsets, so each record says where it belongs. */
static void check_record(const struct ringlog_peek *peek, uint64_t offset)
{
	CHECK_LE(sizeof(whole.payload), peek->value_len);
	payload_check(&whole.payload, peek->value_len);
	CHECK_EQ(whole.payload.sequence, offset);
}

/* Slow: it looks at each byte, the more often the higher its number. 0: nothing was there. */
static int take_record(struct ringlog_consumer *consumer, uintptr_t number)
{
	struct ringlog_place before;
	struct ringlog_peek peek;
	uint64_t offset;
	unsigned int i;
	int ret = ringlog_peek(consumer, &peek);

	if (ret <= 0) {
		CHECK(!ret || ret == -EPIPE);
		return ret;
	}
	CHECK_LE(peek.value_len, dev_max_record());
	for (i = 0; i <= number && peek.value_len <= LENGTH_MAX; i++)
		memcpy(whole.bytes, peek.value, peek.value_len);
	offset = peek.record->offset;
	CHECK_EQ(ringlog_consumer_place(consumer, 0, &before), 0);
	ret = ringlog_release(consumer);
	if (ret) {
		CHECK_EQ(ret, -EPIPE);
		laps->torn[number]++;
		return 1;
	}
	CHECK_EQ(before.offset, offset);
	check_record(&peek, offset);
	laps->delivered[number]++;
	return 1;
}

static void read_lapped(void *argument)
{
	const struct ringlog_patience look = { 0 };
	uintptr_t number = (uintptr_t)argument;
	struct ringlog_consumer *consumer = consumer_at(0, RINGLOG_START_NEWEST);
	struct ringlog_place begin, end;
	int stopped;

	CHECK_EQ(ringlog_consumer_place(consumer, 0, &begin), 0);
	__atomic_fetch_add(&laps->ready, 1, __ATOMIC_SEQ_CST);
	do {
		stopped = heard(&laps->stop);
		while (take_record(consumer, number))
			;
		if (!stopped && ringlog_consumer_wait(consumer, &look))
			sched_yield();
	} while (!stopped);
	CHECK_EQ(ringlog_consumer_place(consumer, 0, &end), 0);
	CHECK_EQ(end.offset, end.end);
	/* Not one more nor less. */
	CHECK_EQ(laps->delivered[number] + end.lost, end.offset - begin.offset);
	laps->lost[number] = end.lost;
	ringlog_consumer_close(consumer);
}

static void write_laps(int fd, unsigned int seconds)
{
	uint64_t random = 1, end = now_ns(CLOCK_MONOTONIC) + seconds * 1000000000ULL;
	struct ringlog_info info = dev_info(fd, 0);
	uint64_t sequence = info.next_offset;

	do {
		unsigned int i;

		for (i = 0; i < 64; i++) {
			size_t length = sizeof(whole.payload) +
				random_next(&random) % (LENGTH_MAX - sizeof(whole.payload));

			whole.payload.sequence = sequence++;
			whole.payload.partition = 0;
			whole.payload.seed = random_next(&random);
			payload_make(&whole.payload, length);
			CHECK_EQ(write(fd, whole.bytes, length), (ssize_t)length);
		}
	} while (now_ns(CLOCK_MONOTONIC) < end);
}

static void test_lapped(void)
{
	int fd = dev_open(O_RDWR);
	uint64_t lost_before = dev_info(fd, 0).lost_records, lost = 0, torn = 0;
	pid_t pids[READERS];
	uintptr_t i;

	/* So that write() has nothing to choose. */
	CHECK_EQ(dev_partitions(), 1);
	for (i = 0; i < READERS; i++)
		pids[i] = spawn(read_lapped, (void *)i);
	wait_until(&laps->ready, READERS);
	write_laps(fd, laps->seconds);
	say(&laps->stop, 1);
	for (i = 0; i < READERS; i++)
		reap(pids[i]);
	for (i = 0; i < READERS; i++) {
		dprintf(STDOUT_FILENO, "# %" PRIu64 " delivered, %" PRIu64 " lost, %" PRIu64
			" overwritten while in use\n", laps->delivered[i], laps->lost[i],
			laps->torn[i]);
		CHECK(laps->delivered[i]);
		lost += laps->lost[i];
		torn += laps->torn[i];
	}
	/* It was what it is for. */
	CHECK(lost && torn);
	/* And the kernel was told. */
	CHECK_EQ(dev_info(fd, 0).lost_records, lost_before + lost);
}

/* --- wakeups ----------------------------------------------------------------------------- */

static struct hunt {
	int ready;
	unsigned int rounds;
} *hunt;

/*
 * Append to the one partition, wait for the other, in both processes: when a wakeup is
 * lost, both sleep for ever. They spin first for a time that differs, so that going to
 * sleep meets the other's append in every way.
 */
static void hunt_from(unsigned int from, unsigned int to)
{
	struct ringlog_consumer *consumer = consumer_at(from, RINGLOG_START_NEWEST);
	uint64_t random = from + 1;
	int fd = dev_open(O_WRONLY);
	unsigned int round;

	__atomic_fetch_add(&hunt->ready, 1, __ATOMIC_SEQ_CST);
	wait_until(&hunt->ready, 2);
	for (round = 0; round < hunt->rounds; round++) {
		struct ringlog_patience patience = { .timeout_ns = RINGLOG_WAIT_FOREVER };
		struct ringlog_peek peek;

		/* It is the two of them asleep that hangs; millions of rounds take hours. */
		if (round % 4096 == 0)
			alarm(test_seconds());
		if (round % 1000000 == 0 && round && !from)
			dprintf(STDOUT_FILENO, "# %u rounds\n", round);
		append_number(fd, to, round);
		patience.spin_ns = random_next(&random) % 4 ? 0 : random_next(&random) % 20000;
		CHECK_EQ(ringlog_consumer_wait(consumer, &patience), 0);
		CHECK_EQ(ringlog_peek(consumer, &peek), 1);
		CHECK_EQ(*(const uint64_t *)peek.value, round);
		CHECK_EQ(ringlog_release(consumer), 0);
	}
	ringlog_consumer_close(consumer);
}

static void hunt_back(void *argument)
{
	(void)argument;
	hunt_from(1, 0);
}

static void test_hunt(void)
{
	int fd = dev_open(O_RDONLY);
	uint64_t waits = dev_info(fd, 0).waits;
	pid_t pid;

	need_partitions(2);
	pid = spawn(hunt_back, NULL);
	hunt_from(0, 1);
	reap(pid);
	dprintf(STDOUT_FILENO, "# slept %" PRIu64 " times in %u rounds\n",
		(uint64_t)dev_info(fd, 0).waits - waits, hunt->rounds);
	CHECK_LE(waits + 1, dev_info(fd, 0).waits);
}

static const struct test tests[] = {
	{ "no system call while there are records", test_no_call },
	{ "no wakeup where nobody sleeps", test_no_wakeup },
	{ "idle costs nothing", test_idle },
};

static const struct test lapped[] = { { "lapped", test_lapped } };
static const struct test hunted[] = { { "no wakeup is lost", test_hunt } };

int main(int argc, char **argv)
{
	laps = shared_memory(sizeof(*laps));
	hunt = shared_memory(sizeof(*hunt));
	if (argc == 3 && !strcmp(argv[1], "lap")) {
		laps->seconds = strtoul(argv[2], NULL, 10);
		return test_main(1, argv, lapped, 1);
	}
	if (argc == 3 && !strcmp(argv[1], "hunt")) {
		hunt->rounds = strtoul(argv[2], NULL, 10);
		return test_main(1, argv, hunted, 1);
	}
	return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
