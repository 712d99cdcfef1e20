/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line says of consume. */
#ifndef CONSUME_OPTIONS_H
#define CONSUME_OPTIONS_H

#include "command.h"
#include "format.h"
#include "starting-point.h"

/**
 * struct consume_options - what the command line says
 * @partitions: numbers
 * @partition_count: of them; 0: all that there are
 * @from: where to begin
 * @from_text: the same as it was said
 * @count: of records, at most
 * @follow: wait for more
 * @format: how records are written
 * @state: path of the file that remembers; NULL: none does
 * @verbose: tell what went through
 */
struct consume_options {
	__u32			*partitions;
	size_t			partition_count;
	struct starting_point	from;
	const char		*from_text;
	__u64			count;
	bool			follow;
	struct format		format;
	const char		*state;
	bool			verbose;
};

extern const char consume_help[];

/* Ends the program for mistakes. What is allocated is left to the end of the program. */
void consume_parse(struct invocation *invocation, int argc, char **argv,
		   struct consume_options *options);

#endif /* CONSUME_OPTIONS_H */
