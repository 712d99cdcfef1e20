// SPDX-License-Identifier: LGPL-2.1-or-later
/* The consumer's system calls: 0, or what they fail with, negated. Tests have others. */
#include "kernel.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ringlog_kernel_info(int fd, struct ringlog_info *info)
{
	return ioctl(fd, RINGLOG_IOC_INFO, info) < 0 ? -errno : 0;
}

int ringlog_kernel_attach(int fd, struct ringlog_attach *attach)
{
	return ioctl(fd, RINGLOG_IOC_ATTACH, attach) < 0 ? -errno : 0;
}

int ringlog_kernel_wait(int fd, struct ringlog_wait *wait)
{
	return ioctl(fd, RINGLOG_IOC_WAIT, wait) < 0 ? -errno : 0;
}

void ringlog_kernel_close(int fd)
{
	close(fd);
}
