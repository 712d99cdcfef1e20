/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What time it is, in the kernel's terms. Not a part of the public API. */
#ifndef RINGLOG_CLOCK_H
#define RINGLOG_CLOCK_H

#include <linux/types.h>
#include <time.h>

static inline __u64 ringlog_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Timestamps below this are too old; none is if there is no age. */
static inline __u64 ringlog_age_horizon(__u64 age)
{
	__u64 now;

	if (!age)
		return 0;
	now = ringlog_clock(CLOCK_MONOTONIC);
	return now > age ? now - age : 0;
}

#endif /* RINGLOG_CLOCK_H */
