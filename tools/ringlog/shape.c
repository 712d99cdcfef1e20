// SPDX-License-Identifier: GPL-2.0-only
/*
 * Structs as JSON. json-c keeps the objects, the keys and the order, and asks for
 * each value as it comes to it; what it is told is read from the struct there and
 * then.
 */
#include "shape.h"
#include "setting.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* @text: json-c's string, for those that are one. */
struct leaf {
	const struct field	*field;
	const struct shape	*shape;
	struct json_object	*text;
};

/* @record: that is written at present. */
struct shape {
	struct json_object	*root;
	const char		*record;
	size_t			count;
	struct leaf		leaves[];
};

/* Decimal digits of 64 bits. */
#define DIGITS	20

/* printf() takes several times as long, and this is most of what a long list costs. */
static int put_number(struct printbuf *to, __u64 value)
{
	char text[DIGITS], *at = text + DIGITS;

	do {
		*--at = '0' + value % 10;
		value /= 10;
	} while (value);
	return printbuf_memappend(to, at, text + DIGITS - at);
}

static int put_text(struct printbuf *to, const char *text)
{
	return printbuf_memappend(to, text, strlen(text));
}

static int put_name(struct printbuf *to, const char *name)
{
	char text[32];

	return printbuf_memappend(to, text, snprintf(text, sizeof(text), "\"%s\"", name));
}

/* What json-c asks for a value. Returns how long it is, negative if that fails. */
static int write_leaf(struct json_object *object, struct printbuf *to, int level, int flags)
{
	const struct leaf *leaf = json_object_get_userdata(object);
	const char *from = leaf->shape->record + leaf->field->offset;
	char text[24];
	__u64 wide;
	__u32 narrow;

	(void)level;
	(void)flags;
	memcpy(&narrow, from, sizeof(narrow));
	switch (leaf->field->kind) {
	case FIELD_U32:
		return put_number(to, narrow);
	case FIELD_POLICY:
		return put_name(to, policy_name(narrow));
	case FIELD_PARTITIONER:
		return put_name(to, partitioner_name(narrow));
	case FIELD_NODE:
		return (__s32)narrow < 0 ? put_text(to, "null") : put_number(to, narrow);
	case FIELD_MODE:
		snprintf(text, sizeof(text), "%04o", narrow);
		return put_name(to, text);
	default:
		break;
	}
	memcpy(&wide, from, sizeof(wide));
	switch (leaf->field->kind) {
	case FIELD_LIMIT:
		return wide == ~0ULL ? put_text(to, "null") : put_number(to, wide);
	case FIELD_ID:
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)wide);
		return put_name(to, text);
	default:
		return put_number(to, wide);
	}
}

static struct json_object *leaf_of(struct leaf *leaf)
{
	struct json_object *object;

	/* Whatever is in a string, json-c knows how to quote it. */
	if (leaf->field->kind == FIELD_TEXT) {
		leaf->text = json_object_new_string("");
		return leaf->text;
	}
	object = json_object_new_int64(0);
	if (object)
		json_object_set_serializer(object, write_leaf, leaf, NULL);
	return object;
}

static void add(struct json_object *to, const char *key, struct json_object *object)
{
	if (!object || json_object_object_add_ex(to, key, object, JSON_C_OBJECT_ADD_KEY_IS_NEW |
						 JSON_C_OBJECT_ADD_CONSTANT_KEY))
		errx(EXIT_FAILURE, "no memory");
}

struct shape *shape_new(const struct field *fields)
{
	struct json_object *within, *made;
	struct shape *shape;
	size_t count = 0;

	while (fields[count].key)
		count++;
	shape = calloc(1, sizeof(*shape) + count * sizeof(shape->leaves[0]));
	if (!shape)
		errx(EXIT_FAILURE, "no memory");
	shape->count = count;
	shape->root = json_object_new_object();
	if (!shape->root)
		errx(EXIT_FAILURE, "no memory");
	within = shape->root;
	for (size_t i = 0; i < count; i++) {
		shape->leaves[i] = (struct leaf) { .field = &fields[i], .shape = shape };
		made = fields[i].kind == FIELD_GROUP ? json_object_new_object() :
						       leaf_of(&shape->leaves[i]);
		add(within, fields[i].key, made);
		if (fields[i].kind == FIELD_GROUP)
			within = made;
	}
	return shape;
}

/* Names are as a rule the same again: a stream's partitions come one after another. */
static void set_texts(struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct leaf *leaf = &shape->leaves[i];
		const char *text;

		if (!leaf->text)
			continue;
		text = shape->record + leaf->field->offset;
		if (strcmp(json_object_get_string(leaf->text), text) != 0)
			json_object_set_string(leaf->text, text);
	}
}

struct json_object *shape_of(struct shape *shape, const void *record)
{
	shape->record = record;
	set_texts(shape);
	return shape->root;
}

const char *shape_text(struct shape *shape, const void *record, size_t *bytes)
{
	return json_object_to_json_string_length(shape_of(shape, record),
						 JSON_C_TO_STRING_PLAIN |
						 JSON_C_TO_STRING_NOSLASHESCAPE, bytes);
}
