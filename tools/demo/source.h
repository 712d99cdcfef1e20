/* SPDX-License-Identifier: GPL-2.0-only */
/* What is sent: text in memory, cut into lines. */
#ifndef RINGLOG_DEMO_SOURCE_H
#define RINGLOG_DEMO_SOURCE_H

#include <linux/types.h>
#include <stddef.h>

struct line {
	const char	*text;		/* with its newline, so that no record is empty */
	__u32		length;
	__u32		crc;
};

struct source {
	const char	*text;		/* what the lines point into */
	struct line	*lines;
	__u64		count;
};

/*
 * A line longer than @longest goes as several records. Both exit if there is
 * nothing to be had.
 */
void source_from_file(struct source *source, const char *path, __u32 longest);
void source_from_kernel_log(struct source *source, __u32 longest);

/* The sum that senders and readers compare. */
__u32 checksum(const void *bytes, size_t count);

#endif
