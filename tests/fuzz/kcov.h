/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the module was reached, by the kernel's KCOV where it has it. */
#ifndef FUZZ_KCOV_H
#define FUZZ_KCOV_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kcov - one thread's
 * @fd: -1: not open
 * @area: the count, then PCs
 */
struct kcov {
	int fd;
	uint64_t *area;
};

/* Reads the sections of the module's file; before any fork. */
void coverage_init(const char *module);
/* The module was loaded: where are its sections now? */
void coverage_relocate(void);
bool coverage_available(void);
uint32_t coverage_count(void);
/* A line "SECTION OFFSET" for each PC reached. */
bool coverage_write(const char *path);

void kcov_enable(struct kcov *kcov);
void kcov_disable(struct kcov *kcov);
void kcov_reset(struct kcov *kcov);
/* Returns how many PCs nobody had reached before. */
uint32_t kcov_collect(struct kcov *kcov);

#endif /* FUZZ_KCOV_H */
