/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream of windows in memory, which the library's own consumers read. The kernel knows of
 * them what it does of a device's. To be linked with --wrap=ringlog_read.
 */
#ifndef UNIT_STREAMED_H
#define UNIT_STREAMED_H

#include "consumer-parts.h"
#include "mapped.h"

#define STREAM_PARTITIONS	3

/**
 * struct stream - what is read
 * @parts: its partitions
 * @consumer: that reads them
 * @attached: to where, by the kernel's word
 * @fail: how many of the next attaches come too late
 * @before_read: is called before each
 */
extern struct stream {
	struct mapped		*parts[STREAM_PARTITIONS];
	struct ringlog_consumer	*consumer;
	struct ringlog_target	attached[STREAM_PARTITIONS];
	int			fail;
	void			(*before_read)(void);
} stream;

/* Nothing is in any partition yet. */
void stream_open(void);
void stream_close(void);

/* The partition has @count records, from @oldest on. */
void stream_fill(__u32 partition, __u64 oldest, unsigned int count);

/* Where the partition says where it begins and ends. */
struct ringlog_published *stream_published(__u32 partition);

/* Somebody is about to publish a record: its offset is taken already. */
void stream_be_about_to_append(__u32 partition);

bool stream_is_attached(__u32 partition);

/* The library's; stream.before_read comes first. */
int __real_ringlog_read(struct ringlog_consumer *consumer, void *buffer, size_t size,
			struct ringlog_view *view, __u32 *partition);

#endif /* UNIT_STREAMED_H */
