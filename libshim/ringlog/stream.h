/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stream by its name, and what it is.
 */
#ifndef RINGLOG_STREAM_H
#define RINGLOG_STREAM_H

#include <linux/ringlog.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * ringlog_open - open a stream
 * @stream: its name: "default" is /dev/stream, any other /dev/streams/NAME. With a
 *	slash in it, the path of a node
 * @flags: of open(2); O_CLOEXEC is added
 *
 * Return: a descriptor; what open(2) fails with, negated; -EINVAL for a name that
 * no stream can have; -ENOTTY if the node is not a stream's.
 */
int ringlog_open(const char *stream, int flags);

/**
 * ringlog_info - what a stream and one of its partitions are
 * @fd: of a stream
 * @partition: that ringlog_info.head and what follows is about
 * @info: out
 *
 * Return: 0, or what RINGLOG_IOC_INFO fails with, negated.
 */
int ringlog_info(int fd, __u32 partition, struct ringlog_info *info);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_STREAM_H */
