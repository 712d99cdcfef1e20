/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs: what read(2) gives in batch mode. Every length is checked against what
 * the read returned before it is used.
 */
#ifndef RINGLOG_RUN_H
#define RINGLOG_RUN_H

#include <ringlog/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct ringlog_runs - a walk over what one batch read returned
 * @at: the next run
 * @left: bytes from there to the end
 *
 * Private to the library.
 */
struct ringlog_runs {
	const char	*at;
	size_t		left;
};

/**
 * struct ringlog_records - a walk over the records of one run
 * @partition: that they come from
 * @count: records not yet walked over
 * @lost: records lost in this partition just before the run
 * @at: the next record; private to the library
 * @left: bytes from there to the end of the run; private to the library
 */
struct ringlog_records {
	__u32		partition;
	__u32		count;
	__u64		lost;
	const char	*at;
	size_t		left;
};

/**
 * ringlog_runs_init - begin to walk over what a batch read returned
 * @runs: what to initialise
 * @buffer: that was read into; needs no alignment
 * @bytes: that read(2) returned
 */
void ringlog_runs_init(struct ringlog_runs *runs, const void *buffer, size_t bytes);

/**
 * ringlog_next_run - go to the next run
 * @runs: the walk
 * @records: out: its records, to be walked over by ringlog_next_record()
 *
 * Return: 1; 0 if there is none; -EBADMSG if the bytes make no sense.
 */
int ringlog_next_run(struct ringlog_runs *runs, struct ringlog_records *records);

/**
 * ringlog_next_record - go to the next record of a run
 * @records: the walk
 * @view: out: the record
 *
 * Return: 1; 0 if there is none; -EBADMSG if the bytes make no sense.
 */
int ringlog_next_record(struct ringlog_records *records, struct ringlog_view *view);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_RUN_H */
