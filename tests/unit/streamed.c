// SPDX-License-Identifier: GPL-2.0-only
#include "streamed.h"

#include <errno.h>
#include <string.h>

#include "consumed.h"
#include "kernel.h"
#include "tap.h"

struct stream stream;

int ringlog_consumer_open(struct ringlog_consumer **consumer, const char *name,
			  unsigned int flags)
{
	(void)name;
	stream.consumer = consumed_open(stream.parts, STREAM_PARTITIONS, flags);
	*consumer = stream.consumer;
	return 0;
}

/* Under the partition's lock: nobody appends meanwhile. */
int ringlog_info(int fd, __u32 partition, struct ringlog_info *info)
{
	struct mapped_ends ends = mapped_ends(stream.parts[partition]);

	CHECK(fd == -1);
	*info = (struct ringlog_info) {
		.partitions = STREAM_PARTITIONS,
		.max_record = MAPPED_RING / 8,
		.oldest_offset = ends.tail_offset,
		.next_offset = ends.next_offset,
	};
	return 0;
}

int ringlog_kernel_info(int fd, struct ringlog_info *info)
{
	const struct ringlog_target *attached = &stream.attached[info->partition];

	(void)fd;
	info->cursor_position = attached->position;
	info->cursor_offset = attached->offset;
	return 0;
}

int ringlog_kernel_attach(int fd, struct ringlog_attach *attach)
{
	const struct ringlog_window *window = &stream.consumer->readers[attach->partition].window;
	struct ringlog_target *attached = &stream.attached[attach->partition];
	struct mapped *mapped = stream.parts[attach->partition];
	struct mapped_ends ends = mapped_ends(mapped);

	(void)fd;
	if (stream.fail) {
		stream.fail--;
		mapped_purge(mapped);
		return -ERANGE;
	}
	*attached = (struct ringlog_target) { ends.tail, ends.tail_offset };
	if (attach->start == RINGLOG_START_NEWEST || attach->value == ends.next_offset)
		*attached = (struct ringlog_target) { ends.head, ends.next_offset };
	else if (attach->start == RINGLOG_START_OFFSET)
		return ringlog_search(window, 0, attach->value, false, attached);
	return 0;
}

int ringlog_kernel_wait(int fd, struct ringlog_wait *wait)
{
	(void)fd;
	(void)wait;
	return -ETIMEDOUT;
}

void ringlog_kernel_close(int fd)
{
	(void)fd;
}

int __wrap_ringlog_read(struct ringlog_consumer *consumer, void *buffer, size_t size,
			struct ringlog_view *view, __u32 *partition)
{
	if (stream.before_read)
		stream.before_read();
	return __real_ringlog_read(consumer, buffer, size, view, partition);
}

void stream_fill(__u32 partition, __u64 oldest, unsigned int count)
{
	mapped_close(stream.parts[partition]);
	stream.parts[partition] = mapped_open(MAPPED_RING, oldest);
	consumed_append(stream.parts[partition], count);
}

struct ringlog_published *stream_published(__u32 partition)
{
	char *base = mapped_base(stream.parts[partition]);

	return (void *)(base + ((struct ringlog_kernel_page *)base)->published_at);
}

void stream_be_about_to_append(__u32 partition)
{
	stream_published(partition)->next_offset++;
}

bool stream_is_attached(__u32 partition)
{
	struct ringlog_place place;

	return !ringlog_consumer_place(stream.consumer, partition, &place);
}

void stream_open(void)
{
	memset(&stream, 0, sizeof(stream));
	for (__u32 i = 0; i < STREAM_PARTITIONS; i++)
		stream.parts[i] = mapped_open(MAPPED_RING, 0);
}

void stream_close(void)
{
	for (__u32 i = 0; i < STREAM_PARTITIONS; i++)
		mapped_close(stream.parts[i]);
}
