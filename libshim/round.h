/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How lengths are padded. Not a part of the public API. */
#ifndef RINGLOG_ROUND_H
#define RINGLOG_ROUND_H

#include <stddef.h>

/* Overflows for what is within @to of SIZE_MAX: check against a buffer's size first. */
static inline size_t round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

#endif
