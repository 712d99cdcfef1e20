/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An honest reader and writer in the midst of it all. Whatever the others do, its records
 * come back whole and once, in order, and what it lost is told to the record.
 */
#ifndef FUZZ_WATCH_H
#define FUZZ_WATCH_H

/* Until everybody stops or @quit, which is shared, is set. */
void watch(const volatile int *quit);

#endif /* FUZZ_WATCH_H */
