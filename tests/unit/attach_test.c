// SPDX-License-Identifier: GPL-2.0-only
/*
 * libshim: opening, attaching and detaching, against a kernel that is a file with windows in
 * it, as they were when it was made, and a list of what was asked of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "consumed.h"
#include "consumer-parts.h"
#include "kernel.h"
#include "tap.h"

#define PARTITIONS	3
#define RECORDS		20
#define CALLS_MAX	16

/* --- the kernel ----------------------------------------------------------------------- */

/**
 * struct device - a stream of three partitions
 * @fd: the file; -1: closed
 * @flags: it was opened with
 * @ends: of each partition
 * @map_bytes: of each window
 * @place: where each cursor was attached, if it is
 * @attached: which are
 * @gates: which are gates
 * @calls: what ATTACH was asked for
 * @call_count: of them
 * @waits: WAIT calls
 * @cursor: of the last of them, the first
 * @attach_fails: what ATTACH returns instead
 * @fails_after: ... after so many calls
 * @signals: calls of ATTACH that a signal comes in the way of
 * @info_fails: the partition of which INFO gives -ENODEV
 * @begin_fails: the partition of which INFO gives -EINTR, once it is attached
 */
static struct device {
	int fd;
	int flags;
	struct mapped_ends ends[PARTITIONS];
	uint64_t map_bytes;
	struct ringlog_target place[PARTITIONS];
	bool attached[PARTITIONS];
	bool gates[PARTITIONS];
	struct ringlog_attach calls[CALLS_MAX];
	unsigned int call_count;
	unsigned int waits;
	struct ringlog_mapped_cursor cursor;
	int attach_fails;
	unsigned int fails_after;
	unsigned int signals;
	unsigned int info_fails;
	unsigned int begin_fails;
} device;

static void put_window(unsigned int partition)
{
	struct mapped *mapped = mapped_open(MAPPED_RING, 100 * partition);
	struct ringlog_kernel_page *page = mapped_base(mapped);

	page->partition = partition;
	consumed_append(mapped, RECORDS);
	device.ends[partition] = mapped_ends(mapped);
	device.map_bytes = mapped_bytes(mapped);
	if (pwrite(device.fd, page, device.map_bytes, (off_t)partition << 32) !=
	    (ssize_t)device.map_bytes) {
		perror("a window");
		exit(2);
	}
	mapped_close(mapped);
}

int ringlog_open(const char *stream, int flags)
{
	if (strcmp(stream, "there") != 0)
		return -ENOENT;
	memset(&device, 0, sizeof(device));
	device.fd = memfd_create("the-device", MFD_CLOEXEC);
	device.flags = flags;
	device.info_fails = PARTITIONS;
	device.begin_fails = PARTITIONS;
	for (unsigned int i = 0; i < PARTITIONS; i++)
		put_window(i);
	return device.fd;
}

void ringlog_kernel_close(int fd)
{
	CHECK(fd == device.fd);
	close(fd);
	device.fd = -1;
}

int ringlog_kernel_info(int fd, struct ringlog_info *info)
{
	CHECK(fd == device.fd && info->partition < PARTITIONS);
	if (info->partition == device.info_fails)
		return -ENODEV;
	if (info->partition == device.begin_fails && device.attached[info->partition])
		return -EINTR;
	info->partitions = PARTITIONS;
	info->map_bytes = device.map_bytes;
	info->cursor_position = device.place[info->partition].position;
	info->cursor_offset = device.place[info->partition].offset;
	return 0;
}

int ringlog_kernel_attach(int fd, struct ringlog_attach *attach)
{
	CHECK(fd == device.fd && device.call_count < CALLS_MAX);
	device.calls[device.call_count++] = *attach;
	if (device.signals) {
		device.signals--;
		return -EINTR;
	}
	if (device.attach_fails && device.call_count > device.fails_after)
		return device.attach_fails;
	for (unsigned int i = 0; i < PARTITIONS; i++) {
		bool named = attach->partition == i || attach->partition == RINGLOG_PARTITION_ALL;
		bool oldest = attach->start == RINGLOG_START_OLDEST;

		if (attach->flags & RINGLOG_ATTACH_REPLACE) {
			device.attached[i] = false;
			device.gates[i] = false;
		}
		if (!named)
			continue;
		device.attached[i] = true;
		device.gates[i] = attach->flags & RINGLOG_ATTACH_GATE;
		device.place[i].position = oldest ? device.ends[i].tail : device.ends[i].head;
		device.place[i].offset = oldest ? device.ends[i].tail_offset :
						  device.ends[i].next_offset;
	}
	return 0;
}

int ringlog_kernel_wait(int fd, struct ringlog_wait *wait)
{
	CHECK(fd == device.fd);
	device.waits++;
	device.cursor = *(const struct ringlog_mapped_cursor *)(uintptr_t)wait->cursors;
	return -ETIMEDOUT;
}

/* --- the tests ------------------------------------------------------------------------ */

static struct ringlog_consumer *consumer;

static void begin(unsigned int flags)
{
	if (!CHECK(!ringlog_consumer_open(&consumer, "there", flags)))
		exit(2);
}

/* How often a window is mapped. */
static unsigned int mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned int count = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		count += !!strstr(line, "the-device");
	if (maps)
		fclose(maps);
	return count;
}

static void end(void)
{
	ringlog_consumer_close(consumer);
	CHECK(device.fd == -1);
	CHECK(mappings() == 0);
}

static bool called(unsigned int call, uint32_t partition, uint32_t flags, uint32_t start)
{
	const struct ringlog_attach *attach = &device.calls[call];

	return CHECK(call < device.call_count) && CHECK(attach->partition == partition) &&
	       CHECK(attach->flags == (flags | RINGLOG_ATTACH_MAPPED)) &&
	       CHECK(attach->start == start) && CHECK(!attach->reserved);
}

/* How many records can be read, of any partition. */
static unsigned int records(void)
{
	struct ringlog_peek peek;
	unsigned int count = 0;

	while (ringlog_peek(consumer, &peek) == 1 && !tap_failed()) {
		consumed_next_is(consumer, peek.record->offset);
		count++;
	}
	return count;
}

static void test_open(void)
{
	CHECK(ringlog_consumer_open(&consumer, "there", 2) == -EINVAL);
	CHECK(ringlog_consumer_open(&consumer, "not there", 0) == -ENOENT);
	begin(0);
	CHECK(device.flags == O_RDONLY && ringlog_consumer_fd(consumer) == device.fd);
	/* Attached to nothing. */
	CHECK(records() == 0 && device.call_count == 0 && mappings() == 0);
	CHECK(ringlog_consumer_wait(consumer, NULL) == -EINVAL);
	CHECK(ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, NULL) == -EINVAL);
	CHECK(ringlog_release(consumer) == -EINVAL && ringlog_check(consumer) == -EINVAL);
	end();
	begin(RINGLOG_CONSUMER_GATE);
	CHECK(device.flags == O_RDWR);
	end();
	ringlog_consumer_close(NULL);
}

/* Breaks when the file keeps what it began with, or loses what was attached before. */
static void test_attach(void)
{
	static const struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	static const struct ringlog_start offset = { .from = RINGLOG_START_OFFSET, .value = 7,
						     .incarnation = 9 };
	struct ringlog_place place;

	begin(0);
	CHECK(!ringlog_consumer_attach(consumer, 1, NULL));
	CHECK(called(0, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST));
	CHECK(records() == RECORDS && mappings() == 1);
	CHECK(!ringlog_consumer_attach(consumer, 2, &newest));
	CHECK(called(1, 2, 0, RINGLOG_START_NEWEST));
	CHECK(records() == 0 && mappings() == 2);
	CHECK(!ringlog_consumer_place(consumer, 2, &place) && place.offset == 200 + RECORDS);
	/* It is moved. */
	CHECK(!ringlog_consumer_attach(consumer, 2, NULL));
	CHECK(records() == RECORDS && mappings() == 2);
	CHECK(!ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL));
	CHECK(called(3, RINGLOG_PARTITION_ALL, 0, RINGLOG_START_OLDEST));
	CHECK(records() == 3 * RECORDS && mappings() == 3);
	/* The kernel has the last word about where to. */
	CHECK(!ringlog_consumer_attach(consumer, 0, &offset));
	CHECK(device.calls[4].value == 7 && device.calls[4].incarnation == 9);
	CHECK(device.call_count == 5);
	end();
}

/* Breaks when what fails changes something. */
static void test_fails(void)
{
	struct ringlog_peek peek;
	struct ringlog_place place;

	begin(0);
	CHECK(ringlog_consumer_attach(consumer, PARTITIONS, NULL) == -EINVAL);
	CHECK(device.call_count == 0);
	device.attach_fails = -ERANGE;
	CHECK(ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL) == -ERANGE);
	CHECK(mappings() == 0 && ringlog_peek(consumer, &peek) == 0);
	device.attach_fails = 0;
	/* Still the first. */
	CHECK(!ringlog_consumer_attach(consumer, 1, NULL));
	CHECK(called(1, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST));
	CHECK(ringlog_peek(consumer, &peek) == 1 && peek.partition == 1);
	device.info_fails = 2;
	CHECK(ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL) == -ENODEV);
	CHECK(device.call_count == 2 && mappings() == 1);
	device.info_fails = PARTITIONS;
	device.attach_fails = -ESTALE;
	CHECK(ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL) == -ESTALE);
	CHECK(mappings() == 1);
	CHECK(ringlog_consumer_place(consumer, 0, &place) == -EINVAL);
	/* What was peeked at is, still. */
	CHECK(ringlog_release(consumer) == 0);
	CHECK(records() == RECORDS - 1);
	end();
}

/* Breaks when a window is believed that is another partition's, or none. */
static void test_wrong_window(void)
{
	uint64_t word = 1;

	begin(0);
	/* The partition's number, and then the size of the ring. */
	CHECK(pwrite(device.fd, &word, 4,
		     offsetof(struct ringlog_kernel_page, partition)) == 4);
	CHECK(ringlog_consumer_attach(consumer, 0, NULL) == -EPROTO);
	CHECK(pwrite(device.fd, &word, 8, (off_t)1 << 32 |
		     (off_t)offsetof(struct ringlog_kernel_page, ring_bytes)) == 8);
	CHECK(ringlog_consumer_attach(consumer, 1, NULL) == -EPROTO);
	CHECK(device.call_count == 0 && mappings() == 0);
	CHECK(!ringlog_consumer_attach(consumer, 2, NULL));
	end();
}

/* Breaks when the kernel goes on about a partition that is not read, or holds it. */
static void test_detach(void)
{
	begin(RINGLOG_CONSUMER_GATE);
	CHECK(!ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL));
	CHECK(called(0, RINGLOG_PARTITION_ALL, RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_REPLACE,
		     RINGLOG_START_OLDEST));
	CHECK(records() == 3 * RECORDS);
	CHECK(!ringlog_consumer_detach(consumer, 1));
	CHECK(called(1, 0, RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST));
	CHECK(called(2, 2, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST));
	CHECK(device.attached[0] && !device.attached[1] && device.attached[2]);
	CHECK(device.gates[0] && !device.gates[1] && device.gates[2]);
	/* And where the others are, which is not where they were attached. */
	CHECK(device.waits == 2 && device.cursor.partition == 2);
	CHECK(device.cursor.position == device.ends[2].head && mappings() == 2);
	CHECK(!ringlog_consumer_detach(consumer, 0));
	CHECK(!ringlog_consumer_detach(consumer, 2));
	CHECK(mappings() == 0 && !device.gates[0] && !device.gates[1] && !device.gates[2]);
	CHECK(ringlog_consumer_detach(consumer, 2) == -EINVAL);
	/* And again. */
	CHECK(!ringlog_consumer_attach(consumer, 2, NULL));
	CHECK(device.gates[2] && records() == RECORDS);
	end();
}

/* Is the consumer attached to those of @partitions, a bit for each, and the kernel knows? */
static bool reads(unsigned int partitions)
{
	struct ringlog_place place;
	bool same = true;

	for (unsigned int i = 0; i < PARTITIONS; i++) {
		bool wanted = partitions & 1U << i;

		same &= !ringlog_consumer_place(consumer, i, &place) == wanted;
		same &= device.attached[i] == wanted;
	}
	return same && mappings() == (unsigned int)__builtin_popcount(partitions);
}

/* Breaks when the kernel keeps the last one that was detached, or that never began. */
static void test_replaced(void)
{
	begin(0);
	CHECK(!ringlog_consumer_attach(consumer, 0, NULL));
	CHECK(!ringlog_consumer_detach(consumer, 0));
	CHECK(!ringlog_consumer_attach(consumer, 1, NULL) && reads(1 << 1));
	CHECK(called(2, 1, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST));
	device.begin_fails = 2;
	CHECK(ringlog_consumer_attach(consumer, 2, NULL) == -EINTR && reads(1 << 1));
	CHECK(!ringlog_consumer_detach(consumer, 1));
	CHECK(ringlog_consumer_attach(consumer, 2, NULL) == -EINTR && mappings() == 0);
	CHECK(!ringlog_consumer_attach(consumer, 0, NULL) && reads(1 << 0));
	CHECK(records() == RECORDS);
	end();
}

/* Breaks when a partition is read that the kernel does not know of, or the other way round. */
static void test_detach_fails(void)
{
	begin(RINGLOG_CONSUMER_GATE);
	CHECK(!ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL));
	device.attach_fails = -ENODEV;
	CHECK(ringlog_consumer_detach(consumer, 1) == -ENODEV && reads(7));
	/* The second of the two. */
	device.attach_fails = -EUSERS;
	device.fails_after = device.call_count + 1;
	CHECK(ringlog_consumer_detach(consumer, 0) == -EUSERS && reads(1 << 1));
	CHECK(records() == RECORDS && device.cursor.partition == 1);
	device.fails_after = device.call_count;
	CHECK(ringlog_consumer_detach(consumer, 1) == -EUSERS && reads(1 << 1));
	device.attach_fails = 0;
	CHECK(!ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL) && reads(7));
	device.signals = 2;
	CHECK(!ringlog_consumer_detach(consumer, 1) && reads(5));
	end();
}

/* Breaks when a gate goes where nothing holds what is there. */
static void test_seek(void)
{
	static const struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	static const struct ringlog_start offset = { .from = RINGLOG_START_OFFSET, .value = 5 };

	begin(RINGLOG_CONSUMER_GATE);
	CHECK(!ringlog_consumer_attach(consumer, 0, NULL));
	CHECK(!ringlog_consumer_attach(consumer, 1, NULL));
	CHECK(!ringlog_consumer_seek(consumer, 0, &newest));
	CHECK(called(2, 0, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST));
	CHECK(records() == RECORDS);
	CHECK(!ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, NULL));
	CHECK(device.call_count == 5 && !device.attached[2] && records() == 2 * RECORDS);
	CHECK(ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, &offset) == -EINVAL);
	CHECK(ringlog_consumer_seek(consumer, 2, NULL) == -EINVAL);
	CHECK(device.call_count == 5);
	end();
	/* Who is no gate asks nobody. */
	begin(0);
	CHECK(!ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL));
	CHECK(!ringlog_consumer_seek(consumer, RINGLOG_PARTITION_ALL, &newest));
	CHECK(records() == 0);
	CHECK(!ringlog_consumer_seek(consumer, 0, &offset));
	CHECK(records() == RECORDS - 5 && device.call_count == 1 && device.waits == 0);
	end();
}

static const struct tap_test tests[] = {
	{ "attach: opening", test_open },
	{ "attach: one after the other, and all", test_attach },
	{ "attach: all or nothing", test_fails },
	{ "attach: windows that are something else", test_wrong_window },
	{ "attach: detaching", test_detach },
	{ "attach: another after the last one", test_replaced },
	{ "attach: detaching fails half-way", test_detach_fails },
	{ "attach: seeking", test_seek },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
