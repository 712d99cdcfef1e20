// SPDX-License-Identifier: GPL-2.0-only
/* What the command line says of produce. */
#include "produce-options.h"
#include "escape.h"
#include "pace.h"
#include "quantity.h"
#include "ringlog.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = UCHAR_MAX + 1, FILES };

static const struct option options_table[] = {
	{ "null-terminated", no_argument, NULL, '0' },
	{ "length", no_argument, NULL, LENGTH },
	{ "file", no_argument, NULL, FILES },
	{ "partition", required_argument, NULL, 'p' },
	{ "key", required_argument, NULL, 'k' },
	{ "key-separator", required_argument, NULL, 'K' },
	{ "header", required_argument, NULL, 'H' },
	{ "null", no_argument, NULL, 'Z' },
	{ "rate", required_argument, NULL, 'X' },
	{ "count", required_argument, NULL, 'c' },
	{ "verbose", no_argument, NULL, 'v' },
	COMMON_OPTIONS
};

const char produce_help[] =
	"Records are lines, unless told otherwise. Without a FILE, or for -, they are read\n"
	"from the standard input.\n"
	"\n"
	"  -0, --null-terminated     records end with a zero byte\n"
	"      --length              each record comes after its length, 32 bits, the lowest\n"
	"                            byte first\n"
	"      --file                each file is one record\n"
	"  -p, --partition N         all of them to this partition; otherwise as the stream's\n"
	"                            partitioner says\n"
	"  -k, --key KEY             of all records\n"
	"  -K, --key-separator STR   what is before STR in a record is its key\n"
	"  -H, --header NAME[=VALUE] of all records; may be repeated\n"
	"  -Z, --null                no value instead of an empty one\n"
	"  -X, --rate N              so many records a second at most\n"
	"  -c, --count N             end after so many records\n"
	"  -v, --verbose             tell on stderr what went through\n";

static void set_framing(struct invocation *invocation, struct produce_options *options,
			enum framing_kind kind)
{
	if (options->framing != FRAMING_LINE && options->framing != kind)
		misused(invocation, "only one of -0, --length and --file");
	options->framing = kind;
}

static void set_separator(struct invocation *invocation, struct produce_options *options,
			  const char *text)
{
	int bytes;

	options->separator = strdup(text);
	if (!options->separator)
		die(invocation, "no memory");
	bytes = escape_all(text, options->separator);
	if (bytes <= 0)
		misused(invocation, "--key-separator needs a text, not '%s'", text);
	options->separator_len = bytes;
}

static void add_header(struct invocation *invocation, struct produce_options *options,
		       const char *text)
{
	const char *equals = strchr(text, '=');
	struct ringlog_header header = {
		.name = text,
		.value = equals ? equals + 1 : NULL,
		.name_len = equals ? (size_t)(equals - text) : strlen(text),
		.value_len = equals ? strlen(equals + 1) : 0,
	};

	if (!header.name_len)
		misused(invocation, "--header needs NAME or NAME=VALUE, not '%s'", text);
	if (!options->headers)
		options->headers = malloc(RINGLOG_HEADERS_MAX);
	if (!options->headers)
		die(invocation, "no memory");
	if (ringlog_headers_add(options->headers, RINGLOG_HEADERS_MAX, &options->headers_len,
				&header))
		misused(invocation, "--header: all of them have to fit into %d bytes",
			RINGLOG_HEADERS_MAX);
}

/* N, or N/s. */
static bool parse_rate(const char *text, __u64 *rate)
{
	char digits[QUANTITY_TEXT];
	size_t length = strlen(text);

	if (length > 2 && !strcmp(text + length - 2, "/s"))
		length -= 2;
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = 0;
	return !parse_number(digits, PACE_MAX, rate) && *rate;
}

static void take(struct invocation *invocation, struct produce_options *options, int option)
{
	__u64 number;

	switch (option) {
	case '0':
		set_framing(invocation, options, FRAMING_NUL);
		break;
	case LENGTH:
		set_framing(invocation, options, FRAMING_LENGTH);
		break;
	case FILES:
		set_framing(invocation, options, FRAMING_FILE);
		break;
	case 'p':
		if (parse_number(optarg, RINGLOG_PARTITION_DEFAULT - 1, &number))
			misused(invocation, "--partition needs a number, not '%s'", optarg);
		options->partition = number;
		break;
	case 'k':
		options->key = optarg;
		break;
	case 'K':
		set_separator(invocation, options, optarg);
		break;
	case 'H':
		add_header(invocation, options, optarg);
		break;
	case 'Z':
		options->null = true;
		break;
	case 'X':
		if (!parse_rate(optarg, &options->rate))
			misused(invocation, "--rate needs a number from 1 to %llu, not '%s'",
				PACE_MAX, optarg);
		break;
	case 'c':
		if (parse_number(optarg, ~0ULL, &options->count))
			misused(invocation, "--count needs a number, not '%s'", optarg);
		break;
	case 'v':
		options->verbose = true;
		break;
	}
}

void produce_parse(struct invocation *invocation, int argc, char **argv,
		   struct produce_options *options)
{
	int option;

	*options = (struct produce_options) {
		.partition = RINGLOG_PARTITION_DEFAULT,
		.count = ~0ULL,
	};
	while ((option = next_option(invocation, argc, argv, COMMON_LETTERS "0p:k:K:H:ZX:c:v",
				     options_table)) >= 0)
		take(invocation, options, option);
	want_arguments(invocation, argc, 1, INT_MAX);
	if (options->key && options->separator)
		misused(invocation, "only one of --key and --key-separator");
	if (options->key && strlen(options->key) > UINT16_MAX)
		misused(invocation, "--key: a key has at most %d bytes", UINT16_MAX);
}
