// SPDX-License-Identifier: GPL-2.0-only
/* stream set: change what is not fixed for life. */
#include "output.h"
#include "settings-options.h"

#include <stdlib.h>

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct ringlog_ctl_config config = { };
	struct ringlog_ctl_stream stream;

	/* What is fixed is taken as well, for the kernel to say that it is. */
	settings_options(invocation, argc, argv, &config);
	if (!config.has && !config.first_offsets_count)
		misused(invocation, "what is to change?");
	connect_or_die(invocation);
	if (ringlog_ctl_stream_set(invocation->ctl, &config, &stream))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	put_changed(invocation, &stream);
	free((void *)config.first_offsets);
	return EXIT_SUCCESS;
}

const struct command stream_set_command = {
	.group = "stream",
	.name = "set",
	.arguments = "NAME OPTION...",
	.purpose = "Change a stream",
	.details = settings_set_help,
	.run = run,
};
