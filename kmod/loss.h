/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling whoever listens that readers of a stream lost records, now and then.
 */
#ifndef RINGLOG_LOSS_H
#define RINGLOG_LOSS_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct ringlog_stream;

/**
 * struct ringlog_loss - of a stream
 * @work: tells
 * @told: W: when, in jiffies
 * @lost: W: how many were told of
 * @expired: W: of those, by age
 *
 * W: of @work, which never runs twice at a time. @told is read elsewhere.
 */
struct ringlog_loss {
	struct delayed_work work;
	unsigned long told;
	u64 lost;
	u64 expired;
};

void ringlog_loss_init(struct ringlog_stream *stream);
void ringlog_loss_flush(struct ringlog_stream *stream);
void ringlog_loss_exit(struct ringlog_stream *stream);
void ringlog_loss_note(struct ringlog_stream *stream);

#endif /* RINGLOG_LOSS_H */
