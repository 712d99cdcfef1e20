// SPDX-License-Identifier: GPL-2.0-only
/* Every refusal of the manual, and that it changes nothing. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <termios.h>

#include "device.h"
#include "proc.h"
#include "test.h"

#define BAD_ADDRESS	((void *)-4096L)

struct snapshot {
	struct ringlog_info of[PARTITIONS_MAX];
};

static struct snapshot *look(int fd)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	unsigned int i;

	CHECK(snapshot);
	for (i = 0; i < dev_partitions(); i++)
		snapshot->of[i] = dev_info(fd, i);
	return snapshot;
}

static void check_unchanged(int fd, struct snapshot *before)
{
	struct snapshot *after = look(fd);

	CHECK(!memcmp(before, after, sizeof(*before)));
	free(before);
	free(after);
}

/* A call that must fail, for this reason, and change nothing. */
#define CHECK_REFUSED(fd, call, error) do {				\
	int fd_ = (fd);							\
	struct snapshot *before_ = look(fd_);				\
	CHECK_ERR(call, error);						\
	check_unchanged(fd_, before_);					\
} while (0)

/* Three records in each partition, the first of which is read. */
static int fixture(int flags)
{
	bool reads = (flags & O_ACCMODE) != O_WRONLY;
	int fd = reads ? dev_open_newest(flags) : dev_open(flags);
	int writer = dev_open(O_WRONLY);
	unsigned int i, j;

	for (i = 0; i < dev_partitions(); i++)
		for (j = 0; j < 3; j++)
			append_number(writer, i, j);
	close(writer);
	for (i = 0; reads && i < dev_partitions(); i++)
		read_number(fd);
	return fd;
}

/* One page that may be used, followed by one that may not. */
static char *edge_of_memory(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	CHECK_OK(mprotect(memory + page, page, PROT_NONE));
	return memory + page;
}

static unsigned long resized(unsigned long request, size_t bytes)
{
	return _IOC(_IOC_DIR(request), _IOC_TYPE(request), _IOC_NR(request),
		    bytes);
}

static const unsigned long requests[] = {
	RINGLOG_IOC_INFO, RINGLOG_IOC_ATTACH, RINGLOG_IOC_APPEND,
	RINGLOG_IOC_WAIT,
};

/* Of the first version of each, which programs of then still pass. */
static const size_t first_sizes[] = {
	offsetof(struct ringlog_info, reserved) + sizeof(__u32),
	sizeof(struct ringlog_attach),
	sizeof(struct ringlog_append),
	offsetof(struct ringlog_wait, bytes) + sizeof(__u64),
};

#define REQUESTS	(sizeof(requests) / sizeof(requests[0]))
#define ARGUMENT_MAX	((1 << _IOC_SIZEBITS) - 1)

/* Room for the largest argument; holds a valid argument of the request. */
static void *valid_argument(unsigned int i)
{
	static unsigned char record[256];
	struct parts parts = { .value = "valid", .value_len = 5 };
	struct ringlog_append append = { .records = (uintptr_t)record };
	void *argument = calloc(1, ARGUMENT_MAX);

	CHECK(argument);
	append.bytes = record_put(record, &parts);
	if (requests[i] == RINGLOG_IOC_APPEND)
		memcpy(argument, &append, sizeof(append));
	return argument;
}

static void test_valid_arguments(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i;

	for (i = 0; i < REQUESTS; i++)
		CHECK_OK(ioctl(fd, requests[i], valid_argument(i)));
}

static void test_larger_with_zero_tail(void)
{
	static const size_t more[] = { 4, 8, 64, 4096 };
	int fd = fixture(O_RDWR);
	unsigned int i, j;

	for (i = 0; i < REQUESTS; i++)
		for (j = 0; j < 4; j++)
			CHECK_OK(ioctl(fd, resized(requests[i],
						   _IOC_SIZE(requests[i]) + more[j]),
				       valid_argument(i)));
	for (i = 0; i < REQUESTS; i++)
		CHECK_OK(ioctl(fd, resized(requests[i], ARGUMENT_MAX),
			       valid_argument(i)));
}

static void test_larger_with_other_tail(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i, j;

	for (i = 0; i < REQUESTS; i++) {
		const size_t size = _IOC_SIZE(requests[i]);
		const size_t at[] = { size, size + 63, ARGUMENT_MAX - 1 };

		for (j = 0; j < 3; j++) {
			unsigned char *argument = valid_argument(i);

			argument[at[j]] = 1;
			CHECK_REFUSED(fd, ioctl(fd, resized(requests[i],
							    at[j] + 1),
						argument), E2BIG);
		}
	}
}

static void test_smaller(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i, j;

	for (i = 0; i < REQUESTS; i++) {
		const size_t size = first_sizes[i];
		const size_t sizes[] = { 0, 1, 8, size - 8, size - 1 };

		for (j = 0; j < 5; j++)
			CHECK_REFUSED(fd, ioctl(fd, resized(requests[i],
							    sizes[j]),
						valid_argument(i)), EINVAL);
	}
}

static void test_first_versions(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i;

	for (i = 0; i < REQUESTS; i++) {
		unsigned char *argument = valid_argument(i);

		memset(argument + first_sizes[i], 0xa5, 64);
		CHECK_OK(ioctl(fd, resized(requests[i], first_sizes[i]),
			       argument));
		/* What the caller does not know of is not written. */
		CHECK(argument[first_sizes[i]] == 0xa5);
		CHECK(argument[first_sizes[i] + 63] == 0xa5);
	}
}

static void test_unreadable(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i;

	for (i = 0; i < REQUESTS; i++) {
		CHECK_REFUSED(fd, ioctl(fd, requests[i], NULL), EFAULT);
		CHECK_REFUSED(fd, ioctl(fd, requests[i], BAD_ADDRESS), EFAULT);
		CHECK_REFUSED(fd, ioctl(fd, requests[i],
					edge_of_memory() - 8), EFAULT);
	}
}

/* The tail of a larger struct must be readable as well. */
static void test_unreadable_tail(void)
{
	int fd = fixture(O_RDWR);
	unsigned int i;

	for (i = 0; i < REQUESTS; i++) {
		size_t size = _IOC_SIZE(requests[i]);
		char *at = edge_of_memory() - size;

		memcpy(at, valid_argument(i), size);
		CHECK_REFUSED(fd, ioctl(fd, resized(requests[i], size + 8), at),
			      EFAULT);
	}
}

static void test_info_to_read_only_memory(void)
{
	struct ringlog_info *info = mmap(NULL, 4096, PROT_READ,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = fixture(O_RDWR);

	CHECK(info != MAP_FAILED);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_INFO, info), EFAULT);
}

static void test_unknown_requests(void)
{
	static char argument[ARGUMENT_MAX];
	int fd = fixture(O_RDWR);

	CHECK_REFUSED(fd, ioctl(fd, TCGETS, argument), ENOTTY);
	CHECK_REFUSED(fd, ioctl(fd, _IO(RINGLOG_IOC_MAGIC, 0xff), argument),
		      ENOTTY);
	CHECK_REFUSED(fd, ioctl(fd, _IOWR(RINGLOG_IOC_MAGIC, 0xff,
					  struct ringlog_info), argument),
		      ENOTTY);
	CHECK_REFUSED(fd, ioctl(fd, _IOWR(RINGLOG_IOC_MAGIC - 1, 0,
					  struct ringlog_info), argument),
		      ENOTTY);
}

static void info_refused(int fd, struct ringlog_info info, int error)
{
	CHECK_REFUSED(fd, ioctl(fd, RINGLOG_IOC_INFO, &info), error);
}

static void test_info(void)
{
	int fd = fixture(O_RDWR);

	info_refused(fd, (struct ringlog_info){ .partition = dev_partitions() },
		     EINVAL);
	info_refused(fd, (struct ringlog_info){ .partition = 0x80000000 },
		     EINVAL);
	info_refused(fd, (struct ringlog_info){ .flags = 1 }, EINVAL);
	info_refused(fd, (struct ringlog_info){ .flags = 1U << 31 }, EINVAL);
	info_refused(fd, (struct ringlog_info){ .reserved = 1 }, EINVAL);
	info_refused(fd, (struct ringlog_info){ .reserved2 = 1 }, EINVAL);
}

/* The same struct serves again: what came out may go in. */
static void test_structs_serve_again(void)
{
	struct parts parts = { .value = "again", .value_len = 5 };
	unsigned char record[64];
	struct ringlog_append append = {
		.records = (uintptr_t)record,
		.bytes = record_put(record, &parts),
	};
	struct ringlog_attach attach = { .start = RINGLOG_START_OLDEST };
	struct ringlog_wait wait = { .min_records = 1 };
	struct ringlog_info info = { .partition = 0 };
	int i, fd = fixture(O_RDWR);

	for (i = 0; i < 2; i++) {
		CHECK_OK(ioctl(fd, RINGLOG_IOC_INFO, &info));
		CHECK_OK(ioctl(fd, RINGLOG_IOC_ATTACH, &attach));
		CHECK_OK(ioctl(fd, RINGLOG_IOC_APPEND, &append));
		CHECK_OK(ioctl(fd, RINGLOG_IOC_WAIT, &wait));
	}
}

static void attach_refused(int fd, struct ringlog_attach attach, int error)
{
	CHECK_REFUSED(fd, ioctl(fd, RINGLOG_IOC_ATTACH, &attach), error);
}

static void test_attach_invalid(void)
{
	unsigned int bit, past = dev_partitions();
	int fd = fixture(O_RDWR);

	attach_refused(fd, (struct ringlog_attach){ .partition = past },
		       EINVAL);
	attach_refused(fd, (struct ringlog_attach){ .partition = ALL - 1 },
		       EINVAL);
	for (bit = 4; bit < 32; bit++)
		attach_refused(fd, (struct ringlog_attach){
				.flags = 1U << bit }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){ .start = 5 }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){ .start = UINT_MAX },
		       EINVAL);
	attach_refused(fd, (struct ringlog_attach){ .reserved = 1 }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){
			.start = RINGLOG_START_OLDEST, .value = 1 }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){
			.start = RINGLOG_START_NEWEST, .value = 1 }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){ .partition = ALL,
		       .start = RINGLOG_START_OFFSET }, EINVAL);
	attach_refused(fd, (struct ringlog_attach){
			.flags = RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH,
			.start = 5 }, EINVAL);
}

/* WRITES goes with no other flag, and with start and value zero. */
static void test_attach_writes_invalid(void)
{
	struct ringlog_attach attach = { .flags = RINGLOG_ATTACH_WRITES };
	unsigned int flag;
	int fd = fixture(O_RDWR);

	for (flag = 1; flag < RINGLOG_ATTACH_WRITES; flag <<= 1) {
		attach.flags = RINGLOG_ATTACH_WRITES | flag;
		attach_refused(fd, attach, EINVAL);
	}
	attach.flags = RINGLOG_ATTACH_WRITES;
	attach.start = RINGLOG_START_NEWEST;
	attach_refused(fd, attach, EINVAL);
	attach.start = RINGLOG_START_MONOTONIC;
	attach_refused(fd, attach, EINVAL);
	attach.start = RINGLOG_START_OLDEST;
	attach.value = 1;
	attach_refused(fd, attach, EINVAL);
	attach.value = 0;
	attach.reserved = 1;
	attach_refused(fd, attach, EINVAL);
	attach.reserved = 0;
	attach.partition = dev_partitions();
	attach_refused(fd, attach, EINVAL);
	attach.partition = 0;
	attach_refused(fixture(O_RDONLY), attach, EBADF);
	attach.incarnation = dev_info(fd, 0).incarnation ^ 1;
	attach_refused(fd, attach, ESTALE);
	attach.incarnation ^= 1;
	CHECK_OK(ioctl(fd, RINGLOG_IOC_ATTACH, &attach));
}

static void test_attach_range(void)
{
	int fd = fixture(O_RDWR);
	struct ringlog_info info;

	lap(fd, 0);
	info = dev_info(fd, 0);
	CHECK(info.oldest_offset > 0);
	attach_refused(fd, (struct ringlog_attach){
			.flags = RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH,
			.start = RINGLOG_START_OFFSET,
			.value = info.oldest_offset - 1 }, ERANGE);
	attach_refused(fd, (struct ringlog_attach){
			.start = RINGLOG_START_OFFSET }, ERANGE);
	attach_refused(fd, (struct ringlog_attach){
			.start = RINGLOG_START_OFFSET,
			.value = info.next_offset + 1 }, ERANGE);
	attach_refused(fd, (struct ringlog_attach){
			.start = RINGLOG_START_OFFSET, .value = ~0ULL },
		       ERANGE);
	dev_attach(fd, 0, 0, RINGLOG_START_OFFSET, info.oldest_offset);
	dev_attach(fd, 0, 0, RINGLOG_START_OFFSET, info.next_offset);
}

static void test_attach_stale(void)
{
	int fd = fixture(O_RDWR);
	struct ringlog_attach attach = {
		.start = RINGLOG_START_OFFSET,
		.value = dev_info(fd, 0).oldest_offset,
		.incarnation = dev_info(fd, 0).incarnation,
	};

	CHECK(attach.incarnation);
	CHECK_OK(ioctl(fd, RINGLOG_IOC_ATTACH, &attach));
	attach.incarnation ^= 1;
	attach_refused(fd, attach, ESTALE);
	attach.start = RINGLOG_START_OLDEST;
	attach.value = 0;
	attach_refused(fd, attach, ESTALE);
}

static void test_attach_of_a_writer(void)
{
	attach_refused(fixture(O_WRONLY), (struct ringlog_attach){ .flags = 0 },
		       EBADF);
}

static void test_gate_on_overwrite(void)
{
	struct ringlog_attach attach = { .flags = RINGLOG_ATTACH_GATE };

	need_policy(RINGLOG_POLICY_OVERWRITE);
	attach_refused(fixture(O_RDWR), attach, EOPNOTSUPP);
	attach.partition = ALL;
	attach_refused(fixture(O_RDWR), attach, EOPNOTSUPP);
}

static void need_gates(void)
{
	if (dev_policy() == RINGLOG_POLICY_OVERWRITE)
		test_skip("for a stream with gates");
}

static void test_gate_of_a_reader(void)
{
	struct ringlog_attach attach = {
		.partition = ALL,
		.flags = RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_BATCH,
	};

	need_gates();
	attach_refused(fixture(O_RDONLY), attach, EPERM);
}

static void test_gate_65(void)
{
	unsigned int i, last = dev_partitions() - 1;
	struct ringlog_attach attach = {
		.partition = last,
		.flags = RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_REPLACE,
		.start = RINGLOG_START_NEWEST,
	};
	int fd = fixture(O_RDWR), gates[RINGLOG_GATES_MAX];

	need_gates();
	for (i = 0; i < RINGLOG_GATES_MAX; i++) {
		gates[i] = dev_open(O_RDWR);
		CHECK_OK(ioctl(gates[i], RINGLOG_IOC_ATTACH, &attach));
	}
	attach_refused(fd, attach, EUSERS);
	attach.partition = ALL;
	attach_refused(fd, attach, EUSERS);
	/* A gate that is there already is no further one. */
	attach.partition = last;
	CHECK_OK(ioctl(gates[0], RINGLOG_IOC_ATTACH, &attach));
	attach_refused(fd, attach, EUSERS);
	close(gates[7]);
	CHECK_OK(ioctl(fd, RINGLOG_IOC_ATTACH, &attach));
}

static void append_refused(int fd, struct ringlog_append append, int error)
{
	CHECK_REFUSED(fd, ioctl(fd, RINGLOG_IOC_APPEND, &append), error);
}

static struct ringlog_append two_records(unsigned char *to)
{
	struct parts first = {
		.flags = RINGLOG_RECORD_HAS_KEY,
		.key = "key", .key_len = 3,
		.headers = "headers", .headers_len = 7,
		.value = "value", .value_len = 5,
	};
	size_t size = record_put(to, &first);

	return (struct ringlog_append){
		.records = (uintptr_t)to,
		.bytes = size + record_put(to + size, &first),
	};
}

static void test_append_invalid(void)
{
	unsigned char batch[512] = {};
	int fd = fixture(O_RDWR);
	struct ringlog_append good = two_records(batch), bad = good;

	CHECK_OK(ioctl(fd, RINGLOG_IOC_APPEND, &bad));
#define REFUSE(member, value) do {					\
	bad = good;							\
	bad.member = value;						\
	append_refused(fd, bad, EINVAL);				\
} while (0)
	REFUSE(partition, dev_partitions());
	REFUSE(partition, ALL - 1);
	REFUSE(flags, 1);
	REFUSE(flags, 1U << 31);
	REFUSE(reserved, 1);
	REFUSE(bytes, 0);
	REFUSE(bytes, 1);
	REFUSE(bytes, sizeof(struct ringlog_record) - 1);
	REFUSE(bytes, sizeof(struct ringlog_record));
	REFUSE(bytes, good.bytes - RINGLOG_ALIGN);
	REFUSE(bytes, good.bytes - 1);
	REFUSE(bytes, good.bytes + 1);
	REFUSE(bytes, good.bytes + RINGLOG_ALIGN);
#undef REFUSE
}

static void spoilt_refused(int fd, const struct ringlog_append *append,
			   struct ringlog_record *at,
			   struct ringlog_record spoilt)
{
	struct ringlog_record before = *at;

	*at = spoilt;
	append_refused(fd, *append, EINVAL);
	*at = before;
}

static void spoil(int fd, const struct ringlog_append *append,
		  struct ringlog_record *at)
{
#define SPOIL(member, value) do {					\
	struct ringlog_record spoilt_ = *at;				\
	spoilt_.member = value;						\
	spoilt_refused(fd, append, at, spoilt_);			\
} while (0)
	SPOIL(type, 0);
	SPOIL(type, RINGLOG_TYPE_PAD);
	SPOIL(type, 3);
	SPOIL(type, 255);
	SPOIL(flags, 0);
	SPOIL(flags, RINGLOG_RECORD_HAS_KEY | 4);
	SPOIL(flags, RINGLOG_RECORD_HAS_KEY | 128);
	SPOIL(flags, RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE);
	SPOIL(reserved, 1);
	SPOIL(key_len, 17);
	SPOIL(key_len, 0xffff);
	SPOIL(headers_len, 17);
	SPOIL(headers_len, 0xffff);
	SPOIL(length, 0);
	SPOIL(length, 15);
	SPOIL(length, 0x7fffffff);
	SPOIL(length, 0xffffffe0);
	SPOIL(length, 0xffffffff);
#undef SPOIL
}

static void test_append_contradictions(void)
{
	unsigned char batch[512] __attribute__((aligned(32))) = {};
	struct ringlog_append append = two_records(batch);
	struct ringlog_record *first = (void *)batch;
	int fd = fixture(O_RDWR);

	spoil(fd, &append, first);
	/* All or nothing: the second one as well. */
	spoil(fd, &append, (void *)(batch + record_size(first)));
	CHECK_OK(ioctl(fd, RINGLOG_IOC_APPEND, &append));
}

static void test_append_too_large(void)
{
	unsigned int max = sizeof(struct ringlog_record) + dev_max_record();
	unsigned int large = max / RINGLOG_ALIGN * RINGLOG_ALIGN +
		RINGLOG_ALIGN;
	struct parts parts = { .value_len = large - 32 };
	unsigned char *batch = calloc(1, 2 * large);
	int fd = fixture(O_RDWR);

	parts.value = calloc(1, large);
	CHECK(batch && parts.value);
	CHECK_EQ(record_put(batch, &parts), large);
	CHECK_REFUSED(fd, try_append(fd, 0, batch, large), EMSGSIZE);
	CHECK_REFUSED(fd, try_append(fd, 0, batch, 0xffffffe0), EMSGSIZE);
}

static void test_append_unreadable(void)
{
	unsigned char batch[512];
	struct ringlog_append append = two_records(batch);
	int fd = fixture(O_RDWR);
	char *edge = edge_of_memory();
	unsigned int i;

	append.records = 0;
	append_refused(fd, append, EFAULT);
	append.records = (uintptr_t)BAD_ADDRESS;
	append_refused(fd, append, EFAULT);
	append.records = ~0ULL - 64;
	append_refused(fd, append, EFAULT);
	for (i = 8; i < append.bytes; i += 24) {
		memcpy(edge - i, batch, i);
		append.records = (uintptr_t)edge - i;
		append_refused(fd, append, EFAULT);
	}
}

static void test_append_of_a_reader(void)
{
	unsigned char batch[512];

	append_refused(fixture(O_RDONLY), two_records(batch), EBADF);
}

static void wait_refused(int fd, struct ringlog_wait wait, int error)
{
	CHECK_REFUSED(fd, ioctl(fd, RINGLOG_IOC_WAIT, &wait), error);
}

static void test_wait_invalid(void)
{
	int fd = fixture(O_RDWR);

	wait_refused(fd, (struct ringlog_wait){ .flags = 1 }, EINVAL);
	wait_refused(fd, (struct ringlog_wait){ .flags = 1U << 31 }, EINVAL);
	wait_refused(fd, (struct ringlog_wait){ .reserved = 1 }, EINVAL);
	wait_refused(fd, (struct ringlog_wait){
			.spin_ns = RINGLOG_SPIN_MAX + 1 }, EINVAL);
	wait_refused(fd, (struct ringlog_wait){ .spin_ns = ~0ULL }, EINVAL);
	wait_refused(fixture(O_WRONLY), (struct ringlog_wait){ .flags = 0 },
		     EBADF);
}

static void test_write_refused(void)
{
	int fd = fixture(O_RDWR);
	unsigned int max = dev_max_record();
	char *large = calloc(1, max + 1), *edge = edge_of_memory();
	struct iovec iov[2] = {
		{ .iov_base = large, .iov_len = 8 },
		{ .iov_base = BAD_ADDRESS, .iov_len = 8 },
	};

	CHECK(large);
	CHECK_REFUSED(fd, write(fd, large, max + 1), EMSGSIZE);
	CHECK_REFUSED(fd, write(fd, large, 1UL << 30), EMSGSIZE);
	CHECK_REFUSED(fd, write(fd, BAD_ADDRESS, 8), EFAULT);
	CHECK_REFUSED(fd, write(fd, edge, 8), EFAULT);
	CHECK_REFUSED(fd, write(fd, edge - 8, 16), EFAULT);
	CHECK_REFUSED(fd, write(fd, edge - 1000, 2000), EFAULT);
	CHECK_REFUSED(fd, writev(fd, iov, 2), EFAULT);
	CHECK_REFUSED(fd, pwrite(fd, large, 8, 0), ESPIPE);
	CHECK_REFUSED(fd, pwrite(fd, large, 8, 8), ESPIPE);
	CHECK_REFUSED(fd, pwritev(fd, iov, 1, 0), ESPIPE);
	CHECK_EQ(write(fd, large, max), max);
}

static void test_read_refused(void)
{
	int fd = fixture(O_RDWR);
	char byte[8], *edge = edge_of_memory();
	struct iovec iov[2] = {
		{ .iov_base = byte, .iov_len = 4 },
		{ .iov_base = BAD_ADDRESS, .iov_len = 4 },
	};

	CHECK_REFUSED(fd, read(fd, byte, 7), EMSGSIZE);
	CHECK_REFUSED(fd, read(fd, byte, 1), EMSGSIZE);
	CHECK_REFUSED(fd, read(fd, BAD_ADDRESS, 8), EFAULT);
	CHECK_REFUSED(fd, read(fd, edge, 8), EFAULT);
	CHECK_REFUSED(fd, read(fd, edge - 4, 8), EFAULT);
	CHECK_REFUSED(fd, readv(fd, iov, 2), EFAULT);
	CHECK_REFUSED(fd, pread(fd, byte, 8, 0), ESPIPE);
	CHECK_REFUSED(fd, preadv(fd, iov, 1, 8), ESPIPE);
	/* The record stayed. */
	CHECK_EQ(read(fd, byte, 8), 8);
}

static void test_batch_read_refused(void)
{
	int fd = fixture(O_RDWR);
	char buffer[128], *edge = edge_of_memory();

	dev_attach(fd, 0, RINGLOG_ATTACH_BATCH, RINGLOG_START_NEWEST, 0);
	dev_attach(fd, 0, RINGLOG_ATTACH_BATCH | RINGLOG_ATTACH_REPLACE,
		   RINGLOG_START_NEWEST, 0);
	append_number(fd, 0, 1);
	/* A run and a record of 8 bytes take 32 + 64. */
	CHECK_REFUSED(fd, read(fd, buffer, 95), EMSGSIZE);
	CHECK_REFUSED(fd, read(fd, buffer, 32), EMSGSIZE);
	CHECK_REFUSED(fd, read(fd, buffer, 1), EMSGSIZE);
	CHECK_REFUSED(fd, read(fd, edge, 96), EFAULT);
	CHECK_REFUSED(fd, read(fd, edge - 32, 96), EFAULT);
	CHECK_REFUSED(fd, read(fd, edge - 80, 96), EFAULT);
	CHECK_EQ(read(fd, buffer, 96), 96);
	CHECK_EQ(walk_runs(buffer, 96, NULL, NULL), 1);
}

static void test_lseek_refused(void)
{
	int fd = fixture(O_RDWR), writer = fixture(O_WRONLY);

	CHECK_REFUSED(fd, lseek(fd, 0, SEEK_CUR), ESPIPE);
	CHECK_REFUSED(fd, lseek(fd, 1, SEEK_CUR), ESPIPE);
	CHECK_REFUSED(fd, lseek(fd, 1, SEEK_SET), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, 1, SEEK_END), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, -1, SEEK_END), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, 0, SEEK_DATA), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, 0, SEEK_HOLE), EINVAL);
	CHECK_REFUSED(fd, lseek(fd, 0, 99), EINVAL);
	CHECK_REFUSED(writer, lseek(writer, 0, SEEK_SET), ESPIPE);
	CHECK_REFUSED(writer, lseek(writer, 0, SEEK_END), ESPIPE);
	CHECK_REFUSED(writer, lseek(writer, 0, SEEK_CUR), ESPIPE);
}

static const struct test tests[] = {
	{ "valid arguments are taken", test_valid_arguments },
	{ "a larger struct with a zero tail is taken",
	  test_larger_with_zero_tail },
	{ "a larger struct with another tail: E2BIG",
	  test_larger_with_other_tail },
	{ "a smaller struct: EINVAL", test_smaller },
	{ "a struct of the first version is taken", test_first_versions },
	{ "an unreadable struct: EFAULT", test_unreadable },
	{ "an unreadable tail: EFAULT", test_unreadable_tail },
	{ "INFO to read-only memory: EFAULT", test_info_to_read_only_memory },
	{ "an unknown request: ENOTTY", test_unknown_requests },
	{ "INFO: EINVAL", test_info },
	{ "structs serve again", test_structs_serve_again },
	{ "ATTACH: EINVAL", test_attach_invalid },
	{ "ATTACH: EINVAL and EBADF of WRITES", test_attach_writes_invalid },
	{ "ATTACH: ERANGE", test_attach_range },
	{ "ATTACH: ESTALE", test_attach_stale },
	{ "ATTACH: EBADF", test_attach_of_a_writer },
	{ "ATTACH: EOPNOTSUPP", test_gate_on_overwrite },
	{ "ATTACH: EPERM", test_gate_of_a_reader },
	{ "ATTACH: EUSERS", test_gate_65 },
	{ "APPEND: EINVAL", test_append_invalid },
	{ "APPEND: EINVAL for contradictions", test_append_contradictions },
	{ "APPEND: EMSGSIZE", test_append_too_large },
	{ "APPEND: EFAULT", test_append_unreadable },
	{ "APPEND: EBADF", test_append_of_a_reader },
	{ "WAIT: EINVAL and EBADF", test_wait_invalid },
	{ "write: EMSGSIZE, EFAULT, ESPIPE", test_write_refused },
	{ "read: EMSGSIZE, EFAULT, ESPIPE", test_read_refused },
	{ "batch read: EMSGSIZE, EFAULT", test_batch_read_refused },
	{ "lseek: ESPIPE, EINVAL", test_lseek_refused },
};

TEST_MAIN(tests)
