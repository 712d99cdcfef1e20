/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's marked accesses, to memory that is weaker than any machine's: see weak.c. */
#ifndef UNIT_WEAK_LINUX_COMPILER_H
#define UNIT_WEAK_LINUX_COMPILER_H

#include "weak.h"

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define READ_ONCE(x)		((__typeof__(x))weak_load(&(x), sizeof(x), false))
#define WRITE_ONCE(x, value)	\
	weak_store(&(x), sizeof(x), (uint64_t)(__typeof__(x))(value), false)

#endif /* UNIT_WEAK_LINUX_COMPILER_H */
