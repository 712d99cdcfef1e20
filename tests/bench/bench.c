// SPDX-License-Identifier: GPL-2.0-only
/* What every case does: hold memory, time one call, report. */
#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

char bench_data[BENCH_BUFFER_BYTES] __attribute__((aligned(4096)));
char bench_answer[BENCH_BUFFER_BYTES] __attribute__((aligned(4096)));
double bench_clock_cost;

const struct system *const systems[] = {
	&system_ringlog, &system_pipe, &system_uds, &system_mq, &system_kmsg,
	NULL
};

/* A fork takes the lock away and shares the pages, so a child calls it too. */
void bench_lock_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	memset(bench_data, 'r', sizeof(bench_data));
	memset(bench_answer, 0, sizeof(bench_answer));
}

/* Of this process and of the children that it makes from now on. */
void bench_set_policy(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, policy, &param))
		err(1, "sched_setscheduler");
}

bool channel_open(struct channel *channel, const struct system *system,
		  size_t bytes)
{
	if (bytes > system->max_bytes)
		return false;
	channel->system = system;
	channel->writer = -1;
	channel->reader = -1;
	return !system->open(channel, bytes);
}

bool channel_open_pair(struct channel channels[2], const struct system *system,
		       size_t bytes)
{
	if (bytes > system->max_bytes)
		return false;
	channels[0].system = system;
	channels[1].system = system;
	if (system->open_pair)
		return !system->open_pair(channels, bytes);
	/* There is but one log, and who writes to it would read itself. */
	if (system->log)
		return false;
	return channel_open(&channels[0], system, bytes) &&
	       channel_open(&channels[1], system, bytes);
}

void channel_close(struct channel *channel)
{
	channel->system->close(channel);
}

/* Most systems need nothing but this to close a channel. */
void channel_close_fds(struct channel *channel)
{
	close(channel->writer);
	if (channel->reader != channel->writer)
		close(channel->reader);
}

/* Write one message; time it unless @series is NULL. */
void bench_write(struct channel *channel, size_t bytes, struct series *series)
{
	uint64_t begin, end;
	ssize_t done;

	begin = clock_now();
	done = channel->system->write(channel, bench_data, bytes);
	end = clock_now();
	if (done != (ssize_t)bytes)
		err(1, "%s: writing %zu gave %zd", channel->system->name,
		    bytes, done);
	if (series)
		series_add(series, end - begin);
}

/* Read one message; time it unless @series is NULL. */
void bench_read(struct channel *channel, size_t bytes, struct series *series)
{
	uint64_t begin, end;
	ssize_t done;

	begin = clock_now();
	done = channel->system->read(channel, bench_answer, bytes);
	end = clock_now();
	if (done != (ssize_t)bytes)
		err(1, "%s: reading %zu gave %zd", channel->system->name,
		    bytes, done);
	if (series)
		series_add(series, end - begin);
}

void bench_calibrate(void)
{
	struct series series;
	struct channel nothing;
	int i;

	series_init(&series, 4096);
	channel_open(&nothing, &system_nothing, 0);
	for (i = 0; i < 4096; i++)
		bench_write(&nothing, 0, &series);
	channel_close(&nothing);
	bench_clock_cost = series_mean(&series);
	series_free(&series);
	/* A clock source behind a system call or a device is no counter. */
	if (bench_clock_cost > 200)
		errx(1, "reading the clock costs %.0f: not the counting guest?",
		     bench_clock_cost);
}

/* A row for the table: case, bytes, readers, system, instructions. */
void report(const char *name, size_t bytes, unsigned int readers,
	    const char *system, double instructions)
{
	printf("%s\t%zu\t%u\t%s\t%.1f\n", name, bytes, readers, system,
	       instructions);
	fflush(stdout);
}
