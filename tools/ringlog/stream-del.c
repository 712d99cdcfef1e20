// SPDX-License-Identifier: GPL-2.0-only
/* stream del: delete streams. */
#include "output.h"

#include <stdlib.h>

/* With -j the last that was seen of it is shown, and it is that one which is deleted. */
static int delete(struct invocation *invocation, const char *name,
		  struct ringlog_ctl_stream *last)
{
	int result = 0;

	last->incarnation = 0;
	if (invocation->json)
		result = ringlog_ctl_stream_get(invocation->ctl, name, last);
	if (!result)
		result = ringlog_ctl_stream_delete(invocation->ctl, name, last->incarnation);
	return result;
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct ringlog_ctl_stream last;
	int status = EXIT_SUCCESS;
	struct array array;

	no_options(invocation, argc, argv);
	want_arguments(invocation, argc, 1, argc);
	connect_or_die(invocation);
	if (invocation->json)
		array_begin(&array, stream_fields);
	for (int i = optind; i < argc; i++) {
		if (delete(invocation, argv[i], &last)) {
			complain(invocation, "%s: %s", argv[i], ringlog_ctl_error(invocation->ctl));
			status = EXIT_FAILURE;
		} else if (invocation->json) {
			array_put(&array, &last);
		}
	}
	if (invocation->json)
		array_end(&array);
	return status;
}

const struct command stream_del_command = {
	.group = "stream",
	.name = "del",
	.arguments = "NAME...",
	.purpose = "Delete streams, with all their records",
	.details =
		"Who waits in one wakes up with ENODEV, and its memory goes with the last open\n"
		"file. One that cannot be deleted does not keep the others from it. The default\n"
		"stream goes with the module only.\n",
	.run = run,
};
