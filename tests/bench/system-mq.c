// SPDX-License-Identifier: GPL-2.0-only
/* A POSIX message queue. */
#include <fcntl.h>
#include <mqueue.h>

#include "bench.h"

#define MQ_NAME	"/ringlog-bench"

/* mq_receive() wants room for the largest message: make the queue for @bytes. */
static int mq_channel_open(struct channel *channel, size_t bytes)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = bytes };
	mqd_t queue;

	queue = mq_open(MQ_NAME, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (queue < 0)
		return -1;
	mq_unlink(MQ_NAME);
	channel->writer = queue;
	channel->reader = queue;
	return 0;
}

static ssize_t mq_write(struct channel *channel, const void *data,
			size_t bytes)
{
	return mq_send(channel->writer, data, bytes, 0) ? -1 : (ssize_t)bytes;
}

static ssize_t mq_read(struct channel *channel, void *data, size_t bytes)
{
	return mq_receive(channel->reader, data, bytes, NULL);
}

const struct system system_mq = {
	.name = "mq",
	.max_bytes = BENCH_MAX_BYTES,
	.open = mq_channel_open,
	.write = mq_write,
	.read = mq_read,
	.close = channel_close_fds,
};
