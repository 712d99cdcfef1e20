// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: sleeping and waking
 *
 * Each open file has one sleeper, allocated with it, in each partition that it
 * reads, and one wait queue. To sleep until a partition has grown::
 *
 *	prepare_to_wait(queue)
 *	ringlog_sleepers_arm()          marks what is wanted
 *	smp_mb()                        LMM(arm:A)
 *	look again
 *	schedule()
 *
 * An append publishes, passes LMM(grown:A) and compares with two words, the
 * lowest position and offset that anybody wants. If one is reached it takes a
 * due sleeper out under the lock, goes over to the lock of its queue, and wakes
 * that, and so %WAKE_AT_ONCE times at most. Whoever is left keeps the words low
 * and an irq_work goes on, so an append takes the same time however many files
 * wait. What is bounded is files, not those who wait on one: all threads that
 * sleep on a file and all polls of it are on its one queue, which is walked in one
 * go with interrupts off, as with any file. A mark lasts until it is reached or
 * its file is closed.
 *
 * A woken reader finds its wait entry removed (autoremove_wake_function) and
 * takes no lock of the waker's before it has read its record: a waker that is
 * preempted by whom it woke holds nobody up.
 *
 * A file that is closed disarms under the lock and is freed after a grace
 * period; a waker that took it out before that holds a spinlock all the time,
 * which keeps the grace period from ending (on PREEMPT_RT as well, where a
 * spinlock sleeps but its holder is in a read-side section).
 */

#include "sleepers.h"

#define WAKE_AT_ONCE 8

#define position_of(node) rb_entry(node, struct ringlog_sleeper, by_position)
#define offset_of(node) rb_entry(node, struct ringlog_sleeper, by_offset)

static bool position_less(struct rb_node *a, const struct rb_node *b)
{
	return position_of(a)->position < position_of(b)->position;
}

static bool offset_less(struct rb_node *a, const struct rb_node *b)
{
	return offset_of(a)->offset < offset_of(b)->offset;
}

static struct ringlog_sleeper *first_position(struct ringlog_sleepers *sleepers)
{
	return rb_entry_safe(rb_first_cached(&sleepers->by_position), struct ringlog_sleeper,
			     by_position);
}

static struct ringlog_sleeper *first_offset(struct ringlog_sleepers *sleepers)
{
	return rb_entry_safe(rb_first_cached(&sleepers->by_offset), struct ringlog_sleeper,
			     by_offset);
}

/* The words as the first sleepers say; after the trees have lost one. */
static void set_words(struct ringlog_sleepers *sleepers, const struct ringlog_sleeper *position,
		      const struct ringlog_sleeper *offset)
	__must_hold(&sleepers->lock)
{
	lockdep_assert_held(&sleepers->lock);
	WRITE_ONCE(sleepers->words->position, position ? position->position : RINGLOG_NEVER);
	WRITE_ONCE(sleepers->words->offset, offset ? offset->offset : RINGLOG_NEVER);
}

/* Mostly one file sleeps at a time, which needs no balancing. */
static void erase(struct rb_node *node, struct rb_root_cached *tree)
{
	if (RB_EMPTY_NODE(node))
		return;
	if (tree->rb_root.rb_node == node && !node->rb_left && !node->rb_right)
		*tree = RB_ROOT_CACHED;
	else
		rb_erase_cached(node, tree);
	RB_CLEAR_NODE(node);
}

static void remove(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper)
	__must_hold(&sleepers->lock)
{
	erase(&sleeper->by_position, &sleepers->by_position);
	erase(&sleeper->by_offset, &sleepers->by_offset);
}

/* A sleeper that is due, or NULL. */
static struct ringlog_sleeper *due(struct ringlog_sleeper *position, u64 head,
				   struct ringlog_sleeper *offset, u64 next_offset)
{
	if (position && position->position <= head)
		return position;
	return offset && offset->offset <= next_offset ? offset : NULL;
}

/*
 * Take one due sleeper out and wake it with @events. Returns whether another is
 * due.
 *
 * The queue's lock is taken before the sleepers' is let go of, so this is one
 * section that holds a spinlock, which is a read-side section: the file that
 * the queue belongs to is freed after a grace period.
 */
static bool wake_one(struct ringlog_sleepers *sleepers, u64 head, u64 next_offset, __poll_t events)
{
	struct ringlog_sleeper *sleeper, *position, *offset;
	wait_queue_head_t *queue;
	unsigned long flags;
	bool more;

	spin_lock_irqsave(&sleepers->lock, flags);
	sleeper = due(first_position(sleepers), head, first_offset(sleepers), next_offset);
	if (!sleeper) {
		spin_unlock_irqrestore(&sleepers->lock, flags);
		return false;
	}
	remove(sleepers, sleeper);
	position = first_position(sleepers);
	offset = first_offset(sleepers);
	set_words(sleepers, position, offset);
	more = due(position, head, offset, next_offset);
	queue = sleeper->queue;
	spin_lock(&queue->lock);
	spin_unlock(&sleepers->lock);

	/* Whoever armed was on the queue before. */
	if (waitqueue_active(queue)) {
		if (unlikely(events & EPOLLHUP))
			/* The end is for all, those too of whom one is woken at a time. */
			wake_up_all_locked(queue);
		else
			__wake_up_locked_key(queue, TASK_INTERRUPTIBLE, poll_to_key(events));
		ringlog_count(sleepers->counters, wakeups, 1);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return more;
}

/* A few now, the rest soon. */
static __always_inline void wake_some(struct ringlog_sleepers *sleepers, u64 head,
				      u64 next_offset)
{
	unsigned int i;

	for (i = 0; i < WAKE_AT_ONCE; i++)
		if (likely(!wake_one(sleepers, head, next_offset, RINGLOG_POLL_READ)))
			return;
	irq_work_queue(&sleepers->rest);
}

static void wake_rest(struct irq_work *work)
{
	struct ringlog_sleepers *sleepers = container_of(work, struct ringlog_sleepers, rest);
	const struct ringlog_ring *ring = sleepers->ring;

	/* Pairs with LMM(publish:A). */
	wake_some(sleepers, smp_load_acquire(&ring->head), READ_ONCE(ring->next_offset));
}

/**
 * ringlog_sleepers_wake() - wake a bounded number of due sleepers now, the rest soon
 * @sleepers: of the partition
 * @head: how far the ring has grown
 * @next_offset: how far the ring has grown
 *
 * Context: any but hard interrupt on PREEMPT_RT; the caller holds no lock that
 * a woken reader could want.
 */
void ringlog_sleepers_wake(struct ringlog_sleepers *sleepers, u64 head, u64 next_offset)
{
	ringlog_count(sleepers->counters, wakes, 1);
	wake_some(sleepers, head, next_offset);
}

/**
 * ringlog_sleepers_wake_all() - wake everyone, for the stream is gone
 * @sleepers: of the partition
 *
 * Context: process. The caller has said so where a sleeper looks after arming,
 * and passed a full barrier.
 */
void ringlog_sleepers_wake_all(struct ringlog_sleepers *sleepers)
{
	while (wake_one(sleepers, RINGLOG_NEVER, RINGLOG_NEVER,
			RINGLOG_POLL_READ | EPOLLERR | EPOLLHUP))
		cond_resched();
}

static void mark_position(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper,
			  u64 position)
	__must_hold(&sleepers->lock)
{
	if (position == RINGLOG_NEVER)
		return;
	erase(&sleeper->by_position, &sleepers->by_position);
	sleeper->position = position;
	if (rb_add_cached(&sleeper->by_position, &sleepers->by_position, position_less))
		WRITE_ONCE(sleepers->words->position, position);
}

static void mark_offset(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper,
			u64 offset)
	__must_hold(&sleepers->lock)
{
	if (offset == RINGLOG_NEVER)
		return;
	erase(&sleeper->by_offset, &sleepers->by_offset);
	sleeper->offset = offset;
	if (rb_add_cached(&sleeper->by_offset, &sleepers->by_offset, offset_less))
		WRITE_ONCE(sleepers->words->offset, offset);
}

/**
 * ringlog_sleepers_arm() - mark what a file waits for
 * @sleepers: of the partition
 * @sleeper: of the file in the partition
 * @position: wake when head is here or beyond, or %RINGLOG_NEVER
 * @offset: wake when the next offset is this or beyond, or %RINGLOG_NEVER
 *
 * A mark that is there already is lowered, never raised: another thread may
 * wait for it. The caller passes a full barrier, LMM(arm:A), and looks again
 * before it sleeps.
 */
void ringlog_sleepers_arm(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper,
			  u64 position, u64 offset)
{
	unsigned long flags;

	spin_lock_irqsave(&sleepers->lock, flags);
	if (position < sleeper->position || RB_EMPTY_NODE(&sleeper->by_position))
		mark_position(sleepers, sleeper, position);
	if (offset < sleeper->offset || RB_EMPTY_NODE(&sleeper->by_offset))
		mark_offset(sleepers, sleeper, offset);
	spin_unlock_irqrestore(&sleepers->lock, flags);
}

/**
 * ringlog_sleepers_disarm() - forget a mark
 * @sleepers: of the partition
 * @sleeper: of the file in the partition
 */
void ringlog_sleepers_disarm(struct ringlog_sleepers *sleepers, struct ringlog_sleeper *sleeper)
{
	unsigned long flags;

	spin_lock_irqsave(&sleepers->lock, flags);
	remove(sleepers, sleeper);
	set_words(sleepers, first_position(sleepers), first_offset(sleepers));
	spin_unlock_irqrestore(&sleepers->lock, flags);
}

/**
 * ringlog_sleeper_init() - a sleeper that is not armed
 * @sleeper: of a file in a partition
 * @queue: of the file; freed after a grace period
 */
void ringlog_sleeper_init(struct ringlog_sleeper *sleeper, wait_queue_head_t *queue)
{
	RB_CLEAR_NODE(&sleeper->by_position);
	RB_CLEAR_NODE(&sleeper->by_offset);
	sleeper->queue = queue;
}

/**
 * ringlog_sleepers_init() - nobody sleeps
 * @sleepers: of the partition
 * @words: on its K page
 * @ring: its ring
 * @counters: its stream's
 */
void ringlog_sleepers_init(struct ringlog_sleepers *sleepers, struct ringlog_wake_words *words,
			   const struct ringlog_ring *ring,
			   struct ringlog_counters __percpu *counters)
{
	sleepers->words = words;
	sleepers->ring = ring;
	sleepers->counters = counters;
	spin_lock_init(&sleepers->lock);
	sleepers->by_position = RB_ROOT_CACHED;
	sleepers->by_offset = RB_ROOT_CACHED;
	init_irq_work(&sleepers->rest, wake_rest);
	words->position = RINGLOG_NEVER;
	words->offset = RINGLOG_NEVER;
}

/**
 * ringlog_sleepers_exit() - wait for the last wakeup
 * @sleepers: of the partition; no file is open any more, so nobody is armed
 */
void ringlog_sleepers_exit(struct ringlog_sleepers *sleepers)
{
	irq_work_sync(&sleepers->rest);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "sleepers_kunit.c"
#endif
