// SPDX-License-Identifier: GPL-2.0-only
/* Plain reads and writes, turns, and the counters that go with them. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static void fill(unsigned char *to, size_t bytes, uint64_t seed)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		to[i] = random_next(&seed);
}

static void round_trip(int fd, size_t bytes)
{
	size_t room = dev_max_record() + 8;
	unsigned char *out = malloc(room), *in = malloc(room);

	CHECK(out && in);
	fill(out, bytes, bytes);
	memset(in, 0x5a, room);
	CHECK_EQ(CHECK_OK(write(fd, out, bytes)), bytes);
	CHECK_EQ(CHECK_OK(read(fd, in, room)), bytes);
	CHECK(!memcmp(in, out, bytes));
	CHECK_EQ(in[bytes], 0x5a);
	/* A buffer that just fits does as well. */
	CHECK_EQ(CHECK_OK(write(fd, out, bytes)), bytes);
	memset(in, 0x5a, room);
	CHECK_EQ(CHECK_OK(read(fd, in, bytes)), bytes);
	CHECK(!memcmp(in, out, bytes));
	free(out);
	free(in);
}

static void test_sizes(void)
{
	static const size_t sizes[] = {
		1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1000, 4063, 4064, 4065,
		4095, 4096, 4097, 5000, 8191, 8192,
	};
	int fd = dev_open_newest(O_RDWR);
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i] <= dev_max_record())
			round_trip(fd, sizes[i]);
	round_trip(fd, dev_max_record() - 1);
	round_trip(fd, dev_max_record());
}

/* Many laps of records whose ends fall everywhere in the ring. */
static void test_around_the_ring(void)
{
	int fd = dev_open_newest(O_RDWR);
	uint64_t state = 1;
	unsigned int i;

	for (i = 0; i < 400; i++)
		round_trip(fd, 1 + random_next(&state) % dev_max_record());
}

static void test_vectors(void)
{
	char a[3] = "abc", b[1] = "d", c[4] = "efgh", in[3][5] = {};
	struct iovec out[4] = {
		{ a, sizeof(a) }, { b, sizeof(b) }, { NULL, 0 }, { c, sizeof(c) },
	};
	struct iovec to[3] = { { in[0], 2 }, { in[1], 5 }, { in[2], 5 } };
	int fd = dev_open_newest(O_RDWR);

	CHECK_EQ(CHECK_OK(writev(fd, out, 4)), 8);
	CHECK_EQ(CHECK_OK(pwritev2(fd, out, 2, -1, 0)), 4);
	CHECK_EQ(CHECK_OK(readv(fd, to, 3)), 8);
	CHECK(!memcmp(in[0], "ab\0", 3));
	CHECK(!memcmp(in[1], "cdefg", 5));
	CHECK(!memcmp(in[2], "h\0", 2));
	CHECK_EQ(CHECK_OK(preadv2(fd, to, 3, -1, 0)), 4);
	CHECK(!memcmp(in[0], "ab\0", 3));
	/* Beyond the four bytes the last read wrote nothing. */
	CHECK(!memcmp(in[1], "cdefg", 5));
	no_more(fd);
}

static void test_nowait(void)
{
	uint64_t number = 7, got = 0;
	struct iovec out = { &number, sizeof(number) };
	struct iovec in = { &got, sizeof(got) };
	int fd = dev_open_newest(O_RDWR);

	CHECK_ERR(preadv2(fd, &in, 1, -1, RWF_NOWAIT), EAGAIN);
	CHECK_EQ(CHECK_OK(pwritev2(fd, &out, 1, -1, RWF_NOWAIT)), 8);
	CHECK_EQ(CHECK_OK(preadv2(fd, &in, 1, -1, RWF_NOWAIT)), 8);
	CHECK_EQ(got, 7);
	CHECK_ERR(preadv2(fd, &in, 1, -1, RWF_NOWAIT), EAGAIN);
	fd = dev_open_newest(O_RDWR | O_NONBLOCK);
	CHECK_ERR(read(fd, &got, sizeof(got)), EAGAIN);
	CHECK_ERR(readv(fd, &in, 1), EAGAIN);
}

static void test_short_buffer_keeps_the_record(void)
{
	char in[16];
	int i, fd = dev_open_newest(O_RDWR);

	CHECK_EQ(CHECK_OK(write(fd, "0123456789", 10)), 10);
	for (i = 1; i < 10; i++)
		CHECK_ERR(read(fd, in, i), EMSGSIZE);
	CHECK_EQ(CHECK_OK(read(fd, in, 10)), 10);
	CHECK(!memcmp(in, "0123456789", 10));
	no_more(fd);
}

static void test_zero_bytes(void)
{
	struct iovec none = { NULL, 0 };
	struct ringlog_info before, after;
	char in[16];
	int fd = dev_open_newest(O_RDWR);

	before = dev_info(fd, 0);
	CHECK_EQ(CHECK_OK(write(fd, "x", 0)), 0);
	CHECK_EQ(CHECK_OK(writev(fd, &none, 1)), 0);
	CHECK_EQ(CHECK_OK(read(fd, in, 0)), 0);
	after = dev_info(fd, 0);
	CHECK(!memcmp(&before, &after, sizeof(before)));
	write_number(fd, 3);
	CHECK_EQ(CHECK_OK(read(fd, in, 0)), 0);
	CHECK_EQ(CHECK_OK(readv(fd, &none, 1)), 0);
	CHECK_EQ(read_number(fd), 3);
}

/* Zero from read() would mean the end of the file. */
static void test_empty_values_are_passed_over(void)
{
	static const struct parts empty[] = {
		{ .flags = 0 },
		{ .flags = RINGLOG_RECORD_NULL_VALUE },
		{ .flags = RINGLOG_RECORD_HAS_KEY, .key = "key", .key_len = 3 },
		{ .flags = RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE,
		  .key = "gone", .key_len = 4,
		  .headers = "h", .headers_len = 1 },
	};
	int fd = dev_open_newest(O_RDWR);
	unsigned char batch[512];
	unsigned int i, p;

	for (i = 0; i < 200; i++)
		for (p = 0; p < dev_partitions(); p++)
			dev_append(fd, p, batch,
				   record_put(batch, &empty[i % 4]));
	no_more(fd);
	append_number(fd, 0, 42);
	CHECK_EQ(read_number(fd), 42);
	no_more(fd);
}

static void test_blocked_read_passes_over_empty_values(void)
{
	struct parts empty = { .flags = 0 };
	int *about_to = shared_memory(sizeof(*about_to));
	int writer = dev_open(O_WRONLY);
	int fd = dev_open_newest(O_RDONLY);
	unsigned char batch[64];
	pid_t pid = fork();

	if (!pid) {
		say(about_to, 1);
		CHECK_EQ(read_number(fd), 42);
		_exit(0);
	}
	wait_asleep(pid, about_to);
	dev_append(writer, 0, batch, record_put(batch, &empty));
	append_number(writer, 0, 42);
	reap(pid);
}

static void test_keys_and_headers_are_not_shown(void)
{
	struct parts parts = {
		.flags = RINGLOG_RECORD_HAS_KEY,
		.key = "the key", .key_len = 7,
		.headers = "headers!!", .headers_len = 9,
		.value = "the value", .value_len = 9,
	};
	int fd = dev_open_newest(O_RDWR);
	char batch[256], in[64];

	dev_append(fd, 0, batch, record_put(batch, &parts));
	CHECK_EQ(CHECK_OK(read(fd, in, 9)), 9);
	CHECK(!memcmp(in, "the value", 9));
}

static unsigned int where_to(int fd)
{
	uint64_t before[PARTITIONS_MAX] = {};
	unsigned int p, found = ALL;

	for (p = 0; p < dev_partitions(); p++)
		before[p] = dev_info(fd, p).next_offset;
	write_number(fd, 0);
	for (p = 0; p < dev_partitions(); p++) {
		if (dev_info(fd, p).next_offset == before[p])
			continue;
		CHECK_EQ(dev_info(fd, p).next_offset, before[p] + 1);
		CHECK_EQ(found, ALL);
		found = p;
	}
	CHECK(found != ALL);
	return found;
}

static void test_turns_of_calls(void)
{
	unsigned int i, first, n = dev_partitions();
	int fd = dev_open(O_WRONLY);

	first = where_to(fd);
	for (i = 1; i < 3 * n; i++)
		CHECK_EQ(where_to(fd), (first + i) % n);
}

static void test_turns_of_files(void)
{
	unsigned int i, last, n = dev_partitions();
	int fds[2 * PARTITIONS_MAX] = {};

	CHECK(n);
	for (i = 0; i < n + 2; i++)
		fds[i] = dev_open(O_WRONLY);
	last = where_to(fds[0]);
	for (i = 1; i < n + 2; i++) {
		CHECK_EQ(where_to(fds[i]), (last + 1) % n);
		last = (last + 1) % n;
	}
}

static void test_turns_of_batches(void)
{
	unsigned int i, n = dev_partitions(), last;
	struct parts parts = { .value = "v", .value_len = 1 };
	unsigned char batch[64];
	int fd = dev_open(O_WRONLY);

	last = where_to(fd);
	for (i = 0; i < 2 * n; i++) {
		struct ringlog_append append =
			dev_append(fd, TURN, batch, record_put(batch, &parts));

		CHECK_EQ(append.appended_to, (last + 1) % n);
		last = append.appended_to;
	}
}

/* Pinned: write() and APPEND by turn go there, other partitions still serve. */
static void test_pinned_writes(void)
{
	unsigned int i, p, n = dev_partitions(), last;
	struct parts parts = { .value = "v", .value_len = 1 };
	unsigned char batch[64];
	int fd = dev_open(O_WRONLY);

	for (p = 0; p < n; p++) {
		dev_attach(fd, p, RINGLOG_ATTACH_WRITES, 0, 0);
		for (i = 0; i < 3; i++)
			CHECK_EQ(where_to(fd), p);
		CHECK_EQ(dev_append(fd, TURN, batch, record_put(batch, &parts))
				.appended_to, p);
		CHECK_EQ(dev_append(fd, n - 1, batch,
				    record_put(batch, &parts)).appended_to,
			 n - 1);
		CHECK_EQ(where_to(fd), p);
	}
	dev_attach(fd, ALL, RINGLOG_ATTACH_WRITES, 0, 0);
	last = where_to(fd);
	for (i = 0; i < 2 * n; i++) {
		p = where_to(fd);
		CHECK_EQ(p, (last + 1) % n);
		last = p;
	}
}

static void test_pinning_leaves_the_cursors_alone(void)
{
	int fd = dev_open_newest(O_RDWR);
	unsigned int p, n = dev_partitions();

	for (p = 0; p < n; p++)
		append_number(fd, p, p);
	dev_attach(fd, n - 1, RINGLOG_ATTACH_WRITES, 0, 0);
	for (p = 0; p < n; p++)
		CHECK(read_number(fd) < n);
	no_more(fd);
}

/* With records in every partition, each has its turn; none is out of order. */
static void test_fair_and_in_order(void)
{
	unsigned int i, p, n = dev_partitions();
	const unsigned int each = 50;
	int fd = dev_open_newest(O_RDWR);
	unsigned int next[PARTITIONS_MAX] = {};

	for (p = 0; p < n; p++)
		for (i = 0; i < each; i++)
			append_number(fd, p, p * 1000 + i);
	for (i = 0; i < n * each; i++) {
		uint64_t number = read_number(fd);

		p = number / 1000;
		CHECK(p < n);
		CHECK_EQ(number % 1000, next[p]);
		next[p]++;
		CHECK_EQ(next[p], i / n + 1);
	}
	no_more(fd);
}

static void test_full_partition_starves_no_other(void)
{
	unsigned int i, n = dev_partitions();
	int fd = dev_open_newest(O_RDWR);

	need_partitions(2);
	for (i = 0; i < 200; i++)
		append_number(fd, 0, 0);
	append_number(fd, n - 1, 1);
	for (i = 0; i <= n; i++)
		if (read_number(fd) == 1)
			return;
	CHECK(!"the other partition has its turn");
}

static void test_every_reader_gets_everything(void)
{
	int a = dev_open_newest(O_RDONLY), b = dev_open_newest(O_RDONLY);
	int fd = dev_open(O_WRONLY);
	uint64_t i;

	for (i = 0; i < 20; i++)
		append_number(fd, 0, i);
	for (i = 0; i < 20; i++)
		CHECK_EQ(read_number(a), i);
	for (i = 0; i < 20; i++)
		CHECK_EQ(read_number(b), i);
}

static void test_lseek(void)
{
	int fd = dev_open_newest(O_RDWR);
	struct ringlog_info info;
	unsigned int p;

	no_more(fd);
	for (p = 0; p < dev_partitions(); p++)
		append_number(fd, p, p);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	for (p = 0; p < dev_partitions(); p++) {
		info = dev_info(fd, p);
		CHECK_EQ(info.cursor_offset, info.oldest_offset);
		CHECK_EQ(info.cursor_position, info.tail);
		CHECK_EQ(info.lost, 0);
	}
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	for (p = 0; p < dev_partitions(); p++) {
		info = dev_info(fd, p);
		CHECK_EQ(info.cursor_offset, info.next_offset);
		CHECK_EQ(info.cursor_position, info.head);
		CHECK_EQ(info.lost, 0);
	}
	no_more(fd);
}

static void test_opens_at_the_oldest(void)
{
	int writer = dev_open(O_WRONLY), fd;
	struct ringlog_info info;
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++)
		lap(writer, p);
	fd = dev_open(O_RDONLY);
	for (p = 0; p < dev_partitions(); p++) {
		info = dev_info(fd, p);
		CHECK_EQ(info.cursor_offset, info.oldest_offset);
		CHECK_EQ(info.cursor_position, info.tail);
		CHECK_EQ(info.cursor_flags, RINGLOG_CURSOR_ATTACHED);
		CHECK_EQ(info.lost, 0);
	}
}

static void test_info_counts(void)
{
	int fd = dev_open_newest(O_RDWR);
	struct ringlog_info before = dev_info(fd, 0), after;
	struct parts parts = {
		.flags = RINGLOG_RECORD_HAS_KEY, .key = "k", .key_len = 1,
		.value = "vv", .value_len = 2,
	};
	unsigned char batch[256];
	size_t size = record_put(batch, &parts);

	size += record_put(batch + size, &parts);
	append_number(fd, 0, 1);
	dev_append(fd, 0, batch, size);
	append_number(fd, 0, 1);
	write_number(fd, 1);
	after = dev_info(fd, 0);
	CHECK_EQ(after.records, before.records + 5);
	/* A number takes 8, a batched record a padded key and two bytes. */
	CHECK_EQ(after.bytes, before.bytes + 3 * 8 + 2 * 10);
	CHECK_EQ(after.appends, before.appends + 4);
	CHECK_EQ(after.batches, before.batches + 3);
	CHECK_EQ(after.rejects, before.rejects);
	CHECK_EQ(after.incarnation, before.incarnation);
	CHECK_EQ(after.producer, before.producer);
	CHECK_LE(after.head - after.tail, after.ring_bytes);
	if (dev_partitions() > 1)
		return;
	CHECK_EQ(after.next_offset, before.next_offset + 5);
	CHECK_EQ(after.head, before.head + 5 * 64);
}

static void test_info_follows_the_cursor(void)
{
	int fd = dev_open_newest(O_RDWR);
	struct ringlog_info info = dev_info(fd, 0);
	uint64_t offset = info.next_offset, position = info.head;
	unsigned int i;

	for (i = 0; i < 5; i++)
		append_number(fd, 0, i);
	for (i = 0; i < 5; i++) {
		info = dev_info(fd, 0);
		CHECK_EQ(info.cursor_offset, offset + i);
		CHECK_EQ(info.cursor_position, position + 64 * i);
		CHECK_EQ(read_number(fd), i);
	}
	CHECK_EQ(dev_info(fd, 0).cursor_offset, offset + 5);
	CHECK_EQ(dev_info(dev_open(O_WRONLY), 0).cursor_position, 0);
}

static void test_woken_by_a_write(void)
{
	int *about_to = shared_memory(sizeof(*about_to));
	int writer = dev_open(O_WRONLY), fd = dev_open_newest(O_RDONLY);
	uint64_t waits = dev_info(fd, 0).waits;
	uint64_t wakeups = dev_info(fd, 0).wakeups;
	pid_t pid = fork();

	if (!pid) {
		say(about_to, 1);
		CHECK_EQ(read_number(fd), 9);
		_exit(0);
	}
	wait_asleep(pid, about_to);
	dev_until_waits(fd, waits + 1);
	write_number(writer, 9);
	reap(pid);
	CHECK_LE(wakeups + 1, dev_info(fd, 0).wakeups);
}

#define EMPTY	1024

static void fill_with_empties(int fd, unsigned int partition)
{
	struct ringlog_record *records = calloc(EMPTY, sizeof(*records));
	uint64_t first = dev_info(fd, partition).head;
	int i;

	CHECK(records);
	for (i = 0; i < EMPTY; i++)
		records[i].type = RINGLOG_TYPE_DATA;
	while (dev_info(fd, partition).head < first + dev_ring_bytes() / 2)
		dev_append(fd, partition, records, EMPTY * sizeof(*records));
	free(records);
}

static void read_one(void *argument)
{
	read_number(*(int *)argument);
}

/* It dies before it has passed over all of them, for there may be more all the time. */
static void test_a_reader_of_empties_can_be_killed(void)
{
	struct ringlog_info info;
	uint64_t first;
	pid_t pid;
	int fd;

	if (dev_ring_bytes() < (16 << 20))
		test_skip("for a large ring");
	fd = dev_open_newest(O_RDWR);
	first = dev_info(fd, 0).next_offset;
	fill_with_empties(fd, 0);
	pid = spawn(read_one, &fd);
	while (dev_info(fd, 0).cursor_offset == first)
		sched_yield();
	CHECK_OK(kill(pid, SIGKILL));
	reap_killed(pid);
	info = dev_info(fd, 0);
	CHECK(info.cursor_offset < info.next_offset);
}

static const struct test tests[] = {
	{ "values of all sizes come back", test_sizes },
	{ "values come back from all places of the ring",
	  test_around_the_ring },
	{ "vectors are one record", test_vectors },
	{ "RWF_NOWAIT and O_NONBLOCK", test_nowait },
	{ "a short buffer keeps the record",
	  test_short_buffer_keeps_the_record },
	{ "zero bytes", test_zero_bytes },
	{ "empty values are passed over", test_empty_values_are_passed_over },
	{ "a blocked read passes over empty values",
	  test_blocked_read_passes_over_empty_values },
	{ "keys and headers are not shown",
	  test_keys_and_headers_are_not_shown },
	{ "calls take turns", test_turns_of_calls },
	{ "files begin one further", test_turns_of_files },
	{ "batches take turns", test_turns_of_batches },
	{ "pinned writes", test_pinned_writes },
	{ "pinning leaves the cursors alone",
	  test_pinning_leaves_the_cursors_alone },
	{ "reads are fair and in order", test_fair_and_in_order },
	{ "a full partition starves no other",
	  test_full_partition_starves_no_other },
	{ "every reader gets everything", test_every_reader_gets_everything },
	{ "lseek", test_lseek },
	{ "a reader opens at the oldest record", test_opens_at_the_oldest },
	{ "INFO counts exactly", test_info_counts },
	{ "INFO follows the cursor", test_info_follows_the_cursor },
	{ "a write wakes a read", test_woken_by_a_write },
	{ "a reader of empty values can be killed", test_a_reader_of_empties_can_be_killed },
};

TEST_MAIN(tests)
