// SPDX-License-Identifier: GPL-2.0-only
/*
 * `fanout`: the same message to each of many readers, writes and reads counted
 * together. A log takes one write; the others one for each reader. All readers
 * are in one process, which changes nothing in what the calls do.
 */
#include <err.h>

#include "bench.h"

#define BYTES		(16 << 10)
#define MAX_READERS	16
#define ROUNDS		256
#define WARM_UP		16

static uint64_t deliver(struct channel *channels, unsigned int readers)
{
	unsigned int writes = channels->system->log ? 1 : readers, i;
	ssize_t done = 0;
	uint64_t begin;

	begin = clock_now();
	for (i = 0; i < writes; i++)
		done += channels->system->write(&channels[i], bench_data, BYTES);
	for (i = 0; i < readers; i++)
		done += channels->system->read(&channels[i], bench_answer, BYTES);
	begin = clock_now() - begin;
	if (done != (ssize_t)BYTES * (writes + readers))
		err(1, "%s: fanout to %u", channels->system->name, readers);
	return begin;
}

static void run(const struct system *system, unsigned int readers)
{
	struct channel channels[MAX_READERS];
	struct series series;
	unsigned int i;

	for (i = 0; i < readers; i++)
		if (!channel_open(&channels[i], system, BYTES))
			return;
	series_init(&series, ROUNDS);
	for (i = 0; i < WARM_UP; i++)
		deliver(channels, readers);
	for (i = 0; i < ROUNDS; i++)
		series_add(&series, deliver(channels, readers));
	report("fanout", BYTES, readers, system->name,
	       series_mean(&series) - bench_clock_cost);
	series_free(&series);
	for (i = 0; i < readers; i++)
		channel_close(&channels[i]);
}

void case_fanout(void)
{
	const struct system *const *system;
	unsigned int readers;

	for (readers = 1; readers <= MAX_READERS; readers *= 4)
		for (system = systems; *system; system++)
			run(*system, readers);
}
