/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command is, and what all of them share. */
#ifndef COMMAND_H
#define COMMAND_H

#include "ringlog-ctl.h"

#include <getopt.h>
#include <stdbool.h>

struct invocation;

/**
 * struct command - a row of the table in main.c
 * @group: its first word; NULL if it has but one
 * @name: its last word
 * @arguments: that follow, for the usage
 * @purpose: in a line
 * @details: what --help says beyond that; NULL if there is nothing
 * @run: does it, with argv[0] its last word. Returns the exit status
 */
struct command {
	const char	*group;
	const char	*name;
	const char	*arguments;
	const char	*purpose;
	const char	*details;
	int		(*run)(struct invocation *invocation, int argc, char **argv);
};

/* In the order in which --help lists them. */
extern const struct command stream_add_command, stream_set_command, stream_del_command,
	stream_list_command, stream_show_command, stream_purge_command, partition_list_command,
	monitor_command, apply_command, save_command, produce_command, consume_command;

/**
 * struct invocation - one run of a command
 * @command: which
 * @json: its output is to be JSON
 * @ctl: once connect_or_die() was called
 */
struct invocation {
	const struct command	*command;
	bool			json;
	struct ringlog_ctl	*ctl;
};

/* Every command has these options; next_option() takes care of them. */
#define COMMON_LETTERS	":jh"
#define COMMON_OPTIONS	{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { }

/*
 * getopt_long() for @letters, which begin with COMMON_LETTERS, and @options, which
 * end with COMMON_OPTIONS; -1 after the last one. Ends the program for --help and
 * for mistakes.
 */
int next_option(struct invocation *invocation, int argc, char **argv, const char *letters,
		const struct option *options);

/* For a command with no options of its own. */
void no_options(struct invocation *invocation, int argc, char **argv);

/* Ends the program if there are fewer or more than that after the options. */
void want_arguments(const struct invocation *invocation, int argc, int least, int most);

/* Ends the program if there is no module to speak to. */
void connect_or_die(struct invocation *invocation);

/* One line on stderr, with the command before it. */
void complain(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* complain() and exit with 1. */
_Noreturn void die(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* complain(), with a hint of --help, and exit with 2. */
_Noreturn void misused(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* On stdout, as --help does. */
void show_help(const struct command *command);

#endif /* COMMAND_H */
