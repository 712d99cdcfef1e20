/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a record holds, on its way in and on its way out.
 */
#ifndef RINGLOG_RECORD_H
#define RINGLOG_RECORD_H

#include <linux/ringlog.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_RECORD_H */
