/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ringlog-demo: processes that append, processes that follow, and an audit of
 * every record that went between them. This is what its parts share.
 */
#ifndef RINGLOG_DEMO_H
#define RINGLOG_DEMO_H

#include "ledger.h"
#include "source.h"

#include <ringlog.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#define PARTITIONS_MAX	64
/* Processes that append INPUT; one more appends the kernel's log. */
#define FEEDERS		2
#define PRODUCERS	(FEEDERS + 1)
#define READERS		3
#define NS_PER_SEC	1000000000ULL

/* How a reader goes about it */
struct reader_kind {
	const char	*name;		/* of the process, too: at most 15 bytes */
	const char	*title;
	bool		plain;		/* a value a read, by epoll; else batches */
	bool		gate;		/* nothing may be overwritten before it is read */
};

extern const struct reader_kind reader_kinds[READERS];

/* What is to be done: settled before the first fork, the same for all. */
struct plan {
	const char	*device;
	const char	*input;
	const char	*output;	/* a folder for the report's files, or NULL */
	double		seconds;	/* how long records are sent at a fixed rate */
	__u64		rate;		/* records a second, all feeders together */
	__u64		lines_per_append;
	__u64		paced;		/* records that the feeders send at that rate */
	__u64		flat;		/* records that they then send as fast as they can */

	__u64		incarnation;
	unsigned int	partitions;
	unsigned int	policy;
	__u32		max_record;
	__u64		ring_bytes;
	__u64		appended_before;		/* what the stream counted before */
	__u64		first_offset[PARTITIONS_MAX];	/* the first offset of ours */

	struct source	kernel_log;
	struct source	text;
};

/* Each process writes only its own; the parent looks on. */
struct producer_state {
	_Atomic __u64	records;
	_Atomic __u64	bytes;
	__u64		latest_start;	/* ns after its due time that an append began, at worst */
};

struct reader_state {
	_Atomic __u64	records;
	_Atomic __u64	bytes;
	_Atomic __u64	lost;		/* that the stream told of */
	__u64		skipped;	/* offsets that did not come */
	__u64		disorder;	/* offsets that came late or twice */
	__u64		lost_by_info;	/* ringlog_info.lost at the end */
};

/* In memory that all processes share */
struct shared {
	struct producer_state	producers[PRODUCERS];
	struct reader_state	readers[READERS];
	_Atomic __u64		next_line;	/* of the text, over and over */
	__u64			start_time;
	__u64			flat_time;	/* when the fixed rate is over */
	/* The offset after the last record, all ones as long as there may be more */
	_Atomic __u64		end_offset[PARTITIONS_MAX];
};

struct demo {
	struct plan	plan;
	struct shared	*shared;
	struct ledger	sent;
	struct ledger	received[READERS];
	struct write_log written;	/* by the process that appends with write(2) */
};

/* Children: what they return is the process's exit status. @go ends when all may begin. */
int feeder_main(struct demo *demo, unsigned int index, int go);
int kernel_log_main(struct demo *demo, int go);
int reader_main(struct demo *demo, unsigned int index, int ready);

__u64 clock_now(void);

#endif
