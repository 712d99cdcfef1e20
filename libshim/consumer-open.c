// SPDX-License-Identifier: LGPL-2.1-or-later
/* A consumer by the name of its stream. */
#include "consumer-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <ringlog/stream.h>

#include "kernel.h"

int ringlog_consumer_open(struct ringlog_consumer **consumer, const char *stream,
			  unsigned int flags)
{
	struct ringlog_info info = { 0 };
	int fd, ret;

	if (flags & ~RINGLOG_CONSUMER_GATE)
		return -EINVAL;
	fd = ringlog_open(stream, flags & RINGLOG_CONSUMER_GATE ? O_RDWR : O_RDONLY);
	if (fd < 0)
		return fd;
	ret = ringlog_kernel_info(fd, &info);
	if (!ret)
		ret = ringlog_consumer_make(consumer, fd, info.partitions, flags);
	if (ret)
		ringlog_kernel_close(fd);
	return ret;
}
