/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases that only ringlog can do need of it. */
#ifndef SYSTEM_RINGLOG_H
#define SYSTEM_RINGLOG_H

#include <linux/ringlog.h>

#define RINGLOG_PATH	"/dev/stream"

void stream_info(int fd, unsigned int partition, struct ringlog_info *info);

#endif /* SYSTEM_RINGLOG_H */
