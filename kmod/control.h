/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_CONTROL_H
#define RINGLOG_CONTROL_H

#include <linux/fs.h>

long ringlog_ioctl(struct file *file, unsigned int request, unsigned long argument);

#endif /* RINGLOG_CONTROL_H */
