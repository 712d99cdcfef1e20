// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: gates
 *
 * A gate is a reader that asked writers to wait for it. The floor, how far head
 * may go, is the lowest gate rounded down to a block, and a ring: rounded,
 * because tail moves by blocks. A gate that age or a purge has passed holds
 * nothing: then tail counts in its place, see retention.c.
 *
 * A writer that finds the floor in the way, and a reader that passes records::
 *
 *	writer                          reader
 *	------                          ------
 *	on a wait queue                 gate->position = position
 *	room_wanted = 1                   LMM(pass:B), release
 *	LMM(room:A), full barrier       LMM(pass:A), full barrier
 *	look at all gates               if room_wanted:
 *	  LMM(room:B), acquire              room_wanted = 0
 *	raise the floor, or sleep           wake one writer and all pollers
 *
 * ======== ======== ==========================================================
 * writer   reader   without it
 * ======== ======== ==========================================================
 * room:A   pass:A   the writer misses the position, the reader the wish: the
 *                   writer sleeps on
 * room:B   pass:B   the writer writes where the reader still copies
 * ======== ======== ==========================================================
 *
 * One writer is woken at a time. When it is done it wakes the next; when it finds
 * too little it says again that room is wanted, goes to the end of the queue, and
 * wakes the next too, for that one may want less: see wait_for_room() in
 * writer.c. So a reader wakes one, and the rest is the writers' work. The gates
 * are looked at with no lock held. That they came, went or moved back meanwhile,
 * which happens under the partition's lock, shows in @sequence.
 */
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "gate.h"
#include "retention.h"

/**
 * struct ringlog_gates - the gates of a partition
 * @sequence: L: changes whenever the lowest gate may have come down
 * @used: L: slots from here on were never used
 * @slots: see there
 *
 * L: written under the partition's lock.
 */
struct ringlog_gates {
	u64 sequence;
	unsigned int used;
	struct ringlog_gate slots[RINGLOG_GATES_MAX];
};

static u64 lowest(const struct ringlog_gates *gates)
{
	unsigned int i, used = READ_ONCE(gates->used);
	u64 position = RINGLOG_NEVER;

	for (i = 0; i < used; i++) {
		/* LMM(room:B), pairs with LMM(pass:B). */
		u64 gate = smp_load_acquire(&gates->slots[i].position);

		position = min(position, gate);
	}
	return position;
}

/* The floor after a gate came, went or moved. Zero stays: the stream is gone. */
static void settle(struct ringlog_partition *partition)
	__must_hold(&partition->lock)
{
	u64 position = lowest(partition->gates);

	lockdep_assert_held(&partition->lock);
	partition->gates->sequence++;
	if (!partition->floor)
		return;
	if (position != RINGLOG_NEVER)
		WRITE_ONCE(partition->floor,
			   ringlog_retention_floor(partition,
						   max(position, partition->ring.tail)));
	else if (!partition->keeps)
		WRITE_ONCE(partition->floor, RINGLOG_NEVER);
}

/* Allocated once, with the first gate, so that streams with none pay nothing. */
static int prepare(struct ringlog_partition *partition)
{
	struct ringlog_gates *gates;
	unsigned int i;

	if (READ_ONCE(partition->gates))
		return 0;
	gates = kzalloc(sizeof(*gates), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!gates)
		return -ENOMEM;
	for (i = 0; i < RINGLOG_GATES_MAX; i++)
		gates->slots[i].position = RINGLOG_NEVER;

	spin_lock(&partition->lock);
	if (!partition->gates) {
		/* Release: who finds it finds it made. Pairs with the acquires below. */
		smp_store_release(&partition->gates, gates);
		gates = NULL;
	}
	spin_unlock(&partition->lock);
	kfree(gates);
	return 0;
}

/**
 * ringlog_gate_claim() - take a slot, which holds nothing yet
 * @partition: the partition
 * @queue: of the reader's file; freed after a grace period
 * @gate: out
 *
 * Context: process; sleeps.
 * Return: 0, %-EUSERS or %-ENOMEM.
 */
int ringlog_gate_claim(struct ringlog_partition *partition, wait_queue_head_t *queue,
		       struct ringlog_gate **gate)
{
	struct ringlog_gates *gates;
	unsigned int i;
	int ret;

	ret = prepare(partition);
	if (ret)
		return ret;
	spin_lock(&partition->lock);
	gates = partition->gates;
	for (i = 0; i < RINGLOG_GATES_MAX; i++)
		if (!rcu_access_pointer(gates->slots[i].queue))
			break;
	if (i < RINGLOG_GATES_MAX) {
		*gate = &gates->slots[i];
		rcu_assign_pointer((*gate)->queue, queue);
		WRITE_ONCE(gates->used, max(gates->used, i + 1));
	} else {
		ret = -EUSERS;
	}
	spin_unlock(&partition->lock);
	return ret;
}

/**
 * ringlog_gate_move() - put a gate somewhere, for the first time or to seek
 * @partition: the partition
 * @gate: claimed
 * @place: where to; set to the oldest record if that was overwritten and @clamp
 * @clamp: the oldest record will do
 *
 * Context: process, no lock held.
 * Return: 0; %-ERANGE: overwritten, and nothing was changed.
 */
int ringlog_gate_move(struct ringlog_partition *partition, struct ringlog_gate *gate,
		      struct ringlog_place *place, bool clamp)
{
	const struct ringlog_ring *ring = &partition->ring;
	bool forward;

	spin_lock(&partition->lock);
	if (place->position < ring->tail) {
		if (!clamp) {
			spin_unlock(&partition->lock);
			return -ERANGE;
		}
		*place = (struct ringlog_place){ ring->tail, ring->tail_offset };
	}
	forward = gate->position < place->position;
	WRITE_ONCE(gate->position, place->position);
	settle(partition);
	spin_unlock(&partition->lock);
	if (forward)
		ringlog_retention_wake_writers(partition);
	return 0;
}

/**
 * ringlog_gate_release() - give a slot back
 * @partition: the partition
 * @gate: claimed, or NULL
 *
 * Context: process, no lock held.
 */
void ringlog_gate_release(struct ringlog_partition *partition, struct ringlog_gate *gate)
{
	if (!gate)
		return;
	spin_lock(&partition->lock);
	/* Once with the gate and once without: if it was the last, what it passed may go. */
	if (gate->position != RINGLOG_NEVER)
		settle(partition);
	WRITE_ONCE(gate->position, RINGLOG_NEVER);
	RCU_INIT_POINTER(gate->queue, NULL);
	settle(partition);
	spin_unlock(&partition->lock);
	ringlog_retention_wake_writers(partition);
}

/**
 * ringlog_gate_pass() - a gating reader is done with everything before @position
 * @partition: the partition
 * @gate: the reader's
 * @position: not below the gate's
 *
 * Context: process, by one thread of the reader at a time.
 */
void ringlog_gate_pass(struct ringlog_partition *partition, struct ringlog_gate *gate,
		       u64 position)
{
	u64 before = gate->position;

	/* LMM(pass:B), pairs with LMM(room:B): the records were copied before. */
	smp_store_release(&gate->position, position);
	/* The floor goes by blocks, so a writer can only gain where one ends. */
	if (!((before ^ position) & ~(u64)(RINGLOG_BLOCK - 1)))
		return;
	smp_mb(); /* LMM(pass:A), pairs with LMM(room:A). */
	if (unlikely(READ_ONCE(partition->kernel->room_wanted)))
		ringlog_retention_wake_writers(partition);
}

/**
 * ringlog_gates_make_room() - say that room is wanted and look for it
 * @partition: the partition
 * @bytes: of the append
 *
 * Context: process, no lock held. The caller is on a queue that
 * ringlog_gate_pass() wakes, or will not sleep.
 * Return: whether there is room.
 */
bool ringlog_gates_make_room(struct ringlog_partition *partition, u64 bytes)
{
	/* Pairs with the release in prepare(). */
	struct ringlog_gates *gates = smp_load_acquire(&partition->gates);
	bool settled = false;
	int tries;

	WRITE_ONCE(partition->kernel->room_wanted, 1);
	smp_mb(); /* LMM(room:A), pairs with LMM(pass:A). */

	for (tries = 0; gates && tries < 8 && !settled; tries++) {
		u64 sequence = READ_ONCE(gates->sequence);
		u64 position;

		smp_rmb(); /* the gates as of @sequence or later */
		position = lowest(gates);
		spin_lock(&partition->lock);
		settled = gates->sequence == sequence;
		if (settled && partition->floor && position != RINGLOG_NEVER)
			WRITE_ONCE(partition->floor,
				   max(partition->floor,
				       ringlog_retention_floor(partition, position)));
		spin_unlock(&partition->lock);
	}
	return ringlog_partition_has_room(partition, bytes);
}

/**
 * ringlog_gates_count() - how many readers are writers waiting for
 * @partition: the partition
 *
 * Context: any, no lock needed.
 * Return: gates that hold something.
 */
u32 ringlog_gates_count(const struct ringlog_partition *partition)
{
	/* Pairs with the release in prepare(). */
	const struct ringlog_gates *gates = smp_load_acquire(&partition->gates);
	unsigned int i, used = gates ? READ_ONCE(gates->used) : 0;
	u32 count = 0;

	for (i = 0; i < used; i++)
		count += READ_ONCE(gates->slots[i].position) != RINGLOG_NEVER;
	return count;
}

/**
 * ringlog_gates_hurry() - tell gating readers that sleep that a writer waits
 * @partition: the partition; ringlog_gates_make_room() found no room
 *
 * They may be waiting for more records than the ring has room for.
 */
void ringlog_gates_hurry(struct ringlog_partition *partition)
{
	/* Pairs with the release in prepare(). */
	struct ringlog_gates *gates = smp_load_acquire(&partition->gates);
	unsigned int i, used = gates ? READ_ONCE(gates->used) : 0;

	rcu_read_lock();
	for (i = 0; i < used; i++) {
		wait_queue_head_t *queue = rcu_dereference(gates->slots[i].queue);

		/* The barrier is LMM(room:A): see ringlog_gates_hurried(). */
		if (queue && waitqueue_active(queue))
			wake_up_interruptible_poll(queue, RINGLOG_POLL_READ);
	}
	rcu_read_unlock();
}

/**
 * ringlog_gates_refuse() - a poller is told that there is no room
 * @partition: the partition; ringlog_gates_make_room() found no room
 *
 * Being on the queue says nothing of a poller: epoll stays there, whatever it
 * was told and whether or not it asks for room at all.
 */
void ringlog_gates_refuse(struct ringlog_partition *partition)
{
	WRITE_ONCE(partition->poller_refused, true);
	/*
	 * LMM(refuse:A), pairs with LMM(arm:A): the reader that is about to
	 * sleep finds the mark, or is found on its queue.
	 */
	smp_mb();
	ringlog_gates_hurry(partition);
}

/**
 * ringlog_gates_hurried() - does a writer wait for room here
 * @partition: the partition
 *
 * Asked by a gating reader after LMM(arm:A), when it is on its queue. That
 * @room_wanted is set is not enough: whoever looked for room has set it, and
 * may have found some or gone away.
 *
 * Return: whether one does.
 */
bool ringlog_gates_hurried(struct ringlog_partition *partition)
{
	/* The caller's LMM(arm:A) came before; who queues later hurries it. */
	return (READ_ONCE(partition->kernel->room_wanted) && waitqueue_active(&partition->room)) ||
	       /* Likewise: ringlog_gates_refuse() hurries it. */
	       (READ_ONCE(partition->poller_refused) && waitqueue_active(partition->pollers));
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "gate_kunit.c"
#endif
