// SPDX-License-Identifier: GPL-2.0-only
/*
 * `batch_append` and `batch_read`: 64 records of 64 bytes in one call, per
 * record; and what of it is the mere copying of those bytes: what a plain call
 * costs more for a record that is longer by as many bytes.
 */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"
#include "system-ringlog.h"

#define RECORDS		64
#define BYTES		64
#define BATCH_BYTES	(RECORDS * (sizeof(struct ringlog_record) + BYTES))
#define SMALL		32
#define ROUNDS		256
#define WARM_UP		16

/* Plain appends and reads of @bytes, one after the other. */
static void time_plain(struct channel *channel, size_t bytes, double *append,
		       double *read)
{
	struct series appends, reads;
	unsigned int i;

	series_init(&appends, ROUNDS);
	series_init(&reads, ROUNDS);
	for (i = 0; i < WARM_UP + ROUNDS; i++) {
		bench_write(channel, bytes, i < WARM_UP ? NULL : &appends);
		bench_read(channel, bytes, i < WARM_UP ? NULL : &reads);
	}
	*append = series_mean(&appends);
	*read = series_mean(&reads);
	series_free(&appends);
	series_free(&reads);
}

/* Before the first lap: a long append makes more room too, and it is no copy. */
void case_batch_copy(void)
{
	double append[2], read[2];
	struct channel channel;

	if (!channel_open(&channel, &system_ringlog, SMALL + BATCH_BYTES))
		return;
	time_plain(&channel, SMALL, &append[0], &read[0]);
	time_plain(&channel, SMALL + BATCH_BYTES, &append[1], &read[1]);
	report("batch_append_copy", BYTES, 1, "ringlog",
	       (append[1] - append[0]) / RECORDS);
	report("batch_read_copy", BYTES, 1, "ringlog",
	       (read[1] - read[0]) / RECORDS);
	channel_close(&channel);
}

static void fill_batch(char *batch)
{
	struct ringlog_record record = {
		.length = BYTES,
		.type = RINGLOG_TYPE_DATA,
	};
	unsigned int i;

	for (i = 0; i < RECORDS; i++) {
		memcpy(batch, &record, sizeof(record));
		memset(batch + sizeof(record), 'b', BYTES);
		batch += sizeof(record) + BYTES;
	}
}

static void append_batch(int fd, const char *batch, struct series *series)
{
	struct ringlog_append append = {
		.partition = RINGLOG_PARTITION_TURN,
		.records = (uintptr_t)batch,
		.bytes = BATCH_BYTES,
	};
	uint64_t begin, end;
	int failed;

	begin = clock_now();
	failed = ioctl(fd, RINGLOG_IOC_APPEND, &append);
	end = clock_now();
	if (failed || append.count != RECORDS)
		err(1, "batch append");
	if (series)
		series_add(series, end - begin);
}

static void read_batch(int fd, struct series *series)
{
	struct ringlog_run run;
	uint64_t begin, end;
	ssize_t done;

	begin = clock_now();
	done = read(fd, bench_answer, sizeof(run) + BATCH_BYTES);
	end = clock_now();
	memcpy(&run, bench_answer, sizeof(run));
	if (done != (ssize_t)(sizeof(run) + BATCH_BYTES) ||
	    run.records != RECORDS)
		err(1, "batch read gave %zd", done);
	if (series)
		series_add(series, end - begin);
}

static void set_batch_mode(int fd)
{
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_BATCH,
		.start = RINGLOG_START_NEWEST,
	};

	if (ioctl(fd, RINGLOG_IOC_ATTACH, &attach))
		err(1, "attach in batch mode");
}

void case_batch(void)
{
	static char batch[BATCH_BYTES] __attribute__((aligned(4096)));
	struct series appends, reads;
	struct channel channel;
	unsigned int i;

	if (!channel_open(&channel, &system_ringlog, BATCH_BYTES))
		return;
	set_batch_mode(channel.reader);
	fill_batch(batch);
	series_init(&appends, ROUNDS);
	series_init(&reads, ROUNDS);
	for (i = 0; i < WARM_UP + ROUNDS; i++) {
		append_batch(channel.writer, batch,
			     i < WARM_UP ? NULL : &appends);
		read_batch(channel.reader, i < WARM_UP ? NULL : &reads);
	}
	report("batch_append", BYTES, 1, "ringlog",
	       (series_mean(&appends) - bench_clock_cost) / RECORDS);
	report("batch_read", BYTES, 1, "ringlog",
	       (series_mean(&reads) - bench_clock_cost) / RECORDS);
	series_free(&appends);
	series_free(&reads);
	channel_close(&channel);
}
