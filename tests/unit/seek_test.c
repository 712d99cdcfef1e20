// SPDX-License-Identifier: GPL-2.0-only
/* kmod/ring.c: seeking by offset and by time, against going through all records. */
#include "log.h"
#include "tap.h"

static struct rig rig;
static struct log want;
static struct prng prng;

static void begin(u64 size, u64 first_offset, u64 seed)
{
	rig_open(&rig, size, first_offset);
	log_open(&want, size, first_offset);
	prng = prng_seed(seed);
	rig.now = 1000;
}

static void end(void)
{
	rig_close(&rig);
	log_close(&want);
}

static bool seek_matches(u64 key, bool by_time)
{
	u64 position = ~0ULL, offset = ~0ULL;
	size_t found = 0;
	int ret = log_seek(&want, key, by_time, &found);

	if (!CHECK(ringlog_ring_seek(&rig.ring, key, by_time, &position, &offset) == ret))
		return false;
	if (ret)
		return true;
	return CHECK(offset == want.first_offset + found) &&
	       CHECK(position == (found < want.count ? want.records[found].position :
						       want.head));
}

/* Each offset and each time there is, and those between, below and beyond. */
static void seek_everywhere(void)
{
	u64 oldest = want.first_offset + want.oldest, next = want.first_offset + want.count;

	for (u64 offset = oldest > 5 ? oldest - 5 : 0; offset <= next + 5; offset++)
		seek_matches(offset, false);
	for (size_t i = want.oldest; i < want.count; i++)
		for (int around = -1; around <= 1; around++)
			seek_matches(want.records[i].timestamp + around, true);
	for (int by_time = 0; by_time < 2; by_time++) {
		seek_matches(0, by_time);
		seek_matches(1, by_time);
		seek_matches(~0ULL, by_time);
	}
}

/* Records of up to @largest bytes, whose time goes on by two once in @run. */
static void append_some(unsigned int count, u32 largest, unsigned int run)
{
	while (count--) {
		if (prng_once_in(&prng, run))
			rig.now += 2;
		log_append_value(&want, &rig, 1 + prng_below(&prng, largest), &prng);
	}
}

/* Breaks when < and <= change in the search or the walk, or a stale entry is believed. */
static void test_random(void)
{
	static const u32 largest[] = { 40, 300, 1500, 5000, RIG_LENGTH_MAX(65536) };
	static const unsigned int runs[] = { 1, 5, 60, 1000 };

	for (unsigned int round = 0; round < 240 && !tap_failed(); round++) {
		u32 length = largest[round % 5];

		begin(65536, round % 3 * 1000, round);
		append_some(prng_below(&prng, 4 * 65536 / (length / 2 + 32)), length,
			    runs[round % 4]);
		seek_everywhere();
		end();
	}
}

/* Breaks when tail or head within, at the edge of, or alone in a block is special. */
static void test_each_append(void)
{
	begin(65536, 100, 1);
	for (unsigned int i = 0; i < 200 && !tap_failed(); i++) {
		append_some(1, i % 50 < 25 ? 3000 : 8192, 3);
		seek_everywhere();
	}
	end();
}

/* Breaks when records that begin at blocks are found by their own entry only by offset. */
static void test_at_blocks(void)
{
	for (unsigned int per_block = 1; per_block <= 4; per_block *= 2) {
		begin(65536, 0, per_block);
		for (unsigned int i = 0; i < 80 && !tap_failed(); i++) {
			rig.now += i % 7 == 0;
			log_append_value(&want, &rig, 4096 / per_block - 32, &prng);
			seek_everywhere();
		}
		end();
	}
}

/* Breaks when a ring of 1 MiB has blocks that the search does not reach. */
static void test_large(void)
{
	begin(1 << 20, 0, 1);
	append_some(1000, RIG_LENGTH_MAX(1 << 20), 4);
	seek_everywhere();
	append_some(3000, 2000, 4);
	seek_everywhere();
	end();
}

/* Breaks when an empty ring answers by what its memory holds. */
static void test_empty(void)
{
	begin(65536, 0, 1);
	seek_everywhere();
	end();
	begin(65536, 50, 1);
	seek_everywhere();
	append_some(1, 100, 1);
	seek_everywhere();
	end();
}

/* Breaks when records that are there, but before tail, are found. */
static void test_purged(void)
{
	begin(65536, 0, 1);
	for (unsigned int i = 0; i < 60 && !tap_failed(); i++) {
		append_some(1 + prng_below(&prng, 100), 1500, 3);
		rig_purge(&rig);
		log_purge(&want);
		log_matches(&want, &rig);
		seek_everywhere();
		append_some(1, 5000, 1);
		log_matches(&want, &rig);
		seek_everywhere();
	}
	end();
}

/* Breaks when a failed append's entries or records are found. */
static void test_torn(void)
{
	static u8 batch[8192];
	u64 first;

	begin(65536, 0, 1);
	for (unsigned int i = 0; i < 150 && !tap_failed(); i++) {
		struct log_record record;
		u32 bytes;

		append_some(1 + prng_below(&prng, 5), 2000, 2);
		record = log_random(&prng, 8000);
		bytes = log_write(&record, batch, &prng);
		memset(batch + bytes, 0, 32);
		log_make_room(&want, bytes + 32);
		CHECK(rig_append_batch(&rig, batch, bytes + 32, 1, &first) == -EINVAL);
		log_matches(&want, &rig);
		seek_everywhere();
	}
	end();
}

/* Breaks when a search walks from tail, or does not tell what it stumbled over. */
static void test_damaged(void)
{
	u64 position, offset;

	begin(65536, 0, 1);
	append_some(200, 1000, 1);
	((struct ringlog_record *)ringlog_ring_at(&rig.ring, rig.ring.tail))->length = ~0U;
	CHECK(seek_matches(rig.ring.next_offset - 1, false));
	CHECK(seek_matches(want.timestamp, true));
	CHECK(ringlog_ring_seek(&rig.ring, rig.ring.tail_offset + 1, false, &position, &offset) ==
	      -EBADMSG);
	end();
}

static const struct tap_test tests[] = {
	{ "seek: random records", test_random },
	{ "seek: after each append", test_each_append },
	{ "seek: records that begin at blocks", test_at_blocks },
	{ "seek: a large ring", test_large },
	{ "seek: an empty ring", test_empty },
	{ "seek: a purged ring", test_purged },
	{ "seek: after failed appends", test_torn },
	{ "seek: goes by the index", test_damaged },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
