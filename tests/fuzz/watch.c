// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "module.h"
#include "payload.h"
#include "state.h"
#include "thread.h"
#include "watch.h"

#define BUFFER	(1024 * 1024)
#define REMEMBERED 4096

/* A record of ours: which offset got which tag. */
struct mine {
	uint64_t offset;
	uint64_t tag;
	uint32_t partition;
};

static struct {
	int reader;
	int writer;
	uint32_t producer;
	uint64_t expected[PARTITIONS_MAX];
	uint64_t told[PARTITIONS_MAX];
	uint64_t timestamp[PARTITIONS_MAX];
	struct mine mine[REMEMBERED];
	uint64_t tag;
	char *buffer;
} it;

static bool get_info(int fd, uint32_t partition, struct ringlog_info *info)
{
	*info = (struct ringlog_info){ .partition = partition };
	if (!ioctl(fd, RINGLOG_IOC_INFO, info))
		return true;
	finding("watch: INFO: %s", strerror(errno));
	return false;
}

static bool begin(void)
{
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL, .flags = RINGLOG_ATTACH_BATCH,
	};
	struct ringlog_info info;

	memset(&it, 0, sizeof(it));
	it.buffer = malloc(BUFFER);
	it.reader = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	it.writer = open(DEVICE, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (!it.buffer || it.reader < 0 || it.writer < 0 ||
	    ioctl(it.reader, RINGLOG_IOC_ATTACH, &attach)) {
		finding("watch: open: %s", strerror(errno));
		return false;
	}
	for (uint32_t p = 0; p < config.partitions; p++) {
		if (!get_info(it.reader, p, &info))
			return false;
		it.expected[p] = info.cursor_offset;
	}
	if (!get_info(it.writer, 0, &info))
		return false;
	it.producer = info.producer;
	return true;
}

static void append(uint32_t partition)
{
	uint8_t batch[256] __attribute__((__aligned__(8)));
	struct ringlog_record *record = (void *)batch;
	struct ringlog_append request = {
		.partition = partition, .records = (unsigned long)batch,
	};
	uint64_t tag = ++it.tag;

	memset(batch, 0, sizeof(batch));
	*record = (struct ringlog_record){
		.length = 16 + tag % (config.max_record < 190 ? 16 : 190),
		.type = RINGLOG_TYPE_DATA,
	};
	payload_fill(record + 1, record->length, tag);
	request.bytes = (sizeof(*record) + record->length + 31) / 32 * 32;
	if (ioctl(it.writer, RINGLOG_IOC_APPEND, &request)) {
		if (errno != EAGAIN && errno != ENOBUFS)
			finding("watch: APPEND: %s", strerror(errno));
		return;
	}
	if (request.count != 1 || request.appended_to != partition)
		finding("watch: APPEND of a record to %u: %u to %u", partition, request.count,
			request.appended_to);
	it.mine[tag % REMEMBERED] = (struct mine){ request.first_offset, tag, partition };
}

static void see_record(const struct ringlog_record *record, uint32_t partition, void *unused)
{
	const struct mine *mine;
	uint64_t tag;

	(void)unused;
	if (record->timestamp < it.timestamp[partition])
		finding("watch: the time goes back in partition %u", partition);
	it.timestamp[partition] = record->timestamp;
	if (record->producer != it.producer)
		return;
	tag = payload_tag(record + 1, record->length);
	mine = &it.mine[tag % REMEMBERED];
	if (mine->tag == tag && (mine->offset != record->offset || mine->partition != partition))
		finding("watch: record %lu was appended at %lu of %u, and is at %lu of %u",
			(unsigned long)tag, (unsigned long)mine->offset, mine->partition,
			(unsigned long)record->offset, partition);
	if (!tag || tag > it.tag)
		finding("watch: a record %lu that was never written", (unsigned long)tag);
}

static void see_run(const struct run_seen *run, void *unused)
{
	uint64_t *expected = &it.expected[run->partition];

	(void)unused;
	if (run->first < *expected || run->lost != run->first - *expected)
		finding("watch: partition %u: offset %lu after %lu, and %lu lost", run->partition,
			(unsigned long)run->first, (unsigned long)*expected,
			(unsigned long)run->lost);
	it.told[run->partition] += run->lost;
	*expected = run->first + run->records;
}

/* Returns false when there was nothing. */
static bool take(void)
{
	ssize_t got = read(it.reader, it.buffer, BUFFER);
	const char *fault;

	if (got < 0) {
		if (errno != EAGAIN)
			finding("watch: read: %s", strerror(errno));
		return false;
	}
	fault = runs_fault(it.buffer, got, config.partitions, see_run, see_record, NULL);
	if (fault)
		finding("watch: %s", fault);
	return true;
}

static void compare(uint32_t partition)
{
	struct ringlog_info info;

	if (!get_info(it.reader, partition, &info))
		return;
	if (info.cursor_offset != it.expected[partition] || info.lost < it.told[partition])
		finding("watch: INFO of %u: cursor %lu, lost %lu; it is at %lu, and lost %lu",
			partition, (unsigned long)info.cursor_offset, (unsigned long)info.lost,
			(unsigned long)it.expected[partition], (unsigned long)it.told[partition]);
}

void watch(const volatile int *quit)
{
	struct timespec little = { .tv_nsec = 500000 };
	uint32_t turn = 0;

	if (!begin())
		return;
	while (!*quit && !atomic_load(&state->stop)) {
		uint32_t partition = turn++ % config.partitions;

		append(partition);
		for (int i = 0; i < 4 && take(); i++)
			;
		if (turn % 16 == 0)
			compare(partition);
		if (turn % 8 == 0)
			nanosleep(&little, NULL);
	}
	close(it.reader);
	close(it.writer);
	free(it.buffer);
}
