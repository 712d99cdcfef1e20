// SPDX-License-Identifier: GPL-2.0-only
/* stream add: make a stream. */
#include "output.h"
#include "settings-options.h"

#include <stdlib.h>

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct ringlog_ctl_config config = { };
	struct ringlog_ctl_stream stream;

	settings_options(invocation, argc, argv, &config);
	connect_or_die(invocation);
	if (ringlog_ctl_stream_new(invocation->ctl, &config, &stream))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	put_changed(invocation, &stream);
	free((void *)config.first_offsets);
	return EXIT_SUCCESS;
}

const struct command stream_add_command = {
	.group = "stream",
	.name = "add",
	.arguments = "NAME [OPTION]...",
	.purpose = "Make a stream, and its node /dev/streams/NAME",
	.details = settings_add_help,
	.run = run,
};
