// SPDX-License-Identifier: GPL-2.0-only
/* stream show: all there is to know of one stream. */
#include "output.h"
#include "setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void put(const char *key, const char *value)
{
	printf("%-15s %s\n", key, value);
}

static void put_count(const char *key, __u64 value)
{
	printf("%-15s %llu\n", key, (unsigned long long)value);
}

static void put_size(const char *key, __u64 bytes)
{
	char text[QUANTITY_TEXT];

	put(key, rough_size(text, bytes));
}

static void put_time(const char *key, __u64 ns)
{
	time_t seconds = ns / 1000000000;
	char text[64];
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &parts))
		put_count(key, seconds);
	else
		put(key, text);
}

static void put_settings(const struct ringlog_ctl_stream *stream)
{
	char text[SETTING_TEXT];

	for (unsigned int i = 0; i < settings_count; i++) {
		__u64 value = setting_of_stream(&settings[i], stream);
		const char *words = setting_text(&settings[i], value, text);

		if (settings[i].bit == RINGLOG_CTL_AGE && !value)
			words = "unlimited";
		if (settings[i].bit == RINGLOG_CTL_BUDGET && !value)
			words = "none";
		put(settings[i].key, words);
	}
}

static void put_counters(const struct ringlog_ctl_counters *counters)
{
	put_count("records", counters->records);
	put_size("bytes", counters->bytes);
	put_count("appends", counters->appends);
	put_count("batches", counters->batches);
	put_count("wakeups", counters->wakeups);
	put_count("wakeups_elided", counters->wakeups_elided);
	put_count("waits", counters->waits);
	put_count("lost", counters->lost);
	put_count("expired", counters->expired);
	put_count("rejects", counters->rejects);
}

static void show(const struct ringlog_ctl_stream *stream)
{
	put("name", stream->name);
	put_count("id", stream->id);
	printf("%-15s %016llx\n", "incarnation", (unsigned long long)stream->incarnation);
	put_time("created", stream->created);
	put_settings(stream);
	put_size("memory", stream->memory);
	put_size("used", stream->used);
	put_count("retained", stream->retained);
	put_count("open_files", stream->open_files);
	put_count("waiters", stream->waiters);
	put_counters(&stream->counters);
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct ringlog_ctl_stream stream;

	no_options(invocation, argc, argv);
	want_arguments(invocation, argc, 1, 1);
	connect_or_die(invocation);
	if (ringlog_ctl_stream_get(invocation->ctl, argv[optind], &stream))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	if (invocation->json)
		put_object(shape_new(stream_fields), &stream);
	else
		show(&stream);
	return EXIT_SUCCESS;
}

const struct command stream_show_command = {
	.group = "stream",
	.name = "show",
	.arguments = "NAME",
	.purpose = "Show all there is to know of a stream",
	.run = run,
};
