// SPDX-License-Identifier: GPL-2.0-only
/*
 * `append_wake`: a write that wakes a reader, timed until it returns.
 *
 * On the one CPU the woken reader must not run before the writer has its time:
 * the writer is SCHED_FIFO and the reader an ordinary process, so the reader
 * runs only when the writer sleeps. Before each write the writer sleeps until
 * the reader is in its next read, and asleep there by the word of /proc.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BYTES	64
#define ROUNDS	2048
#define WARM_UP	64

/* Reads begun by the reader; shared with it. */
static volatile unsigned int *begun;

static void __attribute__((noreturn)) reader(struct channel *channel)
{
	bench_set_policy(SCHED_OTHER, 0);
	bench_lock_memory();
	for (;;) {
		(*begun)++;
		bench_read(channel, BYTES, NULL);
	}
}

static bool asleep(int stat)
{
	char text[512], *end;
	ssize_t got;

	got = pread(stat, text, sizeof(text) - 1, 0);
	if (got <= 0)
		err(1, "the reader is gone");
	text[got] = 0;
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] == 'S';
}

static void wait_until_asleep(int stat, unsigned int reads)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	do
		nanosleep(&pause, NULL);
	while (*begun != reads || !asleep(stat));
}

static void run(struct channel *channel)
{
	struct series series;
	unsigned int round;
	char path[32];
	pid_t child;
	int stat;

	*begun = 0;
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		reader(channel);
	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	stat = open(path, O_RDONLY);
	if (stat < 0)
		err(1, "%s", path);
	series_init(&series, ROUNDS);
	for (round = 0; round < WARM_UP + ROUNDS; round++) {
		wait_until_asleep(stat, round + 1);
		bench_write(channel, BYTES, round < WARM_UP ? NULL : &series);
	}
	report("append_wake", BYTES, 1, channel->system->name,
	       series_mean(&series) - bench_clock_cost);
	series_free(&series);
	close(stat);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

void case_append_wake(void)
{
	const struct system *const *system;
	struct channel channel;

	begun = mmap(NULL, sizeof(*begun), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (begun == MAP_FAILED)
		err(1, "mmap");
	bench_set_policy(SCHED_FIFO, 1);
	for (system = systems; *system; system++) {
		/* What such a write takes would say nothing about a wake. */
		if ((*system)->wakes_later ||
		    !channel_open(&channel, *system, BYTES))
			continue;
		run(&channel);
		channel_close(&channel);
	}
	bench_set_policy(SCHED_OTHER, 0);
}
