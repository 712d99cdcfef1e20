/* SPDX-License-Identifier: GPL-2.0-only */
/* How records are written. */
#ifndef FORMAT_H
#define FORMAT_H

#include "record-json.h"
#include "sink.h"

/**
 * struct format_step - a part of what is written of each record
 * @what: a letter as after %, or 0 for @text
 * @text: bytes
 * @length: of @text
 */
struct format_step {
	char	what;
	char	*text;
	size_t	length;
};

/**
 * struct format - how records are written
 * @steps: one after the other
 * @count: of them
 */
struct format {
	struct format_step	*steps;
	size_t			count;
};

/*
 * raw, json, hex or a text with % and \. 0; -EINVAL, with @bad where it is wrong; -ENOMEM. What
 * is allocated is left to the end of the program.
 */
int format_parse(struct format *format, const char *text, const char **bad);

/* The value and then @end, one byte. 0 or -ENOMEM. */
int format_values(struct format *format, char end);

/* 0 or -ENOMEM. */
int format_put(const struct format *format, struct sink *sink, const struct shown *shown);

#endif /* FORMAT_H */
