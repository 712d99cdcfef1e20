/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a consumer is made of. Not a part of the public API. */
#ifndef RINGLOG_CONSUMER_PARTS_H
#define RINGLOG_CONSUMER_PARTS_H

#include <ringlog/consumer.h>

#include "reader.h"

/**
 * struct ringlog_consumer - readers that take turns
 * @current: the reader whose turn it is; @nobody if none is attached
 * @fd: of the stream; -1: there is none, and the windows are somebody else's
 * @gate: writers wait for its readers
 * @began: the kernel knows it as attached to those that it reads, and to no others
 * @partitions: of the stream
 * @attached_count: of @attached
 * @turn: which of @attached is @current
 * @attached: those readers that have a partition, by its number
 * @readers: one for each partition
 * @cursors: room for what the kernel is told of them
 * @nobody: a reader that never has a record
 *
 * All memory is had when it is opened.
 */
struct ringlog_consumer {
	struct ringlog_reader		*current;
	int				fd;
	bool				gate;
	bool				began;
	__u32				partitions;
	__u32				attached_count;
	__u32				turn;
	struct ringlog_reader		**attached;
	struct ringlog_reader		*readers;
	struct ringlog_mapped_cursor	*cursors;
	struct ringlog_reader		nobody;
};

int ringlog_consumer_make(struct ringlog_consumer **consumer, int fd, __u32 partitions,
			  unsigned int flags);
int ringlog_consumer_make_mapped(struct ringlog_consumer **consumer,
				 const struct ringlog_window *windows, __u32 count,
				 unsigned int flags);
void ringlog_consumer_settle(struct ringlog_consumer *consumer);
struct ringlog_reader *ringlog_consumer_reader(const struct ringlog_consumer *consumer,
					       __u32 partition);
void ringlog_consumer_tell(struct ringlog_consumer *consumer, struct ringlog_reader *reader);

/* Does a writer wait for what the reader has passed since it said so last? */
static inline bool ringlog_reader_hurried(const struct ringlog_reader *reader)
{
	/* Writers go by whole blocks. */
	return reader->gate && load_once(&reader->window.kernel->room_wanted) &&
	       ((ringlog_reader_position(reader) ^ reader->reported_position) &
		~(reader->window.block - 1));
}

#endif /* RINGLOG_CONSUMER_PARTS_H */
