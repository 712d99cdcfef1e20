// SPDX-License-Identifier: GPL-2.0-only
/* kmod/record.h: the arithmetic and the rules of one record. */
#include "record.h"
#include "tap.h"

/* Breaks when ALIGN's unit is off, the header is forgotten, or u32 arithmetic wraps. */
static void test_footprint(void)
{
	CHECK(sizeof(struct ringlog_record) == 32);
	CHECK(ringlog_record_footprint(0) == 32);
	CHECK(ringlog_record_footprint(1) == 64);
	CHECK(ringlog_record_footprint(32) == 64);
	CHECK(ringlog_record_footprint(33) == 96);
	CHECK(ringlog_record_footprint(~0U) == (1ULL << 32) + 32);
	CHECK(ringlog_record_footprint(~0U - 31) == (1ULL << 32) + 0);
	for (u32 length = 0; length < 10000; length++) {
		u64 footprint = ringlog_record_footprint(length);

		CHECK(footprint % 32 == 0 && footprint >= length + 32 && footprint < length + 64);
	}
}

/* Breaks when a part is padded to other than 8, both are padded together, or u16 wraps. */
static void test_skip(void)
{
	CHECK(ringlog_record_skip(0, 0) == 0);
	CHECK(ringlog_record_skip(1, 0) == 8 && ringlog_record_skip(0, 1) == 8);
	CHECK(ringlog_record_skip(8, 8) == 16);
	CHECK(ringlog_record_skip(9, 1) == 24 && ringlog_record_skip(1, 9) == 24);
	CHECK(ringlog_record_skip(4, 4) == 16);
	CHECK(ringlog_record_skip(65535, 0) == 65536);
	CHECK(ringlog_record_skip(65535, 65535) == 131072);
}

static const struct ringlog_record good = { .length = 100, .type = RINGLOG_TYPE_DATA };

/* Breaks when a rule refuses what it should not, or trusts what the kernel is to write. */
static void test_valid(void)
{
	struct ringlog_record record = good;

	CHECK(ringlog_record_valid(&record, 1 << 20));
	record.offset = ~0ULL;
	record.timestamp = ~0ULL;
	record.producer = ~0U;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record = good;
	record.length = 0;
	CHECK(ringlog_record_valid(&record, 32));
	record.flags = RINGLOG_RECORD_HAS_KEY;
	CHECK(ringlog_record_valid(&record, 32));
	record.flags = RINGLOG_RECORD_HAS_KEY | RINGLOG_RECORD_NULL_VALUE;
	CHECK(ringlog_record_valid(&record, 32));
}

/* Breaks when a type, a reserved bit or an unknown flag goes through. */
static void test_valid_fixed(void)
{
	struct ringlog_record record = good;

	for (unsigned int type = 0; type < 256; type++) {
		record.type = type;
		CHECK(ringlog_record_valid(&record, 1 << 20) == (type == RINGLOG_TYPE_DATA));
	}
	for (unsigned int bit = 0; bit < 16; bit++) {
		record = good;
		record.reserved = 1 << bit;
		CHECK(!ringlog_record_valid(&record, 1 << 20));
	}
	for (unsigned int bit = 2; bit < 8; bit++) {
		record = good;
		record.flags = 1 << bit;
		CHECK(!ringlog_record_valid(&record, 1 << 20));
	}
}

/* Breaks when the header or the padding is not counted, < and <= change, or a sum wraps. */
static void test_valid_room(void)
{
	struct ringlog_record record = good;

	CHECK(ringlog_record_valid(&record, 160));
	CHECK(!ringlog_record_valid(&record, 159));
	CHECK(!ringlog_record_valid(&record, 132));
	CHECK(!ringlog_record_valid(&record, 0));
	for (u32 below = 0; below < 100; below++) {
		record.length = ~0U - below;
		CHECK(!ringlog_record_valid(&record, 1ULL << 30));
	}
}

/* Breaks when key or headers may reach over the record's end. */
static void test_valid_parts(void)
{
	struct ringlog_record record = good;

	record.flags = RINGLOG_RECORD_HAS_KEY;
	record.key_len = 96;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record.key_len = 97;		/* 104 with its padding */
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.length = 104;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record.headers_len = 1;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.length = 112;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record = good;
	record.headers_len = 65535;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.length = 65536;
	CHECK(ringlog_record_valid(&record, 1 << 20));
}

/* Breaks when a key needs no flag, or headers need one. */
static void test_valid_key(void)
{
	struct ringlog_record record = good;

	record.key_len = 1;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.flags = RINGLOG_RECORD_HAS_KEY;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record = good;
	record.headers_len = 1;
	CHECK(ringlog_record_valid(&record, 1 << 20));
}

/* Breaks when a record without a value may have one. */
static void test_valid_null(void)
{
	struct ringlog_record record = good;

	record.flags = RINGLOG_RECORD_NULL_VALUE;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.flags |= RINGLOG_RECORD_HAS_KEY;
	record.key_len = 5;
	record.length = 8;
	CHECK(ringlog_record_valid(&record, 1 << 20));
	record.length = 9;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
	record.length = 5;
	CHECK(!ringlog_record_valid(&record, 1 << 20));
}

static const struct tap_test tests[] = {
	{ "record: footprint", test_footprint },
	{ "record: bytes before the value", test_skip },
	{ "record: what is valid", test_valid },
	{ "record: type, flags and reserved are checked", test_valid_fixed },
	{ "record: the length is checked", test_valid_room },
	{ "record: the lengths of key and headers are checked", test_valid_parts },
	{ "record: a key needs its flag", test_valid_key },
	{ "record: no value has no bytes", test_valid_null },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
