/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a reader begins, as people say it. */
#ifndef STARTING_POINT_H
#define STARTING_POINT_H

#include "ringlog.h"

#include <stdbool.h>

/**
 * struct starting_point - where to begin
 * @start: as the library takes it; but the number if @last
 * @last: with that many of the newest records
 */
struct starting_point {
	struct ringlog_start	start;
	bool			last;
};

/*
 * oldest, newest, OFFSET, -N for the last N, @SECONDS since 1970, a time with its unit (5m) for
 * so long ago, or a date. 0 or -EINVAL.
 */
int starting_point_parse(const char *text, struct starting_point *point);

#endif /* STARTING_POINT_H */
