/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_WRITER_H
#define RINGLOG_WRITER_H

#include "handle.h"

/**
 * struct ringlog_batch - a batch append
 * @address: of the records, in user memory
 * @bytes: of the records
 * @partition: wished for, or %RINGLOG_PARTITION_TURN; out: that it went to
 * @count: out: records
 * @first_offset: out
 */
struct ringlog_batch {
	void __user *address;
	u32 bytes;
	u32 partition;
	u32 count;
	u64 first_offset;
};

ssize_t ringlog_write(struct ringlog_handle *handle, struct iov_iter *value, bool may_not_wait);
int ringlog_write_batch(struct ringlog_handle *handle, struct ringlog_batch *batch,
			bool may_not_wait);
bool ringlog_write_would_not_wait(struct ringlog_handle *handle);

#endif /* RINGLOG_WRITER_H */
