/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a consumer asks of the kernel. Not a part of the public API. */
#ifndef RINGLOG_KERNEL_H
#define RINGLOG_KERNEL_H

#include <linux/ringlog.h>

int ringlog_kernel_info(int fd, struct ringlog_info *info);
int ringlog_kernel_attach(int fd, struct ringlog_attach *attach);
int ringlog_kernel_wait(int fd, struct ringlog_wait *wait);
void ringlog_kernel_close(int fd);

#endif /* RINGLOG_KERNEL_H */
