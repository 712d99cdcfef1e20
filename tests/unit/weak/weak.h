/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with weak memory, for the module's own code: see weak.c.
 */
#ifndef UNIT_WEAK_H
#define UNIT_WEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What include/linux/compiler.h and include/asm/barrier.h here are made of. */
uint64_t weak_load(const volatile void *at, size_t bytes, bool acquire);
void weak_store(volatile void *at, size_t bytes, uint64_t value, bool release);
void weak_rmb(void);
void weak_wmb(void);
void weak_mb(void);
void weak_lock(const void *lock);
void weak_unlock(const void *lock);

/* The processors; what happens before weak_begin() is known to both of them. */
#define WEAK_PROCESSORS 2
void weak_begin(void);
/* From here on processor @number runs. */
void weak_switch(unsigned int number);
/* From here on there is one processor again, which sees what is newest. */
void weak_end(void);

/*
 * Run @scenario once for each choice that its loads have together, until a check
 * fails. Returns how often that was; zero: more often than anyone would wait for.
 */
unsigned long weak_explore(void (*scenario)(void));

#endif /* UNIT_WEAK_H */
