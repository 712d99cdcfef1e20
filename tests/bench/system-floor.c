// SPDX-License-Identifier: GPL-2.0-only
/* What any system call costs, any write, and any call. They carry nothing. */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

static int floor_open(struct channel *channel, size_t bytes)
{
	(void)bytes;
	channel->writer = open("/dev/floor", O_WRONLY);
	return channel->writer < 0 ? -1 : 0;
}

static int null_open(struct channel *channel, size_t bytes)
{
	(void)bytes;
	channel->writer = open("/dev/null", O_WRONLY);
	return channel->writer < 0 ? -1 : 0;
}

static int nothing_open(struct channel *channel, size_t bytes)
{
	(void)channel;
	(void)bytes;
	return 0;
}

static ssize_t fd_write(struct channel *channel, const void *data,
			size_t bytes)
{
	return write(channel->writer, data, bytes);
}

static ssize_t getppid_write(struct channel *channel, const void *data,
			     size_t bytes)
{
	(void)channel;
	(void)data;
	getppid();
	return bytes;
}

static ssize_t nothing_write(struct channel *channel, const void *data,
			     size_t bytes)
{
	(void)channel;
	(void)data;
	return bytes;
}

int nothing_peek(struct ringlog_consumer *consumer, struct ringlog_peek *peek)
{
	(void)consumer;
	(void)peek;
	return 1;
}

int nothing_release(struct ringlog_consumer *consumer)
{
	(void)consumer;
	return 0;
}

/* The module floor.ko: a write handler that returns at once. */
const struct system system_floor = {
	.name = "floor",
	.max_bytes = BENCH_MAX_BYTES,
	.open = floor_open,
	.write = fd_write,
	.close = channel_close_fds,
};

const struct system system_null = {
	.name = "null",
	.max_bytes = BENCH_MAX_BYTES,
	.open = null_open,
	.write = fd_write,
	.close = channel_close_fds,
};

const struct system system_getppid = {
	.name = "getppid",
	.max_bytes = BENCH_MAX_BYTES,
	.open = nothing_open,
	.write = getppid_write,
	.close = channel_close_fds,
};

/* What is left is the cost of measuring. */
const struct system system_nothing = {
	.name = "nothing",
	.max_bytes = BENCH_MAX_BYTES,
	.open = nothing_open,
	.write = nothing_write,
	.close = channel_close_fds,
};
