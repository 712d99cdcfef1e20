// SPDX-License-Identifier: GPL-2.0-only
/* A record as JSON. */
#include "record-json.h"
#include "moment.h"
#include "json-bytes.h"

#include <stdio.h>
#include <stdlib.h>

static bool add(struct json_object *object, const char *name, struct json_object *value)
{
	return value && !json_object_object_add(object, name, value);
}

static bool add_base64(struct json_object *object, const char *name, const void *bytes,
		       size_t count)
{
	char *text = malloc(BASE64_TEXT(count));
	char key[32];
	bool good;

	if (!text)
		return false;
	base64(text, bytes, count);
	snprintf(key, sizeof(key), "%s_base64", name);
	good = add(object, key, json_object_new_string(text));
	free(text);
	return good;
}

/* What is not there, unlike what is empty, is null. */
static bool add_bytes(struct json_object *object, const char *name, const void *bytes,
		      size_t count)
{
	if (!bytes)
		return !json_object_object_add(object, name, NULL);
	if (is_utf8(bytes, count))
		return add(object, name, json_object_new_string_len(bytes, count));
	return add_base64(object, name, bytes, count);
}

static bool add_header(struct json_object *array, const struct ringlog_header *header)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return false;
	if (json_object_array_add(array, object)) {
		json_object_put(object);
		return false;
	}
	return add_bytes(object, "name", header->name, header->name_len) &&
	       add_bytes(object, "value", header->value, header->value_len);
}

/* Those that somebody laid out in another way are given as they are. */
static bool add_headers(struct json_object *object, const struct ringlog_content *content)
{
	struct json_object *array = json_object_new_array();
	struct ringlog_header header;
	size_t at = 0;
	int more;

	if (!array)
		return false;
	while ((more = ringlog_headers_next(content->headers, content->headers_len, &at,
					    &header)) == 1)
		if (!add_header(array, &header))
			break;
	if (!more)
		return add(object, "headers", array);
	json_object_put(array);
	return more < 0 &&
	       add_base64(object, "headers", content->headers, content->headers_len);
}

struct json_object *record_json(const struct shown *shown)
{
	const struct ringlog_view *view = &shown->view;
	const struct ringlog_content *content = &view->content;
	struct json_object *object = json_object_new_object();
	char text[MOMENT_TEXT];

	if (object &&
	    add(object, "partition", json_object_new_int64(shown->partition)) &&
	    add(object, "offset", json_object_new_uint64(view->offset)) &&
	    add(object, "timestamp", json_object_new_uint64(view->timestamp)) &&
	    add(object, "realtime", json_object_new_string(moment_text(text, shown->realtime))) &&
	    add_bytes(object, "key", content->key, content->key_len) &&
	    add_bytes(object, "value", content->value, content->value_len) &&
	    add_headers(object, content))
		return object;
	json_object_put(object);
	return NULL;
}
