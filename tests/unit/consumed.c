// SPDX-License-Identifier: GPL-2.0-only
#include "consumed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "consumer-parts.h"
#include "tap.h"

#define WINDOWS_MAX 4

/* A word that is another one for each argument. */
static uint64_t mix(uint64_t x)
{
	x = (x + 1) * 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	return x ^ x >> 27;
}

uint32_t consumed_value(uint64_t offset, uint8_t *to)
{
	uint64_t seed = mix(offset);
	uint32_t length = 8 + (uint32_t)(seed >> 8) % (seed % 16 ? 120 : CONSUMED_VALUE_MAX - 8);

	for (uint32_t i = 0; i < length; i += 8) {
		uint64_t word = mix(seed + i);

		memcpy(to + i, &word, length - i < 8 ? length - i : 8);
	}
	return length;
}

void consumed_append(struct mapped *mapped, unsigned int count)
{
	uint8_t value[CONSUMED_VALUE_MAX];

	while (count--)
		mapped_append(mapped, value,
			      consumed_value(mapped_ends(mapped).next_offset, value));
}

struct ringlog_consumer *consumed_open(struct mapped **mapped, unsigned int count,
				       unsigned int flags)
{
	struct ringlog_window windows[WINDOWS_MAX];
	struct ringlog_consumer *consumer = NULL;

	for (unsigned int i = 0; i < count; i++)
		CHECK(!ringlog_window_init(&windows[i], mapped_base(mapped[i]),
					   mapped_bytes(mapped[i])));
	if (!CHECK(!ringlog_consumer_make_mapped(&consumer, windows, count, flags)))
		exit(2);
	return consumer;
}

struct ringlog_place consumed_place(const struct ringlog_consumer *consumer)
{
	struct ringlog_place place = { 0 };

	CHECK(!ringlog_consumer_place(consumer, 0, &place));
	return place;
}

bool consumed_next_is(struct ringlog_consumer *consumer, uint64_t offset)
{
	uint8_t expected[CONSUMED_VALUE_MAX];
	uint32_t length = consumed_value(offset, expected);
	struct ringlog_peek peek;

	return CHECK(ringlog_peek(consumer, &peek) == 1) &&
	       CHECK(peek.record->offset == offset) && CHECK(peek.value_len == length) &&
	       CHECK(!memcmp(peek.value, expected, length)) && CHECK(!ringlog_check(consumer)) &&
	       CHECK(!ringlog_release(consumer));
}

int consumed_take(struct ringlog_consumer *consumer, uint64_t offset)
{
	struct ringlog_peek peek;
	int ret = ringlog_peek(consumer, &peek);

	if (ret != 1)
		return ret;
	if (ringlog_check(consumer)) {
		ret = ringlog_release(consumer);
		CHECK(ret == -EPIPE);
		return ret;
	}
	return consumed_next_is(consumer, offset) ? 1 : -EBADMSG;
}
