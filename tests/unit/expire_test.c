// SPDX-License-Identifier: GPL-2.0-only
/* kmod/ring.c: retiring what is older than a moment, against going through all records. */
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

/* Records of up to @largest bytes, whose time goes on by two once in @run. */
static void append_some(unsigned int count, u32 largest, unsigned int run)
{
	while (count--) {
		if (prng_once_in(&prng, run))
			rig.now += 2;
		log_append_value(&want, &rig, 1 + prng_below(&prng, largest), &prng);
	}
}

/* What the ring would do: nothing but its ends changes, so a copy of them can try. */
static bool older_matches(u64 before, bool exact)
{
	struct ringlog_published published = *rig.ring.published;
	struct ringlog_ring ring = rig.ring;
	size_t i = log_older(&want, before, exact);
	bool moves = i > want.oldest;

	ring.published = &published;
	if (!CHECK(ringlog_ring_expire(&ring, before, exact) == moves))
		return false;
	return CHECK(ring.tail == (i < want.count ? want.records[i].position : want.head)) &&
	       CHECK(ring.tail_offset == want.first_offset + i) &&
	       CHECK(published.tail == ring.tail) &&
	       CHECK(ring.expired_end == (moves ? ring.tail_offset : want.expired_end)) &&
	       CHECK(ring.head == want.head);
}

static void expire_everywhere(void)
{
	for (int exact = 0; exact < 2; exact++) {
		for (size_t i = want.oldest; i < want.count && !tap_failed(); i++)
			for (int around = -1; around <= 1; around++)
				older_matches(want.records[i].timestamp + around, exact);
		older_matches(0, exact);
		older_matches(~0ULL, exact);
	}
}

/* Breaks when < and <= change, or an entry is taken for one record more or less. */
static void test_random(void)
{
	static const u32 largest[] = { 40, 300, 1500, 5000, RIG_LENGTH_MAX(65536) };
	static const unsigned int runs[] = { 1, 5, 60, 1000 };

	for (unsigned int round = 0; round < 120 && !tap_failed(); round++) {
		u32 length = largest[round % 5];

		begin(65536, round % 3 * 1000, round);
		append_some(prng_below(&prng, 4 * 65536 / (length / 2 + 32)), length,
			    runs[round % 4]);
		expire_everywhere();
		end();
	}
}

/* Breaks when tail or head within, at the edge of, or alone in a block is special. */
static void test_each_step(void)
{
	begin(65536, 100, 1);
	for (unsigned int i = 0; i < 400 && !tap_failed(); i++) {
		append_some(1, i % 50 < 25 ? 3000 : 8192, 3);
		expire_everywhere();
		if (prng_once_in(&prng, 2)) {
			size_t retained = want.count - want.oldest;
			size_t which = want.oldest + prng_below(&prng, retained);
			u64 before = want.records[which].timestamp + prng_below(&prng, 2);
			bool exact = prng_once_in(&prng, 2);

			log_expire(&want, before, exact);
			ringlog_ring_expire(&rig.ring, before, exact);
			log_matches(&want, &rig);
		}
	}
	end();
}

/* Breaks when a record that begins at a block is taken for one that ends there. */
static void test_at_blocks(void)
{
	for (unsigned int per_block = 1; per_block <= 128; per_block *= 2) {
		begin(65536, 0, per_block);
		for (unsigned int i = 0; i < 20 * per_block && !tap_failed(); i++) {
			rig.now += i % 7 == 0;
			log_append_value(&want, &rig, 4096 / per_block - 32, &prng);
			if (i % per_block < 2)
				expire_everywhere();
		}
		end();
	}
}

/* Breaks when an empty ring, or what tail has passed, is expired again. */
static void test_empty(void)
{
	begin(65536, 50, 1);
	expire_everywhere();
	for (unsigned int i = 0; i < 40 && !tap_failed(); i++) {
		append_some(1 + prng_below(&prng, 60), 1500, 3);
		if (i % 2) {
			rig_purge(&rig);
			log_purge(&want);
		} else {
			CHECK(ringlog_ring_expire(&rig.ring, rig.now + 1, i % 4));
			log_expire(&want, rig.now + 1, i % 4);
		}
		CHECK(rig.ring.tail == rig.ring.head);
		log_matches(&want, &rig);
		expire_everywhere();
	}
	end();
}

static void damage(u64 from, u64 to)
{
	for (size_t i = want.oldest; i < want.count; i++) {
		u64 position = want.records[i].position;
		struct ringlog_record *record = ringlog_ring_at(&rig.ring, position);

		if (position >= from && position < to)
			*record = (struct ringlog_record){ .length = ~0U, .timestamp = ~0ULL };
	}
}

/*
 * Breaks when records are walked that the index can pass: there is nothing left
 * of them, save in the block where the answer lies.
 */
static void test_by_the_index(void)
{
	for (unsigned int round = 0; round < 50 && !tap_failed(); round++) {
		u64 before, block;
		size_t i;

		begin(65536, 0, round);
		append_some(300, 500, 1);
		before = want.records[want.oldest + round * 2].timestamp + 1;
		i = log_older(&want, before, false);
		block = want.records[i].position / 4096 * 4096;
		damage(0, block);
		damage(block + 4096, ~0ULL);
		older_matches(before, true);
		damage(0, ~0ULL);
		older_matches(before, false);
		end();
	}
}

/* Breaks when the walk has no end of its own: more than a block of records is too old. */
static void test_walk_is_bounded(void)
{
	u64 tail;

	begin(65536, 0, 1);
	for (unsigned int i = 0; i < 1000; i++)
		log_append_value(&want, &rig, i % 2 ? 1 : 32, &prng);
	tail = rig.ring.tail;
	for (unsigned int i = 0; i < 16; i++)
		rig.ring.index[i].timestamp = ~0ULL;
	rig.ring.timestamp = ~0ULL;
	CHECK(ringlog_ring_expire(&rig.ring, ~0ULL, true));
	CHECK(rig.ring.tail_offset <= 129);
	CHECK(rig.ring.tail > tail);
	end();
}

static const struct tap_test tests[] = {
	{ "expire: random records", test_random },
	{ "expire: step by step", test_each_step },
	{ "expire: records that begin at blocks", test_at_blocks },
	{ "expire: an empty ring", test_empty },
	{ "expire: goes by the index", test_by_the_index },
	{ "expire: walks no further than a block", test_walk_is_bounded },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
