// SPDX-License-Identifier: GPL-2.0-only
/* Reading what a file says that there are to be. */
#include "declaration.h"
#include "setting.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in the file something is, and room for words about it. */
struct place {
	char	*fault;
	size_t	stream;
};

__attribute__((format(printf, 3, 4)))
static bool wrong(const struct place *place, const char *key, const char *format, ...)
{
	va_list arguments;
	int used = snprintf(place->fault, FAULT, "streams[%zu]%s%s: ", place->stream,
			    key ? "." : "", key ? key : "");

	if (used < FAULT) {
		va_start(arguments, format);
		vsnprintf(place->fault + used, FAULT - used, format, arguments);
		va_end(arguments);
	}
	return false;
}

static const struct setting *setting_of(const char *key)
{
	for (unsigned int i = 0; i < settings_count; i++)
		if (!strcmp(settings[i].key, key))
			return &settings[i];
	return NULL;
}

/* Of a number without quotes it is clear what it counts: not so of times and modes. */
static bool takes_numbers(const struct setting *setting)
{
	return setting->kind == SETTING_NUMBER || setting->kind == SETTING_SIZE ||
	       setting->kind == SETTING_NODE;
}

static bool take_setting(const struct place *place, const struct setting *setting,
			 struct json_object *value, struct ringlog_ctl_config *config)
{
	enum json_type type = json_object_get_type(value);
	const char *text = json_object_get_string(value);
	int result = -EINVAL;

	if (type == json_type_string || (type == json_type_int && takes_numbers(setting)) ||
	    (type == json_type_int && setting->kind == SETTING_DURATION && !strcmp(text, "0")))
		result = setting_parse(setting, text, config);
	if (result == -ERANGE)
		return wrong(place, setting->key, "%s is too large", text);
	if (result)
		return wrong(place, setting->key, "needs %s, not %s", setting_wants(setting),
			     json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	return true;
}

/* {"0": 1000, ...}: the partition's number, and its first offset. */
static bool take_first_offsets(const struct place *place, struct json_object *value,
			       struct ringlog_ctl_config *config)
{
	struct ringlog_ctl_first_offset *all;
	struct json_object_iter at;
	__u64 partition, offset;
	size_t count = 0;

	if (!json_object_is_type(value, json_type_object))
		return wrong(place, "first_offsets", "needs an object like {\"0\": 1000}");
	all = calloc(json_object_object_length(value) + 1, sizeof(*all));
	if (!all)
		return wrong(place, "first_offsets", "no memory");
	config->first_offsets = all;
	json_object_object_foreachC(value, at) {
		const char *text = json_object_get_string(at.val);

		if (parse_number(at.key, RINGLOG_PARTITIONS_MAX - 1, &partition))
			return wrong(place, "first_offsets", "no partition has the number '%s'",
				     at.key);
		if (!json_object_is_type(at.val, json_type_int) ||
		    parse_number(text, (1ULL << 62) - 1, &offset))
			return wrong(place, "first_offsets",
				     "the offset of partition %s must be a number below 2^62",
				     at.key);
		all[count].partition = partition;
		all[count].offset = offset;
		config->first_offsets_count = ++count;
	}
	return true;
}

static bool take_name(const struct place *place, struct json_object *value,
		      struct declared *declared)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string))
		return wrong(place, "name", "needs a text");
	if (strlen(text) > RINGLOG_NAME_MAX)
		return wrong(place, "name", "%.80s is longer than %d characters", text,
			     RINGLOG_NAME_MAX);
	snprintf(declared->name, sizeof(declared->name), "%s", text);
	declared->config.name = declared->name;
	return true;
}

static bool take_member(const struct place *place, const char *key, struct json_object *value,
			struct declared *declared)
{
	const struct setting *setting = setting_of(key);

	if (!strcmp(key, "name"))
		return take_name(place, value, declared);
	if (!strcmp(key, "first_offsets"))
		return take_first_offsets(place, value, &declared->config);
	if (!setting)
		return wrong(place, key, "no such setting");
	return take_setting(place, setting, value, &declared->config);
}

static bool take_stream(const struct place *place, struct json_object *object,
			struct declared *declared)
{
	struct json_object_iter at;
	char fault[FAULT];

	if (!json_object_is_type(object, json_type_object))
		return wrong(place, NULL, "needs to be an object");
	json_object_object_foreachC(object, at)
		if (!take_member(place, at.key, at.val, declared))
			return false;
	if (!declared->config.name)
		return wrong(place, "name", "is missing");
	if (!declared_check(declared, fault)) {
		snprintf(place->fault, FAULT, "streams[%zu].%.400s", place->stream, fault);
		return false;
	}
	return true;
}

static bool is_twice(const struct declaration *declaration, const char *name)
{
	for (size_t i = 0; i < declaration->count; i++)
		if (!strcmp(declaration->streams[i].name, name))
			return true;
	return false;
}

static bool take_streams(struct declaration *declaration, struct json_object *array,
			 char fault[FAULT])
{
	size_t count = json_object_array_length(array);

	declaration->streams = calloc(count + 1, sizeof(*declaration->streams));
	if (!declaration->streams) {
		snprintf(fault, FAULT, "no memory");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct place place = { .fault = fault, .stream = i };
		struct declared *declared = &declaration->streams[i];
		bool good = take_stream(&place, json_object_array_get_idx(array, i), declared);

		if (good && is_twice(declaration, declared->name))
			good = wrong(&place, "name", "%s is there twice", declared->name);
		declaration->count++;
		if (!good)
			return false;
	}
	return true;
}

static bool take_file(struct declaration *declaration, struct json_object *root,
		      char fault[FAULT])
{
	struct json_object *streams = NULL;
	struct json_object_iter at;

	if (!json_object_is_type(root, json_type_object)) {
		snprintf(fault, FAULT, "needs to be an object like {\"streams\": []}");
		return false;
	}
	json_object_object_foreachC(root, at) {
		if (strcmp(at.key, "streams") != 0) {
			snprintf(fault, FAULT, "%.80s: there is only \"streams\"", at.key);
			return false;
		}
		streams = at.val;
	}
	if (!json_object_is_type(streams, json_type_array)) {
		snprintf(fault, FAULT, "streams: %s", streams ? "needs to be an array" :
			 "is missing");
		return false;
	}
	return take_streams(declaration, streams, fault);
}

static size_t line_of(const char *text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* Words for what json-c says of a file within brackets that are not its own. */
static const char *syntax_words(enum json_tokener_error error)
{
	switch (error) {
	case json_tokener_success:
		return "a bracket closes what is not open";
	case json_tokener_continue:
		return "it ends too early";
	case json_tokener_error_parse_array:
		return "there should be a comma or a bracket, or nothing more";
	default:
		return json_tokener_error_desc(error);
	}
}

/*
 * json-c stops where a value ends, and what follows may be a comment as well as
 * rubbish. So the file is parsed as the one element of an array, which ends with it.
 */
static struct json_object *parse_within(struct json_tokener *tokener, const char *text,
					size_t bytes, char fault[FAULT])
{
	struct json_object *array;
	size_t end;

	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	json_tokener_parse_ex(tokener, "[", 1);
	array = json_tokener_parse_ex(tokener, text, bytes);
	end = json_tokener_get_parse_end(tokener);
	if (json_tokener_get_error(tokener) == json_tokener_continue) {
		array = json_tokener_parse_ex(tokener, "\n]", 2);
		if (array)
			return array;
		end = bytes;
	}
	/* An array that ended with the text was closed by a bracket of the text's. */
	json_object_put(array);
	snprintf(fault, FAULT, "line %zu: %s", line_of(text, end),
		 syntax_words(json_tokener_get_error(tokener)));
	return NULL;
}

static struct json_object *parse(const char *text, size_t bytes, char fault[FAULT])
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *array = NULL;

	/* json-c counts in int, and takes text of no length for text with a zero at its end. */
	if (!tokener)
		snprintf(fault, FAULT, "no memory");
	else if (!bytes || bytes > INT_MAX)
		snprintf(fault, FAULT, "it is %s", bytes ? "too large" : "empty");
	else
		array = parse_within(tokener, text, bytes, fault);
	if (tokener)
		json_tokener_free(tokener);
	return array;
}

bool declaration_parse(struct declaration *declaration, const char *text, size_t bytes,
		       char fault[FAULT])
{
	struct json_object *array = parse(text, bytes, fault);
	bool good = false;

	*declaration = (struct declaration) { };
	if (!array)
		return false;
	if (json_object_array_length(array) != 1)
		snprintf(fault, FAULT, "needs to be one object like {\"streams\": []}");
	else
		good = take_file(declaration, json_object_array_get_idx(array, 0), fault);
	json_object_put(array);
	if (!good)
		declaration_free(declaration);
	return good;
}

void declaration_free(struct declaration *declaration)
{
	for (size_t i = 0; i < declaration->count; i++)
		free((void *)declaration->streams[i].config.first_offsets);
	free(declaration->streams);
	*declaration = (struct declaration) { };
}
