/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding records by a window's index. Not a part of the public API. */
#ifndef RINGLOG_SEARCH_H
#define RINGLOG_SEARCH_H

#include "window.h"

/**
 * struct ringlog_target - a place in a partition
 * @position: where a record begins, or head
 * @offset: of the record there
 */
struct ringlog_target {
	__u64	position;
	__u64	offset;
};

int ringlog_search_end(const struct ringlog_window *window, __u64 head, __u64 *offset);
int ringlog_search(const struct ringlog_window *window, __u64 from, __u64 key, bool by_time,
		   struct ringlog_target *target);
__u64 ringlog_search_ahead(const struct ringlog_window *window, __u64 bytes);

#endif /* RINGLOG_SEARCH_H */
