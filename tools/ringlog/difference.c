// SPDX-License-Identifier: GPL-2.0-only
/* What a step changes, on stdout. */
#include "difference.h"
#include "output.h"
#include "setting-json.h"

#include <stdio.h>

static const char *const signs[] = {
	[ACTION_ADD] = "+",
	[ACTION_SET] = "~",
	[ACTION_DELETE] = "-",
};

static const char *const actions[] = {
	[ACTION_ADD] = "add",
	[ACTION_SET] = "set",
	[ACTION_DELETE] = "delete",
};

/* Of a stream that is made: one that is there has records, and they their offsets. */
static size_t first_offsets_of(const struct step *step)
{
	return step->action == ACTION_ADD ? step->declared->config.first_offsets_count : 0;
}

static void put_line(const struct step *step)
{
	char text[SETTING_TEXT];

	printf("%s stream %s", signs[step->action], step_name(step));
	for (unsigned int i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];

		if (!(step->changes & setting->bit))
			continue;
		printf(" %s", setting->key);
		if (step->current)
			printf(" %s ->", setting_text(setting,
						      setting_of_stream(setting, step->current),
						      text));
		printf(" %s", setting_text(setting,
					   setting_of_config(setting, &step->declared->config),
					   text));
	}
	for (size_t i = 0; i < first_offsets_of(step); i++) {
		const struct ringlog_ctl_first_offset *first =
			&step->declared->config.first_offsets[i];

		printf(" first_offset %u:%llu", first->partition,
		       (unsigned long long)first->offset);
	}
	putchar('\n');
}

/* The settings that change, as files have them. */
static struct json_object *settings_of(const struct step *step, bool before)
{
	struct json_object *object = json_object_new_object();

	for (unsigned int i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];
		__u64 value;

		if (!(step->changes & setting->bit))
			continue;
		value = before ? setting_of_stream(setting, step->current) :
				 setting_of_config(setting, &step->declared->config);
		json_object_object_add(object, setting->key, setting_json(setting, value));
	}
	return object;
}

static void add_first_offsets(struct json_object *to, const struct step *step)
{
	struct json_object *object;
	char partition[16];

	if (!first_offsets_of(step))
		return;
	object = json_object_new_object();
	for (size_t i = 0; i < first_offsets_of(step); i++) {
		const struct ringlog_ctl_first_offset *first =
			&step->declared->config.first_offsets[i];

		snprintf(partition, sizeof(partition), "%u", first->partition);
		json_object_object_add(object, partition, json_object_new_uint64(first->offset));
	}
	json_object_object_add(to, "first_offsets", object);
}

static void put_step(const struct step *step)
{
	struct json_object *object = json_object_new_object(), *to;

	json_object_object_add(object, "action", json_object_new_string(actions[step->action]));
	json_object_object_add(object, "name", json_object_new_string(step_name(step)));
	if (step->action == ACTION_SET)
		json_object_object_add(object, "from", settings_of(step, true));
	if (step->action != ACTION_DELETE) {
		to = settings_of(step, false);
		add_first_offsets(to, step);
		json_object_object_add(object, "to", to);
	}
	put_json(object);
}

void difference_put(const struct step *step, bool json)
{
	if (json)
		put_step(step);
	else
		put_line(step);
}
