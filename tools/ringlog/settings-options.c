// SPDX-License-Identifier: GPL-2.0-only
/* The options of `stream add` and `stream set`. */
#include "settings-options.h"
#include "setting.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The values of options: beyond any letter, the settings in their order. */
#define FIRST_OFFSET	256
#define SETTING		257

const char settings_add_help[] =
	"  --partitions N       how many, 1 to 1024 (1)\n"
	"  --ring SIZE          of each, a power of two from 64K to 1G (1M)\n"
	"  --policy POLICY      what an append does when its ring is full: overwrite the\n"
	"                       oldest, block the writer, or reject it (overwrite)\n"
	"  --max-record SIZE    largest record: a multiple of 32, at most an eighth of a\n"
	"                       ring and 1M (64K, or an eighth of a ring if that is less)\n"
	"  --age TIME           older records are not delivered; 0 is for ever (0)\n"
	"  --budget TIME        latency objective; 0 is none (0)\n"
	"  --partitioner WAY    for records with a key, of libraries: turn or key (key)\n"
	"  --node N             NUMA node to take memory from\n"
	"  --owner USER[:GROUP] of /dev/streams/NAME, by name or number (yours)\n"
	"  --mode OCTAL         of /dev/streams/NAME (0600)\n"
	"  --first-offset P:OFFSET\n"
	"                       offset that partition P begins with (0); may be repeated\n"
	"\n"
	"Sizes are like 64K, 1M or 65536, times like 10us, 100ms, 5s, 1h or 7d.\n";

const char settings_set_help[] =
	"  --age TIME           older records are not delivered; 0 is for ever\n"
	"  --budget TIME        latency objective; 0 is none\n"
	"  --partitioner WAY    for records with a key, of libraries: turn or key\n"
	"\n"
	"Times are like 10us, 100ms, 5s, 1h or 7d. Everything else is fixed for life.\n";

/* One for each setting that has one, --first-offset, and the common ones. */
static struct option *make_options(void)
{
	static const struct option others[] = {
		{ "first-offset", required_argument, NULL, FIRST_OFFSET },
		COMMON_OPTIONS
	};
	struct option *options = calloc(settings_count + 8, sizeof(*options)), *at = options;

	if (!options)
		return NULL;
	for (unsigned int i = 0; i < settings_count; i++)
		if (settings[i].option)
			*at++ = (struct option) { settings[i].option, required_argument, NULL,
						  SETTING + i };
	memcpy(at, others, sizeof(others));
	return options;
}

static void take_setting(const struct invocation *invocation, const struct setting *setting,
			 struct ringlog_ctl_config *config)
{
	switch (setting_parse(setting, optarg, config)) {
	case 0:
		return;
	case -ERANGE:
		misused(invocation, "--%s %s is too large", setting->option, optarg);
	default:
		misused(invocation, "--%s needs %s, not '%s'", setting->option,
			setting_wants(setting), optarg);
	}
}

static void take_first_offset(const struct invocation *invocation,
			      struct ringlog_ctl_config *config)
{
	size_t count = config->first_offsets_count;
	struct ringlog_ctl_first_offset *all;
	char *colon = strchr(optarg, ':');
	__u64 partition, offset;

	if (!colon)
		misused(invocation, "--first-offset needs PARTITION:OFFSET, not '%s'", optarg);
	*colon = 0;
	if (parse_number(optarg, UINT32_MAX, &partition) ||
	    parse_number(colon + 1, UINT64_MAX, &offset))
		misused(invocation, "--first-offset needs two numbers, not '%s:%s'", optarg,
			colon + 1);
	all = reallocarray((void *)config->first_offsets, count + 1, sizeof(*all));
	if (!all)
		die(invocation, "no memory");
	all[count] = (struct ringlog_ctl_first_offset) {
		.partition = partition,
		.offset = offset,
	};
	config->first_offsets = all;
	config->first_offsets_count = count + 1;
}

void settings_options(struct invocation *invocation, int argc, char **argv,
		      struct ringlog_ctl_config *config)
{
	struct option *options = make_options();
	int option;

	if (!options)
		die(invocation, "no memory");
	while ((option = next_option(invocation, argc, argv, COMMON_LETTERS, options)) >= 0) {
		if (option == FIRST_OFFSET)
			take_first_offset(invocation, config);
		else
			take_setting(invocation, &settings[option - SETTING], config);
	}
	free(options);
	want_arguments(invocation, argc, 1, 1);
	config->name = argv[optind];
}
