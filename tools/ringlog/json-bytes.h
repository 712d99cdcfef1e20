/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as JSON can have them. */
#ifndef JSON_BYTES_H
#define JSON_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Are these bytes text in UTF-8, by RFC 3629? */
bool is_utf8(const void *bytes, size_t count);

/* Of the base64 of @count bytes, with its zero. */
#define BASE64_TEXT(count)	(((count) + 2) / 3 * 4 + 1)

/* Writes the base64 of @bytes to @text; how long it is. */
size_t base64(char *text, const void *bytes, size_t count);

#endif /* JSON_BYTES_H */
