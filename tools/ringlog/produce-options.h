/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line says of produce. */
#ifndef PRODUCE_OPTIONS_H
#define PRODUCE_OPTIONS_H

#include "command.h"
#include "framing.h"

/**
 * struct produce_options - what the command line says
 * @framing: how records are told apart
 * @partition: that they go to, or %RINGLOG_PARTITION_DEFAULT
 * @key: of all of them; NULL for none
 * @separator: between a record's key and its value; NULL if there are no keys in it
 * @separator_len: bytes of it
 * @headers: laid out; of all records
 * @headers_len: bytes of them
 * @rate: records a second; 0: as fast as it goes
 * @count: of records, at most
 * @null: empty values are none
 * @verbose: tell what went through
 */
struct produce_options {
	enum framing_kind	framing;
	__u32			partition;
	const char		*key;
	char			*separator;
	size_t			separator_len;
	char			*headers;
	size_t			headers_len;
	__u64			rate;
	__u64			count;
	bool			null;
	bool			verbose;
};

extern const char produce_help[];

/* Ends the program for mistakes. What is allocated is left to the end of the program. */
void produce_parse(struct invocation *invocation, int argc, char **argv,
		   struct produce_options *options);

#endif /* PRODUCE_OPTIONS_H */
