// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "state.h"

struct state *state;

void state_init(void)
{
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (state == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void finding(const char *form, ...)
{
	va_list arguments;

	if (atomic_exchange(&state->found, true))
		return;
	va_start(arguments, form);
	vsnprintf(state->finding, sizeof(state->finding), form, arguments);
	va_end(arguments);
	atomic_store(&state->told, true);
	atomic_store(&state->stop, true);
}

void corpus_add(const struct program *program)
{
	uint32_t count;

	while (atomic_flag_test_and_set(&state->corpus_lock))
		;
	count = atomic_load(&state->corpus_count);
	if (count < CORPUS_MAX) {
		state->corpus[count] = *program;
		atomic_store(&state->corpus_count, count + 1);
	}
	atomic_flag_clear(&state->corpus_lock);
}
