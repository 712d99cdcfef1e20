// SPDX-License-Identifier: LGPL-2.1-or-later
/* A stream by its name. */
#include "ringlog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ringlog_netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_NAME	"default"
#define DEFAULT_NODE	"/dev/stream"
#define NODES		"/dev/streams/"

#define CAPITALS	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL		"abcdefghijklmnopqrstuvwxyz"

/* As the kernel has it, in whatever locale. */
static bool good_name(const char *name)
{
	size_t length = strspn(name, CAPITALS SMALL "0123456789._-");

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	return length && !name[length] && length <= RINGLOG_NAME_MAX;
}

/* @room has place for the longest. NULL: it is no name. */
static const char *node_of(const char *stream, char *room, size_t size)
{
	if (strchr(stream, '/'))
		return stream;
	if (!strcmp(stream, DEFAULT_NAME))
		return DEFAULT_NODE;
	if (!good_name(stream))
		return NULL;
	snprintf(room, size, "%s%s", NODES, stream);
	return room;
}

/* What is no stream knows no such request, or makes something else of its number. */
static int check(int fd)
{
	struct ringlog_info info;
	int result = ringlog_info(fd, 0, &info);

	return !result || result == -ENODEV ? result : -ENOTTY;
}

int ringlog_open(const char *stream, int flags)
{
	char room[sizeof(NODES) + RINGLOG_NAME_MAX];
	const char *node = node_of(stream, room, sizeof(room));
	int fd, result;

	if (!node)
		return -EINVAL;
	fd = open(node, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	result = check(fd);
	if (!result)
		return fd;
	close(fd);
	return result;
}

int ringlog_info(int fd, __u32 partition, struct ringlog_info *info)
{
	memset(info, 0, sizeof(*info));
	info->partition = partition;
	return ioctl(fd, RINGLOG_IOC_INFO, info) < 0 ? -errno : 0;
}
