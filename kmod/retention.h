/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Retirement that no append asks for: by age, and of everything.
 */
#ifndef RINGLOG_RETENTION_H
#define RINGLOG_RETENTION_H

#include <linux/ktime.h>

#include "partition.h"

bool ringlog_retention_expire_locked(struct ringlog_partition *partition, bool exact);
void ringlog_retention_expire_now(struct ringlog_partition *partition);
void ringlog_retention_expire_at(struct ringlog_partition *partition, u64 position);
u64 ringlog_retention_floor(const struct ringlog_partition *partition, u64 position);
void ringlog_retention_wake_writers(struct ringlog_partition *partition);
ktime_t ringlog_retention_next(struct ringlog_partition *partition);
void ringlog_retention_watch(struct ringlog_partition *partition);
void ringlog_retention_init(struct ringlog_partition *partition);
void ringlog_retention_exit(struct ringlog_partition *partition);

/**
 * ringlog_retention_expire() - retire exactly what is too old
 * @partition: the partition
 *
 * So that whatever is asked of the partition next has the right answer. Takes
 * the lock only if there is something to retire, or seems to be.
 *
 * Context: process, no lock held.
 */
static inline void ringlog_retention_expire(struct ringlog_partition *partition)
{
	if (unlikely(READ_ONCE(partition->ring.age)))
		ringlog_retention_expire_now(partition);
}

/* What is too old for a reader at @position, who may have been overtaken. */
static inline void ringlog_retention_expire_for(struct ringlog_partition *partition, u64 position)
{
	if (unlikely(READ_ONCE(partition->ring.age)))
		ringlog_retention_expire_at(partition,
					    max(position, ringlog_ring_oldest(&partition->ring)));
}

#endif /* RINGLOG_RETENTION_H */
