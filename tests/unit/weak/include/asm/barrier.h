/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef UNIT_WEAK_ASM_BARRIER_H
#define UNIT_WEAK_ASM_BARRIER_H

#include "weak.h"

#define smp_load_acquire(p)	((__typeof__(*(p)))weak_load((p), sizeof(*(p)), true))
#define smp_store_release(p, value)	\
	weak_store((p), sizeof(*(p)), (uint64_t)(__typeof__(*(p)))(value), true)

#define smp_rmb()	weak_rmb()
#define smp_wmb()	weak_wmb()
#define smp_mb()	weak_mb()

#endif /* UNIT_WEAK_ASM_BARRIER_H */
