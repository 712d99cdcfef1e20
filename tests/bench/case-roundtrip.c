// SPDX-License-Identifier: GPL-2.0-only
/*
 * `roundtrip`: a message to another process and its answer, both processes
 * ordinary ones, on one CPU. Some of the time the scheduler lets the woken
 * process run at once; its answer then finds the asker not asleep and saves a
 * wake. How often that happens is the scheduler's affair and moves the mean by
 * hundreds, so there is also `roundtrip_asleep`, with both SCHED_BATCH, which
 * do not preempt each other: every message wakes a sleeper.
 */
#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BYTES	64
#define ROUNDS	4096
#define WARM_UP	256

static void __attribute__((noreturn)) echo(struct channel channels[2])
{
	bench_lock_memory();
	for (;;) {
		channels[0].system->read(&channels[0], bench_answer, BYTES);
		channels[1].system->write(&channels[1], bench_answer, BYTES);
	}
}

static uint64_t ask(struct channel channels[2])
{
	uint64_t begin, end;
	ssize_t sent, got;

	begin = clock_now();
	sent = channels[0].system->write(&channels[0], bench_data, BYTES);
	got = channels[1].system->read(&channels[1], bench_answer, BYTES);
	end = clock_now();
	if (sent != BYTES || got != BYTES)
		err(1, "%s: round trip: sent %zd, got %zd",
		    channels[0].system->name, sent, got);
	return end - begin;
}

static void run(const char *name, struct channel channels[2])
{
	struct series series;
	unsigned int round;
	pid_t child;

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		echo(channels);
	series_init(&series, ROUNDS);
	for (round = 0; round < WARM_UP; round++)
		ask(channels);
	for (round = 0; round < ROUNDS; round++)
		series_add(&series, ask(channels));
	report(name, BYTES, 1, channels[0].system->name,
	       series_mean(&series) - bench_clock_cost);
	series_free(&series);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void run_all(const char *name)
{
	const struct system *const *system;
	struct channel channels[2];

	for (system = systems; *system; system++) {
		if (!channel_open_pair(channels, *system, BYTES))
			continue;
		run(name, channels);
		channel_close(&channels[0]);
		channel_close(&channels[1]);
	}
}

void case_roundtrip(void)
{
	run_all("roundtrip");
	bench_set_policy(SCHED_BATCH, 0);
	run_all("roundtrip_asleep");
	bench_set_policy(SCHED_OTHER, 0);
}
