/* SPDX-License-Identifier: GPL-2.0-only */
/* In place of libshim/kernel.c: a kernel that only listens. */
#ifndef UNIT_TOLD_H
#define UNIT_TOLD_H

#include <linux/ringlog.h>

#define TOLD_CURSORS	4

/**
 * struct told - what RINGLOG_IOC_WAIT was told by this thread
 * @calls: how often
 * @wait: the last call
 * @cursors: of the last call
 * @lost: over all calls
 * @expired: over all calls
 * @answer: what the next calls return
 * @during: what happens while somebody waits
 */
struct told {
	unsigned int calls;
	struct ringlog_wait wait;
	struct ringlog_mapped_cursor cursors[TOLD_CURSORS];
	__u64 lost;
	__u64 expired;
	int answer;
	void (*during)(void);
};

extern __thread struct told told;

#endif /* UNIT_TOLD_H */
