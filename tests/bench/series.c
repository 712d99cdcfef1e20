// SPDX-License-Identifier: GPL-2.0-only
/* A series of timings and its mean. */
#include <err.h>
#include <stdlib.h>

#include "bench.h"

/*
 * The timer tick takes more than this, and is nobody's cost. What a system
 * does once in a while for itself, such as making room in a ring, takes less
 * and counts.
 */
#define INTERRUPTED	1500

void series_init(struct series *series, size_t room)
{
	/* Written to once, so that no page fault comes while the clock runs. */
	series->values = calloc(room, sizeof(*series->values));
	if (!series->values)
		err(1, "series");
	series->count = 0;
	series->room = room;
}

void series_add(struct series *series, uint64_t value)
{
	if (series->count == series->room)
		errx(1, "series is full");
	series->values[series->count++] = value;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* The mean of what no interrupt hit. Sorts the series. */
double series_mean(struct series *series)
{
	uint64_t median, sum = 0;
	size_t count = 0;

	if (!series->count)
		errx(1, "series is empty");
	qsort(series->values, series->count, sizeof(*series->values), compare);
	median = series->values[series->count / 2];
	while (count < series->count &&
	       series->values[count] <= median + INTERRUPTED)
		sum += series->values[count++];
	/* If that is much, it was no interrupt, and the mean hides a cost. */
	if (count < series->count * 0.9)
		errx(1, "%zu of %zu timings are far from the median %ju",
		     series->count - count, series->count, (uintmax_t)median);
	return (double)sum / count;
}

void series_free(struct series *series)
{
	free(series->values);
	series->values = NULL;
}
