/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's barriers over C11's. No fence is weaker than the machine needs,
 * and none is made stronger for TSan: TSan takes no order from a fence, so it
 * reports what only fences order, unless both sides are atomic. They are: the
 * words of the ring by READ_ONCE() and WRITE_ONCE(), the bytes of records by
 * rig_copy(). What is left to TSan is what must not hang on a fence at all.
 */
#ifndef UNIT_ASM_BARRIER_H
#define UNIT_ASM_BARRIER_H

#define smp_load_acquire(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, value)	__atomic_store_n((p), (value), __ATOMIC_RELEASE)

#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)

#endif /* UNIT_ASM_BARRIER_H */
