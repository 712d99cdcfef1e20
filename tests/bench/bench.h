/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the counting benchmark's parts share: the clock, a series of timings,
 * and the systems that are compared.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define BENCH_MAX_BYTES		(16 << 10)
#define BENCH_BUFFER_BYTES	(64 << 10)

struct system;

/* One way from a writer to a reader: what a pipe is. */
struct channel {
	const struct system *system;
	int writer;
	int reader;
};

/**
 * struct system - one of those compared
 * @name: in the table
 * @max_bytes: the largest message that it carries
 * @log: it keeps what was written and shows it to every reader, so nothing
 *	need be read to make room and one write serves all
 * @wakes_later: a write leaves waking the reader to the next timer tick
 * @open: make a channel for messages of @bytes; the reader sees only what is
 *	written from now on. 0, or -1 if the system is not there
 * @open_pair: channels there and back, or NULL if @open twice will do
 * @write, @read: one message, by one system call
 * @close: the channel
 */
struct system {
	const char *name;
	size_t max_bytes;
	bool log;
	bool wakes_later;
	int (*open)(struct channel *channel, size_t bytes);
	int (*open_pair)(struct channel channels[2], size_t bytes);
	ssize_t (*write)(struct channel *channel, const void *data, size_t bytes);
	ssize_t (*read)(struct channel *channel, void *data, size_t bytes);
	void (*close)(struct channel *channel);
};

extern const struct system system_ringlog, system_pipe, system_uds, system_mq,
			   system_kmsg, system_floor, system_null,
			   system_getppid, system_nothing;

/* The peers and ringlog: what can both write and read. Ends with NULL. */
extern const struct system *const systems[];

bool channel_open(struct channel *channel, const struct system *system,
		  size_t bytes);
bool channel_open_pair(struct channel channels[2], const struct system *system,
		       size_t bytes);
void channel_close(struct channel *channel);
void channel_close_fds(struct channel *channel);

/* Timings of one thing, in instructions. */
struct series {
	uint64_t *values;
	size_t count;
	size_t room;
};

void series_init(struct series *series, size_t room);
void series_add(struct series *series, uint64_t value);
double series_mean(struct series *series);
void series_free(struct series *series);

/* In the counting guest a nanosecond is an instruction. */
static inline uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Never paged out, never faulted in while the clock runs. */
extern char bench_data[BENCH_BUFFER_BYTES], bench_answer[BENCH_BUFFER_BYTES];

void bench_lock_memory(void);
void bench_set_policy(int policy, int priority);
void bench_write(struct channel *channel, size_t bytes, struct series *series);
void bench_read(struct channel *channel, size_t bytes, struct series *series);

/* What a timing holds that is not the thing timed, found by timing nothing. */
extern double bench_clock_cost;
void bench_calibrate(void);

void report(const char *name, size_t bytes, unsigned int readers,
	    const char *system, double instructions);

struct ringlog_consumer;
struct ringlog_peek;

/* Called where ringlog_peek() and ringlog_release() are, they find a record and are content. */
int nothing_peek(struct ringlog_consumer *consumer, struct ringlog_peek *peek);
int nothing_release(struct ringlog_consumer *consumer);

/* One file a case. */
void case_floors(void);
void case_append(void);
void case_append_lapping(void);
void case_append_wake(void);
void case_batch_copy(void);
void case_batch(void);
void case_batch_uds(void);
void case_fanout(void);
void case_mmap_read(void);
void case_mmap_fanout(void);
void case_read(void);
void case_roundtrip(void);

#endif /* BENCH_H */
