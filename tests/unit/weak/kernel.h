/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as sleepers.c, waiting.c, gate.c and retention.c need, on
 * weak memory.
 * Included before everything else; the headers that those name are empty files.
 *
 * A wait queue is whether somebody is on it, and how often it was woken. Where
 * the kernel has a lock or a full barrier there is one here, and nothing more.
 * Sleeping is weak_sleep(), which a test sets.
 */
#ifndef UNIT_WEAK_KERNEL_H
#define UNIT_WEAK_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <linux/types.h>
#include "include/linux/compiler.h"
#include "include/asm/barrier.h"

#define __percpu
#define __rcu
#define __must_hold(lock)
#define lockdep_assert_held(lock)	((void)(lock))

#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define PAGE_SIZE 4096UL

/* --- locks, counters, memory ---------------------------------------------------------- */

typedef struct { u64 word; } spinlock_t;
struct mutex { u64 word; };

#define spin_lock_init(lock)		((void)(lock))
#define spin_lock(lock)			weak_lock(lock)
#define spin_unlock(lock)		weak_unlock(lock)
#define spin_lock_irqsave(lock, flags)	((flags) = 0, weak_lock(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), weak_unlock(lock))
#define mutex_lock_interruptible(lock)	(weak_lock(lock), 0)
#define mutex_unlock(lock)		weak_unlock(lock)

typedef struct { int counter; } atomic_t;
#define atomic_inc(v)			((void)(v)->counter++)
struct list_head { struct list_head *next, *prev; };
typedef struct { int counter; } refcount_t;
typedef struct { u32 value; } kuid_t;
typedef struct { u32 value; } kgid_t;
typedef unsigned short umode_t;
#define refcount_inc(count)		((void)(count)->counter++)
#define this_cpu_add(counter, n)	((void)((counter) += (n)))

#define GFP_KERNEL_ACCOUNT 0
#define kzalloc(bytes, flags)		calloc(1, bytes)
#define kfree(p)			free(p)

struct rcu_head { int unused; };
struct page;
#define rcu_read_lock()			((void)0)
#define rcu_read_unlock()		((void)0)
#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, value)	smp_store_release(&(p), value)
#define RCU_INIT_POINTER(p, value)	WRITE_ONCE(p, value)

/* --- sleeping and waking --------------------------------------------------------------- */

#define TASK_INTERRUPTIBLE 1

typedef struct {
	spinlock_t lock;
	u64 waiting;
	unsigned int woken;
} wait_queue_head_t;

struct wait_entry { int unused; };
#define DEFINE_WAIT(name)		struct wait_entry name __attribute__((__unused__))

extern void (*weak_sleep)(void);

static inline void weak_queue_set(wait_queue_head_t *queue, bool waiting)
{
	spin_lock(&queue->lock);
	WRITE_ONCE(queue->waiting, waiting);
	spin_unlock(&queue->lock);
}

#define init_waitqueue_head(queue)	(*(queue) = (wait_queue_head_t){})
#define waitqueue_active(queue)		(!!READ_ONCE((queue)->waiting))
/* The task's state is set with a full barrier behind it. */
#define prepare_to_wait(queue, entry, state)	\
	((void)(entry), weak_queue_set(queue, true), smp_mb())
#define finish_wait(queue, entry)	((void)(entry), weak_queue_set(queue, false))
#define schedule()			weak_sleep()
#define schedule_hrtimeout(deadline, mode) ((void)(deadline), weak_sleep(), 1)

static inline void __wake_up_locked_key(wait_queue_head_t *queue, int state, void *key)
{
	(void)state;
	(void)key;
	if (queue->waiting)
		queue->woken++;
}

#define wake_up_all_locked(queue)	__wake_up_locked_key(queue, TASK_INTERRUPTIBLE, NULL)

static inline void wake_up_interruptible_poll(wait_queue_head_t *queue, unsigned int events)
{
	(void)events;
	spin_lock(&queue->lock);
	__wake_up_locked_key(queue, TASK_INTERRUPTIBLE, NULL);
	spin_unlock(&queue->lock);
}

#define wake_up_interruptible(queue)	wake_up_interruptible_poll(queue, 0)
#define wake_up_interruptible_all(queue) wake_up_interruptible_poll(queue, 0)

struct irq_work { void (*run)(struct irq_work *); };
#define init_irq_work(work, function)	((work)->run = (function))
#define irq_work_queue(work)		((work)->run(work))
#define irq_work_sync(work)		((void)(work))

/* Nothing has an age here, so that nothing becomes due. */
struct work_struct { int unused; };
struct delayed_work { struct work_struct work; };
#define to_delayed_work(item)		container_of(item, struct delayed_work, work)
#define INIT_DELAYED_WORK(item, function) ((void)(item), (void)(function))
#define schedule_delayed_work(item, delay) ((void)(item), (void)(delay))
#define cancel_delayed_work(item)	((void)(item))
#define cancel_delayed_work_sync(item)	((void)(item))
#define nsecs_to_jiffies(ns)		((unsigned long)(ns))
#define MAX_JIFFY_OFFSET		(~0UL >> 2)

#define current			NULL
#define signal_pending(task)	((void)(task), false)
#define cond_resched()		((void)0)
#define cpu_relax()		((void)0)

typedef int64_t ktime_t;
#define KTIME_MAX		INT64_MAX
#define HRTIMER_MODE_ABS	0
#define ktime_get()		((ktime_t)0)
#define ktime_get_ns()		((u64)0)
#define ktime_to_ns(t)		((u64)(t))
#define ktime_add_ns(t, ns)	((t) + (ktime_t)(ns))
#define ktime_add_safe(a, b)	((a) + (b))
#define ns_to_ktime(ns)		((ktime_t)(ns))
#define ktime_before(a, b)	((a) < (b))

/* --- files and polling ------------------------------------------------------------------ */

#define IOCB_NOWAIT 1
struct file { unsigned int f_flags; };
struct kiocb { struct file *ki_filp; int ki_flags; };
typedef struct { int unused; } poll_table;
#define poll_to_key(events)	((void *)(uintptr_t)(events))
#define poll_wait(file, queue, table) ((void)(file), (void)(table), weak_queue_set(queue, true))

/* --- trees, of which these are so small that a list will do ------------------------------- */

struct rb_node { struct rb_node *rb_left, *rb_right; bool in; };
struct rb_root { struct rb_node *rb_node; };
struct rb_root_cached { struct rb_root rb_root; };

#define RB_ROOT_CACHED		((struct rb_root_cached){})
#define RB_CLEAR_NODE(node)	((void)((node)->in = false))
#define RB_EMPTY_NODE(node)	(!(node)->in)
#define rb_entry(node, type, member) container_of(node, type, member)
#define rb_entry_safe(node, type, member) ((node) ? rb_entry(node, type, member) : NULL)
#define rb_first_cached(tree)	((tree)->rb_root.rb_node)

/* Returns the node if it became the first. */
static inline struct rb_node *rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
					    bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **at = &tree->rb_root.rb_node, *before = NULL;

	while (*at && !less(node, *at)) {
		before = *at;
		at = &before->rb_right;
	}
	*node = (struct rb_node){ before, *at, true };
	if (*at)
		(*at)->rb_left = node;
	*at = node;
	return before ? NULL : node;
}

static inline void rb_erase_cached(struct rb_node *node, struct rb_root_cached *tree)
{
	if (node->rb_left)
		node->rb_left->rb_right = node->rb_right;
	else
		tree->rb_root.rb_node = node->rb_right;
	if (node->rb_right)
		node->rb_right->rb_left = node->rb_left;
}

#endif /* UNIT_WEAK_KERNEL_H */
