/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libringlog: what a client of a Ringlog stream would otherwise write by hand.
 *
 * The stream itself is a device node: open(2), read(2), poll(2) and close(2)
 * are used directly, as <linux/ringlog.h> says. This library builds the batches
 * that RINGLOG_IOC_APPEND takes, walks what a batch read gives, and keeps
 * latency histograms.
 *
 * Functions that can fail return a negative errno. Nothing here starts a
 * thread, keeps global state or prints. An object may be used by one thread at
 * a time.
 */
#ifndef RINGLOG_H
#define RINGLOG_H

#include <linux/ringlog.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Batches: several records, appended to one partition by one call, all or none
 */

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
 * struct ringlog_content - what a record holds
 * @key: NULL for a record without a key, which is not one with an empty key
 * @headers: user headers; may be NULL if @headers_len is 0
 * @value: NULL for a record without a value, which is not one with an empty value
 * @key_len: bytes at @key, at most 65535
 * @headers_len: bytes at @headers, at most 65535
 * @value_len: bytes at @value
 */
struct ringlog_content {
	const void	*key;
	const void	*headers;
	const void	*value;
	size_t		key_len;
	size_t		headers_len;
	size_t		value_len;
};

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

/*
 * Runs: what read(2) gives in batch mode. Every length is checked against what
 * the read returned before it is used.
 */

/**
 * struct ringlog_runs - a walk over what one batch read returned
 * @at: the next run
 * @left: bytes from there to the end
 *
 * Private to the library.
 */
struct ringlog_runs {
	const char	*at;
	size_t		left;
};

/**
 * struct ringlog_records - a walk over the records of one run
 * @partition: that they come from
 * @count: records not yet walked over
 * @lost: records lost in this partition just before the run
 * @at: the next record; private to the library
 * @left: bytes from there to the end of the run; private to the library
 */
struct ringlog_records {
	__u32		partition;
	__u32		count;
	__u64		lost;
	const char	*at;
	size_t		left;
};

/**
 * struct ringlog_view - a record, its parts still in the caller's buffer
 * @offset: number of the record in its partition
 * @timestamp: CLOCK_MONOTONIC of the append in ns
 * @producer: id of the open file that appended it
 * @content: NULL for a key or value that the record does not have; the pointers
 *	are good as long as the buffer is not read into again
 */
struct ringlog_view {
	__u64			offset;
	__u64			timestamp;
	__u32			producer;
	struct ringlog_content	content;
};

/**
 * ringlog_runs_init - begin to walk over what a batch read returned
 * @runs: what to initialise
 * @buffer: that was read into; needs no alignment
 * @bytes: that read(2) returned
 */
void ringlog_runs_init(struct ringlog_runs *runs, const void *buffer, size_t bytes);

/**
 * ringlog_next_run - go to the next run
 * @runs: the walk
 * @records: out: its records, to be walked over by ringlog_next_record()
 *
 * Return: 1; 0 if there is none; -EBADMSG if the bytes make no sense.
 */
int ringlog_next_run(struct ringlog_runs *runs, struct ringlog_records *records);

/**
 * ringlog_next_record - go to the next record of a run
 * @records: the walk
 * @view: out: the record
 *
 * Return: 1; 0 if there is none; -EBADMSG if the bytes make no sense.
 */
int ringlog_next_record(struct ringlog_records *records, struct ringlog_view *view);

/*
 * Histograms of latencies, in the buckets that the kernel uses. To have the
 * percentiles of several, merge them first: percentiles cannot be averaged.
 */

struct ringlog_histogram;

/**
 * ringlog_histogram_new - make an empty histogram
 * @histogram: out: to be freed by ringlog_histogram_free()
 *
 * Return: 0 or -ENOMEM.
 */
int ringlog_histogram_new(struct ringlog_histogram **histogram);

/**
 * ringlog_histogram_free - give its memory back
 * @histogram: may be NULL
 */
void ringlog_histogram_free(struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_record - count one value
 * @histogram: where
 * @ns: the value
 */
void ringlog_histogram_record(struct ringlog_histogram *histogram, __u64 ns);

/**
 * ringlog_histogram_merge - add all that another histogram counted
 * @into: the one that grows
 * @from: the other one, which stays as it is
 */
void ringlog_histogram_merge(struct ringlog_histogram *into,
			     const struct ringlog_histogram *from);

/**
 * ringlog_histogram_count - how many values were counted
 * @histogram: which
 *
 * Return: their number.
 */
__u64 ringlog_histogram_count(const struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_max - the largest value, exactly
 * @histogram: which
 *
 * Return: the value in ns, 0 if there is none.
 */
__u64 ringlog_histogram_max(const struct ringlog_histogram *histogram);

/**
 * ringlog_histogram_percentile - the value that so many percent do not exceed
 * @histogram: which
 * @percent: from 0 to 100
 *
 * Return: in ns, the highest value of the bucket that it falls in and so up to
 * 6.25% too high, never too low and never above the maximum; 0 if nothing was
 * counted.
 */
__u64 ringlog_histogram_percentile(const struct ringlog_histogram *histogram, double percent);

/**
 * ringlog_histogram_buckets - how many buckets every histogram has
 *
 * Return: their number.
 */
unsigned int ringlog_histogram_buckets(void);

/**
 * ringlog_histogram_bucket - look at one bucket
 * @histogram: which
 * @bucket: below ringlog_histogram_buckets()
 * @lowest: out, may be NULL: the lowest value that it counts, in ns
 * @highest: out, may be NULL: the highest; all ones for the last bucket
 *
 * Return: how many values it counted, 0 for a bucket that does not exist.
 */
__u64 ringlog_histogram_bucket(const struct ringlog_histogram *histogram, unsigned int bucket,
			       __u64 *lowest, __u64 *highest);

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_H */
