/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sleeps until a partition has grown, and how they are woken.
 */
#ifndef RINGLOG_SLEEPERS_H
#define RINGLOG_SLEEPERS_H

#include <linux/irq_work.h>
#include <linux/poll.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "counters.h"
#include "ring.h"

#define RINGLOG_NEVER	(~(u64)0)

/* What growth may mean to a poller; PRI, for to be overwritten is growth too. */
#define RINGLOG_POLL_READ (EPOLLIN | EPOLLRDNORM | EPOLLPRI)

/**
 * struct ringlog_sleeper - one open file's mark in one partition
 * @by_position: in the tree of positions; empty if not in it
 * @by_offset: in the tree of offsets; empty if not in it
 * @position: what it wants
 * @offset: what it wants
 * @queue: the open file's, woken when either is reached
 */
struct ringlog_sleeper {
	struct rb_node by_position;
	struct rb_node by_offset;
	u64 position;
	u64 offset;
	wait_queue_head_t *queue;
};

/**
 * struct ringlog_sleepers - all marks in one partition
 * @words: on the K page: the lowest that any sleeper wants, for every append to
 *	compare with; written under @lock
 * @ring: to see how far it has grown
 * @counters: of the stream
 * @lock: protects the trees, @words and the sleepers in the trees. Taken with
 *	interrupts off, for @rest takes it in one. A queue's lock is taken
 *	under it
 * @by_position: sleepers by position
 * @by_offset: sleepers by offset
 * @rest: goes on waking where an append stopped
 */
struct ringlog_sleepers {
	struct ringlog_wake_words *words;
	const struct ringlog_ring *ring;
	struct ringlog_counters __percpu *counters;
	spinlock_t lock; /* for all of this; over a queue's */
	struct rb_root_cached by_position;
	struct rb_root_cached by_offset;
	struct irq_work rest;
};

void ringlog_sleepers_init(struct ringlog_sleepers *sleepers, struct ringlog_wake_words *words,
			   const struct ringlog_ring *ring,
			   struct ringlog_counters __percpu *counters);
void ringlog_sleepers_exit(struct ringlog_sleepers *sleepers);
void ringlog_sleeper_init(struct ringlog_sleeper *sleeper, wait_queue_head_t *queue);
void ringlog_sleepers_arm(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper,
			  u64 position, u64 offset);
void ringlog_sleepers_disarm(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper);
void ringlog_sleepers_wake(struct ringlog_sleepers *sleepers, u64 head, u64 next_offset);
void ringlog_sleepers_wake_all(struct ringlog_sleepers *sleepers);

/**
 * ringlog_sleepers_grown() - wake whom an append is due to
 * @sleepers: of the partition
 * @head: that was published
 * @next_offset: that was published
 *
 * Context: process, no lock held.
 */
static inline void ringlog_sleepers_grown(struct ringlog_sleepers *sleepers, u64 head,
					  u64 next_offset)
{
	const struct ringlog_wake_words *words = sleepers->words;

	/*
	 * LMM(grown:A), pairs with LMM(arm:A): either the sleeper sees what was
	 * published, or its wish is seen here. Without it both may look away
	 * and the sleeper sleeps on.
	 */
	smp_mb();
	if (unlikely(head >= READ_ONCE(words->position) ||
		     next_offset >= READ_ONCE(words->offset)))
		ringlog_sleepers_wake(sleepers, head, next_offset);
}

#endif /* RINGLOG_SLEEPERS_H */
