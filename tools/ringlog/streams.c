// SPDX-License-Identifier: GPL-2.0-only
/* A list of streams. */
#include "streams.h"

#include <stdlib.h>
#include <string.h>

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

bool streams_add(struct streams *streams, const struct ringlog_ctl_stream *stream)
{
	if (streams->count == streams->room && !grow(streams))
		return false;
	streams->all[streams->count++] = *stream;
	return true;
}

static int by_name(const void *left, const void *right)
{
	const struct ringlog_ctl_stream *a = left, *b = right;

	return strcmp(a->name, b->name);
}

void streams_sort(struct streams *streams)
{
	if (streams->count)
		qsort(streams->all, streams->count, sizeof(*streams->all), by_name);
}

static int name_against(const void *name, const void *stream)
{
	return strcmp(name, ((const struct ringlog_ctl_stream *)stream)->name);
}

const struct ringlog_ctl_stream *streams_find(const struct streams *streams, const char *name)
{
	if (!streams->count)
		return NULL;
	return bsearch(name, streams->all, streams->count, sizeof(*streams->all), name_against);
}
