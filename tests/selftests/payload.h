/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that tell by themselves whether they are whole. */
#ifndef RINGLOG_TEST_PAYLOAD_H
#define RINGLOG_TEST_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_ANYWHERE	0xffffffffU	/* the partition is not known */

struct payload {
	uint32_t magic;
	uint32_t crc;		/* of all that follows */
	uint32_t length;	/* of it all */
	uint32_t producer;
	uint32_t partition;
	uint32_t end;		/* the last record of its partition */
	uint64_t sequence;	/* of this producer in this partition */
	uint64_t seed;
	unsigned char bytes[];
};

size_t payload_make(struct payload *payload, size_t length);
/* Fails the test if a byte is not what it was. */
void payload_check(const struct payload *payload, size_t length);

#endif
