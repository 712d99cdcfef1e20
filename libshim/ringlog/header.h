/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * User headers: names with values, in ringlog_content.headers. The kernel does not
 * look into them; this is how those who use this library lay them out: for each,
 * one after the other with nothing between, two __u16 in the host's byte order,
 * the length of the name and that of the value, then the name, then the value. The
 * length of a value that is not there, which is not an empty one, is 0xffff. A name
 * may come more than once, and their order is kept.
 */
#ifndef RINGLOG_HEADER_H
#define RINGLOG_HEADER_H

#include <linux/types.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* The most that ringlog_content.headers_len can be. */
#define RINGLOG_HEADERS_MAX	65535
/* The longest value; one byte less than the mark of no value. */
#define RINGLOG_HEADER_VALUE_MAX	65534

/**
 * struct ringlog_header - one of a record's user headers
 * @name: any bytes, mostly text; not terminated
 * @value: NULL for none
 * @name_len: bytes of @name
 * @value_len: bytes of @value
 */
struct ringlog_header {
	const char	*name;
	const void	*value;
	size_t		name_len;
	size_t		value_len;
};

/**
 * ringlog_headers_add - write one more header behind those that are there
 * @buffer: the caller's; needs no alignment
 * @size: of it; no more than %RINGLOG_HEADERS_MAX is of use
 * @used: bytes in use; 0 to begin with; in the end what ringlog_content.headers_len
 *	is to be
 * @header: to add
 *
 * Return: 0; -ENOSPC if it does not fit; -EINVAL for a name or value that is too
 * long or has no bytes to it. @used changes only if it was added.
 */
int ringlog_headers_add(void *buffer, size_t size, size_t *used,
			const struct ringlog_header *header);

/**
 * ringlog_headers_next - go through a record's headers
 * @headers: of the record, maybe in the ring
 * @headers_len: bytes of them
 * @at: where the walk is; 0 to begin with
 * @header: out: the next one; its parts lie in @headers
 *
 * Nothing outside @headers is looked at, even while somebody overwrites them.
 *
 * Return: 1; 0 at the end; -EBADMSG if the bytes make no sense, as with headers
 * that somebody laid out in another way.
 */
int ringlog_headers_next(const void *headers, size_t headers_len, size_t *at,
			 struct ringlog_header *header);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_HEADER_H */
