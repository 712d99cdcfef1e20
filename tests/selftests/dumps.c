// SPDX-License-Identifier: GPL-2.0-only
/*
 * dumps [NAME]...: lists of streams and partitions that no buffer holds at once,
 * and what changes in the middle of one.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"
#include "test.h"

#define STREAMS		150
/* Of the stream "wide", more than a buffer holds. */
#define WIDE		400
/* No part of a dump is larger unless it is offered more room. */
#define SMALL_BUFFER	4096

/* What was received of a dump so far. */
struct dump {
	struct netlink netlink;
	size_t buffer;
	unsigned int parts, interrupted;
	bool complete;
	struct answer end;
	unsigned int count;
	struct listed seen[STREAMS + WIDE + 16];
};

static struct netlink control;
static struct dump dump;

static void stream_name(char *name, unsigned int number)
{
	sprintf(name, "s%u", number);
}

static void make_streams(void)
{
	char name[16];
	unsigned int i;

	netlink_open(&control);
	for (i = 0; i < STREAMS; i++) {
		stream_name(name, i);
		make_stream(&control, name, 1);
	}
}

static void delete_streams(void)
{
	char name[16];
	unsigned int i;

	for (i = 0; i < STREAMS; i++) {
		stream_name(name, i);
		delete_stream(&control, name);
	}
	netlink_close(&control);
}

static void dump_begin(int command, const char *stream, size_t buffer)
{
	struct request request;

	memset(&dump, 0, sizeof(dump));
	netlink_open_like(&dump.netlink, &control);
	dump.buffer = buffer;
	request_begin(&dump.netlink, &request, command, NLM_F_DUMP);
	if (stream)
		request_put_text(&request, RINGLOG_A_PARTITION_STREAM, stream);
	request_send(&dump.netlink, &request);
}

static void see(const struct nlmsghdr *message)
{
	const struct genlmsghdr *generic = NLMSG_DATA(message);

	CHECK_EQ(message->nlmsg_seq, dump.netlink.sequence);
	dump.interrupted += !!(message->nlmsg_flags & NLM_F_DUMP_INTR);
	if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
		dump.end = answer_read(message, NULL);
		dump.complete = true;
		return;
	}
	CHECK(message->nlmsg_flags & NLM_F_MULTI);
	CHECK_LE(dump.count + 1, sizeof(dump.seen) / sizeof(dump.seen[0]));
	if (generic->cmd == RINGLOG_CMD_STREAM_GET)
		stream_read(message, &dump.seen[dump.count++]);
	else
		partition_read(message, &dump.seen[dump.count++]);
}

static void dump_part(void)
{
	static char part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message;
	ssize_t left;

	left = CHECK_OK(recv(dump.netlink.fd, part, dump.buffer, MSG_TRUNC));
	CHECK_LE(left, (ssize_t)dump.buffer);
	dump.parts++;
	for (message = (void *)part; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left))
		see(message);
}

static void dump_rest(void)
{
	while (!dump.complete)
		dump_part();
	netlink_close(&dump.netlink);
}

/* How often it was listed, whatever the partition. */
static unsigned int times(const char *name)
{
	unsigned int i, found = 0;

	for (i = 0; i < dump.count; i++)
		found += !strcmp(dump.seen[i].name, name);
	return found;
}

/* Those that were there all the time are there once, but for @gone. */
static void check_each_once(unsigned int gone)
{
	char name[16];
	unsigned int i;

	CHECK_EQ(times(DEFAULT_STREAM), 1);
	for (i = 0; i < STREAMS; i++) {
		stream_name(name, i);
		if (i != gone)
			CHECK_EQ(times(name), 1);
	}
}

static void check_all_with(size_t buffer, unsigned int least_parts)
{
	dump_begin(RINGLOG_CMD_STREAM_GET, NULL, buffer);
	dump_rest();
	CHECK_EQ(dump.end.error, 0);
	CHECK_EQ(dump.interrupted, 0);
	CHECK_LE(least_parts, dump.parts);
	CHECK_EQ(dump.count, STREAMS + 1);
	check_each_once(STREAMS);
	printf("# %u streams in %u parts, buffer %zu\n", dump.count, dump.parts, buffer);
	fflush(stdout);
}

static void test_streams(void)
{
	make_streams();
	check_all_with(PART_MAX, 3);
	check_all_with(2 * SMALL_BUFFER, 6);
	check_all_with(SMALL_BUFFER, 12);
	delete_streams();
}

static void check_partitions(const char *only, size_t buffer, unsigned int count)
{
	unsigned int i, next = 0;

	dump_begin(RINGLOG_CMD_PARTITION_GET, only, buffer);
	dump_rest();
	CHECK_EQ(dump.end.error, 0);
	CHECK_EQ(dump.interrupted, 0);
	CHECK_LE(3, dump.parts);
	CHECK_EQ(dump.count, count);
	CHECK_EQ(times("wide"), WIDE);
	for (i = 0; i < dump.count; i++)
		if (!strcmp(dump.seen[i].name, "wide"))
			CHECK_EQ(dump.seen[i].index, next++);
}

static void test_partitions(void)
{
	const size_t buffers[] = { PART_MAX, 2 * SMALL_BUFFER, SMALL_BUFFER };
	unsigned int i;

	make_streams();
	make_stream(&control, "wide", WIDE);
	for (i = 0; i < 3; i++) {
		check_partitions("wide", buffers[i], WIDE);
		check_partitions(NULL, buffers[i], STREAMS + 1 + WIDE);
		check_each_once(STREAMS);
	}
	delete_stream(&control, "wide");
	delete_streams();
}

/*
 * One part is received, and the next has been made by then; whatever changes
 * after that is told in the rest.
 */
static void dump_around(int command, void (*change)(void))
{
	dump_begin(command, NULL, SMALL_BUFFER);
	dump_part();
	CHECK_EQ(dump.interrupted, 0);
	change();
	dump_part();
	CHECK_EQ(dump.interrupted, 0);
	CHECK(!dump.complete);
	dump_rest();
	CHECK_EQ(dump.end.error, 0);
}

static void make_late(void)
{
	make_stream(&control, "late", 1);
}

static void delete_late(void)
{
	delete_stream(&control, "late");
}

static void delete_last(void)
{
	char name[16];

	stream_name(name, STREAMS - 1);
	delete_stream(&control, name);
}

static void make_last(void)
{
	char name[16];

	stream_name(name, STREAMS - 1);
	make_stream(&control, name, 1);
}

static void set_first(void)
{
	struct request request;

	request_begin(&control, &request, RINGLOG_CMD_STREAM_SET, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, "s0");
	request_put_u64(&request, RINGLOG_A_STREAM_AGE, 1000000000);
	request_do(&control, &request, NULL);
}

static void change_nothing(void)
{
	struct listed streams[STREAMS + 1];

	/* Another who lists changes nothing. */
	CHECK_EQ(list_streams(&control, streams, STREAMS + 1), STREAMS + 1);
}

static void check_interruptions(int command)
{
	dump_around(command, change_nothing);
	CHECK_EQ(dump.interrupted, 0);
	check_each_once(STREAMS);

	dump_around(command, make_late);
	CHECK_EQ(dump.interrupted, 1);
	check_each_once(STREAMS);
	CHECK_LE(times("late"), 1);

	dump_around(command, delete_late);
	CHECK_EQ(dump.interrupted, 1);
	check_each_once(STREAMS);

	dump_around(command, set_first);
	CHECK_EQ(dump.interrupted, 1);
	check_each_once(STREAMS);

	dump_around(command, delete_last);
	CHECK_EQ(dump.interrupted, 1);
	check_each_once(STREAMS - 1);
	CHECK_EQ(times("s149"), 0);
	make_last();
}

static void test_interruptions(void)
{
	make_streams();
	check_interruptions(RINGLOG_CMD_STREAM_GET);
	check_interruptions(RINGLOG_CMD_PARTITION_GET);
	delete_streams();
}

/* Nothing but the end is to come, and it says that something changed. */
static void test_interrupted_at_the_end(void)
{
	netlink_open(&control);
	dump_begin(RINGLOG_CMD_STREAM_GET, NULL, SMALL_BUFFER);
	/* The kernel looks for more when the first part is received, and makes the end then. */
	make_late();
	dump_rest();
	CHECK_EQ(dump.parts, 2);
	CHECK_EQ(dump.count, 1);
	CHECK_EQ(dump.interrupted, 1);
	delete_late();
	netlink_close(&control);
}

/* The stream goes when half of its partitions were told. */
static void delete_wide(void)
{
	delete_stream(&control, "wide");
}

static void test_half_told(void)
{
	netlink_open(&control);
	make_stream(&control, "wide", WIDE);
	make_late();
	dump_around(RINGLOG_CMD_PARTITION_GET, delete_wide);
	CHECK_EQ(dump.interrupted, 1);
	CHECK_LE(1, times("wide"));
	CHECK_LE(times("wide"), WIDE - 1);
	CHECK_EQ(times("late"), 1);

	/* And another of that name, of which nothing is told to who asked for the first. */
	make_stream(&control, "wide", WIDE);
	dump_begin(RINGLOG_CMD_PARTITION_GET, "wide", SMALL_BUFFER);
	dump_part();
	delete_wide();
	make_stream(&control, "wide", WIDE);
	dump_rest();
	CHECK_EQ(dump.end.error, 0);
	CHECK_EQ(dump.interrupted, 1);
	CHECK_EQ(dump.count, times("wide"));
	CHECK_LE(times("wide"), WIDE - 1);
	delete_wide();
	delete_late();
	netlink_close(&control);
}

static void test_no_such_stream(void)
{
	netlink_open(&control);
	dump_begin(RINGLOG_CMD_PARTITION_GET, "nobody", PART_MAX);
	dump_rest();
	CHECK_EQ(dump.count, 0);
	CHECK_EQ(dump.end.error, ENOENT);
	CHECK_EQ(strcmp(dump.end.words, "there is no such stream"), 0);
}

/* Sockets that are closed in the middle of a dump: the module unloads afterwards. */
static void test_given_up(void)
{
	unsigned int i;

	netlink_open(&control);
	make_stream(&control, "wide", WIDE);
	for (i = 0; i < 20; i++) {
		dump_begin(RINGLOG_CMD_PARTITION_GET, i % 2 ? "wide" : NULL, SMALL_BUFFER);
		if (i % 4 < 2)
			dump_part();
		CHECK(!dump.complete);
		netlink_close(&dump.netlink);
	}
	delete_wide();
	netlink_close(&control);
}

static const struct test tests[] = {
	{ "each stream is listed once", test_streams },
	{ "each partition is listed once", test_partitions },
	{ "a change in the middle is told", test_interruptions },
	{ "a change before the end is told", test_interrupted_at_the_end },
	{ "a stream that goes half told", test_half_told },
	{ "partitions of no stream", test_no_such_stream },
	{ "lists that are given up", test_given_up },
};

TEST_MAIN(tests)
