/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Relaxed atomics in place of the kernel's volatile accesses: C11's fences
 * order them as the kernel's barriers do, and TSan knows that they may race.
 */
#ifndef UNIT_LINUX_COMPILER_H
#define UNIT_LINUX_COMPILER_H

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), (value), __ATOMIC_RELAXED)

#endif /* UNIT_LINUX_COMPILER_H */
