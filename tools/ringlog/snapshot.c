// SPDX-License-Identifier: GPL-2.0-only
/* All streams as they are at one time. */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>

/* A list takes the kernel a millisecond, so this many changes in a row are no accident. */
#define TRIES	16

struct reading {
	struct patterns	*patterns;
	struct streams	*streams;
};

static int keep(const struct ringlog_ctl_stream *stream, void *data)
{
	struct reading *reading = data;

	if (!patterns_match(reading->patterns, stream->name))
		return 0;
	return streams_add(reading->streams, stream) ? 0 : -ENOMEM;
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
	streams_sort(streams);
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
