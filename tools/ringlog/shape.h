/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Structs as JSON. A shape is made once of a table, and then written for one
 * struct after another: to make json-c's objects anew for each of thousands
 * would cost more than all the rest.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stddef.h>

enum field_kind {
	FIELD_U32,
	FIELD_U64,
	FIELD_TEXT,		/* an array of char */
	FIELD_POLICY,
	FIELD_PARTITIONER,
	FIELD_NODE,		/* __s32; null if it is negative */
	FIELD_MODE,		/* octal, in quotes */
	FIELD_ID,		/* __u64 as 16 hex digits in quotes: no number to reckon with */
	FIELD_LIMIT,		/* __u64; null if it is all ones */
	FIELD_GROUP,		/* has no value, but those that follow are in it */
};

/**
 * struct field - a member
 * @key: in JSON
 * @offset: in the struct
 * @kind: how it is written
 */
struct field {
	const char	*key;
	__u16		offset;
	__u16		kind;
};

struct shape;

/* Ends the program if there is no memory. The last field's key is NULL. */
struct shape *shape_new(const struct field *fields);

/* JSON of @record: good until the next call, and within other objects. */
struct json_object *shape_of(struct shape *shape, const void *record);

/* The text of shape_of(), on one line, and how long it is. Good until the next call. */
const char *shape_text(struct shape *shape, const void *record, size_t *bytes);

extern const struct field stream_fields[], partition_fields[];

#endif /* SHAPE_H */
