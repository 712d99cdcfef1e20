/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON on stdout. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "command.h"
#include "shape.h"

/* An object, on a line. */
void put_object(struct shape *shape, const void *record);

/* The same for one that json-c has; gives it back. */
void put_json(struct json_object *object);

/* With -j, the stream that a change made of it; otherwise nothing. */
void put_changed(const struct invocation *invocation, const struct ringlog_ctl_stream *stream);

/**
 * struct array - an array, an object a line, of as many as there are
 * @shape: of its elements
 * @count: of those that were put
 */
struct array {
	struct shape	*shape;
	size_t		count;
};

/* Writes nothing yet, for what is to be listed may turn out not to exist. */
void array_begin(struct array *array, const struct field *fields);
void array_put(struct array *array, const void *record);
void array_end(struct array *array);

#endif /* OUTPUT_H */
