// SPDX-License-Identifier: LGPL-2.1-or-later
/* User headers: how they are laid out, and going through them. */
#include "ringlog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The lengths of a name and of a value, before both. */
#define LENGTHS		(2 * sizeof(__u16))
/* Of a value that is not there. */
#define NO_VALUE	UINT16_MAX

static int check(const struct ringlog_header *header)
{
	if (header->name_len > UINT16_MAX || header->value_len > RINGLOG_HEADER_VALUE_MAX)
		return -EINVAL;
	if (!header->name && header->name_len)
		return -EINVAL;
	if (!header->value && header->value_len)
		return -EINVAL;
	return 0;
}

static char *put(char *at, const void *from, size_t bytes)
{
	if (bytes)
		memcpy(at, from, bytes);
	return at + bytes;
}

int ringlog_headers_add(void *buffer, size_t size, size_t *used,
			const struct ringlog_header *header)
{
	size_t total = LENGTHS + header->name_len + header->value_len;
	__u16 lengths[2];
	int result = check(header);
	char *at;

	if (result)
		return result;
	if (size > RINGLOG_HEADERS_MAX)
		size = RINGLOG_HEADERS_MAX;
	if (*used > size || total > size - *used)
		return -ENOSPC;

	lengths[0] = header->name_len;
	lengths[1] = header->value ? header->value_len : NO_VALUE;
	at = put((char *)buffer + *used, lengths, sizeof(lengths));
	at = put(at, header->name, header->name_len);
	put(at, header->value, header->value_len);
	*used += total;
	return 0;
}

/*
 * Each byte is read once, whoever writes there: what was checked is what is used. It lies
 * where it lies, so it is read byte by byte.
 */
static __u16 length_at(const volatile unsigned char *at)
{
	const unsigned char bytes[2] = { at[0], at[1] };
	__u16 length;

	memcpy(&length, bytes, sizeof(length));
	return length;
}

int ringlog_headers_next(const void *headers, size_t headers_len, size_t *at,
			 struct ringlog_header *header)
{
	size_t left = headers_len - *at, name, value;
	const char *from = (const char *)headers + *at;
	bool none;

	if (*at >= headers_len)
		return *at == headers_len ? 0 : -EBADMSG;
	if (left < LENGTHS)
		return -EBADMSG;
	name = length_at((const void *)from);
	value = length_at((const void *)(from + sizeof(__u16)));
	none = value == NO_VALUE;
	if (none)
		value = 0;
	if (name + value > left - LENGTHS)
		return -EBADMSG;

	header->name = from + LENGTHS;
	header->name_len = name;
	header->value = none ? NULL : header->name + name;
	header->value_len = value;
	*at += LENGTHS + name + value;
	return 1;
}
