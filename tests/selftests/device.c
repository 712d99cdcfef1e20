// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "test.h"

#define DIRT	0xa5

static size_t pad(size_t bytes, size_t align)
{
	return (bytes + align - 1) / align * align;
}

int dev_open(int flags)
{
	return CHECK_OK(open(DEVICE, flags | O_CLOEXEC));
}

int dev_open_newest(int flags)
{
	int fd = dev_open(flags);

	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	return fd;
}

struct ringlog_info dev_info(int fd, unsigned int partition)
{
	struct ringlog_info info = { .partition = partition };

	CHECK_OK(ioctl(fd, RINGLOG_IOC_INFO, &info));
	return info;
}

static struct ringlog_info geometry(void)
{
	static struct ringlog_info info;
	int fd;

	if (info.partitions)
		return info;
	fd = dev_open(O_RDONLY);
	info = dev_info(fd, 0);
	close(fd);
	CHECK(info.partitions && info.partitions <= PARTITIONS_MAX);
	return info;
}

unsigned int dev_partitions(void)
{
	return geometry().partitions;
}

unsigned int dev_policy(void)
{
	return geometry().policy;
}

unsigned int dev_max_record(void)
{
	return geometry().max_record;
}

uint64_t dev_ring_bytes(void)
{
	return geometry().ring_bytes;
}

void dev_until_waits(int fd, uint64_t wanted)
{
	int i;

	for (i = 0; i < SOON_MS && dev_info(fd, 0).waits < wanted; i++)
		usleep(1000);
	CHECK_LE(wanted, dev_info(fd, 0).waits);
}

void need_policy(unsigned int policy)
{
	if (dev_policy() != policy)
		test_skip("for a stream of another policy");
}

void need_partitions(unsigned int at_least)
{
	if (dev_partitions() < at_least)
		test_skip("for a stream of more partitions");
}

int try_attach(int fd, unsigned int partition, unsigned int flags,
	       unsigned int start, uint64_t value)
{
	struct ringlog_attach attach = {
		.partition = partition,
		.flags = flags,
		.start = start,
		.value = value,
	};

	return ioctl(fd, RINGLOG_IOC_ATTACH, &attach);
}

struct ringlog_attach dev_attach(int fd, unsigned int partition,
				 unsigned int flags, unsigned int start,
				 uint64_t value)
{
	struct ringlog_attach attach = {
		.partition = partition,
		.flags = flags,
		.start = start,
		.value = value,
	};

	CHECK_OK(ioctl(fd, RINGLOG_IOC_ATTACH, &attach));
	return attach;
}

int try_append(int fd, unsigned int partition, const void *records,
	       unsigned int bytes)
{
	struct ringlog_append append = {
		.partition = partition,
		.records = (uintptr_t)records,
		.bytes = bytes,
	};

	return ioctl(fd, RINGLOG_IOC_APPEND, &append);
}

struct ringlog_append dev_append(int fd, unsigned int partition,
				 const void *records, unsigned int bytes)
{
	struct ringlog_append append = {
		.partition = partition,
		.records = (uintptr_t)records,
		.bytes = bytes,
	};

	CHECK_OK(ioctl(fd, RINGLOG_IOC_APPEND, &append));
	return append;
}

void write_number(int fd, uint64_t number)
{
	CHECK_EQ(CHECK_OK(write(fd, &number, sizeof(number))), sizeof(number));
}

uint64_t read_number(int fd)
{
	uint64_t number;

	CHECK_EQ(CHECK_OK(read(fd, &number, sizeof(number))), sizeof(number));
	return number;
}

int try_append_value(int fd, unsigned int partition, const void *value,
		     unsigned int length)
{
	struct parts parts = { .value = value, .value_len = length };
	void *batch = malloc(sizeof(struct ringlog_record) + length +
			     RINGLOG_ALIGN);
	int result, error;

	CHECK(batch);
	result = try_append(fd, partition, batch, record_put(batch, &parts));
	error = errno;
	free(batch);
	errno = error;
	return result;
}

void append_value(int fd, unsigned int partition, const void *value,
		  unsigned int length)
{
	CHECK_OK(try_append_value(fd, partition, value, length));
}

void append_number(int fd, unsigned int partition, uint64_t number)
{
	append_value(fd, partition, &number, sizeof(number));
}

void lap(int fd, unsigned int partition)
{
	uint64_t want = dev_info(fd, partition).head + 2 * dev_ring_bytes();
	unsigned int length = dev_max_record() / 4;
	unsigned char *value = malloc(length);

	CHECK(value);
	memset(value, DIRT, length);
	while (dev_info(fd, partition).head < want)
		append_value(fd, partition, value, length);
	free(value);
}

void no_more(int fd)
{
	int flags = CHECK_OK(fcntl(fd, F_GETFL));
	char byte[64];

	CHECK_OK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	CHECK_ERR(read(fd, byte, sizeof(byte)), EAGAIN);
	CHECK_OK(fcntl(fd, F_SETFL, flags));
}

static unsigned char *put_padded(unsigned char *to, const void *from,
				 size_t length, size_t align)
{
	size_t padded = pad(length, align);

	memset(to, DIRT, padded);
	if (length)
		memcpy(to, from, length);
	return to + padded;
}

size_t record_put(void *to, const struct parts *parts)
{
	struct ringlog_record *record = to;
	struct ringlog_record header = {
		.length = pad(parts->key_len, 8) + pad(parts->headers_len, 8) +
			parts->value_len,
		.type = RINGLOG_TYPE_DATA,
		.flags = parts->flags,
		.offset = 0xdeadbeef,
		.timestamp = ~0ULL,
		.producer = 0xdeadbeef,
		.key_len = parts->key_len,
		.headers_len = parts->headers_len,
	};
	unsigned char *at = (unsigned char *)to + sizeof(header);

	memset(to, DIRT, pad(sizeof(header) + header.length, RINGLOG_ALIGN));
	memcpy(record, &header, sizeof(header));
	at = put_padded(at, parts->key, parts->key_len, 8);
	at = put_padded(at, parts->headers, parts->headers_len, 8);
	put_padded(at, parts->value, parts->value_len, 1);
	return pad(sizeof(header) + header.length, RINGLOG_ALIGN);
}

size_t record_size(const struct ringlog_record *record)
{
	return pad(sizeof(*record) + record->length, RINGLOG_ALIGN);
}

const unsigned char *record_key(const struct ringlog_record *record)
{
	return (const unsigned char *)(record + 1);
}

const unsigned char *record_headers(const struct ringlog_record *record)
{
	return record_key(record) + pad(record->key_len, 8);
}

const unsigned char *record_value(const struct ringlog_record *record)
{
	return record_headers(record) + pad(record->headers_len, 8);
}

unsigned int record_value_len(const struct ringlog_record *record)
{
	return record->length - pad(record->key_len, 8) -
		pad(record->headers_len, 8);
}

static void check_zero(const unsigned char *from, const unsigned char *to)
{
	while (from < to)
		CHECK_EQ(*from++, 0);
}

static void check_record(const struct ringlog_record *record)
{
	CHECK_EQ(record->type, RINGLOG_TYPE_DATA);
	CHECK_EQ(record->reserved, 0);
	CHECK_EQ(record->flags & ~(RINGLOG_RECORD_HAS_KEY |
				   RINGLOG_RECORD_NULL_VALUE), 0);
	check_zero(record_key(record) + record->key_len,
		   record_headers(record));
	check_zero(record_headers(record) + record->headers_len,
		   record_value(record));
	check_zero(record_value(record) + record_value_len(record),
		   (const unsigned char *)record + record_size(record));
}

static void check_run(const struct ringlog_run *run, size_t left)
{
	CHECK_EQ(run->reserved, 0);
	CHECK_LE(run->expired, run->lost);
	CHECK(run->partition < dev_partitions());
	CHECK_EQ(run->bytes % RINGLOG_ALIGN, 0);
	CHECK_LE(run->bytes, left);
}

static void walk_run(const struct ringlog_run *run, visit_fn *visit,
		     void *argument)
{
	const char *at = (const char *)(run + 1), *end = at + run->bytes;
	uint64_t offset = 0;
	unsigned int i;

	for (i = 0; i < run->records; i++) {
		const struct ringlog_record *record = (const void *)at;

		CHECK_LE(sizeof(*record), end - at);
		CHECK_LE(record_size(record), end - at);
		check_record(record);
		if (i)
			CHECK_EQ(record->offset, offset + 1);
		offset = record->offset;
		if (visit)
			visit(run, record, argument);
		at += record_size(record);
	}
	CHECK(at == end);
}

unsigned int walk_runs(const void *buffer, ssize_t size, visit_fn *visit,
		       void *argument)
{
	const char *at = buffer, *end = at + size;
	unsigned int records = 0;

	while (at < end) {
		const struct ringlog_run *run = (const void *)at;

		CHECK_LE(sizeof(*run), end - at);
		check_run(run, end - at - sizeof(*run));
		walk_run(run, visit, argument);
		records += run->records;
		at += sizeof(*run) + run->bytes;
	}
	return records;
}

size_t batch_bytes(void)
{
	return pad(sizeof(struct ringlog_run) + sizeof(struct ringlog_record) +
		   dev_max_record(), RINGLOG_ALIGN);
}
