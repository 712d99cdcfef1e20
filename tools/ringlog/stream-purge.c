// SPDX-License-Identifier: GPL-2.0-only
/* stream purge: drop a stream's records. */
#include "output.h"
#include "quantity.h"

#include <stdlib.h>

static int run(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = {
		{ "partition", required_argument, NULL, 'p' },
		COMMON_OPTIONS
	};
	__u64 partition = RINGLOG_CTL_ALL_PARTITIONS;
	struct ringlog_ctl_stream stream;
	const char *name;

	while (next_option(invocation, argc, argv, COMMON_LETTERS "p:", options) >= 0)
		if (parse_number(optarg, RINGLOG_CTL_ALL_PARTITIONS - 1, &partition))
			misused(invocation, "--partition needs a number, not '%s'", optarg);
	want_arguments(invocation, argc, 1, 1);
	name = argv[optind];
	connect_or_die(invocation);
	if (ringlog_ctl_stream_purge(invocation->ctl, name, 0, partition) ||
	    (invocation->json && ringlog_ctl_stream_get(invocation->ctl, name, &stream)))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	put_changed(invocation, &stream);
	return EXIT_SUCCESS;
}

const struct command stream_purge_command = {
	.group = "stream",
	.name = "purge",
	.arguments = "NAME [OPTION]...",
	.purpose = "Drop a stream's records",
	.details =
		"  -p, --partition N    of this partition only\n"
		"\n"
		"Readers that had not read them are told of a loss. Offsets go on.\n",
	.run = run,
};
