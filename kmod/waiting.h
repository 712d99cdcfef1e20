/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_WAITING_H
#define RINGLOG_WAITING_H

#include <linux/poll.h>

#include "handle.h"

int ringlog_sleep(struct ringlog_handle *handle);
void ringlog_rearm(struct ringlog_cursor *cursor);
void ringlog_rearm_all(struct ringlog_handle *handle);
void ringlog_rearm_moved(struct ringlog_handle *handle);
int ringlog_wait(struct ringlog_handle *handle, struct ringlog_wait *wait, bool may_not_wait);
__poll_t ringlog_poll_read(struct ringlog_handle *handle, struct file *file, poll_table *table);

#endif /* RINGLOG_WAITING_H */
