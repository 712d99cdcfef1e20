// SPDX-License-Identifier: GPL-2.0-only
/* How records are written. */
#include "format.h"
#include "moment.h"
#include "escape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What may follow a %, beside itself; then what --format has names for. */
#define LETTERS		"okspSKtTh"
#define JSON		'j'
#define HEX		'x'

static struct format_step *add_step(struct format *format, char what)
{
	struct format_step *steps = realloc(format->steps,
					    (format->count + 1) * sizeof(*steps));

	if (!steps)
		return NULL;
	format->steps = steps;
	steps[format->count] = (struct format_step) { .what = what };
	return &steps[format->count++];
}

/* Behind the last one, if that is text too. */
static int add_byte(struct format *format, char byte)
{
	struct format_step *step = format->count ? &format->steps[format->count - 1] : NULL;
	char *text;

	if (!step || step->what)
		step = add_step(format, 0);
	text = step ? realloc(step->text, step->length + 1) : NULL;
	if (!text)
		return -ENOMEM;
	text[step->length++] = byte;
	step->text = text;
	return 0;
}

static int add_two(struct format *format, char what, char end)
{
	return add_step(format, what) ? add_byte(format, end) : -ENOMEM;
}

int format_values(struct format *format, char end)
{
	*format = (struct format) { };
	return add_two(format, 's', end);
}

/* Behind a %. */
static int parse_letter(struct format *format, const char **at)
{
	char letter = *++*at;

	if (!letter || !strchr(LETTERS "%", letter))
		return -EINVAL;
	++*at;
	if (letter == '%')
		return add_byte(format, letter);
	return add_step(format, letter) ? 0 : -ENOMEM;
}

static int parse_one(struct format *format, const char **at)
{
	int byte;

	if (**at == '%')
		return parse_letter(format, at);
	byte = **at == '\\' ? escape_parse(at) : (unsigned char)*(*at)++;
	return byte == -EINVAL ? -EINVAL : add_byte(format, byte);
}

int format_parse(struct format *format, const char *text, const char **bad)
{
	const char *at = text;

	*format = (struct format) { };
	*bad = text;
	if (!strcmp(text, "raw"))
		return add_step(format, 's') ? 0 : -ENOMEM;
	if (!strcmp(text, "json"))
		return add_two(format, JSON, '\n');
	if (!strcmp(text, "hex"))
		return add_two(format, HEX, '\n');
	/* A name that was misspelt, rather than the same text for every record. */
	if (!strpbrk(text, "%\\"))
		return -EINVAL;
	while (*at) {
		int result;

		*bad = at;
		result = parse_one(format, &at);
		if (result)
			return result;
	}
	return 0;
}

static void put_number(struct sink *sink, __u64 number)
{
	char text[24];

	sink_put(sink, text, snprintf(text, sizeof(text), "%llu", (unsigned long long)number));
}

/* Of what is not there, -1. */
static void put_length(struct sink *sink, const void *bytes, size_t count)
{
	if (bytes)
		put_number(sink, count);
	else
		sink_put(sink, "-1", 2);
}

static void put_hex(struct sink *sink, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		const char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };

		sink_put(sink, pair, sizeof(pair));
	}
}

/* name=value,name=value: one without a value has no = either. */
static void put_headers(struct sink *sink, const struct ringlog_content *content)
{
	struct ringlog_header header;
	size_t at = 0;

	while (ringlog_headers_next(content->headers, content->headers_len, &at, &header) == 1) {
		if (header.name != (const char *)content->headers + 2 * sizeof(__u16))
			sink_put(sink, ",", 1);
		sink_put(sink, header.name, header.name_len);
		if (header.value) {
			sink_put(sink, "=", 1);
			sink_put(sink, header.value, header.value_len);
		}
	}
}

static int put_json(struct sink *sink, const struct shown *shown)
{
	struct json_object *object = record_json(shown);
	size_t bytes = 0;
	const char *text = object ?
		json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN |
						  JSON_C_TO_STRING_NOSLASHESCAPE, &bytes) : NULL;

	if (text)
		sink_put(sink, text, bytes);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}

static void put_time(struct sink *sink, __u64 realtime)
{
	char text[MOMENT_TEXT];

	moment_text(text, realtime);
	sink_put(sink, text, strlen(text));
}

static int put_step(const struct format_step *step, struct sink *sink, const struct shown *shown)
{
	const struct ringlog_content *content = &shown->view.content;

	switch (step->what) {
	case 'o':
		put_number(sink, shown->view.offset);
		break;
	case 'p':
		put_number(sink, shown->partition);
		break;
	case 'k':
		sink_put(sink, content->key, content->key ? content->key_len : 0);
		break;
	case 's':
		sink_put(sink, content->value, content->value ? content->value_len : 0);
		break;
	case 'K':
		put_length(sink, content->key, content->key_len);
		break;
	case 'S':
		put_length(sink, content->value, content->value_len);
		break;
	case 't':
		put_time(sink, shown->realtime);
		break;
	case 'T':
		put_number(sink, shown->view.timestamp);
		break;
	case 'h':
		put_headers(sink, content);
		break;
	case HEX:
		put_hex(sink, content->value, content->value_len);
		break;
	case JSON:
		return put_json(sink, shown);
	default:
		sink_put(sink, step->text, step->length);
	}
	return 0;
}

int format_put(const struct format *format, struct sink *sink, const struct shown *shown)
{
	for (size_t i = 0; i < format->count; i++) {
		int result = put_step(&format->steps[i], sink, shown);

		if (result)
			return result;
	}
	return 0;
}
