// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records that are too old. The stream has an age already: a second or so. A
 * young record may be too old by the time that a slow guest reads it, so what
 * is said of young ones is tried again when the clock says that it was too late.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "test.h"

/* Too late so often, and the guest is no good. */
#define TRIES	20

static uint64_t age_ns;

static uint64_t now(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

/* Until all that was appended before is too old. */
static void grow_old(void)
{
	uint64_t until = now() + age_ns + 1;
	struct timespec at = {
		.tv_sec = until / 1000000000,
		.tv_nsec = until % 1000000000,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
		;
}

/* What was appended at @since or later is not too old yet. */
static bool young(uint64_t since)
{
	return now() - since < age_ns;
}

/* A reader at the newest record of the last partition alone. */
static int reader(unsigned int flags, unsigned int *partition)
{
	int fd = dev_open(O_RDWR | O_NONBLOCK);

	*partition = dev_partitions() - 1;
	dev_attach(fd, *partition, flags | RINGLOG_ATTACH_REPLACE,
		   RINGLOG_START_NEWEST, 0);
	return fd;
}

/* -1 and errno, unless a number comes. */
static int try_number(int fd, uint64_t *number)
{
	ssize_t got = read(fd, number, sizeof(*number));

	if (got >= 0)
		CHECK_EQ(got, sizeof(*number));
	return got < 0 ? -1 : 0;
}

static void append_numbers(int fd, unsigned int partition, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		append_number(fd, partition, i);
}

static void test_info(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	struct ringlog_info info;

	CHECK_EQ(dev_info(fd, p).age_ns, age_ns);
	append_numbers(fd, p, 10);
	grow_old();
	info = dev_info(fd, p);
	CHECK_EQ(info.oldest_offset, info.next_offset);
	CHECK_EQ(info.tail, info.head);
	CHECK_EQ(info.lost, 10);
	CHECK_EQ(info.expired, 10);
	CHECK(info.cursor_flags & RINGLOG_CURSOR_LAPPED);
}

static void test_told_once(void)
{
	unsigned int p;
	int fd = reader(0, &p);
	struct ringlog_info before = dev_info(fd, p), info;
	uint64_t lost = 0, since, number;

	for (int i = 0; i < TRIES; i++) {
		append_numbers(fd, p, 10);
		lost += 10;
		grow_old();
		if (!i)
			CHECK_ERR(try_number(fd, &number), EPIPE);
		no_more(fd);
		no_more(fd);
		since = now();
		append_number(fd, p, 42);
		if (!try_number(fd, &number))
			break;
		CHECK(!young(since));
		lost++;
	}
	CHECK_EQ(number, 42);
	info = dev_info(fd, p);
	CHECK_EQ(info.lost, lost);
	CHECK_EQ(info.expired, lost);
	CHECK_EQ(info.lost_records, before.lost_records + lost);
	CHECK_EQ(info.expired_records, before.expired_records + lost);
}

static void test_told_in_the_run(void)
{
	unsigned int p;
	int fd = reader(RINGLOG_ATTACH_BATCH, &p);
	struct ringlog_run *run = malloc(batch_bytes());
	uint64_t lost = 0, since;

	CHECK(run);
	for (int i = 0; i < TRIES; i++) {
		append_numbers(fd, p, 10);
		lost += 10;
		grow_old();
		CHECK_ERR(read(fd, run, batch_bytes()), EAGAIN);
		since = now();
		append_numbers(fd, p, 2);
		if (read(fd, run, batch_bytes()) > 0)
			break;
		CHECK(!young(since));
		lost += 2;
	}
	/* The first of the two may have gone. */
	CHECK_EQ(run->lost + run->records, lost + 2);
	CHECK_LE(lost, run->lost);
	CHECK_EQ(run->expired, run->lost);
	free(run);
}

/* Whoever comes later has lost nothing. */
static void test_new_readers_start_young(void)
{
	unsigned int p;
	int fd = reader(0, &p);

	for (int i = 0; i < TRIES; i++) {
		struct ringlog_attach attach;
		uint64_t since, next, number;

		append_numbers(fd, p, 10);
		grow_old();
		since = now();
		next = dev_info(fd, p).next_offset;
		append_number(fd, p, 42);
		attach = dev_attach(fd, p, 0, RINGLOG_START_OLDEST, 0);
		if (!young(since))
			continue;
		CHECK_EQ(attach.offset, next);
		CHECK_EQ(try_attach(fd, p, 0, RINGLOG_START_OFFSET, next - 1), -1);
		CHECK_EQ(errno, ERANGE);
		if (!try_number(fd, &number)) {
			CHECK_EQ(number, 42);
			return;
		}
		CHECK(!young(since));
	}
	CHECK(!"in time");
}

static int poll_for(int fd, short events, int timeout)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	CHECK_OK(poll(&pollfd, 1, timeout));
	return pollfd.revents;
}

/* Nothing is there but, in plain mode, a loss to be told. */
static void test_poll_and_wait(void)
{
	struct ringlog_wait wait = { .min_records = 1 };
	unsigned int p;
	int plain = reader(0, &p), batch = reader(RINGLOG_ATTACH_BATCH, &p);
	uint64_t number;

	append_numbers(plain, p, 10);
	grow_old();
	CHECK_EQ(poll_for(plain, POLLIN | POLLPRI, 0), POLLIN | POLLPRI);
	CHECK_EQ(poll_for(batch, POLLIN, 0), 0);
	CHECK_ERR(ioctl(batch, RINGLOG_IOC_WAIT, &wait), EAGAIN);
	CHECK_EQ(wait.records, 0);
	CHECK_ERR(try_number(plain, &number), EPIPE);
	no_more(plain);
	CHECK_EQ(poll_for(plain, POLLIN | POLLPRI, 0), 0);
	CHECK_ERR(ioctl(plain, RINGLOG_IOC_WAIT, &wait), EAGAIN);
}

/* While one writes and the other reads: what is read was young when the read began. */
static int stop;

static void *write_on(void *argument)
{
	int fd = dev_open(O_WRONLY);
	unsigned int p = *(unsigned int *)argument;

	while (!heard(&stop)) {
		uint64_t number = 0;

		if (try_append_value(fd, p, &number, sizeof(number)))
			CHECK_EQ(errno, ENOBUFS);
	}
	close(fd);
	return NULL;
}

struct seen {
	uint64_t began;
	uint64_t next;
	bool first;
};

static void see(const struct ringlog_run *run, const struct ringlog_record *record,
		void *argument)
{
	struct seen *seen = argument;

	if (seen->first)
		seen->next += run->lost;
	seen->first = false;
	CHECK_EQ(record->offset, seen->next);
	seen->next++;
	if (seen->began > record->timestamp)
		CHECK_LE(seen->began - record->timestamp, age_ns);
}

static void test_what_is_read_is_young(void)
{
	unsigned int p;
	int fd = reader(RINGLOG_ATTACH_BATCH, &p);
	struct seen seen = { .next = dev_info(fd, p).next_offset };
	uint64_t end = now() + 3 * age_ns, state = 1;
	char *buffer = malloc(batch_bytes());
	pthread_t writer = thread_start(write_on, &p);

	CHECK(buffer);
	while (now() < end) {
		struct timespec pause = { .tv_nsec = random_next(&state) % 50000000 };
		ssize_t got;

		nanosleep(&pause, NULL);
		seen.began = now();
		seen.first = true;
		got = read(fd, buffer, batch_bytes());
		if (got > 0)
			walk_runs(buffer, got, see, &seen);
		else
			CHECK_EQ(errno, EAGAIN);
	}
	say(&stop, 1);
	thread_join(writer);
	free(buffer);
}

/* --- writers -------------------------------------------------------------------------- */

static int try_piece(int fd, unsigned int partition)
{
	static char value[4096];

	return try_append_value(fd, partition, value, sizeof(value));
}

/* A full ring, whose reader never reads. Returns when it was full at the latest. */
static uint64_t fill(int *fd, unsigned int *partition)
{
	*fd = reader(RINGLOG_ATTACH_GATE, partition);
	while (!try_piece(*fd, *partition))
		;
	return now();
}

static void need_full(unsigned int policy)
{
	if (dev_policy() != policy)
		test_skip("for the other policy");
}

static void test_a_writer_waits_no_longer(void)
{
	struct ringlog_info info;
	unsigned int p;
	uint64_t full;
	int fd;

	need_full(RINGLOG_POLICY_BLOCK);
	full = fill(&fd, &p);
	CHECK_EQ(errno, EAGAIN);
	info = dev_info(fd, p);
	CHECK_OK(fcntl(fd, F_SETFL, 0));
	CHECK_OK(try_piece(fd, p));
	/* The oldest had to go. And when the others had, it cannot have slept. */
	CHECK_LE(info.oldest_timestamp + age_ns, now());
	CHECK(dev_info(fd, p).oldest_offset > info.oldest_offset);
	CHECK_LE(now(), full + age_ns + SOON_MS * 1000000ULL);
	CHECK(dev_info(fd, p).expired > 0);
}

/* Nobody comes by but the poller. */
static void test_a_poller_for_out_wakes(void)
{
	unsigned int p;
	int fd;

	need_full(RINGLOG_POLICY_BLOCK);
	if (dev_partitions() > 1)
		test_skip("OUT is about the partition whose turn it is");
	fill(&fd, &p);
	CHECK_EQ(poll_for(fd, POLLOUT, SOON_MS), POLLOUT);
	CHECK_OK(try_piece(fd, p));
}

static void test_who_may_not_wait_finds_room(void)
{
	unsigned int p;
	int fd;

	need_full(RINGLOG_POLICY_BLOCK);
	fill(&fd, &p);
	grow_old();
	CHECK_OK(try_piece(fd, p));
}

static void test_reject_lets_go(void)
{
	unsigned int p;
	int fd;

	need_full(RINGLOG_POLICY_REJECT);
	fill(&fd, &p);
	CHECK_EQ(errno, ENOBUFS);
	grow_old();
	CHECK_OK(try_piece(fd, p));
	close(fd);
	/* With no gate either. */
	fd = dev_open(O_RDWR);
	while (!try_piece(fd, p))
		;
	CHECK_EQ(errno, ENOBUFS);
	grow_old();
	CHECK_OK(try_piece(fd, p));
}

static const struct test tests[] = {
	{ "INFO", test_info },
	{ "a loss is told once", test_told_once },
	{ "a loss is told in the run", test_told_in_the_run },
	{ "new readers start at what is young", test_new_readers_start_young },
	{ "poll and WAIT find nothing", test_poll_and_wait },
	{ "what is read is young", test_what_is_read_is_young },
	{ "block: a writer waits no longer than age", test_a_writer_waits_no_longer },
	{ "block: a poller for OUT wakes", test_a_poller_for_out_wakes },
	{ "block: who may not wait finds room", test_who_may_not_wait_finds_room },
	{ "reject: what is too old goes", test_reject_lets_go },
};

/* age MS [TEST...]: the age that the stream must have */
int main(int argc, char **argv)
{
	int fd = dev_open(O_RDONLY);

	age_ns = argc > 1 ? strtoull(argv[1], NULL, 10) * 1000000 : 0;
	if (!age_ns || dev_info(fd, 0).age_ns != age_ns) {
		fprintf(stderr, "usage: age MS [TEST...], on a stream of that age\n");
		return 2;
	}
	close(fd);
	return test_main(argc - 1, argv + 1, tests, sizeof(tests) / sizeof(tests[0]));
}
