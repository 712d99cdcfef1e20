// SPDX-License-Identifier: GPL-2.0-only
/* What all commands share: their options, and how they fail. */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Of a line on stderr. */
#define LINE	1024

static const char *space(const struct command *command)
{
	return command->group ? " " : "";
}

static const char *group(const struct command *command)
{
	return command->group ? command->group : "";
}

/* Whatever a user or the kernel put into it, it stays one line. */
static void say(const struct invocation *invocation, const char *format, va_list arguments,
		bool hint)
{
	const struct command *command = invocation->command;
	char line[LINE];

	vsnprintf(line, sizeof(line), format, arguments);
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	fflush(stdout);
	if (!command) {
		fprintf(stderr, "ringlog: %s%s\n", line, hint ? " (see ringlog --help)" : "");
		return;
	}
	fprintf(stderr, "ringlog: %s%s%s: %s", group(command), space(command), command->name, line);
	if (hint)
		fprintf(stderr, " (see ringlog %s%s%s --help)", group(command), space(command),
			command->name);
	fputc('\n', stderr);
}

void complain(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(invocation, format, arguments, false);
	va_end(arguments);
}

void die(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(invocation, format, arguments, false);
	va_end(arguments);
	exit(EXIT_FAILURE);
}

void misused(const struct invocation *invocation, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(invocation, format, arguments, true);
	va_end(arguments);
	exit(2);
}

void show_help(const struct command *command)
{
	printf("usage: ringlog [-j] %s%s%s%s%s\n\n%s.\n", group(command), space(command),
	       command->name, command->arguments[0] ? " " : "", command->arguments,
	       command->purpose);
	if (command->details)
		printf("\n%s", command->details);
	printf("\n  -j, --json           JSON, with bytes and nanoseconds as plain numbers\n"
	       "  -h, --help           this\n");
}

int next_option(struct invocation *invocation, int argc, char **argv, const char *letters,
		const struct option *options)
{
	const char *word;
	int option;

	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, letters, options, NULL);
		switch (option) {
		case 'j':
			invocation->json = true;
			continue;
		case 'h':
			show_help(invocation->command);
			exit(EXIT_SUCCESS);
		case ':':
			misused(invocation, "%s needs a value", argv[optind - 1]);
		case '?':
			word = argv[optind - 1];
			if (word[0] == '-' && word[1] == '-' && optopt)
				misused(invocation, "'%s' takes no value", word);
			if (optopt)
				misused(invocation, "no such option: -%c", optopt);
			misused(invocation, "no such option: %s", word);
		default:
			return option;
		}
	}
}

void no_options(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = { COMMON_OPTIONS };

	next_option(invocation, argc, argv, COMMON_LETTERS, options);
}

void want_arguments(const struct invocation *invocation, int argc, int least, int most)
{
	int given = argc - optind;

	if (given < least)
		misused(invocation, "needs %s", invocation->command->arguments);
	if (given > most)
		misused(invocation, "takes %s", invocation->command->arguments[0] ?
			invocation->command->arguments : "nothing");
}

void connect_or_die(struct invocation *invocation)
{
	if (ringlog_ctl_open(&invocation->ctl))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
}
