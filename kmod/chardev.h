/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_CHARDEV_H
#define RINGLOG_CHARDEV_H

#include <linux/types.h>

struct ringlog_stream;

int ringlog_chardev_init(struct ringlog_stream *stream, umode_t mode);
void ringlog_chardev_exit(void);

#endif /* RINGLOG_CHARDEV_H */
