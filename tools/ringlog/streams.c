// SPDX-License-Identifier: GPL-2.0-only
/* All streams at one time. */
#include "streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A list takes the kernel a millisecond, so this many changes in a row are no accident. */
#define TRIES	16

struct reading {
	struct patterns	*patterns;
	struct streams	*streams;
};

static bool grow(struct streams *streams)
{
	size_t room = streams->room ? 2 * streams->room : 64;
	struct ringlog_ctl_stream *all = reallocarray(streams->all, room, sizeof(*all));

	if (!all)
		return false;
	streams->all = all;
	streams->room = room;
	return true;
}

static int keep(const struct ringlog_ctl_stream *stream, void *data)
{
	struct reading *reading = data;
	struct streams *streams = reading->streams;

	if (!patterns_match(reading->patterns, stream->name))
		return 0;
	if (streams->count == streams->room && !grow(streams))
		return -ENOMEM;
	streams->all[streams->count++] = *stream;
	return 0;
}

static int by_name(const void *left, const void *right)
{
	const struct ringlog_ctl_stream *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int name_against(const void *name, const void *stream)
{
	return strcmp(name, ((const struct ringlog_ctl_stream *)stream)->name);
}

void streams_read(struct invocation *invocation, struct patterns *patterns,
		  struct streams *streams)
{
	struct reading reading = { .patterns = patterns, .streams = streams };
	int result = -EAGAIN;

	for (int tries = TRIES; tries && result == -EAGAIN; tries--) {
		streams->count = 0;
		result = ringlog_ctl_streams_list(invocation->ctl, keep, &reading);
	}
	if (result == -ENOMEM)
		die(invocation, "no memory for the list of streams");
	if (result)
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	if (streams->count)
		qsort(streams->all, streams->count, sizeof(*streams->all), by_name);
}

const struct ringlog_ctl_stream *streams_find(const struct streams *streams, const char *name)
{
	if (!streams->count)
		return NULL;
	return bsearch(name, streams->all, streams->count, sizeof(*streams->all), name_against);
}

int streams_check(struct invocation *invocation, const struct patterns *patterns)
{
	int at = 0, status = EXIT_SUCCESS;
	const char *word;

	while ((word = patterns_unmet(patterns, &at))) {
		complain(invocation, "no such stream: %s", word);
		status = EXIT_FAILURE;
	}
	return status;
}
