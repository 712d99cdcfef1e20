// SPDX-License-Identifier: GPL-2.0-only
/* What went through so far, on stderr. */
#include "progress.h"
#include "moment.h"
#include "quantity.h"

#include <stdio.h>
#include <unistd.h>

void progress_begin(struct progress *progress, bool wanted, const char *verb)
{
	__u64 now = moment_now(CLOCK_MONOTONIC);

	*progress = (struct progress) {
		.wanted = wanted,
		.redrawn = wanted && isatty(STDERR_FILENO),
		.verb = verb,
		.start = now,
		.next = now + NS_PER_SEC,
	};
}

static void put(const struct progress *progress, __u64 now)
{
	__u64 took = now - progress->start;
	double seconds = (double)took / NS_PER_SEC;
	char text[QUANTITY_TEXT];

	fprintf(stderr, "%s %llu record%s, %llu bytes in %s, %.0f/s", progress->verb,
		(unsigned long long)progress->records, progress->records == 1 ? "" : "s",
		(unsigned long long)progress->bytes, rough_duration(text, took),
		seconds > 0 ? progress->records / seconds : 0.0);
}

void progress_clear(const struct progress *progress)
{
	if (progress->redrawn)
		fputs("\r\033[K", stderr);
}

void progress_tell(struct progress *progress)
{
	__u64 now;

	if (!progress->redrawn)
		return;
	now = moment_now(CLOCK_MONOTONIC);
	if (now < progress->next)
		return;
	progress_clear(progress);
	put(progress, now);
	progress->next = now + NS_PER_SEC;
}

void progress_end(struct progress *progress)
{
	if (!progress->wanted)
		return;
	progress_clear(progress);
	put(progress, moment_now(CLOCK_MONOTONIC));
	fputc('\n', stderr);
}
