// SPDX-License-Identifier: GPL-2.0-only
/* kmod/ring.[ch]: one writer, the index, and what a reader may see. */
#include "log.h"
#include "tap.h"

static struct rig rig;
static struct log want;
static struct prng prng;
static u8 zeroes[RINGLOG_RECORD_MAX];

static void begin(u64 size, u64 first_offset)
{
	rig_open(&rig, size, first_offset);
	log_open(&want, size, first_offset);
	prng = prng_seed(size + first_offset);
	rig.now = 1000;
}

static void end(void)
{
	rig_close(&rig);
	log_close(&want);
}

static void append(u32 length)
{
	rig.now += prng_below(&prng, 3);
	log_append_value(&want, &rig, length, &prng);
}

/* Breaks when a field keeps what the memory held, or the first offset is not set everywhere. */
static void test_init(void)
{
	struct ringlog_published published = { 0 };
	struct ringlog_index_entry index[16] = { 0 };
	struct ringlog_ring ring;
	struct ringlog_view view = { 0 };

	memset(&ring, 0xff, sizeof(ring));
	ringlog_ring_init(&ring, zeroes, index, &published, 65536, 77);
	CHECK(ring.data == zeroes && ring.index == index && ring.published == &published);
	CHECK(ring.size == 65536 && !ring.head && !ring.tail && !ring.timestamp);
	CHECK(ring.next_offset == 77 && ring.tail_offset == 77 && published.next_offset == 77);
	CHECK(!published.head && !published.tail);
	CHECK(ringlog_ring_look(&ring, 0, &view) == -EAGAIN);
	CHECK(!ringlog_ring_overtaken(&ring, 0));
	CHECK(ringlog_ring_ahead(&ring, 0) == 0 && ringlog_ring_ahead(&ring, 40000) == 0);
}

/* Three laps of records of one length, all of it compared after each @stride-th. */
static void laps(u64 size, u32 length, unsigned int stride)
{
	begin(size, 5);
	for (unsigned int i = 0; want.head < 3 * size + 5000 && !tap_failed(); i++) {
		append(length);
		if (i % stride == 0)
			log_matches(&want, &rig);
	}
	log_matches(&want, &rig);
	end();
}

/* Breaks when a record or an entry is lost, moved or overwritten too early. */
static void test_laps(void)
{
	static const u32 lengths[] = { 1, 32, 96, 992, 1000, 2016, 3000, 4063, 4064, 4065, 7777 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		laps(65536, lengths[i], lengths[i] < 200 ? 31 : 1);
}

/* Breaks when a block's entry is not the record that begins at its first byte. */
static void test_at_block(void)
{
	begin(65536, 0);
	for (unsigned int i = 0; i < 40; i++) {
		append(4096 - 32);
		CHECK(rig.ring.index[i % 16].position == i * 4096);
		CHECK(rig.ring.index[i % 16].offset == i);
		log_matches(&want, &rig);
	}
	end();
	laps(65536, 1024 - 32, 1);
}

/* Breaks when a lap is off by a block, or a record as large as allowed finds no room. */
static void test_largest(void)
{
	laps(65536, RIG_LENGTH_MAX(65536), 1);
	laps(1 << 20, RIG_LENGTH_MAX(1 << 20), 1);
	laps(8 << 20, RINGLOG_RECORD_MAX, 1);
}

/* Breaks when a long record leaves an entry of a block in it as it was. */
static void test_many_blocks(void)
{
	begin(1 << 20, 0);
	append(68);			/* ends at 128 */
	append(100000);			/* ends at 100160: blocks 1 to 24 begin in it */
	CHECK(rig.ring.index[0].position == 0);
	for (unsigned int block = 1; block <= 24; block++) {
		CHECK(rig.ring.index[block].position == 100160);
		CHECK(rig.ring.index[block].offset == 2);
	}
	CHECK(rig.ring.index[25].position == 0);
	log_matches(&want, &rig);
	end();
	laps(1 << 20, 100000, 1);
	laps(1 << 20, 50000, 1);
}

/* Breaks when a record that goes on at the ring's beginning is not there in one piece. */
static void test_straddle(void)
{
	const struct log_record *record;
	struct ringlog_view view = { 0 };

	begin(65536, 0);
	while (want.head + 4096 < 65536)
		append(4096 - 32);
	append(4096 - 32 - 64);		/* ends 64 before the end */
	append(500);
	record = &want.records[want.count - 1];
	CHECK(record->position == 65536 - 64);
	CHECK(!ringlog_ring_look(&rig.ring, record->position, &view));
	CHECK(view.value == rig.ring.data + 65536 - 32 && view.value_len == 500);
	CHECK(!memcmp(rig.ring.data + 65536 - 32, record->body, 32));
	CHECK(!memcmp(rig.ring.data, record->body + 32, 500 - 32));
	CHECK(view.next == 65536 - 64 + 544);
	log_matches(&want, &rig);
	end();
}

/* Breaks when room is made too early, too late, too little, or by other than whole blocks. */
static void test_tail(void)
{
	begin(65536, 0);
	for (unsigned int i = 0; i < 16; i++)
		append(4096 - 32);
	CHECK(rig.ring.head == 65536 && rig.ring.tail == 0 && rig.ring.tail_offset == 0);
	append(32);			/* 64 bytes: one whole block goes */
	CHECK(rig.ring.tail == 4096 && rig.ring.tail_offset == 1);
	append(4096 - 32 - 64);		/* fills it to the brim */
	CHECK(rig.ring.head == 65536 + 4096 && rig.ring.tail == 4096);
	append(4096);			/* 4128: two blocks */
	CHECK(rig.ring.tail == 3 * 4096 && rig.ring.tail_offset == 3);
	CHECK(rig.published.tail == rig.ring.tail);
	end();
}

/* Breaks when more is retired than the append, a block and a record that began in it. */
static void test_retained(void)
{
	u32 largest = RIG_LENGTH_MAX(65536);

	begin(65536, 0);
	for (unsigned int i = 0; i < 4000; i++) {
		u32 length = 1 + prng_below(&prng, largest);
		u64 footprint = ringlog_record_footprint(length), before = rig.ring.tail;

		append(length);
		CHECK(rig.ring.head - rig.ring.tail <= 65536);
		CHECK(rig.ring.tail >= before);
		if (rig.ring.tail != before)
			CHECK(rig.ring.head - rig.ring.tail > 65536 - 4096 - (largest + 64));
		else
			CHECK(before + 65536 >= rig.ring.head - footprint + footprint);
	}
	end();
}

/* Breaks when make_room moves tail though nothing had to go. */
static void test_room_is_there(void)
{
	begin(65536, 0);
	while (want.head < 65536 - 8192)
		append(992);
	ringlog_ring_make_room(&rig.ring, 8192);
	CHECK(rig.ring.tail == 0);
	ringlog_ring_make_room(&rig.ring, 8192 + 32);
	CHECK(rig.ring.tail == 4096);
	end();
}

/* Breaks when an append that failed is seen, or when the next one does not replace it. */
static void test_torn(void)
{
	static u8 garbage[8192];

	begin(65536, 0);
	memset(garbage, 0xaa, sizeof(garbage));
	for (unsigned int i = 0; i < 300 && !tap_failed(); i++) {
		u32 length = 1 + prng_below(&prng, sizeof(garbage));

		append(1 + prng_below(&prng, sizeof(garbage)));
		log_make_room(&want, ringlog_record_footprint(length));
		CHECK(rig_append_torn(&rig, garbage, length, prng_below(&prng, length), 1) ==
		      -EFAULT);
		log_matches(&want, &rig);
	}
	end();
}

/* Breaks when timestamps go back, or when a header is not the writer's. */
static void test_header(void)
{
	struct ringlog_view view = { 0 };

	begin(65536, 3);
	rig.now = 500;
	CHECK(!rig_append(&rig, zeroes, 10, 42));
	rig.now = 400;
	CHECK(!rig_append(&rig, zeroes, 10, ~0U));
	if (CHECK(!ringlog_ring_look(&rig.ring, 64, &view) && view.record)) {
		CHECK(view.record->timestamp == 500 && rig.ring.timestamp == 500);
		CHECK(view.record->producer == ~0U && view.offset == 4);
	}
	if (CHECK(!ringlog_ring_look(&rig.ring, 0, &view) && view.record))
		CHECK(view.record->producer == 42 && view.offset == 3 && view.value_len == 10);
	end();
}

/* Breaks when the ends are off by one: head is no record yet, tail still is one. */
static void test_ends(void)
{
	struct ringlog_view view = { 0 };

	begin(65536, 0);
	for (unsigned int i = 0; i < 100; i++)
		append(992);
	CHECK(rig.ring.tail > 0);
	CHECK(ringlog_ring_look(&rig.ring, rig.ring.head, &view) == -EAGAIN);
	CHECK(!ringlog_ring_look(&rig.ring, rig.ring.head - 1024, &view));
	CHECK(!ringlog_ring_look(&rig.ring, rig.ring.tail, &view));
	CHECK(ringlog_ring_look(&rig.ring, rig.ring.tail - 1024, &view) == -EPIPE);
	CHECK(ringlog_ring_look(&rig.ring, 0, &view) == -EPIPE);
	CHECK(!ringlog_ring_overtaken(&rig.ring, rig.ring.tail));
	CHECK(!ringlog_ring_overtaken(&rig.ring, rig.ring.head));
	CHECK(ringlog_ring_overtaken(&rig.ring, rig.ring.tail - 32));
	CHECK(ringlog_ring_overtaken(&rig.ring, 0));
	end();
}

static struct ringlog_record *record_at(size_t i)
{
	return ringlog_ring_at(&rig.ring, want.records[i].position);
}

/* Breaks when a length that reaches over head is believed, or a good one is not. */
static void test_damaged_length(void)
{
	struct ringlog_record *record;
	struct ringlog_view view = { 0 };
	u64 position;

	begin(65536, 0);
	for (unsigned int i = 0; i < 100; i++)
		append(992);
	record = record_at(98);
	position = want.records[98].position;
	record->length = 2048 - 32;	/* up to head: makes sense */
	CHECK(!ringlog_ring_look(&rig.ring, position, &view) && view.next == rig.ring.head);
	record->length++;
	CHECK(ringlog_ring_look(&rig.ring, position, &view) == -EBADMSG);
	for (u32 below = 0; below < 64; below++) {
		record->length = ~0U - below;
		CHECK(ringlog_ring_look(&rig.ring, position, &view) == -EBADMSG);
	}
	CHECK(ringlog_ring_damaged(&rig.ring, position) == -EBADMSG);
	CHECK(ringlog_ring_damaged(&rig.ring, 0) == -EPIPE);
	end();
}

/* Breaks when key or headers may be longer than the record. */
static void test_damaged_parts(void)
{
	struct ringlog_record *record;
	struct ringlog_view view = { 0 };
	u64 position;

	begin(65536, 0);
	for (unsigned int i = 0; i < 100; i++)
		append(993);
	record = record_at(50);
	position = want.records[50].position;
	record->key_len = 992;
	CHECK(!ringlog_ring_look(&rig.ring, position, &view) && view.value_len == 1);
	record->key_len = 993;
	CHECK(ringlog_ring_look(&rig.ring, position, &view) == -EBADMSG);
	record->key_len = 65535;
	CHECK(ringlog_ring_look(&rig.ring, position, &view) == -EBADMSG);
	record->key_len = 0;
	record->headers_len = 993;
	CHECK(ringlog_ring_look(&rig.ring, position, &view) == -EBADMSG);
	record->headers_len = 496;
	record->key_len = 496;
	CHECK(!ringlog_ring_look(&rig.ring, position, &view) && view.value_len == 1);
	end();
}

/* Breaks when any header at all makes a view that leaves the mapping or passes head. */
static void test_damaged_any(void)
{
	begin(65536, 0);
	for (unsigned int i = 0; i < 1000; i++)
		append(1 + prng_below(&prng, 300));
	for (unsigned int i = 0; i < 200000 && !tap_failed(); i++) {
		size_t n = want.oldest + prng_below(&prng, want.count - want.oldest);
		u64 position = want.records[n].position;
		struct ringlog_record *record = record_at(n), saved = *record;
		struct ringlog_view view = { 0 };
		int ret;

		record->length = prng_next(&prng) >> prng_below(&prng, 32);
		record->key_len = (u16)prng_next(&prng) >> prng_below(&prng, 16);
		record->headers_len = (u16)prng_next(&prng) >> prng_below(&prng, 16);
		ret = ringlog_ring_look(&rig.ring, position, &view);
		CHECK(!ret || ret == -EBADMSG);
		if (!ret) {
			CHECK(view.next > position && view.next <= rig.ring.head);
			CHECK(rig_inside(&rig, view.record, sizeof(*view.record)));
			CHECK(rig_inside(&rig, view.value, view.value_len));
			CHECK(view.value + view.value_len <=
			      (u8 *)record + (view.next - position));
		}
		*record = saved;
	}
	end();
}

/* What ringlog_ring_ahead() should return, by brute force. */
static u64 ahead(u64 bytes)
{
	u64 from = (log_tail(&want) + bytes + 4095) / 4096 * 4096;

	if (from >= want.head)
		return log_tail(&want);
	for (size_t i = want.oldest; i < want.count; i++)
		if (want.records[i].position >= from)
			return want.records[i].position;
	return want.head;
}

/* Breaks when the place is no record's, is not as far ahead as asked, or is beyond head. */
static void test_ahead(void)
{
	begin(65536, 0);
	for (unsigned int i = 0; i < 400 && !tap_failed(); i++) {
		append(1 + prng_below(&prng, i % 3 ? 900 : 8192));
		for (u64 bytes = 0; bytes < 2 * 65536; bytes += 1000)
			CHECK(ringlog_ring_ahead(&rig.ring, bytes) == ahead(bytes));
		for (u64 bytes = 4096; bytes <= 65536; bytes += 4096)
			CHECK(ringlog_ring_ahead(&rig.ring, bytes) == ahead(bytes));
	}
	end();
}

static const struct tap_test tests[] = {
	{ "ring: init", test_init },
	{ "ring: three laps of records of one size", test_laps },
	{ "ring: records that begin at blocks", test_at_block },
	{ "ring: records as large as allowed", test_largest },
	{ "ring: records over many blocks", test_many_blocks },
	{ "ring: a record over the end of the ring", test_straddle },
	{ "ring: tail moves by blocks", test_tail },
	{ "ring: no more is retired than has to be", test_retained },
	{ "ring: nothing is retired while there is room", test_room_is_there },
	{ "ring: failed appends leave nothing", test_torn },
	{ "ring: header of a record", test_header },
	{ "ring: looking at both ends", test_ends },
	{ "ring: damaged lengths", test_damaged_length },
	{ "ring: damaged lengths of key and headers", test_damaged_parts },
	{ "ring: no header leads out of the ring", test_damaged_any },
	{ "ring: a record ahead of the oldest", test_ahead },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
