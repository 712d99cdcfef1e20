// SPDX-License-Identifier: GPL-2.0-only
#include "payload.h"
#include "proc.h"
#include "test.h"

#define MAGIC	0x52494e47

static uint32_t table[256];

static void make_table(void)
{
	uint32_t i, j;

	for (i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (j = 0; j < 8; j++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
		table[i] = crc;
	}
}

static uint32_t crc32(const unsigned char *at, size_t bytes)
{
	uint32_t crc = ~0U;

	if (!table[1])
		make_table();
	while (bytes--)
		crc = crc >> 8 ^ table[(crc ^ *at++) & 0xff];
	return ~crc;
}

static uint32_t sum(const struct payload *payload)
{
	const size_t from = offsetof(struct payload, length);

	return crc32((const unsigned char *)payload + from,
		     payload->length - from);
}

size_t payload_make(struct payload *payload, size_t length)
{
	uint64_t state = payload->seed;
	size_t i;

	payload->magic = MAGIC;
	payload->length = length;
	for (i = 0; i < length - sizeof(*payload); i++)
		payload->bytes[i] = random_next(&state);
	payload->crc = sum(payload);
	return length;
}

void payload_check(const struct payload *payload, size_t length)
{
	uint64_t state = payload->seed;
	size_t i;

	CHECK_LE(sizeof(*payload), length);
	CHECK_EQ(payload->magic, MAGIC);
	CHECK_EQ(payload->length, length);
	CHECK_EQ(payload->crc, sum(payload));
	for (i = 0; i < length - sizeof(*payload); i++)
		CHECK_EQ(payload->bytes[i],
			 (unsigned char)random_next(&state));
}
