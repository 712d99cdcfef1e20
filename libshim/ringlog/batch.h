/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Batches: several records, appended to one partition by one call, all or none
 */
#ifndef RINGLOG_BATCH_H
#define RINGLOG_BATCH_H

#include <ringlog/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct ringlog_batch - a batch in the making
 * @buffer: where the records are laid out; the caller's
 * @size: bytes that may be used of it
 * @used: bytes in use
 * @count: records in it
 *
 * Private to the library, but for reading @count and @used. The memory is the
 * caller's, who needs no function to free it.
 */
struct ringlog_batch {
	char	*buffer;
	size_t	size;
	size_t	used;
	__u32	count;
};

/**
 * ringlog_batch_init - begin a batch in memory that the caller provides
 * @batch: what to initialise
 * @buffer: memory that stays with the batch; needs no alignment
 * @size: bytes of @buffer. sizeof(struct ringlog_record) +
 *	ringlog_info.max_record is the most that one append takes, and so the
 *	most that is of use
 *
 * Return: 0, or -EINVAL if @buffer cannot hold one empty record.
 */
int ringlog_batch_init(struct ringlog_batch *batch, void *buffer, size_t size);

/**
 * ringlog_batch_add - copy one more record into a batch
 * @batch: to add to
 * @content: of the record
 *
 * Return: 0; -ENOSPC if the record does not fit any more (append the batch and
 * add it again); -EMSGSIZE if it would not fit into an empty batch either;
 * -EINVAL for a length that is too large or that has no bytes to it. When it
 * fails, the batch is as it was.
 */
int ringlog_batch_add(struct ringlog_batch *batch, const struct ringlog_content *content);

/**
 * ringlog_batch_append - append a batch to a stream and empty it
 * @batch: to append
 * @fd: of a stream, open for writing
 * @partition: number, or %RINGLOG_PARTITION_TURN
 * @appended_to: out, may be NULL: the partition
 * @first_offset: out, may be NULL: the offset of the first record; the others'
 *	follow it
 *
 * Return: how many records were appended, 0 for an empty batch; or what
 * RINGLOG_IOC_APPEND fails with, negated: then nothing was appended and the
 * batch is as it was, to be tried again.
 */
int ringlog_batch_append(struct ringlog_batch *batch, int fd, __u32 partition,
			 __u32 *appended_to, __u64 *first_offset);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_BATCH_H */
