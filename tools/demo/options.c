// SPDX-License-Identifier: GPL-2.0-only
/* The command line. */
#include "options.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

/* As many as the account of them surely fits into a small guest's memory. */
#define RECORDS_MAX	4000000

static const struct option options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "device", required_argument, NULL, 'd' },
	{ "seconds", required_argument, NULL, 's' },
	{ "rate", required_argument, NULL, 'r' },
	{ "batch", required_argument, NULL, 'b' },
	{ "flat", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage(FILE *to, int status)
{
	fprintf(to,
		"usage: ringlog-demo --input FILE [OPTION]...\n"
		"\n"
		"Appends the kernel's log and FILE's lines to a stream, follows it with several\n"
		"readers, and accounts for every record. Exit status 1 if one is not accounted for.\n"
		"\n"
		"  --output DIR   put latency.dat there, and the last line (in the file summary)\n"
		"  --device PATH  /dev/stream unless told otherwise\n"
		"  --seconds N    send at a fixed rate for so long (12)\n"
		"  --rate N       records a second (8000)\n"
		"  --batch N      records an append (4)\n"
		"  --flat N       records to be sent flat out afterwards (300000), at least FILE's\n");
	exit(status);
}

static __u64 number(const char *name, const char *text, __u64 most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value > most)
		errx(2, "--%s: a number up to %llu is needed, not '%s'", name,
		     (unsigned long long)most, text);
	return value;
}

/* The feeders share the paced records evenly. */
static void settle(struct plan *plan)
{
	__u64 together = plan->lines_per_append * FEEDERS;

	if (!plan->input)
		usage(stderr, 2);
	if (!plan->rate || !plan->lines_per_append)
		errx(2, "--rate and --batch cannot be 0");
	plan->paced = (__u64)(plan->rate * plan->seconds) / together * together;
	if (plan->paced > RECORDS_MAX)
		errx(2, "more than %d records: lower --seconds or --rate", RECORDS_MAX);
}

void options_parse(struct plan *plan, int argc, char **argv)
{
	int option, index;

	*plan = (struct plan) {
		.device = "/dev/stream",
		.seconds = 12,
		.rate = 8000,
		.lines_per_append = 4,
		.flat = 300000,
	};
	while ((option = getopt_long(argc, argv, "", options, &index)) >= 0) {
		const char *name = option == '?' ? NULL : options[index].name;

		switch (option) {
		case 'i':
			plan->input = optarg;
			break;
		case 'o':
			plan->output = optarg;
			break;
		case 'd':
			plan->device = optarg;
			break;
		case 's':
			plan->seconds = number(name, optarg, 3600);
			break;
		case 'r':
			plan->rate = number(name, optarg, RECORDS_MAX);
			break;
		case 'b':
			plan->lines_per_append = number(name, optarg, 1000);
			break;
		case 'f':
			plan->flat = number(name, optarg, RECORDS_MAX);
			break;
		case 'h':
			usage(stdout, 0);
			break;
		default:
			usage(stderr, 2);
		}
	}
	if (optind < argc)
		usage(stderr, 2);
	settle(plan);
}
