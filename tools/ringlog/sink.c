// SPDX-License-Identifier: GPL-2.0-only
/* Output of which is known how far it got. */
#include "sink.h"
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER	(128UL << 10)
/* Signals to end that a write may outlast; they come once a second. */
#define PATIENCE	2

int sink_init(struct sink *sink, int fd)
{
	*sink = (struct sink) { .fd = fd, .buffer = malloc(BUFFER), .size = BUFFER };
	return sink->buffer ? 0 : -ENOMEM;
}

/* Bytes that were written, maybe none; or why none ever will be. */
static ssize_t write_some(struct sink *sink, const char *bytes, size_t count, int *interrupted)
{
	struct pollfd watched = { .fd = sink->fd, .events = POLLOUT };
	ssize_t written = write(sink->fd, bytes, count);

	if (written >= 0)
		return written;
	if (errno == EAGAIN && poll(&watched, 1, -1) >= 0)
		return 0;
	if (errno != EINTR)
		return -errno;
	return stopped() && ++*interrupted >= PATIENCE ? -EINTR : 0;
}

static void write_all(struct sink *sink, const char *bytes, size_t count)
{
	int interrupted = 0;

	while (count && !sink->error) {
		ssize_t written = write_some(sink, bytes, count, &interrupted);

		if (written < 0) {
			sink->error = written;
			return;
		}
		bytes += written;
		count -= written;
	}
}

int sink_flush(struct sink *sink)
{
	write_all(sink, sink->buffer, sink->used);
	sink->used = 0;
	return sink->error;
}

void sink_put(struct sink *sink, const void *bytes, size_t count)
{
	if (!count)
		return;
	if (count > sink->size - sink->used)
		sink_flush(sink);
	if (count > sink->size) {
		write_all(sink, bytes, count);
		return;
	}
	memcpy(sink->buffer + sink->used, bytes, count);
	sink->used += count;
}

bool sink_is_full(const struct sink *sink)
{
	return sink->used >= sink->size / 2;
}
