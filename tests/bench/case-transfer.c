// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing and reading with nobody asleep: `append` and `read`. Systems take
 * turns message by message. Each message is read before the next one is
 * written, so that a pipe takes a fresh page for each, as it does in use, and
 * does not fill up its last one.
 */
#include <err.h>

#include "bench.h"
#include "system-ringlog.h"

#define MAX_SYSTEMS	8
#define WARM_UP		64

/*
 * Of each size as many as end at a whole number of the ring's index blocks
 * (4096 / 32 records at least do), and all of them within the first lap.
 */
static const struct {
	size_t bytes;
	unsigned int rounds;
} sizes[] = { { 64, 8192 }, { 1 << 10, 2048 }, { 16 << 10, 512 } };

#define SIZES	(sizeof(sizes) / sizeof(*sizes))

struct contest {
	struct channel channels[MAX_SYSTEMS];
	struct series series[MAX_SYSTEMS];
	unsigned int count;
};

static void contest_open(struct contest *contest, size_t bytes,
			 unsigned int rounds)
{
	const struct system *const *system;

	contest->count = 0;
	for (system = systems; *system; system++) {
		if (!channel_open(&contest->channels[contest->count], *system,
				  bytes))
			continue;
		series_init(&contest->series[contest->count++], rounds);
	}
}

static void contest_close(struct contest *contest, const char *name,
			  size_t bytes)
{
	unsigned int i;

	for (i = 0; i < contest->count; i++) {
		report(name, bytes, 1, contest->channels[i].system->name,
		       series_mean(&contest->series[i]) - bench_clock_cost);
		series_free(&contest->series[i]);
		channel_close(&contest->channels[i]);
	}
}

/* Ringlog's figures are of the first lap only if it is not over. */
static void check_first_lap(void)
{
	struct channel channel;
	struct ringlog_info info;

	if (!channel_open(&channel, &system_ringlog, 1))
		return;
	stream_info(channel.reader, 0, &info);
	if (info.tail)
		errx(1, "the ring is too small: the first lap is over");
	channel_close(&channel);
}

void case_append(void)
{
	struct contest contest;
	struct channel *channel;
	unsigned int size, round, i;
	bool warm;

	for (size = 0; size < SIZES; size++) {
		contest_open(&contest, sizes[size].bytes, sizes[size].rounds);
		for (round = 0; round < WARM_UP + sizes[size].rounds; round++) {
			warm = round >= WARM_UP;
			for (i = 0; i < contest.count; i++) {
				channel = &contest.channels[i];
				bench_write(channel, sizes[size].bytes,
					    warm ? &contest.series[i] : NULL);
				if (!channel->system->log)
					bench_read(channel, sizes[size].bytes,
						   NULL);
			}
		}
		contest_close(&contest, "append", sizes[size].bytes);
	}
	check_first_lap();
}

void case_read(void)
{
	struct contest contest;
	unsigned int size, round, i;
	bool warm;

	for (size = 0; size < SIZES; size++) {
		contest_open(&contest, sizes[size].bytes, sizes[size].rounds);
		for (round = 0; round < WARM_UP + sizes[size].rounds; round++) {
			warm = round >= WARM_UP;
			for (i = 0; i < contest.count; i++) {
				bench_write(&contest.channels[i],
					    sizes[size].bytes, NULL);
				bench_read(&contest.channels[i],
					   sizes[size].bytes,
					   warm ? &contest.series[i] : NULL);
			}
		}
		contest_close(&contest, "read", sizes[size].bytes);
	}
}
