/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all processes of the fuzzer share. A worker is a process that runs programs, in a
 * child that may die of them.
 */
#ifndef FUZZ_STATE_H
#define FUZZ_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "program.h"

#define WORKERS_MAX	8
#define CORPUS_MAX	1024
#define FINDING_MAX	1024

/**
 * struct progress - where a thread is, for its supervisor
 * @began: ns of the monotonic clock when its call began; 0: it is in none
 * @calls: how many it began
 * @may_sleep: it may wait for long, and a signal is what ends that
 */
struct progress {
	_Atomic uint64_t began;
	_Atomic uint32_t calls;
	atomic_bool may_sleep;
};

/**
 * struct worker - a worker and its child
 * @running: there is something in @program
 * @program: that its child runs
 * @next: number of the next program of this round
 * @programs: run so far, over all rounds
 * @calls: made so far, over all rounds
 * @dying: the program kills its process
 * @fresh: PCs that nobody reached before @program
 * @progress: of the child's threads
 */
struct worker {
	atomic_bool running;
	struct program program;
	_Atomic uint64_t next;
	_Atomic uint64_t programs;
	_Atomic uint64_t calls;
	atomic_bool dying;
	_Atomic uint32_t fresh;
	struct progress progress[THREADS_MAX];
};

/**
 * struct state - what is shared
 * @seed: of everything
 * @round: a round is one load of the module
 * @round_over: the workers are through
 * @stop: everybody comes to an end
 * @found: somebody found something
 * @told: ... and @finding says what
 * @corpus_count: of @corpus
 * @corpus_lock: of those who add
 * @corpus: programs that reached something new
 */
struct state {
	uint64_t seed;
	uint64_t round;
	volatile int round_over;
	atomic_bool stop;
	atomic_bool found;
	atomic_bool told;
	char finding[FINDING_MAX];
	struct worker worker[WORKERS_MAX];
	_Atomic uint32_t corpus_count;
	atomic_flag corpus_lock;
	struct program corpus[CORPUS_MAX];
};

extern struct state *state;

void state_init(void);
uint64_t now_ns(void);

/* The first one is kept, and everybody stops. */
void finding(const char *form, ...) __attribute__((__format__(__printf__, 1, 2)));

void corpus_add(const struct program *program);

#endif /* FUZZ_STATE_H */
