// SPDX-License-Identifier: GPL-2.0-only
/* Where a reader begins, as people say it. */
#include "starting-point.h"
#include "moment.h"
#include "quantity.h"

#include <errno.h>
#include <string.h>

static int parse_epoch(const char *text, __u64 *realtime)
{
	__u64 seconds;
	int result = parse_number(text, ~0ULL / NS_PER_SEC, &seconds);

	*realtime = seconds * NS_PER_SEC;
	return result;
}

/* On the clock that records have, so that a step of the other changes nothing. */
static int parse_ago(const char *text, __u64 *monotonic)
{
	__u64 now = moment_now(CLOCK_MONOTONIC), age;
	int result = parse_duration(text, &age);

	*monotonic = age < now ? now - age : 0;
	return result;
}

int starting_point_parse(const char *text, struct starting_point *point)
{
	struct ringlog_start *start = &point->start;

	*point = (struct starting_point) { };
	start->from = RINGLOG_START_OLDEST;
	if (!strcmp(text, "oldest"))
		return 0;
	start->from = RINGLOG_START_NEWEST;
	if (!strcmp(text, "newest"))
		return 0;
	start->from = RINGLOG_START_OFFSET;
	if (!parse_number(text, ~0ULL, &start->value))
		return 0;
	point->last = true;
	if (*text == '-')
		return parse_number(text + 1, ~0ULL, &start->value) ? -EINVAL : 0;
	point->last = false;
	start->from = RINGLOG_START_REALTIME;
	if (*text == '@')
		return parse_epoch(text + 1, &start->value) ? -EINVAL : 0;
	if (!moment_parse(text, &start->value))
		return 0;
	start->from = RINGLOG_START_MONOTONIC;
	return parse_ago(text, &start->value) ? -EINVAL : 0;
}
