// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which partition a key belongs to. */
#include "ringlog.h"

/* MurmurHash2 in its form for 32 bits. */
#define MULTIPLIER	0x5bd1e995U
#define SEED		0x9747b28cU

/* Of the lowest first, on whatever host: the same key goes to the same partition. */
static __u32 four_bytes(const unsigned char *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (__u32)at[3] << 24;
}

static __u32 mix(__u32 hash, __u32 bytes)
{
	bytes *= MULTIPLIER;
	bytes ^= bytes >> 24;
	bytes *= MULTIPLIER;
	return hash * MULTIPLIER ^ bytes;
}

static __u32 finish(__u32 hash)
{
	hash ^= hash >> 13;
	hash *= MULTIPLIER;
	return hash ^ hash >> 15;
}

static __u32 hash_of(const unsigned char *at, size_t bytes)
{
	__u32 hash = SEED ^ (__u32)bytes;
	__u32 rest = 0;

	for (; bytes >= 4; at += 4, bytes -= 4)
		hash = mix(hash, four_bytes(at));
	for (size_t i = 0; i < bytes; i++)
		rest |= (__u32)at[i] << 8 * i;
	if (bytes)
		hash = (hash ^ rest) * MULTIPLIER;
	return finish(hash);
}

__u32 ringlog_key_partition(const void *key, size_t key_len, __u32 partitions)
{
	return (hash_of(key, key_len) & 0x7fffffff) % partitions;
}
