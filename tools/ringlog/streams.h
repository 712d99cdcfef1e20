/* SPDX-License-Identifier: GPL-2.0-only */
/* All streams at one time. */
#ifndef STREAMS_H
#define STREAMS_H

#include "command.h"
#include "pattern.h"

/**
 * struct streams - a list of them, by name
 * @all: the streams
 * @count: of them
 * @room: that there is at @all
 */
struct streams {
	struct ringlog_ctl_stream	*all;
	size_t				count;
	size_t				room;
};

/*
 * Those that match, as they all were at one time: while streams come and go the
 * kernel is asked again. What was in @streams, which begins as zeros, is replaced.
 * Ends the program if it fails.
 */
void streams_read(struct invocation *invocation, struct patterns *patterns,
		  struct streams *streams);

/* By name; NULL if it is not there. */
const struct ringlog_ctl_stream *streams_find(const struct streams *streams, const char *name);

/* Complain of each word that matches no stream. The exit status. */
int streams_check(struct invocation *invocation, const struct patterns *patterns);

#endif /* STREAMS_H */
