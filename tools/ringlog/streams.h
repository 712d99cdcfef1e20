/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of streams. */
#ifndef STREAMS_H
#define STREAMS_H

#include "ringlog-ctl.h"

#include <stdbool.h>

/**
 * struct streams - begins as zeros; @all is to be freed
 * @all: the streams
 * @count: of them
 * @room: that there is at @all
 */
struct streams {
	struct ringlog_ctl_stream	*all;
	size_t				count;
	size_t				room;
};

/* False: no memory. */
bool streams_add(struct streams *streams, const struct ringlog_ctl_stream *stream);

/* By name. */
void streams_sort(struct streams *streams);

/* In a sorted list; NULL if it is not there. */
const struct ringlog_ctl_stream *streams_find(const struct streams *streams, const char *name);

#endif /* STREAMS_H */
