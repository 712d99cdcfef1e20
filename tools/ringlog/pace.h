/* SPDX-License-Identifier: GPL-2.0-only */
/* So many records a second. */
#ifndef PACE_H
#define PACE_H

#include <linux/types.h>
#include <stdbool.h>

/* The highest; one a ns. */
#define PACE_MAX	1000000000ULL

/**
 * struct pace - when records are due
 * @rate: a second; 0: at once
 * @start: ns; of the schedule
 * @count: of records since then
 * @paused: ns; when it was asked for input
 *
 * The schedule is absolute: a record that is late makes the next one no later, so that the
 * rate is kept however long a call takes. But it does not go on while there is no input, or all
 * that was not sent then would be sent at once.
 */
struct pace {
	__u64	rate;
	__u64	start;
	__u64	count;
	__u64	paused;
};

void pace_begin(struct pace *pace, __u64 rate);

/* Before and after what may wait for input. */
void pace_pause(struct pace *pace);
void pace_resume(struct pace *pace);

/* Is the next record due later? */
bool pace_early(const struct pace *pace);

/* Sleeps until the next record is due. False: it was interrupted, and stopped(). */
bool pace_wait(const struct pace *pace);

/* It was sent. */
void pace_count(struct pace *pace);

/* When record @count is due; for tests. */
__u64 pace_due(const struct pace *pace);

#endif /* PACE_H */
