// SPDX-License-Identifier: GPL-2.0-only
/* apply: make the streams what a file says. */
#include "declaration.h"
#include "difference.h"
#include "plan.h"
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a file; one with a thousand streams takes a few hundred KiB. */
#define FILE_MOST	(64U << 20)

/* The whole of @file, to be freed; NULL with an errno. */
static char *read_all(FILE *file, size_t *bytes)
{
	size_t room = 0, used = 0;
	char *text = NULL, *more;

	do {
		room = room ? 2 * room : 4096;
		more = realloc(text, room);
		if (!more || room > FILE_MOST) {
			free(more ? more : text);
			errno = more ? EFBIG : ENOMEM;
			return NULL;
		}
		text = more;
		used += fread(text + used, 1, room - used, file);
	} while (used == room);
	if (ferror(file)) {
		free(text);
		return NULL;
	}
	*bytes = used;
	return text;
}

static const char *shown(const char *path)
{
	return strcmp(path, "-") ? path : "stdin";
}

static void read_declaration(const struct invocation *invocation, const char *path,
			     struct declaration *declaration)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	char *text, fault[FAULT];
	size_t bytes;

	if (!file)
		die(invocation, "%s: %m", path);
	text = read_all(file, &bytes);
	if (!text)
		die(invocation, "%s: %m", shown(path));
	if (!declaration_parse(declaration, text, bytes, fault))
		die(invocation, "%s: %s", shown(path), fault);
	free(text);
	if (!is_stdin)
		fclose(file);
}

/* Another one of that name may have come since the list: it is not meant. */
static int set(struct ringlog_ctl *ctl, const struct step *step)
{
	struct ringlog_ctl_config config = step->declared->config;

	config.has = step->changes | RINGLOG_CTL_INCARNATION;
	config.incarnation = step->current->incarnation;
	config.first_offsets_count = 0;
	return ringlog_ctl_stream_set(ctl, &config, NULL);
}

static int do_step(struct ringlog_ctl *ctl, const struct step *step)
{
	switch (step->action) {
	case ACTION_ADD:
		return ringlog_ctl_stream_new(ctl, &step->declared->config, NULL);
	case ACTION_SET:
		return set(ctl, step);
	case ACTION_DELETE:
		return ringlog_ctl_stream_delete(ctl, step->current->name,
						 step->current->incarnation);
	}
	return -EINVAL;
}

/* What was written was done: the first that fails ends it. */
static void do_plan(const struct invocation *invocation, const struct plan *plan, bool dry)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];

		if (!dry && do_step(invocation->ctl, step))
			die(invocation, "%s: %s", step_name(step),
			    ringlog_ctl_error(invocation->ctl));
		difference_put(step, invocation->json);
	}
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "prune", no_argument, NULL, 'p' },
		COMMON_OPTIONS
	};
	struct declaration declaration;
	struct patterns everything;
	struct streams streams = { };
	bool dry = false, prune = false;
	char fault[FAULT];
	struct plan plan;
	int option;

	while ((option = next_option(invocation, argc, argv, COMMON_LETTERS "n", options)) >= 0) {
		dry |= option == 'n';
		prune |= option == 'p';
	}
	want_arguments(invocation, argc, 1, 1);
	read_declaration(invocation, argv[optind], &declaration);
	connect_or_die(invocation);
	if (!patterns_init(&everything, NULL, 0))
		die(invocation, "no memory");
	streams_read(invocation, &everything, &streams);
	if (!plan_make(&plan, &declaration, &streams, prune, fault))
		die(invocation, "%s: %s", shown(argv[optind]), fault);
	do_plan(invocation, &plan, dry);
	plan_free(&plan);
	free(streams.all);
	declaration_free(&declaration);
	return EXIT_SUCCESS;
}

const struct command apply_command = {
	.name = "apply",
	.arguments = "[OPTION]... FILE",
	.purpose = "Make the streams what a file says; - is stdin",
	.details =
		"  -n, --dry-run        only say what would be done\n"
		"      --prune          delete streams that the file does not name, with all\n"
		"                       their records; the default one stays\n"
		"\n"
		"FILE is JSON, comments allowed, as save writes it:\n"
		"\n"
		"  {\"streams\": [{\"name\": \"orders\", \"partitions\": 4, \"age\": \"1h\"}]}\n"
		"\n"
		"with the options of stream add as keys, _ for -, and first_offsets as an object\n"
		"like {\"0\": 1000}, of new streams only. What it does not say of a stream that\n"
		"is there stays. What is done is written, nothing if nothing is to do:\n"
		"\n"
		"  + stream orders partitions 4 age 1h    made\n"
		"  ~ stream orders age 1h -> 2h           changed\n"
		"  - stream old                           deleted\n"
		"\n"
		"A file that asks for what cannot be is refused before anything is done.\n",
	.run = run,
};
