/* SPDX-License-Identifier: GPL-2.0-only */
/* Consumers of windows in memory, and values that say which record they are of. */
#ifndef UNIT_CONSUMED_H
#define UNIT_CONSUMED_H

#include <ringlog/consumer.h>

#include "mapped.h"

#define CONSUMED_VALUE_MAX 2000

/* The value of the record of an offset. Returns its length. */
uint32_t consumed_value(uint64_t offset, uint8_t *to);
/* Append the next @count of them. */
void consumed_append(struct mapped *mapped, unsigned int count);

/* A consumer that is attached to all of @mapped. */
struct ringlog_consumer *consumed_open(struct mapped **mapped, unsigned int count,
				       unsigned int flags);

/* Where it is in partition 0. */
struct ringlog_place consumed_place(const struct ringlog_consumer *consumer);

/* Is it the record of @offset with its value, and is it let go of as good? */
bool consumed_next_is(struct ringlog_consumer *consumer, uint64_t offset);

/*
 * Take the next record, which is to be of @offset if it is good. Returns 1, 0, or -EPIPE: a
 * loss was told, be it when the record was looked at or when it was let go of.
 */
int consumed_take(struct ringlog_consumer *consumer, uint64_t offset);

#endif /* UNIT_CONSUMED_H */
