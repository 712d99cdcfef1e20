/* SPDX-License-Identifier: GPL-2.0-only */
/* Records on their way into a stream. */
#ifndef APPENDER_H
#define APPENDER_H

#include "ringlog.h"

/**
 * struct appender - records on their way into a stream
 * @producer: of the stream
 * @info: of the stream, when it was opened
 * @partition: that all of them go to, or %RINGLOG_PARTITION_DEFAULT
 * @batch: those that were added and are not in the stream yet
 * @destination: of @batch: a partition's number
 * @most: records that may be in it
 * @appended: records that are in the stream
 * @bytes: of their values
 * @batch_bytes: of the values in @batch
 *
 * Records whose partition is known go there in batches. Those that take their turn go by
 * themselves, for a batch is in one partition. Records keep their order within a partition.
 */
struct appender {
	struct ringlog_producer	*producer;
	struct ringlog_info	info;
	__u32			partition;
	struct ringlog_batch	batch;
	__u32			destination;
	__u32			most;
	__u64			appended;
	__u64			bytes;
	__u64			batch_bytes;
};

/* 0, or what ringlog_producer_open() fails with. */
int appender_open(struct appender *appender, const char *stream, __u32 partition);

/* All that it holds is in the stream, or is dropped. */
void appender_close(struct appender *appender);

/* What the record has of ringlog_info.max_record. */
size_t appender_length(const struct ringlog_content *content);

/*
 * Add a record that is not too long. 0, or what an append fails with: then the first of the
 * records that are not in the stream is number appender.appended, from 0, of all.
 */
int appender_add(struct appender *appender, const struct ringlog_content *content);

/* Append what was added. The same. */
int appender_flush(struct appender *appender);

#endif /* APPENDER_H */
