// SPDX-License-Identifier: GPL-2.0-only
/* ringlog: streams on the command line. Finds the command and runs it. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION	"0.1.0"

static const struct command *const commands[] = {
	&stream_add_command, &stream_set_command, &stream_del_command, &stream_list_command,
	&stream_show_command, &stream_purge_command, &partition_list_command, &monitor_command,
	&apply_command, &save_command, &produce_command, &consume_command,
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static bool in_group(const struct command *command, const char *group)
{
	return command->group && !strcmp(command->group, group);
}

/* Of one group, or all. */
static void list_commands(const char *group)
{
	char words[64];

	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *command = commands[i];

		if (group && !in_group(command, group))
			continue;
		snprintf(words, sizeof(words), "%s%s%s", command->group ? command->group : "",
			 command->group ? " " : "", command->name);
		printf("  %-16s %s\n", words, command->purpose);
	}
}

static void show_usage(const char *group)
{
	printf("usage: ringlog [-j] %s [ARGUMENT]...\n\n", group ? group : "COMMAND");
	list_commands(group);
	printf("\n  -j, --json       JSON, with bytes and nanoseconds as plain numbers\n"
	       "  -h, --help       this; after a command, what it takes\n"
	       "  -V, --version    the version\n"
	       "\n"
	       "Exit status: 0; 1 if it failed, and stderr says why; 2 if it is not understood.\n");
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (in_group(commands[i], word))
			return true;
	return false;
}

static const struct command *find(const char *group, const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *command = commands[i];

		if (!strcmp(command->name, name) &&
		    (group ? in_group(command, group) : !command->group))
			return command;
	}
	return NULL;
}

/* The options before the command. */
static void global_options(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = {
		{ "version", no_argument, NULL, 'V' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+jhV", options, NULL)) >= 0) {
		switch (option) {
		case 'j':
			invocation->json = true;
			break;
		case 'h':
			show_usage(NULL);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("ringlog " VERSION);
			exit(EXIT_SUCCESS);
		default:
			misused(invocation, "no such option: %s", argv[optind - 1]);
		}
	}
}

/* Returns the index of the command's last word. */
static int find_command(struct invocation *invocation, int argc, char **argv)
{
	int at = optind;
	const char *group = NULL;

	if (at == argc)
		misused(invocation, "which command?");
	if (is_group(argv[at])) {
		group = argv[at++];
		if (at == argc)
			misused(invocation, "what about a %s?", group);
		if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			show_usage(group);
			exit(EXIT_SUCCESS);
		}
	}
	invocation->command = find(group, argv[at]);
	if (!invocation->command)
		misused(invocation, "no such command: %s%s%s", group ? group : "",
			group ? " " : "", argv[at]);
	return at;
}

/* What was written may still fail to arrive, on a full disk for one. */
static int close_output(struct invocation *invocation)
{
	if (fflush(stdout) || ferror(stdout)) {
		complain(invocation, "output: %m");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct invocation invocation = { };
	int status, at;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	global_options(&invocation, argc, argv);
	at = find_command(&invocation, argc, argv);
	/* getopt() begins anew, and with it where it thinks it is. */
	optind = 0;
	status = invocation.command->run(&invocation, argc - at, argv + at);
	ringlog_ctl_close(invocation.ctl);
	return close_output(&invocation) ?: status;
}
