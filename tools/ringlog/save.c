// SPDX-License-Identifier: GPL-2.0-only
/* save: a file that apply makes the same streams of. */
#include "setting-json.h"
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One key for both: "user:group". */
static struct json_object *owner_json(const struct setting *user, const struct setting *group,
				      const struct ringlog_ctl_stream *stream)
{
	char both[2 * SETTING_TEXT + 1], name[SETTING_TEXT], group_name[SETTING_TEXT];

	snprintf(both, sizeof(both), "%s:%s", setting_text(user, stream->uid, name),
		 setting_text(group, stream->gid, group_name));
	return json_object_new_string(both);
}

static struct json_object *stream_json(const struct ringlog_ctl_stream *stream)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(stream->name));
	for (unsigned int i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];

		if (setting->kind == SETTING_GROUP ||
		    (setting->kind == SETTING_NODE && stream->numa_node < 0))
			continue;
		json_object_object_add(object, setting->key, setting->kind == SETTING_USER ?
				       owner_json(setting, setting + 1, stream) :
				       setting_json(setting, setting_of_stream(setting, stream)));
	}
	return object;
}

/* An object at a time: on a line of its own, so that two files can be compared by lines. */
static void put_streams(const struct streams *streams)
{
	fputs("{\"streams\": [", stdout);
	for (size_t i = 0; i < streams->count; i++) {
		struct json_object *object = stream_json(&streams->all[i]);

		fputs(i ? ",\n" : "\n", stdout);
		fputs(json_object_to_json_string_ext(object, JSON_C_TO_STRING_SPACED |
						     JSON_C_TO_STRING_NOSLASHESCAPE), stdout);
		json_object_put(object);
	}
	puts(streams->count ? "\n]}" : "]}");
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct streams streams = { };
	struct patterns patterns;

	no_options(invocation, argc, argv);
	if (!patterns_init(&patterns, argv + optind, argc - optind))
		die(invocation, "no memory");
	connect_or_die(invocation);
	streams_read(invocation, &patterns, &streams);
	put_streams(&streams);
	free(streams.all);
	return streams_check(invocation, &patterns);
}

const struct command save_command = {
	.name = "save",
	.arguments = "[NAME]...",
	.purpose = "Write a file for apply, of streams that match a name or glob, or of all",
	.details =
		"It holds all settings, and no records.\n",
	.run = run,
};
