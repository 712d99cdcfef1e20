// SPDX-License-Identifier: GPL-2.0-only
#include "calls.h"
#include "paths.h"
#include "test.h"

struct ringlog_info info_argument;
struct ringlog_attach attach_argument;
struct ringlog_append append_argument;
struct ringlog_wait wait_argument;
char value[2048], into[16 << 10];
static char batch[4096] __attribute__((aligned(RINGLOG_ALIGN)));

void fill_batch(void)
{
	struct parts parts = { .value = value, .value_len = 100 };
	size_t one = record_put(batch, &parts);

	append_argument = (struct ringlog_append){
		.partition = TURN,
		.records = (uintptr_t)batch,
		.bytes = one + record_put(batch + one, &parts),
	};
}

void open_file(void)
{
	unsigned int p;
	int i;

	file = dev_open(O_RDWR);
	for (p = 0; p < dev_partitions(); p++)
		for (i = 0; i < 3; i++)
			append_number(file, p, i);
	CHECK_EQ(CHECK_OK(lseek(file, 0, SEEK_SET)), 0);
	CHECK_OK(read(file, into, sizeof(into)));
	fill_batch();
	info_argument = (struct ringlog_info){ .partition = 1 };
	wait_argument = (struct ringlog_wait){ .min_records = 1 };
}

void open_idle(void)
{
	open_file();
	CHECK_EQ(CHECK_OK(lseek(file, 0, SEEK_END)), 0);
	wait_argument.timeout_ns = 1000000;
}

void attach_as(unsigned int partition, unsigned int flags, unsigned int start, uint64_t at)
{
	open_file();
	attach_argument = (struct ringlog_attach){
		.partition = partition, .flags = flags, .start = start, .value = at,
	};
}

long call_info(void)
{
	return ioctl(file, RINGLOG_IOC_INFO, &info_argument);
}

long call_attach(void)
{
	return ioctl(file, RINGLOG_IOC_ATTACH, &attach_argument);
}

long call_append(void)
{
	return ioctl(file, RINGLOG_IOC_APPEND, &append_argument);
}

long call_wait(void)
{
	return ioctl(file, RINGLOG_IOC_WAIT, &wait_argument);
}

void after_append(bool success)
{
	unsigned int turn = dev_info(file, 0).producer - 1 + success;

	fill_batch();
	CHECK_OK(call_append());
	CHECK_EQ(append_argument.appended_to, turn % dev_partitions());
}
