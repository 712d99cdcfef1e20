/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_READER_H
#define RINGLOG_READER_H

#include "handle.h"

ssize_t ringlog_read(struct ringlog_handle *handle, struct iov_iter *to, bool may_not_wait);

#endif /* RINGLOG_READER_H */
