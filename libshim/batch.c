// SPDX-License-Identifier: LGPL-2.1-or-later
/* Batches for RINGLOG_IOC_APPEND. */
#include "ringlog.h"
#include "round.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

int ringlog_batch_init(struct ringlog_batch *batch, void *buffer, size_t size)
{
	if (!buffer || size < sizeof(struct ringlog_record))
		return -EINVAL;
	/* The ioctl counts bytes in 32 bits. */
	if (size > INT_MAX)
		size = INT_MAX;
	batch->buffer = buffer;
	batch->size = size / RINGLOG_ALIGN * RINGLOG_ALIGN;
	batch->used = 0;
	batch->count = 0;
	return 0;
}

static int check(const struct ringlog_content *content)
{
	if (content->key_len > UINT16_MAX || content->headers_len > UINT16_MAX)
		return -EINVAL;
	if (!content->key && content->key_len)
		return -EINVAL;
	if (!content->headers && content->headers_len)
		return -EINVAL;
	if (!content->value && content->value_len)
		return -EINVAL;
	return 0;
}

/* Copy @bytes and zeros up to the next multiple of @align; where that ends. */
static char *put(char *at, const void *from, size_t bytes, size_t align)
{
	size_t padded = round_up(bytes, align);

	if (bytes)
		memcpy(at, from, bytes);
	memset(at + bytes, 0, padded - bytes);
	return at + padded;
}

int ringlog_batch_add(struct ringlog_batch *batch, const struct ringlog_content *content)
{
	struct ringlog_record record = { .type = RINGLOG_TYPE_DATA };
	size_t before_value, total;
	int result = check(content);
	char *at;

	if (result)
		return result;
	before_value = round_up(content->key_len, 8) + round_up(content->headers_len, 8);
	/* Before adding to it: a length near SIZE_MAX would wrap. */
	if (content->value_len > batch->size)
		return -EMSGSIZE;
	total = round_up(sizeof(record) + before_value + content->value_len, RINGLOG_ALIGN);
	if (total > batch->size)
		return -EMSGSIZE;
	if (total > batch->size - batch->used)
		return -ENOSPC;

	record.length = before_value + content->value_len;
	record.flags = (content->key ? RINGLOG_RECORD_HAS_KEY : 0) |
		       (content->value ? 0 : RINGLOG_RECORD_NULL_VALUE);
	record.key_len = content->key_len;
	record.headers_len = content->headers_len;

	at = put(batch->buffer + batch->used, &record, sizeof(record), 1);
	at = put(at, content->key, content->key_len, 8);
	at = put(at, content->headers, content->headers_len, 8);
	at = put(at, content->value, content->value_len, 1);
	memset(at, 0, batch->buffer + batch->used + total - at);
	batch->used += total;
	batch->count++;
	return 0;
}

int ringlog_batch_append(struct ringlog_batch *batch, int fd, __u32 partition,
			 __u32 *appended_to, __u64 *first_offset)
{
	struct ringlog_append append = {
		.partition = partition,
		.records = (uintptr_t)batch->buffer,
		.bytes = batch->used,
	};

	if (!batch->count)
		return 0;
	if (ioctl(fd, RINGLOG_IOC_APPEND, &append) < 0)
		return -errno;
	if (appended_to)
		*appended_to = append.appended_to;
	if (first_offset)
		*first_offset = append.first_offset;
	batch->used = 0;
	batch->count = 0;
	return append.count;
}
