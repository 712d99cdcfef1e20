/* SPDX-License-Identifier: GPL-2.0-only */
/* What went through so far, on stderr: once a second on a terminal, and in the end. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct progress - what went through
 * @wanted: is to be told at all
 * @redrawn: stderr is a terminal
 * @verb: of what is done with records
 * @start: ns
 * @next: when it is told again
 * @records: so far
 * @bytes: of their values
 */
struct progress {
	bool		wanted;
	bool		redrawn;
	const char	*verb;
	__u64		start;
	__u64		next;
	__u64		records;
	__u64		bytes;
};

void progress_begin(struct progress *progress, bool wanted, const char *verb);

/* From time to time. */
void progress_tell(struct progress *progress);

/* The line is in the way of another. */
void progress_clear(const struct progress *progress);

void progress_end(struct progress *progress);

#endif /* PROGRESS_H */
