// SPDX-License-Identifier: GPL-2.0-only
/* A pair of AF_UNIX datagram sockets: the peer that keeps messages apart. */
#include <sys/socket.h>

#include "bench.h"

static int uds_open(struct channel *channel, size_t bytes)
{
	int ends[2];

	(void)bytes;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends))
		return -1;
	channel->reader = ends[0];
	channel->writer = ends[1];
	return 0;
}

static ssize_t uds_write(struct channel *channel, const void *data,
			 size_t bytes)
{
	return send(channel->writer, data, bytes, 0);
}

static ssize_t uds_read(struct channel *channel, void *data, size_t bytes)
{
	return recv(channel->reader, data, bytes, 0);
}

const struct system system_uds = {
	.name = "uds",
	.max_bytes = BENCH_BUFFER_BYTES,
	.open = uds_open,
	.write = uds_write,
	.read = uds_read,
	.close = channel_close_fds,
};
