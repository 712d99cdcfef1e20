// SPDX-License-Identifier: GPL-2.0-only
/*
 * Appending to a ring that is full, so that each append makes room first.
 * That is done by whole index blocks, once a block, so the mean is taken over
 * a whole lap; and the ring holds records of the same size by then, for two
 * laps of them went before.
 */
#include "bench.h"
#include "system-ringlog.h"

static const size_t sizes[] = { 64, 1 << 10, 16 << 10 };

static size_t appends_in_lap(struct channel *channel, size_t bytes)
{
	size_t record = sizeof(struct ringlog_record) + bytes;
	struct ringlog_info info;

	record = (record + RINGLOG_ALIGN - 1) / RINGLOG_ALIGN * RINGLOG_ALIGN;
	stream_info(channel->reader, 0, &info);
	return info.ring_bytes / record + 1;
}

void case_append_lapping(void)
{
	struct channel channel;
	struct series series;
	size_t lap, i, size;

	for (size = 0; size < sizeof(sizes) / sizeof(*sizes); size++) {
		if (!channel_open(&channel, &system_ringlog, sizes[size]))
			return;
		lap = appends_in_lap(&channel, sizes[size]);
		series_init(&series, lap);
		for (i = 0; i < 2 * lap; i++)
			bench_write(&channel, sizes[size], NULL);
		for (i = 0; i < lap; i++)
			bench_write(&channel, sizes[size], &series);
		report("append_lapping", sizes[size], 1, "ringlog",
		       series_mean(&series) - bench_clock_cost);
		series_free(&series);
		channel_close(&channel);
	}
}
