// SPDX-License-Identifier: GPL-2.0-only
/* Mapped readers: RINGLOG_ATTACH_MAPPED, and what WAIT is told. */
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>

#include "device.h"
#include "proc.h"
#include "test.h"
#include "window.h"

#define NUMBER_BYTES	64	/* of ring that a number takes */

/* A file that reads one partition in a mapping, from after what is there. */
static int open_mapped(unsigned int partition)
{
	int fd = dev_open(O_RDWR);

	dev_attach(fd, partition, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_MAPPED,
		   RINGLOG_START_NEWEST, 0);
	return fd;
}

/* Where a reader is that has read all. */
static struct ringlog_mapped_cursor at_end(int fd, unsigned int partition)
{
	struct ringlog_info info = dev_info(fd, partition);

	return window_at(partition, info.head, info.next_offset);
}

static int poll_now(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN | POLLPRI };

	CHECK_OK(poll(&poller, 1, 0));
	return poller.revents & (POLLIN | POLLPRI);
}

static void test_mode(void)
{
	char byte;
	int fd = open_mapped(0);

	append_number(fd, 0, 1);
	CHECK_ERR(read(fd, &byte, 1), EBUSY);
	CHECK_EQ(dev_info(fd, 0).cursor_flags, RINGLOG_CURSOR_ATTACHED | RINGLOG_CURSOR_MAPPED);
	/* Back, from where ATTACH says. */
	dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	CHECK_EQ(dev_info(fd, 0).cursor_flags, RINGLOG_CURSOR_ATTACHED);
	append_number(fd, 0, 2);
	CHECK_EQ(read_number(fd), 2);
	dev_attach(fd, ALL, RINGLOG_ATTACH_MAPPED, RINGLOG_START_OLDEST, 0);
	CHECK_ERR(read(fd, &byte, 1), EBUSY);
}

/* No cursor is left over from the one mode in the other. */
static void test_mode_is_the_files(void)
{
	int fd = dev_open_newest(O_RDWR);

	CHECK_ERR(try_attach(fd, 0, RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_BATCH |
			     RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST, 0), EINVAL);
	CHECK_ERR(try_attach(fd, 0, RINGLOG_ATTACH_MAPPED, RINGLOG_START_OLDEST, 0), EINVAL);
	CHECK_EQ(dev_info(fd, 0).cursor_flags, RINGLOG_CURSOR_ATTACHED);
	append_number(fd, 0, 3);
	CHECK_EQ(read_number(fd), 3);

	fd = open_mapped(0);
	CHECK_ERR(try_attach(fd, 0, 0, RINGLOG_START_OLDEST, 0), EINVAL);
	CHECK_ERR(try_attach(fd, 0, RINGLOG_ATTACH_BATCH, RINGLOG_START_OLDEST, 0), EINVAL);
	CHECK_EQ(dev_info(fd, 0).cursor_flags, RINGLOG_CURSOR_ATTACHED | RINGLOG_CURSOR_MAPPED);
}

static void test_says_where_to_begin(void)
{
	int fd = dev_open(O_RDWR);
	struct window window = window_map(fd, 0);
	struct ringlog_attach attach;
	uint64_t head = window_head(&window), offset = dev_info(fd, 0).next_offset;

	append_number(fd, 0, 1);
	append_number(fd, 0, 2);
	attach = dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_MAPPED,
			    RINGLOG_START_OFFSET, offset + 1);
	CHECK_EQ(attach.position, head + NUMBER_BYTES);
	CHECK_EQ(attach.offset, offset + 1);
	CHECK_EQ(window_record(&window, attach.position)->offset, offset + 1);
}

static void test_counts_from_where_it_is(void)
{
	int fd = open_mapped(0);
	struct ringlog_mapped_cursor cursor = at_end(fd, 0);
	struct ringlog_wait wait;

	append_number(fd, 0, 1);
	append_number(fd, 0, 2);
	append_number(fd, 0, 3);
	wait = tell(fd, cursor);
	CHECK_EQ(wait.records, 3);
	CHECK_EQ(wait.bytes, 3 * NUMBER_BYTES);
	wait = tell(fd, window_at(0, cursor.position + 2 * NUMBER_BYTES, cursor.offset + 2));
	CHECK_EQ(wait.records, 1);
	CHECK_EQ(wait.bytes, NUMBER_BYTES);
	/* What is not told stays. */
	wait = (struct ringlog_wait){ 0 };
	CHECK_OK(ioctl(fd, RINGLOG_IOC_WAIT, &wait));
	CHECK_EQ(wait.records, 1);
	CHECK_EQ(dev_info(fd, 0).cursor_offset, cursor.offset + 2);
	wait = tell(fd, at_end(fd, 0));
	CHECK_EQ(wait.records, 0);
	CHECK_EQ(wait.bytes, 0);
}

/* poll goes by what WAIT was told. */
static void test_poll(void)
{
	int fd = open_mapped(0);

	CHECK_EQ(poll_now(fd), 0);
	append_number(fd, 0, 1);
	CHECK_EQ(poll_now(fd), POLLIN);
	tell(fd, at_end(fd, 0));
	CHECK_EQ(poll_now(fd), 0);
	append_number(fd, 0, 2);
	CHECK_EQ(poll_now(fd), POLLIN);
}

/* Each growth after what was told is a new edge. */
static void test_edges(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = open_mapped(0), epoll = CHECK_OK(epoll_create1(0));
	unsigned int i;

	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	for (i = 0; i < 100; i++) {
		CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 0);
		append_number(fd, 0, i);
		CHECK_EQ(epoll_wait(epoll, &event, 1, SOON_MS), 1);
		tell(fd, at_end(fd, 0));
	}
}

struct sleeper {
	int about_to;
	int fd;
	struct ringlog_mapped_cursor cursor;
};

static void sleep_for_one(void *argument)
{
	struct sleeper *sleeper = argument;
	struct ringlog_wait wait = {
		.timeout_ns = RINGLOG_WAIT_FOREVER,
		.cursors = (uintptr_t)&sleeper->cursor,
		.cursor_count = 1,
	};

	say(&sleeper->about_to, 1);
	CHECK_OK(ioctl(sleeper->fd, RINGLOG_IOC_WAIT, &wait));
	CHECK_EQ(wait.records, 1);
}

static void test_sleeps_and_wakes(void)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));
	int writer = dev_open(O_RDWR);
	unsigned int i;

	sleeper->fd = open_mapped(0);
	for (i = 0; i < 20; i++) {
		pid_t pid;

		sleeper->about_to = 0;
		sleeper->cursor = at_end(sleeper->fd, 0);
		pid = spawn(sleep_for_one, sleeper);
		wait_asleep(pid, &sleeper->about_to);
		append_number(writer, 0, i);
		CHECK_EQ(reap_soon(pid), 0);
	}
}

static void poll_for_ever(void *argument)
{
	struct sleeper *sleeper = argument;
	struct pollfd poller = { .fd = sleeper->fd, .events = POLLIN };

	say(&sleeper->about_to, 1);
	CHECK_EQ(poll(&poller, 1, -1), 1);
	CHECK_EQ(poller.revents, POLLIN);
}

static pid_t spawn_poller(struct sleeper *sleeper)
{
	pid_t pid;

	sleeper->about_to = 0;
	pid = spawn(poll_for_ever, sleeper);
	wait_asleep(pid, &sleeper->about_to);
	return pid;
}

/* Whoever polls already is told what comes behind where the reader is now. */
static void test_pollers_hear(void)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));
	struct ringlog_mapped_cursor before;
	pid_t pid;

	sleeper->fd = open_mapped(0);
	/* It goes back, to what is there. */
	before = at_end(sleeper->fd, 0);
	append_number(sleeper->fd, 0, 1);
	tell(sleeper->fd, at_end(sleeper->fd, 0));
	pid = spawn_poller(sleeper);
	tell(sleeper->fd, before);
	CHECK_EQ(reap_soon(pid), 0);
	/* It was further than there is anything, and is not. */
	tell(sleeper->fd, window_at(0, LLONG_MAX, 0));
	pid = spawn_poller(sleeper);
	tell(sleeper->fd, at_end(sleeper->fd, 0));
	append_number(sleeper->fd, 0, 2);
	CHECK_EQ(reap_soon(pid), 0);
}

static void read_for_ever(void *argument)
{
	struct sleeper *sleeper = argument;
	char byte;

	say(&sleeper->about_to, 1);
	CHECK_ERR(read(sleeper->fd, &byte, 1), EBUSY);
}

/* Whoever sleeps in read() is not left there. */
static void test_mode_ends_reads(void)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));
	pid_t pid;

	sleeper->fd = dev_open_newest(O_RDWR);
	pid = spawn(read_for_ever, sleeper);
	wait_asleep(pid, &sleeper->about_to);
	dev_attach(sleeper->fd, ALL, RINGLOG_ATTACH_MAPPED, RINGLOG_START_NEWEST, 0);
	CHECK_EQ(reap_soon(pid), 0);
}

/* What was there before is no new edge. */
static void test_no_edge_of_its_own(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = open_mapped(0), epoll = CHECK_OK(epoll_create1(0));
	struct ringlog_mapped_cursor cursor = at_end(fd, 0);

	append_number(fd, 0, 1);
	append_number(fd, 0, 2);
	CHECK_OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	CHECK_EQ(epoll_wait(epoll, &event, 1, SOON_MS), 1);
	tell(fd, window_at(0, cursor.position + NUMBER_BYTES, cursor.offset + 1));
	CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 0);
}

static void test_refuses(void)
{
	int fd = open_mapped(0), plain = dev_open(O_RDONLY);
	struct ringlog_mapped_cursor good = at_end(fd, 0), bad;
	struct ringlog_wait wait = { .cursors = 1, .cursor_count = 1 };
	struct ringlog_info before = dev_info(fd, 0), after;

	append_number(fd, 0, 1);
#define REFUSED(change) do {							\
	struct ringlog_mapped_cursor cursors[2] = { at_end(fd, 0), good };	\
	bad = good;								\
	change;									\
	cursors[1] = bad;							\
	CHECK_ERR(try_tell(fd, cursors, 2), EINVAL);				\
} while (0)
	/* One is too many for a stream of one. */
	if (dev_partitions() > 1) {
		REFUSED(bad.reserved = 1);
		REFUSED(bad.partition = 1);
		REFUSED(bad.partition = dev_partitions());
		REFUSED(bad.partition = ALL);
		REFUSED(bad.position = 1ULL << 63);
		REFUSED(bad.position = ULLONG_MAX);
		REFUSED(bad.expired = 1);
	}
#undef REFUSED
	bad = good;
	bad.partition = dev_partitions();
	CHECK_ERR(try_tell(fd, &bad, 1), EINVAL);
	CHECK_ERR(try_tell(fd, &good, dev_partitions() + 1), EINVAL);
	CHECK_ERR(try_tell(fd, &good, UINT_MAX), EINVAL);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_WAIT, &wait), EFAULT);
	wait = (struct ringlog_wait){ .reserved2 = 1 };
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_WAIT, &wait), EINVAL);
	CHECK_ERR(try_tell(plain, &good, 1), EINVAL);
	CHECK_ERR(try_tell(plain, &good, 0), EINVAL);
	/* Of all that nothing stuck. */
	after = dev_info(fd, 0);
	CHECK_EQ(after.cursor_position, before.cursor_position);
	CHECK_EQ(after.cursor_offset, before.cursor_offset);
	CHECK_EQ(after.lost_records, before.lost_records);
}

/* Nonsense harms who says it, if anybody. */
static void test_lies(void)
{
	int fd = open_mapped(0), reader = dev_open_newest(O_RDWR);
	struct ringlog_info info = dev_info(fd, 0);
	uint64_t number = 0;
	unsigned int i;

	dev_attach(reader, 0, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	for (i = 0; i < 64; i++) {
		tell(fd, window_at(0, i & 1 ? LLONG_MAX : LLONG_MAX - 31 * i, ULLONG_MAX >> i));
		poll_now(fd);
		append_number(reader, 0, ++number);
		CHECK_EQ(read_number(reader), number);
		tell(fd, window_at(0, i, 0));
		poll_now(fd);
		append_number(reader, 0, ++number);
		CHECK_EQ(read_number(reader), number);
		tell(fd, window_at(0, info.head + 7, ULLONG_MAX));
	}
	/* What it is put to plain reading from is what ATTACH says. */
	dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE, RINGLOG_START_NEWEST, 0);
	append_number(fd, 0, 5);
	CHECK_EQ(read_number(fd), 5);
}

/* A loss counts once, and no more of it than there can have been. */
static void test_losses(void)
{
	int fd = open_mapped(0);
	struct ringlog_info before = dev_info(fd, 0), after;
	struct ringlog_mapped_cursor cursor;
	uint64_t gone;

	lap(fd, 0);
	after = dev_info(fd, 0);
	gone = after.oldest_offset - before.next_offset;
	CHECK_LE(1, gone);
	cursor = window_at(0, after.tail, after.oldest_offset);
	cursor.lost = gone;
	/* Age took none, for the stream has none. */
	cursor.expired = 1;
	tell(fd, cursor);
	CHECK_EQ(dev_info(fd, 0).lost_records, before.lost_records + gone);
	CHECK_EQ(dev_info(fd, 0).expired_records, before.expired_records);
	CHECK_EQ(dev_info(fd, 0).lost, gone);
	/* The same again, and all there is. */
	tell(fd, cursor);
	cursor.lost = ULLONG_MAX;
	cursor.offset = 0;
	tell(fd, cursor);
	CHECK_EQ(dev_info(fd, 0).lost_records, before.lost_records + gone);
	CHECK_EQ(dev_info(fd, 0).expired_records, before.expired_records);
}

/* Writers wait for what a mapped gate has not said that it passed. */
static void test_gate(void)
{
	int fd = dev_open(O_RDWR), writer = dev_open(O_WRONLY | O_NONBLOCK);
	struct window window = window_map(fd, 0);
	struct ringlog_mapped_cursor end;

	need_policy(RINGLOG_POLICY_BLOCK);
	dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_GATE,
		   RINGLOG_START_NEWEST, 0);
	while (!try_append_value(writer, 0, &end, sizeof(end)))
		;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(window.kernel->room_wanted, 1);
	end = at_end(fd, 0);
	/* A gate does not go back but by ATTACH. */
	tell(fd, window_at(0, 0, 0));
	CHECK_ERR(try_append_value(writer, 0, &end, sizeof(end)), EAGAIN);
	tell(fd, end);
	CHECK_EQ(window.kernel->room_wanted, 0);
	CHECK_OK(try_append_value(writer, 0, &end, sizeof(end)));
	tell(fd, window_at(0, 0, 0));
	CHECK_OK(try_append_value(writer, 0, &end, sizeof(end)));
}

/* A gate that says what cannot be lets in no more than one that says nothing. */
static void test_gate_that_lies(void)
{
	int fd = dev_open(O_RDWR), writer = dev_open(O_WRONLY | O_NONBLOCK);
	struct ringlog_info full;
	char value[512];

	if (dev_policy() == RINGLOG_POLICY_OVERWRITE)
		test_skip("a stream that overwrites has no gates");
	dev_attach(fd, 0, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_GATE,
		   RINGLOG_START_NEWEST, 0);
	memset(value, 0, sizeof(value));
	tell(fd, window_at(0, LLONG_MAX, ULLONG_MAX));
	while (!try_append_value(writer, 0, value, sizeof(value)))
		;
	full = dev_info(writer, 0);
	tell(fd, window_at(0, LLONG_MAX, ULLONG_MAX));
	while (!try_append_value(writer, 0, value, sizeof(value)))
		CHECK_LE(dev_info(writer, 0).head, full.head + dev_ring_bytes());
}

static const struct test tests[] = {
	{ "read() is not for mapped readers", test_mode },
	{ "the mode is the file's", test_mode_is_the_files },
	{ "ATTACH says where to begin", test_says_where_to_begin },
	{ "WAIT counts from where the reader is", test_counts_from_where_it_is },
	{ "poll goes by what WAIT was told", test_poll },
	{ "edges", test_edges },
	{ "sleeps and wakes", test_sleeps_and_wakes },
	{ "pollers hear of it", test_pollers_hear },
	{ "what was there is no new edge", test_no_edge_of_its_own },
	{ "read() ends with EBUSY", test_mode_ends_reads },
	{ "cursors that cannot be are refused", test_refuses },
	{ "lies harm nobody", test_lies },
	{ "losses count once", test_losses },
	{ "gates", test_gate },
	{ "gates that lie", test_gate_that_lies },
};

TEST_MAIN(tests)
