// SPDX-License-Identifier: GPL-2.0-only
/* libringlog: the partition of a key is the one that Kafka's default partitioner chooses. */
#include "ringlog.h"
#include "tap.h"

#include <string.h>

struct vector {
	const char	*key;
	__s32		hash;
};

/* What Kafka's own tests, and librdkafka's, expect of murmur2. */
static const struct vector vectors[] = {
	{ "21", -973932308 },
	{ "foobar", -790332482 },
	{ "a-little-bit-long-string", -985981536 },
	{ "a-little-bit-longer-string", -1486304829 },
	{ "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971 },
	{ "abc", 479470107 },
	{ "kafka", (__s32)0xd067cf64 },
	{ "giberish123456789", (__s32)0x8f552b0c },
	{ "1234", (__s32)0x9fc97b14 },
	{ "234", (__s32)0xe7c009ca },
	{ "34", (__s32)0x873930da },
	{ "4", (__s32)0x5a4b5ca1 },
	{ "PreAmbleWillBeRemoved,ThePrePartThatIs", (__s32)0x78424f1c },
	{ "reAmbleWillBeRemoved,ThePrePartThatIs", (__s32)0x4a62b377 },
	{ "eAmbleWillBeRemoved,ThePrePartThatIs", (__s32)0xe0e4e09e },
	{ "AmbleWillBeRemoved,ThePrePartThatIs", (__s32)0x62b8b43f },
	{ "", (__s32)0x106e08d9 },
};

#define VECTORS	(sizeof(vectors) / sizeof(vectors[0]))

/* Of a hash with its sign taken off, that many of 2^31 partitions is the hash itself. */
#define WHOLE	0x80000000U

static __u32 positive(__s32 hash)
{
	return (__u32)hash & 0x7fffffff;
}

static void test_hashes(void)
{
	for (size_t i = 0; i < VECTORS; i++)
		CHECK(ringlog_key_partition(vectors[i].key, strlen(vectors[i].key), WHOLE) ==
		      positive(vectors[i].hash));
}

/* Breaks when a hash is made positive in another way, such as by its absolute value. */
static void test_partitions(void)
{
	static const __u32 counts[] = { 1, 2, 3, 7, 12, 64, 1000, 1024 };

	for (size_t i = 0; i < VECTORS; i++)
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			CHECK(ringlog_key_partition(vectors[i].key, strlen(vectors[i].key),
						    counts[j]) ==
			      positive(vectors[i].hash) % counts[j]);
	/* toPositive(-973932308) = 1173551340, which leaves 4 of 8 and 0 of 12. */
	CHECK(ringlog_key_partition("21", 2, 8) == 4);
	CHECK(ringlog_key_partition("21", 2, 12) == 0);
}

/*
 * The same hash made differently: in 64 bits, all of it by remainders, from a copy of the key
 * with zeros behind it.
 */
static __u64 modular(const unsigned char *key, size_t len)
{
	const __u64 two32 = 1ULL << 32, m = 1540483477;
	unsigned char padded[80] = { };
	__u64 h = (2538058380ULL ^ len) % two32;

	memcpy(padded, key, len);
	for (size_t block = 0; block < (len + 3) / 4; block++) {
		__u64 k = 0;

		for (int byte = 3; byte >= 0; byte--)
			k = k * 256 + padded[block * 4 + byte];
		if (block < len / 4) {
			k = k * m % two32;
			k = (k ^ k / (1 << 24)) * m % two32;
			h = h * m % two32 ^ k;
		} else {
			h = (h ^ k) * m % two32;
		}
	}
	h = (h ^ h / (1 << 13)) * m % two32;
	return (h ^ h / (1 << 15)) % (1ULL << 31);
}

/* Of every length and alignment; bytes above 127 are no negative numbers. */
static void test_any_key(void)
{
	unsigned char bytes[72];
	__u64 state = 21;

	for (size_t i = 0; i < VECTORS; i++)
		CHECK(modular((const unsigned char *)vectors[i].key, strlen(vectors[i].key)) ==
		      positive(vectors[i].hash));
	for (int round = 0; round < 1000 && !tap_failed(); round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (state = state * 6364136223846793005ULL + 1) >> 56;
		for (size_t len = 0; len <= 64; len++)
			CHECK(ringlog_key_partition(bytes + len % 8, len, WHOLE) ==
			      modular(bytes + len % 8, len));
	}
}

static const struct tap_test tests[] = {
	{ "key: the hashes that Kafka has", test_hashes },
	{ "key: the partitions that Kafka chooses", test_partitions },
	{ "key: any bytes of any length", test_any_key },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
