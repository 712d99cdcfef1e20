// SPDX-License-Identifier: GPL-2.0-only
/* What the command line says of consume. */
#include "consume-options.h"
#include "quantity.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

enum { FROM = UCHAR_MAX + 1, FORMAT, STATE };

static const struct option options_table[] = {
	{ "partition", required_argument, NULL, 'p' },
	{ "from", required_argument, NULL, FROM },
	{ "count", required_argument, NULL, 'n' },
	{ "follow", no_argument, NULL, 'f' },
	{ "format", required_argument, NULL, FORMAT },
	{ "null-terminated", no_argument, NULL, '0' },
	{ "state", required_argument, NULL, STATE },
	{ "verbose", no_argument, NULL, 'v' },
	COMMON_OPTIONS
};

const char consume_help[] =
	"Writes the values of the records that are there, a line each, and ends.\n"
	"\n"
	"  -p, --partition N      of this partition only; may be repeated\n"
	"      --from WHERE       oldest (unless told otherwise), newest, an OFFSET, -N for the\n"
	"                         last N of each partition, or a time: 5m for 5 minutes ago, a\n"
	"                         date as 2026-11-25 or 2026-11-25T10:00, or @SECONDS since 1970\n"
	"  -n, --count N          end after so many records\n"
	"  -f, --follow           wait for more\n"
	"      --format FORMAT    raw: values with nothing between; hex; json; or a text with\n"
	"                         %s value, %k key, %h headers, %p partition, %o offset, %t time,\n"
	"                         %T the same in ns of CLOCK_MONOTONIC, %S and %K lengths, -1 for\n"
	"                         no value or key, %%, and \\n \\t \\r \\0 \\\\ \\xHH\n"
	"  -0, --null-terminated  a zero byte after each value, instead of a newline\n"
	"      --state FILE       go on where FILE says, and remember there where it ended\n"
	"  -v, --verbose          tell on stderr what went through\n"
	"\n"
	"Exit status: 3 if records were lost, and stderr says how many; otherwise as ever.\n";

static void add_partition(struct invocation *invocation, struct consume_options *options,
			  const char *text)
{
	__u32 *partitions = realloc(options->partitions, (options->partition_count + 1) *
				    sizeof(*partitions));
	__u64 number;

	if (!partitions)
		die(invocation, "no memory");
	options->partitions = partitions;
	if (parse_number(text, RINGLOG_PARTITION_ALL - 1, &number))
		misused(invocation, "--partition needs a number, not '%s'", text);
	partitions[options->partition_count++] = number;
}

static void set_format(struct invocation *invocation, struct consume_options *options,
		       const char *text)
{
	const char *bad;
	int result = format_parse(&options->format, text, &bad);

	if (result == -EINVAL)
		misused(invocation, "--format needs raw, json, hex or a text with %s, not '%s'",
			"% or \\", bad);
	if (result)
		die(invocation, "no memory");
}

static void take(struct invocation *invocation, struct consume_options *options, int option)
{
	switch (option) {
	case 'p':
		add_partition(invocation, options, optarg);
		break;
	case FROM:
		if (starting_point_parse(optarg, &options->from))
			misused(invocation,
				"--from needs oldest, newest, an offset, -N or a time, not '%s'",
				optarg);
		options->from_text = optarg;
		break;
	case 'n':
		if (parse_number(optarg, ~0ULL, &options->count))
			misused(invocation, "--count needs a number, not '%s'", optarg);
		break;
	case 'f':
		options->follow = true;
		break;
	case FORMAT:
		set_format(invocation, options, optarg);
		break;
	case STATE:
		options->state = optarg;
		break;
	case 'v':
		options->verbose = true;
		break;
	}
}

/* A line for each value, unless one of the options says something else. */
static void settle_format(struct invocation *invocation, struct consume_options *options,
			  bool terminated)
{
	bool given = options->format.count;

	if (terminated + given + invocation->json > 1)
		misused(invocation, "only one of -0, --format and --json");
	if (invocation->json)
		set_format(invocation, options, "json");
	else if (!given && format_values(&options->format, terminated ? '\0' : '\n'))
		die(invocation, "no memory");
}

void consume_parse(struct invocation *invocation, int argc, char **argv,
		   struct consume_options *options)
{
	bool terminated = false;
	int option;

	*options = (struct consume_options) { .count = ~0ULL, .from_text = "oldest" };
	while ((option = next_option(invocation, argc, argv, COMMON_LETTERS "p:n:f0v",
				     options_table)) >= 0) {
		if (option == '0')
			terminated = true;
		else
			take(invocation, options, option);
	}
	want_arguments(invocation, argc, 1, 1);
	settle_format(invocation, options, terminated);
}
