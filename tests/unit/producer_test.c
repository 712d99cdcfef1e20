// SPDX-License-Identifier: GPL-2.0-only
/*
 * libringlog: producers, and streams by their names. The calls to the kernel are taken here by
 * the linker's --wrap, counted and looked at; it is a stream of 4 partitions that answers.
 */
#include "ringlog.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ringlog_netlink.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FD		900
#define PARTITIONS	4
#define MAX_RECORD	4096

/* What the library did, and what it is answered. */
static struct {
	char			path[128];
	int			flags;
	int			opens, closes, infos, appends, writes, mallocs;
	int			fail;		/* the errno of the next call; of an open, too */
	int			info_fail;
	__u32			partitioner;
	struct ringlog_append	append;
	char			bytes[MAX_RECORD + 64];
	size_t			written;
} kernel;

static int answer(int result)
{
	if (!kernel.fail)
		return result;
	errno = kernel.fail;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	kernel.opens++;
	strncpy(kernel.path, path, sizeof(kernel.path) - 1);
	kernel.flags = flags;
	return answer(FD);
}

int __wrap_close(int fd)
{
	if (fd != FD)
		return syscall(SYS_close, fd);
	kernel.closes++;
	return 0;
}

static int take_info(struct ringlog_info *info)
{
	kernel.infos++;
	if (kernel.info_fail) {
		errno = kernel.info_fail;
		return -1;
	}
	CHECK(!info->flags && !info->reserved && !info->map_bytes && info->partition < PARTITIONS);
	info->partitions = PARTITIONS;
	info->max_record = MAX_RECORD;
	info->partitioner = kernel.partitioner;
	return 0;
}

static int take_append(struct ringlog_append *append)
{
	kernel.appends++;
	if (kernel.fail)
		return answer(0);
	kernel.append = *append;
	if (CHECK(append->bytes <= sizeof(kernel.bytes)))
		memcpy(kernel.bytes, (const void *)(uintptr_t)append->records, append->bytes);
	append->count = 1;
	append->first_offset = 77;
	append->appended_to = append->partition == RINGLOG_PARTITION_TURN ? 2 : append->partition;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	CHECK(fd == FD);
	if (request == RINGLOG_IOC_INFO)
		return take_info(argument);
	CHECK(request == RINGLOG_IOC_APPEND);
	return take_append(argument);
}

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
	if (fd != FD)
		return syscall(SYS_write, fd, from, bytes);
	kernel.writes++;
	kernel.written = bytes;
	memcpy(kernel.bytes, from, bytes);
	return answer(bytes);
}

void *__wrap_malloc(size_t bytes)
{
	kernel.mallocs++;
	return calloc(1, bytes);
}

static void begin(void)
{
	memset(&kernel, 0, sizeof(kernel));
}

static struct ringlog_producer *open_producer(unsigned int flags)
{
	struct ringlog_producer *producer = NULL;

	CHECK(!ringlog_producer_open(&producer, "orders", flags));
	return producer;
}

static void test_names(void)
{
	begin();
	CHECK(ringlog_open("default", O_RDONLY) == FD && !strcmp(kernel.path, "/dev/stream"));
	CHECK(kernel.flags == (O_RDONLY | O_CLOEXEC) && !kernel.closes);
	CHECK(ringlog_open("orders", O_RDWR) == FD && !strcmp(kernel.path, "/dev/streams/orders"));
	CHECK(kernel.flags == (O_RDWR | O_CLOEXEC));
	CHECK(ringlog_open("./orders", O_RDONLY) == FD && !strcmp(kernel.path, "./orders"));
	CHECK(ringlog_open("/a b", O_RDONLY) == FD && !strcmp(kernel.path, "/a b"));
	CHECK(ringlog_open("A-Z.a_z09", O_RDONLY) == FD);
}

/* Breaks when something is opened for a name that cannot be one. */
static void test_no_names(void)
{
	static const char *const bad[] = { "", ".", "..", "a b", "\303\244", "a*", "a\n" };
	char name[65];

	begin();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(ringlog_open(bad[i], O_RDONLY) == -EINVAL);
	memset(name, 'n', 64);
	name[64] = 0;
	CHECK(ringlog_open(name, O_RDONLY) == -EINVAL && !kernel.opens);
	CHECK(ringlog_open(name + 1, O_RDONLY) == FD && strlen(kernel.path) == 13 + 63);
}

static void test_open_fails(void)
{
	struct ringlog_producer *producer;

	begin();
	kernel.fail = EACCES;
	CHECK(ringlog_open("orders", O_RDONLY) == -EACCES && !kernel.infos);
	CHECK(ringlog_producer_open(&producer, "orders", 0) == -EACCES);
	kernel.fail = 0;
	kernel.info_fail = ENOTTY;
	CHECK(ringlog_open("/dev/null", O_RDONLY) == -ENOTTY && kernel.closes == 1);
	kernel.info_fail = EINVAL;
	CHECK(ringlog_open("/dev/null", O_RDONLY) == -ENOTTY && kernel.closes == 2);
	kernel.info_fail = ENODEV;
	CHECK(ringlog_producer_open(&producer, "orders", 0) == -ENODEV && kernel.closes == 3);
	CHECK(ringlog_producer_open(&producer, "orders", 2) == -EINVAL && kernel.closes == 3);
}

static void test_open(void)
{
	struct ringlog_producer *producer;

	begin();
	producer = open_producer(0);
	CHECK(kernel.flags == (O_WRONLY | O_CLOEXEC) && ringlog_producer_fd(producer) == FD);
	ringlog_producer_close(producer);
	CHECK(kernel.closes == 1);
	ringlog_producer_close(NULL);
	producer = open_producer(RINGLOG_PRODUCER_NONBLOCK);
	CHECK(kernel.flags == (O_WRONLY | O_NONBLOCK | O_CLOEXEC));
	ringlog_producer_close(producer);
}

static const struct ringlog_content plain = { .value = "value", .value_len = 5 };
static const struct ringlog_content keyed = {
	.key = "21", .key_len = 2, .value = "value", .value_len = 5,
};

/* One call, and no memory from anywhere: the laws of the hot path. */
static void test_one_call(void)
{
	struct ringlog_producer *producer;
	struct ringlog_sent sent;
	int calls, mallocs;

	begin();
	producer = open_producer(0);
	calls = kernel.opens + kernel.infos;
	mallocs = kernel.mallocs;
	CHECK(mallocs);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_TURN, &plain, NULL));
	CHECK(kernel.writes == 1 && !kernel.appends && kernel.written == 5);
	CHECK(!memcmp(kernel.bytes, "value", 5));
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_TURN, &plain, &sent));
	CHECK(kernel.writes == 1 && kernel.appends == 1);
	CHECK(sent.offset == 77 && sent.partition == 2);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_KEY, &keyed, NULL));
	CHECK(kernel.writes == 1 && kernel.appends == 2);
	CHECK(kernel.mallocs == mallocs && kernel.opens + kernel.infos == calls);
	ringlog_producer_close(producer);
}

/* What write(2) cannot say, or would make something else of. */
static void test_not_plain(void)
{
	static const struct ringlog_content contents[] = {
		{ .value = "", .value_len = 0 },
		{ },
		{ .key = "", .value = "v", .value_len = 1 },
		{ .headers = "\1\0\0\0n", .headers_len = 5, .value = "v", .value_len = 1 },
	};
	struct ringlog_producer *producer;

	begin();
	producer = open_producer(0);
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		CHECK(!ringlog_send(producer, RINGLOG_PARTITION_TURN, &contents[i], NULL));
		CHECK(kernel.appends == (int)i + 1 && !kernel.writes);
		CHECK(kernel.append.partition == RINGLOG_PARTITION_TURN);
	}
	CHECK(!ringlog_send(producer, 3, &plain, NULL));
	CHECK(kernel.append.partition == 3 && !kernel.writes);
	ringlog_producer_close(producer);
}

static void test_layout(void)
{
	struct ringlog_content content = {
		.key = "key", .key_len = 3,
		.headers = "\1\0\1\0nv", .headers_len = 6,
		.value = "value", .value_len = 5,
	};
	struct ringlog_producer *producer;
	struct ringlog_record record;

	begin();
	producer = open_producer(0);
	CHECK(!ringlog_send(producer, 1, &content, NULL));
	memcpy(&record, kernel.bytes, sizeof(record));
	CHECK(kernel.append.bytes == 64 && record.length == 8 + 8 + 5);
	CHECK(record.type == RINGLOG_TYPE_DATA && record.flags == RINGLOG_RECORD_HAS_KEY);
	CHECK(record.key_len == 3 && record.headers_len == 6 && !record.reserved);
	CHECK(!memcmp(kernel.bytes + 32, "key\0\0\0\0\0\1\0\1\0nv\0\0value\0\0\0", 24));
	ringlog_producer_close(producer);
}

static void test_where(void)
{
	struct ringlog_producer *producer;

	begin();
	kernel.partitioner = RINGLOG_PARTITIONER_KEY;
	producer = open_producer(0);
	/* 1173551340, the hash of 21, leaves 0 of 4. */
	CHECK(ringlog_producer_partition(producer, "21", 2) == 0);
	CHECK(ringlog_producer_partition(producer, NULL, 0) == RINGLOG_PARTITION_TURN);
	CHECK(ringlog_producer_partition(producer, "", 0) ==
	      ringlog_key_partition("", 0, PARTITIONS));
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_DEFAULT, &keyed, NULL));
	CHECK(kernel.append.partition == 0);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_TURN, &keyed, NULL));
	CHECK(kernel.append.partition == RINGLOG_PARTITION_TURN);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_DEFAULT, &plain, NULL));
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_KEY, &plain, NULL) && kernel.writes == 2);
	ringlog_producer_close(producer);

	kernel.partitioner = RINGLOG_PARTITIONER_TURN;
	producer = open_producer(0);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_DEFAULT, &keyed, NULL));
	CHECK(kernel.append.partition == RINGLOG_PARTITION_TURN);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_KEY, &keyed, NULL));
	CHECK(kernel.append.partition == 0);
	ringlog_producer_close(producer);
}

/* To the byte, in both ways to send. */
static void test_size(void)
{
	static char bytes[MAX_RECORD + 1];
	struct ringlog_content content = { .value = bytes, .value_len = MAX_RECORD };
	struct ringlog_producer *producer;

	begin();
	producer = open_producer(0);
	CHECK(!ringlog_send(producer, RINGLOG_PARTITION_TURN, &content, NULL));
	CHECK(!ringlog_send(producer, 0, &content, NULL));
	CHECK(kernel.append.bytes == sizeof(struct ringlog_record) + MAX_RECORD);
	content.value_len++;
	CHECK(ringlog_send(producer, RINGLOG_PARTITION_TURN, &content, NULL) == -EMSGSIZE);
	CHECK(ringlog_send(producer, 0, &content, NULL) == -EMSGSIZE);
	content.value_len = ~(size_t)0;
	CHECK(ringlog_send(producer, RINGLOG_PARTITION_TURN, &content, NULL) == -EMSGSIZE);
	CHECK(ringlog_send(producer, 0, &content, NULL) == -EMSGSIZE);
	content = (struct ringlog_content) { .value_len = 1 };
	CHECK(ringlog_send(producer, RINGLOG_PARTITION_TURN, &content, NULL) == -EINVAL);
	CHECK(kernel.writes == 1 && kernel.appends == 1);
	ringlog_producer_close(producer);
}

/* Breaks when what could not be sent is sent together with the next one. */
static void test_failure(void)
{
	struct ringlog_producer *producer;
	struct ringlog_sent sent = { .offset = 5, .partition = 6 };

	begin();
	producer = open_producer(0);
	kernel.fail = EAGAIN;
	CHECK(ringlog_send(producer, RINGLOG_PARTITION_TURN, &plain, NULL) == -EAGAIN);
	CHECK(ringlog_send(producer, 1, &keyed, &sent) == -EAGAIN);
	CHECK(sent.offset == 5 && sent.partition == 6);
	kernel.fail = 0;
	CHECK(!ringlog_send(producer, 1, &plain, &sent) && kernel.append.bytes == 64);
	CHECK(sent.offset == 77 && sent.partition == 1);
	ringlog_producer_close(producer);
}

static const struct tap_test tests[] = {
	{ "stream: the nodes of names", test_names },
	{ "stream: what is no name", test_no_names },
	{ "stream: what is no stream", test_open_fails },
	{ "producer: opened as asked, and closed", test_open },
	{ "producer: a record is one call", test_one_call },
	{ "producer: what write(2) cannot do", test_not_plain },
	{ "producer: a record's layout", test_layout },
	{ "producer: where to", test_where },
	{ "producer: the largest", test_size },
	{ "producer: a failure leaves nothing behind", test_failure },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
