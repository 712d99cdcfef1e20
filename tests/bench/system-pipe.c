// SPDX-License-Identifier: GPL-2.0-only
/* pipe(2): the peer that most programs know. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

/* Its default size, said aloud: room for the largest message. */
#define PIPE_BYTES	(64 << 10)

static int pipe_open(struct channel *channel, size_t bytes)
{
	int ends[2];

	(void)bytes;
	if (pipe(ends))
		return -1;
	channel->reader = ends[0];
	channel->writer = ends[1];
	return fcntl(channel->writer, F_SETPIPE_SZ, PIPE_BYTES) < 0 ? -1 : 0;
}

static ssize_t pipe_write(struct channel *channel, const void *data,
			  size_t bytes)
{
	return write(channel->writer, data, bytes);
}

static ssize_t pipe_read(struct channel *channel, void *data, size_t bytes)
{
	return read(channel->reader, data, bytes);
}

const struct system system_pipe = {
	.name = "pipe",
	.max_bytes = PIPE_BYTES,
	.open = pipe_open,
	.write = pipe_write,
	.read = pipe_read,
	.close = channel_close_fds,
};
