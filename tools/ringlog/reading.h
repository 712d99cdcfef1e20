/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading partitions of a stream, and what of them was lost, to the record. */
#ifndef READING_H
#define READING_H

#include "ringlog.h"
#include "starting-point.h"

#include <stdbool.h>

/* For reading_part.end: there is always more to come. */
#define READING_ENDLESS	(~(__u64)0)

/**
 * struct reading_part - a partition that is read
 * @wanted: is more of it
 * @begun: was it ever attached: @next is good
 * @next: offset of what was neither read nor lost
 * @end: offset of what is no more wanted
 * @told_expired: as much as ringlog_place.expired of its losses was told
 */
struct reading_part {
	bool	wanted;
	bool	begun;
	__u64	next;
	__u64	end;
	__u64	told_expired;
};

/* Told of each loss. */
typedef void (*reading_loss_fn)(void *data, __u32 partition, __u64 lost, __u64 expired);

/**
 * struct reading - a stream that is read
 * @consumer: that reads it
 * @info: of the stream, when it was opened
 * @parts: its partitions
 * @wanted: of how many more is
 * @buffer: for a record
 * @size: of it
 * @on_loss: is told of losses
 * @data: for @on_loss
 */
struct reading {
	struct ringlog_consumer	*consumer;
	struct ringlog_info	info;
	struct reading_part	*parts;
	__u32			wanted;
	void			*buffer;
	size_t			size;
	reading_loss_fn		on_loss;
	void			*data;
};

/* 0, or as ringlog_consumer_open(). */
int reading_open(struct reading *reading, const char *stream);
void reading_close(struct reading *reading);

/*
 * Read a partition too, to what is there by now, or endlessly. 0, or as
 * ringlog_consumer_attach(), but for what can be tried again.
 */
int reading_begin(struct reading *reading, __u32 partition, const struct starting_point *point,
		  bool endless);

/*
 * The next record of those that are wanted. What was lost before it is told before it. 1;
 * 0: there is none; or negative, as ringlog_read().
 */
int reading_next(struct reading *reading, struct ringlog_view *view, __u32 *partition);

/*
 * Tell what is gone of what was to be read, although no record came after it. For who reads no
 * more; reading_next() does it when it finds nothing.
 */
void reading_look_for_losses(struct reading *reading);

#endif /* READING_H */
