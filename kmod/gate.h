/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gates: readers that writers wait for.
 */
#ifndef RINGLOG_GATE_H
#define RINGLOG_GATE_H

#include <linux/cache.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "partition.h"

/**
 * struct ringlog_gate - one reader's hold on a partition
 * @position: what it has not passed; %RINGLOG_NEVER: it holds nothing. Written
 *	by the reader with no lock when it passes records, under the
 *	partition's when it comes, seeks and goes
 * @queue: the reader's file's, to wake it when a writer waits; NULL: the slot
 *	is free. RCU; written under the partition's lock
 */
struct ringlog_gate {
	u64 position ____cacheline_aligned;
	wait_queue_head_t __rcu *queue;
};

int ringlog_gate_claim(struct ringlog_partition *partition, wait_queue_head_t *queue,
		       struct ringlog_gate **gate);
int ringlog_gate_move(struct ringlog_partition *partition, struct ringlog_gate *gate,
		      struct ringlog_place *place, bool clamp);
void ringlog_gate_release(struct ringlog_partition *partition, struct ringlog_gate *gate);
void ringlog_gate_pass(struct ringlog_partition *partition, struct ringlog_gate *gate,
		       u64 position);

u32 ringlog_gates_count(const struct ringlog_partition *partition);
bool ringlog_gates_make_room(struct ringlog_partition *partition, u64 bytes);
void ringlog_gates_hurry(struct ringlog_partition *partition);
void ringlog_gates_refuse(struct ringlog_partition *partition);
bool ringlog_gates_hurried(struct ringlog_partition *partition);

#endif /* RINGLOG_GATE_H */
