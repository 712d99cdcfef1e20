// SPDX-License-Identifier: GPL-2.0-only
/* Ringlog by write(2) and read(2). */
#include <err.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"
#include "system-ringlog.h"

static int stream_open(struct channel *channel, size_t bytes)
{
	(void)bytes;
	channel->writer = open(RINGLOG_PATH, O_WRONLY);
	channel->reader = open(RINGLOG_PATH, O_RDONLY);
	if (channel->writer < 0 || channel->reader < 0)
		return -1;
	if (lseek(channel->reader, 0, SEEK_END))
		err(1, RINGLOG_PATH ": lseek");
	return 0;
}

static ssize_t ringlog_write(struct channel *channel, const void *data,
			     size_t bytes)
{
	return write(channel->writer, data, bytes);
}

static ssize_t ringlog_read(struct channel *channel, void *data, size_t bytes)
{
	return read(channel->reader, data, bytes);
}

void stream_info(int fd, unsigned int partition, struct ringlog_info *info)
{
	*info = (struct ringlog_info){ .partition = partition };
	if (ioctl(fd, RINGLOG_IOC_INFO, info))
		err(1, RINGLOG_PATH ": info of partition %u", partition);
}

static void attach(int fd, unsigned int partition, unsigned int flags,
		   unsigned int start)
{
	struct ringlog_attach attach = {
		.partition = partition,
		.flags = flags,
		.start = start,
	};

	if (ioctl(fd, RINGLOG_IOC_ATTACH, &attach))
		err(1, RINGLOG_PATH ": attach to partition %u", partition);
}

/* There by one partition and back by another. */
static int ringlog_open_pair(struct channel channels[2], size_t bytes)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (stream_open(&channels[i], bytes))
			return -1;
		attach(channels[i].writer, i, RINGLOG_ATTACH_WRITES, 0);
		attach(channels[i].reader, i, RINGLOG_ATTACH_REPLACE,
		       RINGLOG_START_NEWEST);
	}
	return 0;
}

const struct system system_ringlog = {
	.name = "ringlog",
	.max_bytes = BENCH_BUFFER_BYTES,
	.log = true,
	.open = stream_open,
	.open_pair = ringlog_open_pair,
	.write = ringlog_write,
	.read = ringlog_read,
	.close = channel_close_fds,
};
