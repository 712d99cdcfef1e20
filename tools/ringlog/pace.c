// SPDX-License-Identifier: GPL-2.0-only
/* So many records a second. */
#include "pace.h"
#include "moment.h"
#include "stop.h"

#include <errno.h>

void pace_begin(struct pace *pace, __u64 rate)
{
	*pace = (struct pace) { .rate = rate, .start = moment_now(CLOCK_MONOTONIC) };
}

__u64 pace_due(const struct pace *pace)
{
	/* The rate is at most NS_PER_SEC, so that no product is more than 64 bits hold. */
	return pace->start + pace->count / pace->rate * NS_PER_SEC +
	       pace->count % pace->rate * NS_PER_SEC / pace->rate;
}

void pace_pause(struct pace *pace)
{
	if (pace->rate)
		pace->paused = moment_now(CLOCK_MONOTONIC);
}

/* As late as it was before it may be still, and no later. */
void pace_resume(struct pace *pace)
{
	__u64 now, due;

	if (!pace->rate)
		return;
	now = moment_now(CLOCK_MONOTONIC);
	due = pace_due(pace);
	if (due < pace->paused)
		due = pace->paused;
	if (now > due)
		pace->start += now - due;
}

bool pace_early(const struct pace *pace)
{
	return pace->rate && moment_now(CLOCK_MONOTONIC) < pace_due(pace);
}

bool pace_wait(const struct pace *pace)
{
	__u64 due = pace_due(pace);
	struct timespec until = { .tv_sec = due / NS_PER_SEC, .tv_nsec = due % NS_PER_SEC };

	while (!stopped())
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != EINTR)
			return true;
	return false;
}

void pace_count(struct pace *pace)
{
	pace->count++;
}
