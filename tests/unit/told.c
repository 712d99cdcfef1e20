// SPDX-License-Identifier: GPL-2.0-only
#include "told.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "kernel.h"

__thread struct told told;

int ringlog_kernel_wait(int fd, struct ringlog_wait *wait)
{
	const struct ringlog_mapped_cursor *cursors = (const void *)(uintptr_t)wait->cursors;

	(void)fd;
	told.calls++;
	told.wait = *wait;
	if (wait->cursor_count > TOLD_CURSORS)
		return -EINVAL;
	memcpy(told.cursors, cursors, wait->cursor_count * sizeof(*cursors));
	for (__u32 i = 0; i < wait->cursor_count; i++) {
		told.lost += cursors[i].lost;
		told.expired += cursors[i].expired;
	}
	if (told.during)
		told.during();
	return told.answer;
}

/* There is no device: windows are made from memory. */
int ringlog_kernel_info(int fd, struct ringlog_info *info)
{
	(void)fd;
	(void)info;
	return -ENODEV;
}

int ringlog_kernel_attach(int fd, struct ringlog_attach *attach)
{
	(void)fd;
	(void)attach;
	return -ENODEV;
}

void ringlog_kernel_close(int fd)
{
	(void)fd;
}
