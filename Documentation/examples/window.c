// SPDX-License-Identifier: GPL-2.0-only
/*
 * window COUNT
 *
 * Reads partition 0 of /dev/stream by mmap without the library, which does all this and
 * more: see Documentation/mmap.rst. Prints COUNT records, from the oldest on.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ringlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

struct reader {
	const struct ringlog_kernel_page *page;
	const struct ringlog_published *ends;
	const char *data;
	int fd;
	__u64 position, offset;		/* of the record that is read next */
	__u64 lost, expired;		/* that the kernel was not told of; by age, of those */
	char value[128 << 10];
};

static void map(struct reader *reader)
{
	struct ringlog_attach attach = { .flags = RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_REPLACE };
	struct ringlog_info info = { .partition = 0 };
	const struct ringlog_kernel_page *page;

	reader->fd = open("/dev/stream", O_RDONLY | O_CLOEXEC);
	if (reader->fd < 0 || ioctl(reader->fd, RINGLOG_IOC_ATTACH, &attach) ||
	    ioctl(reader->fd, RINGLOG_IOC_INFO, &info))
		err(1, "/dev/stream");
	page = mmap(NULL, info.map_bytes, PROT_READ, MAP_SHARED, reader->fd, RINGLOG_MAP_OFFSET(0));
	if (page == MAP_FAILED)
		err(1, "mmap");
	reader->page = page;
	reader->ends = (const void *)((const char *)page + page->published_at);
	reader->data = (const char *)page + page->data_at;
	reader->position = attach.position;
	reader->offset = attach.offset;
}

static void wait_for_more(struct reader *reader)
{
	struct ringlog_mapped_cursor cursor = {
		.position = reader->position, .offset = reader->offset,
		.lost = reader->lost, .expired = reader->expired,
	};
	struct ringlog_wait wait = {
		.timeout_ns = RINGLOG_WAIT_FOREVER,
		.cursors = (__u64)(unsigned long)&cursor, .cursor_count = 1,
	};

	if (ioctl(reader->fd, RINGLOG_IOC_WAIT, &wait))
		err(1, "wait");
	reader->lost = 0;
	reader->expired = 0;
}

static int is_too_old(const struct reader *reader, __u64 timestamp)
{
	__u64 age = __atomic_load_n(&reader->page->age_ns, __ATOMIC_RELAXED);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return age && timestamp + age < now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* All records before @offset are lost that were not read. Some of them were taken by age. */
static void lose_up_to(struct reader *reader, __u64 offset)
{
	__u64 end = __atomic_load_n(&reader->page->expired_end, __ATOMIC_RELAXED);

	if (end > offset)
		end = offset;
	if (end > reader->offset)
		reader->expired += end - reader->offset;
	reader->lost += offset - reader->offset;
	reader->offset = offset;
}

/* Copy the header, each word read once: what others may write is not looked at twice. */
static struct ringlog_record header_at(const char *at)
{
	struct ringlog_record header;

	for (size_t i = 0; i < sizeof(header) / 8; i++) {
		__u64 word = __atomic_load_n((const __u64 *)at + i, __ATOMIC_RELAXED);

		memcpy((char *)&header + 8 * i, &word, 8);
	}
	return header;
}

#define OVERWRITTEN	(-1)
#define TOO_OLD		(-2)

/* Returns the bytes of the next record's value, or why there is none. */
static long copy_next(struct reader *reader, __u64 head)
{
	const char *at = reader->data + reader->position % reader->page->ring_bytes;
	struct ringlog_record header = header_at(at);
	__u64 skip = (header.key_len + 7) / 8 * 8 + (header.headers_len + 7) / 8 * 8;
	__u64 bytes = sizeof(header) + (__u64)header.length;
	long length = OVERWRITTEN;

	/* What is too large for here is damaged, unless the second look says that it is gone. */
	if (bytes <= head - reader->position && skip <= header.length &&
	    header.length - skip <= sizeof(reader->value)) {
		length = header.length - skip;
		memcpy(reader->value, at + sizeof(header) + skip, length);
	}
	/* The second look. Had it been overwritten, tail would have moved before. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&reader->ends->tail, __ATOMIC_RELAXED) > reader->position)
		return OVERWRITTEN;
	if (length < 0)
		errx(1, "damaged");
	lose_up_to(reader, header.offset);
	reader->position += (bytes + RINGLOG_ALIGN - 1) / RINGLOG_ALIGN * RINGLOG_ALIGN;
	reader->offset++;
	if (!is_too_old(reader, header.timestamp))
		return length;
	reader->lost++;
	reader->expired++;
	return TOO_OLD;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : ~0UL;
	static struct reader reader;
	long length;

	setlinebuf(stdout);
	map(&reader);
	while (count) {
		__u64 head = __atomic_load_n(&reader.ends->head, __ATOMIC_ACQUIRE);

		if (head == reader.position) {
			wait_for_more(&reader);
			continue;
		}
		if (__atomic_load_n(&reader.ends->tail, __ATOMIC_RELAXED) <= reader.position) {
			length = copy_next(&reader, head);
			if (length == TOO_OLD)
				continue;
			if (length >= 0) {
				printf("offset %llu: %.*s\n", reader.offset - 1, (int)length,
				       reader.value);
				count--;
				continue;
			}
		}
		/* Overtaken: on at the oldest record, whose offset will tell what was lost. */
		reader.position = __atomic_load_n(&reader.ends->tail, __ATOMIC_ACQUIRE);
	}
	return 0;
}
