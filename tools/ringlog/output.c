// SPDX-License-Identifier: GPL-2.0-only
/* JSON on stdout. Arrays are put element by element: none is ever held in memory. */
#include "output.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

static void put_text(const char *text, size_t bytes)
{
	if (!text)
		errx(EXIT_FAILURE, "no memory");
	fwrite(text, 1, bytes, stdout);
}

void put_object(struct shape *shape, const void *record)
{
	size_t bytes;
	const char *text = shape_text(shape, record, &bytes);

	put_text(text, bytes);
	putchar('\n');
}

void put_json(struct json_object *object)
{
	size_t bytes;
	const char *text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE,
							     &bytes);

	put_text(text, bytes);
	putchar('\n');
	json_object_put(object);
}

void put_changed(const struct invocation *invocation, const struct ringlog_ctl_stream *stream)
{
	if (invocation->json)
		put_object(shape_new(stream_fields), stream);
}

void array_begin(struct array *array, const struct field *fields)
{
	array->shape = shape_new(fields);
	array->count = 0;
}

void array_put(struct array *array, const void *record)
{
	size_t bytes;
	const char *text = shape_text(array->shape, record, &bytes);

	fputs(array->count++ ? ",\n" : "[\n", stdout);
	put_text(text, bytes);
}

void array_end(struct array *array)
{
	puts(array->count ? "\n]" : "[]");
}
