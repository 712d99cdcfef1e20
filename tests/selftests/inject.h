/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failing the allocations of one call, by the kernel's fault injection. The
 * kernel's knobs are set by tests/bats/75-faults.bats.
 */
#ifndef RINGLOG_TEST_INJECT_H
#define RINGLOG_TEST_INJECT_H

#include <stdbool.h>

enum inject_mode {
	INJECT_ONE,	/* the n-th allocation fails */
	INJECT_REST,	/* and so do all after it, which no fallback survives */
};

struct injected {
	bool met;
	long result;
	int error;
};

/* Skips the test where the kernel cannot do it. Memory is locked from here on. */
void inject_prepare(void);

/* Counts from 1. */
struct injected inject(unsigned int n, enum inject_mode mode, long (*call)(void));

/* How many allocations the call makes up to its end. */
unsigned int inject_count(long (*call)(void));

#endif
