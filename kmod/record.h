/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arithmetic and the rules of one record. Pure: compiles in user space.
 */
#ifndef RINGLOG_RECORD_H
#define RINGLOG_RECORD_H

#include <linux/align.h>
#include <linux/types.h>

#include "uapi/linux/ringlog.h"

#define RINGLOG_RECORD_FLAGS (RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE)

/**
 * ringlog_record_footprint() - ring bytes that a record takes
 * @length: as in struct ringlog_record; any u32
 *
 * Return: bytes, header and padding included.
 */
static inline u64 ringlog_record_footprint(u32 length)
{
	return ALIGN(sizeof(struct ringlog_record) + (u64)length, RINGLOG_ALIGN);
}

/**
 * ringlog_record_skip() - bytes between the record's header and its value
 * @key_len: as in struct ringlog_record
 * @headers_len: as in struct ringlog_record
 *
 * Return: bytes, padding included.
 */
static inline u32 ringlog_record_skip(u16 key_len, u16 headers_len)
{
	return ALIGN((u32)key_len, 8) + ALIGN((u32)headers_len, 8);
}

/**
 * ringlog_record_valid() - does a header that a user wrote make sense
 * @record: a private copy: the fields are looked at more than once
 * @room: bytes that the record may take, header included
 *
 * Return: whether it does.
 */
static inline bool ringlog_record_valid(const struct ringlog_record *record, u64 room)
{
	u32 skip = ringlog_record_skip(record->key_len, record->headers_len);

	if (record->type != RINGLOG_TYPE_DATA || record->reserved ||
	    (record->flags & ~RINGLOG_RECORD_FLAGS))
		return false;
	if (ringlog_record_footprint(record->length) > room || skip > record->length)
		return false;
	if (record->key_len && !(record->flags & RINGLOG_RECORD_HAS_KEY))
		return false;
	return !(record->flags & RINGLOG_RECORD_NULL_VALUE) || skip == record->length;
}

#endif /* RINGLOG_RECORD_H */
