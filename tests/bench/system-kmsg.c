// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kmsg: the log that the kernel has already. Who runs this has turned its
 * rate limit off and the console's log level down.
 */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

/* A write may have 1023 bytes, and a record 976 with what is put before it. */
#define KMSG_MAX	976

static int kmsg_open(struct channel *channel, size_t bytes)
{
	(void)bytes;
	channel->writer = open("/dev/kmsg", O_WRONLY);
	channel->reader = open("/dev/kmsg", O_RDONLY);
	if (channel->writer < 0 || channel->reader < 0)
		return -1;
	return lseek(channel->reader, 0, SEEK_END) < 0 ? -1 : 0;
}

static ssize_t kmsg_write(struct channel *channel, const void *data,
			  size_t bytes)
{
	return write(channel->writer, data, bytes);
}

/* What is read has a prefix and so is longer than what was written. */
static ssize_t kmsg_read(struct channel *channel, void *data, size_t bytes)
{
	ssize_t done = read(channel->reader, data, BENCH_BUFFER_BYTES);

	return done > (ssize_t)bytes ? (ssize_t)bytes : done;
}

const struct system system_kmsg = {
	.name = "kmsg",
	.max_bytes = KMSG_MAX,
	.log = true,
	.wakes_later = true,
	.open = kmsg_open,
	.write = kmsg_write,
	.read = kmsg_read,
	.close = channel_close_fds,
};
