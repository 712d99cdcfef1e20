// SPDX-License-Identifier: GPL-2.0-only
/* partition list: what is in partitions. Each is written as it comes from the kernel. */
#include "columns.h"
#include "output.h"
#include "quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STREAM, PARTITION, USED, RECORDS, OLDEST, NEXT, AGE, GATES, ROOM, COLUMNS };

/* Nothing is known of what is to come, so columns are as wide as they mostly need. */
static const struct column columns[COLUMNS] = {
	{ "STREAM", 20 }, { "PARTITION", 9 }, { "USED", 7 }, { "RECORDS", 8 }, { "OLDEST", 10 },
	{ "NEXT", 10 }, { "AGE", 6 }, { "GATES", 5 }, { "ROOM", 7 },
};

static __u64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* Of the oldest record, and at most that: the kernel knows its time by the block. */
static void write_age(char text[CELL], const struct ringlog_ctl_partition *partition)
{
	__u64 time = now();

	if (partition->oldest_offset == partition->next_offset ||
	    partition->oldest_timestamp > time)
		snprintf(text, CELL, "-");
	else
		rough_duration(text, time - partition->oldest_timestamp);
}

static int put_row(const struct ringlog_ctl_partition *partition, void *data)
{
	struct cell cells[COLUMNS];
	size_t *rows = data;

	if (!(*rows)++)
		columns_print_titles(columns, COLUMNS);
	snprintf(cells[STREAM].text, CELL, "%s", partition->stream);
	snprintf(cells[PARTITION].text, CELL, "%u", partition->index);
	rough_size(cells[USED].text, partition->head - partition->tail);
	rough_count(cells[RECORDS].text, partition->next_offset - partition->oldest_offset);
	snprintf(cells[OLDEST].text, CELL, "%llu", (unsigned long long)partition->oldest_offset);
	snprintf(cells[NEXT].text, CELL, "%llu", (unsigned long long)partition->next_offset);
	write_age(cells[AGE].text, partition);
	snprintf(cells[GATES].text, CELL, "%u", partition->gates);
	if (partition->room == ~0ULL)
		snprintf(cells[ROOM].text, CELL, "-");
	else
		rough_size(cells[ROOM].text, partition->room);
	columns_print(columns, COLUMNS, cells);
	return 0;
}

static int put_element(const struct ringlog_ctl_partition *partition, void *data)
{
	array_put(data, partition);
	return 0;
}

static int list_json(struct invocation *invocation, const char *stream)
{
	struct array array;
	int result;

	array_begin(&array, partition_fields);
	result = ringlog_ctl_partitions_list(invocation->ctl, stream, put_element, &array);
	if (!result || array.count)
		array_end(&array);
	return result;
}

static int list_table(struct invocation *invocation, const char *stream)
{
	size_t rows = 0;
	int result = ringlog_ctl_partitions_list(invocation->ctl, stream, put_row, &rows);

	if (!result && !rows)
		columns_print_titles(columns, COLUMNS);
	return result;
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	const char *stream;
	int result;

	no_options(invocation, argc, argv);
	want_arguments(invocation, argc, 0, 1);
	stream = argv[optind];
	connect_or_die(invocation);
	result = invocation->json ? list_json(invocation, stream) : list_table(invocation, stream);
	/* All that were there all the time were written, and others may have been. */
	if (result)
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	return EXIT_SUCCESS;
}

const struct command partition_list_command = {
	.group = "partition",
	.name = "list",
	.arguments = "[STREAM]",
	.purpose = "Show the partitions of a stream, or of all",
	.details =
		"AGE is that of the oldest record, at most; ROOM what can be appended before a\n"
		"writer waits or is rejected, - where none ever is. If streams are made or\n"
		"deleted meanwhile the list may lack theirs: that is said, with exit status 1.\n",
	.run = run,
};
