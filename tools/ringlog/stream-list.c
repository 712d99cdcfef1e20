// SPDX-License-Identifier: GPL-2.0-only
/* stream list: a table of streams, once or again and again. */
#include "columns.h"
#include "output.h"
#include "quantity.h"
#include "setting.h"
#include "snapshot.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAME, PARTS, POLICY, USED, RECORDS, LOST, WAITERS, OPEN, RATE, COLUMNS };

static const char *const titles[COLUMNS] = {
	[NAME] = "NAME",
	[PARTS] = "PARTS",
	[POLICY] = "POLICY",
	[USED] = "USED/CAPACITY",
	[RECORDS] = "RECORDS",
	[LOST] = "LOST",
	[WAITERS] = "WAITERS",
	[OPEN] = "OPEN",
	[RATE] = "RECORDS/S",
};

/* Of one look at the streams. */
struct look {
	struct streams	streams;
	struct timespec	time;
};

/**
 * struct listing - what was asked for
 * @seconds: between looks; 0 for one look
 * @names: names alone
 */
struct listing {
	struct patterns	patterns;
	unsigned int	seconds;
	bool		names;
};

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) + (to->tv_nsec - from->tv_nsec) / 1e9;
}

/* Percent are cut off: 100% is full. */
static void write_usage(char text[CELL], const struct ringlog_ctl_stream *stream)
{
	__u64 capacity = stream->partitions * stream->ring_bytes;
	char used[QUANTITY_TEXT], whole[QUANTITY_TEXT];

	snprintf(text, CELL, "%s/%s %3u%%", rough_size(used, stream->used),
		 rough_size(whole, capacity),
		 capacity ? (unsigned int)(stream->used / (capacity / 100.0)) : 0);
}

/* Since the last look, unless it is another stream by now. */
static void write_rate(char text[CELL], const struct ringlog_ctl_stream *stream,
		       const struct look *now, const struct look *before)
{
	const struct ringlog_ctl_stream *was = streams_find(&before->streams, stream->name);
	double seconds = seconds_between(&before->time, &now->time);

	if (!was || was->incarnation != stream->incarnation || seconds <= 0)
		snprintf(text, CELL, "-");
	else
		rough_count(text, (stream->counters.records - was->counters.records) / seconds);
}

static void write_row(struct cell *cells, const struct ringlog_ctl_stream *stream,
		      const struct look *now, const struct look *before)
{
	snprintf(cells[NAME].text, CELL, "%s", stream->name);
	snprintf(cells[PARTS].text, CELL, "%u", stream->partitions);
	snprintf(cells[POLICY].text, CELL, "%s", policy_name(stream->policy));
	write_usage(cells[USED].text, stream);
	rough_count(cells[RECORDS].text, stream->counters.records);
	rough_count(cells[LOST].text, stream->counters.lost);
	snprintf(cells[WAITERS].text, CELL, "%u", stream->waiters);
	snprintf(cells[OPEN].text, CELL, "%u", stream->open_files);
	write_rate(cells[RATE].text, stream, now, before);
}

/* With rates only where there is something to compare with. */
static void put_table(const struct look *now, const struct look *before, bool rates)
{
	const struct streams *streams = &now->streams;
	int count = rates ? COLUMNS : COLUMNS - 1;
	struct column columns[COLUMNS];
	struct cell cells[COLUMNS];

	for (int i = 0; i < COLUMNS; i++)
		columns[i] = (struct column) { titles[i], strlen(titles[i]) };
	for (size_t i = 0; i < streams->count; i++) {
		write_row(cells, &streams->all[i], now, before);
		columns_fit(columns, count, cells);
	}
	columns_limit(columns, count);
	columns_print_titles(columns, count);
	for (size_t i = 0; i < streams->count; i++) {
		write_row(cells, &streams->all[i], now, before);
		columns_print(columns, count, cells);
	}
}

static void put_streams(const struct streams *streams)
{
	struct array array;

	array_begin(&array, stream_fields);
	for (size_t i = 0; i < streams->count; i++)
		array_put(&array, &streams->all[i]);
	array_end(&array);
}

static void put(const struct invocation *invocation, const struct listing *listing,
		const struct look *now, const struct look *before)
{
	if (listing->names)
		for (size_t i = 0; i < now->streams.count; i++)
			puts(now->streams.all[i].name);
	else if (invocation->json)
		put_streams(&now->streams);
	else
		put_table(now, before, listing->seconds);
}

static void look(struct invocation *invocation, struct listing *listing, struct look *now)
{
	streams_read(invocation, &listing->patterns, &now->streams);
	clock_gettime(CLOCK_MONOTONIC, &now->time);
}

/* Until a signal ends it, or nobody reads it any more. */
_Noreturn static void watch(struct invocation *invocation, struct listing *listing)
{
	bool screen = isatty(STDOUT_FILENO) && !invocation->json;
	struct look looks[2] = { };
	struct timespec next;
	int now = 0;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		look(invocation, listing, &looks[now]);
		/* From the top, then whatever is left of the last one goes. */
		if (screen)
			fputs("\033[H\033[J", stdout);
		put(invocation, listing, &looks[now], &looks[!now]);
		if (!screen && !invocation->json)
			putchar('\n');
		if (fflush(stdout))
			die(invocation, "output: %m");
		now = !now;
		next.tv_sec += listing->seconds;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
}

/* -w 5 and -w5 are the same, so a number after -w is not a stream's name. */
static void take_seconds(const struct invocation *invocation, struct listing *listing, int argc,
			 char **argv)
{
	const char *text = optarg;
	__u64 seconds = 1;

	if (!text && optind < argc && isdigit((unsigned char)argv[optind][0]))
		text = argv[optind++];
	if (text && (parse_number(text, UINT32_MAX, &seconds) || !seconds))
		misused(invocation, "--watch needs a number of seconds, not '%s'", text);
	listing->seconds = seconds;
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = {
		{ "watch", optional_argument, NULL, 'w' },
		{ "names", no_argument, NULL, 'n' },
		COMMON_OPTIONS
	};
	struct listing listing = { };
	struct look now = { }, never = { };
	int option;

	while ((option = next_option(invocation, argc, argv, COMMON_LETTERS "w::", options)) >= 0) {
		if (option == 'w')
			take_seconds(invocation, &listing, argc, argv);
		else
			listing.names = true;
	}
	if (!patterns_init(&listing.patterns, argv + optind, argc - optind))
		die(invocation, "no memory");
	connect_or_die(invocation);
	if (listing.seconds)
		watch(invocation, &listing);
	look(invocation, &listing, &now);
	put(invocation, &listing, &now, &never);
	free(now.streams.all);
	return streams_check(invocation, &listing.patterns);
}

const struct command stream_list_command = {
	.group = "stream",
	.name = "list",
	.arguments = "[OPTION]... [NAME]...",
	.purpose = "Show streams, those that match a name or glob, or all",
	.details =
		"  -w, --watch [SECONDS]\n"
		"                       again and again (1), with the records appended a second\n"
		"      --names          names alone, a line each\n"
		"\n"
		"RECORDS were appended and LOST were not read in time, since the stream was made;\n"
		"WAITERS are callers asleep and OPEN open files, now.\n",
	.run = run,
};
