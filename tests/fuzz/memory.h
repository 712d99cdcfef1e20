/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that calls are given: good, bad, and such that goes bad meanwhile. What the
 * kernel reads and what it writes never share a page, so what comes out of a region that has
 * no payload in it is always FOREIGN bytes or zeroes.
 */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include <stddef.h>

#include "program.h"

#define REGION_BYTES	(640U << 10)
#define FOREIGN		0xee

/* RECORDS: of batches, which hold headers, and so would look like bad values. */
enum direction { FROM_USER, TO_USER, RECORDS, DIRECTIONS };

/* Once in a process. */
void memory_init(void);
/* Whether pages are taken away for a while from now on. */
void memory_disturb(bool wanted);

void *memory_at(unsigned int thread, uint64_t address, enum direction direction);
/* Is the whole of it memory that nothing disturbs? */
bool memory_is_good(uint64_t address, size_t bytes);
/* As much of @from as the region can take from us without a fault. */
void memory_fill(unsigned int thread, uint64_t address, enum direction direction,
		 const void *from, size_t bytes);

#endif /* FUZZ_MEMORY_H */
