/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_CHARDEV_H
#define RINGLOG_CHARDEV_H

struct ringlog_nodes;

extern const struct ringlog_nodes ringlog_chardev_nodes;

int ringlog_chardev_init(void);
void ringlog_chardev_exit(void);

#endif /* RINGLOG_CHARDEV_H */
