// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a system call, a write and a write handler can cost; and a
 * pipe's write at its cheapest, into a page that it has already.
 */
#include "bench.h"

#define ROUNDS	8192
#define BYTES	64

#define WRITES_A_PAGE	32

static void pipe_page(void)
{
	struct channel channel;
	struct series series;
	unsigned int round, i;

	if (!channel_open(&channel, &system_pipe, BYTES))
		return;
	series_init(&series, ROUNDS);
	for (round = 0; round < ROUNDS / WRITES_A_PAGE; round++) {
		/* The first one takes a page. */
		bench_write(&channel, BYTES, NULL);
		for (i = 0; i < WRITES_A_PAGE; i++)
			bench_write(&channel, BYTES, &series);
		for (i = 0; i < WRITES_A_PAGE + 1; i++)
			bench_read(&channel, BYTES, NULL);
	}
	report("append", BYTES, 1, "pipe_page",
	       series_mean(&series) - bench_clock_cost);
	series_free(&series);
	channel_close(&channel);
}

void case_floors(void)
{
	const struct system *floors[] = {
		&system_getppid, &system_null, &system_floor,
	};
	struct channel channel;
	struct series series;
	unsigned int i, round;

	for (i = 0; i < sizeof(floors) / sizeof(floors[0]); i++) {
		if (!channel_open(&channel, floors[i], BYTES))
			continue;
		series_init(&series, ROUNDS);
		for (round = 0; round < 64; round++)
			bench_write(&channel, BYTES, NULL);
		for (round = 0; round < ROUNDS; round++)
			bench_write(&channel, BYTES, &series);
		report("append", BYTES, 1, floors[i]->name,
		       series_mean(&series) - bench_clock_cost);
		series_free(&series);
		channel_close(&channel);
	}
	pipe_page();
}
