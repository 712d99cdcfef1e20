// SPDX-License-Identifier: GPL-2.0-only
/* kmod/ring.c: batches, which users write in the ring's own layout. */
#include "log.h"
#include "tap.h"

#define SIZE 65536ULL

static struct rig rig;
static struct log want;
static struct prng prng;
static u8 batch[RIG_APPEND_MAX(SIZE)];

static void begin(void)
{
	rig_open(&rig, SIZE, 9);
	log_open(&want, SIZE, 9);
	prng = prng_seed(SIZE);
	rig.now = 1000;
}

static void end(void)
{
	rig_close(&rig);
	log_close(&want);
}

/* Append @bytes of batch[] that should go through. */
static int append(u32 bytes, u32 producer)
{
	u64 first = 0, next = rig.ring.next_offset;
	int ret = rig_append_batch(&rig, batch, bytes, producer, &first);

	CHECK(first == next);
	return ret;
}

/* A record with a key, headers and a value of one byte 0x55 each. */
static u32 small(u8 *to)
{
	struct ringlog_record *record = (struct ringlog_record *)to;

	memset(to, 0x55, 64);
	*record = (struct ringlog_record){
		.length = 17,
		.type = RINGLOG_TYPE_DATA,
		.flags = RINGLOG_RECORD_HAS_KEY,
		.offset = 0xbad,
		.timestamp = 0xbad,
		.producer = 0xbad,
		.key_len = 1,
		.headers_len = 1,
	};
	return 64;
}

/* Breaks when offset, timestamp, producer, count or the sum of lengths are wrong. */
static void test_numbers(void)
{
	struct ringlog_view view = { 0 };
	u64 position = 0;

	begin();
	for (u32 i = 0; i < 10; i++)
		small(batch + i * 64);
	CHECK(append(640, 7) == 10);
	CHECK(rig.lengths == 10 * 17);
	CHECK(rig.ring.head == 640 && rig.ring.next_offset == 19);
	for (u32 i = 0; i < 10; i++, position = view.next) {
		if (!CHECK(!ringlog_ring_look(&rig.ring, position, &view)))
			break;
		CHECK(view.offset == 9 + i && view.record->timestamp == 1000);
		CHECK(view.record->producer == 7 && view.value_len == 1);
	}
	CHECK(append(0, 7) == 0 && rig.ring.next_offset == 19);
	end();
}

/* Breaks when a byte of padding keeps what the user put there, or a byte of data does not. */
static void test_padding(void)
{
	u8 expected[32] = { 0 };

	begin();
	expected[0] = 0x55;
	expected[8] = 0x55;
	expected[16] = 0x55;
	CHECK(append(small(batch), 7) == 1);
	CHECK(!memcmp(rig.ring.data + 32, expected, 32));
	end();
}

/* Breaks when a combination of lengths is padded wrongly; 0 to 9 bytes of each part. */
static void test_padding_all(void)
{
	begin();
	for (u32 i = 0; i < 1000 && !tap_failed(); i++) {
		struct log_record record = { .producer = 7, .flags = RINGLOG_RECORD_HAS_KEY };
		static u8 body[64];

		record.key_len = i % 10;
		record.headers_len = i / 10 % 10;
		record.length = log_skip(&record) + i / 100;
		record.body = body;
		memset(body, 0, sizeof(body));
		memset(body, 1, record.key_len);
		memset(body + (record.key_len + 7) / 8 * 8, 2, record.headers_len);
		memset(body + log_skip(&record), 3, i / 100);
		log_make_room(&want, log_footprint(&record));
		CHECK(append(log_write(&record, batch, &prng), 7) == 1);
		log_append(&want, &record, rig.now);
		log_matches(&want, &rig);
	}
	end();
}

/* Breaks when a record within a batch is indexed wrongly, over many laps. */
static void test_laps(void)
{
	begin();
	for (unsigned int i = 0; i < 300 && !tap_failed(); i++) {
		u32 room = 32 + prng_below(&prng, sizeof(batch) - 32), bytes = 0, count = 0;
		struct prng again = prng;

		/* Twice the same numbers: sizes first, for room is made once for all. */
		while (bytes + 64 < room) {
			struct log_record record = log_random(&prng, (room - bytes) & ~31U);

			bytes += log_write(&record, batch + bytes, &prng);
			count++;
		}
		rig.now++;
		log_make_room(&want, bytes);
		for (u32 at = 0; at + 64 < room;) {
			struct log_record record = log_random(&again, (room - at) & ~31U);

			at += log_write(&record, batch + at, &again);
			record.producer = 7;
			log_append(&want, &record, rig.now);
		}
		CHECK(append(bytes, 7) == (int)count);
		log_matches(&want, &rig);
	}
	end();
}

/* @bytes of batch[] should be refused and leave all as it was. */
static void refused(u32 bytes, const char *why)
{
	u64 first = 0xbad;
	bool good;

	log_make_room(&want, bytes);
	good = CHECK(rig_append_batch(&rig, batch, bytes, 7, &first) == -EINVAL) &&
	       CHECK(first == 0xbad);
	/* The clock was read for it. */
	if (rig.now > want.timestamp)
		want.timestamp = rig.now;
	good = CHECK(log_matches(&want, &rig)) && good;
	tap_check(good, __FILE__, __LINE__, why);
}

/* Refused as the first, a middle and the last record, each with @damage done. */
static void refused_everywhere(void (*damage)(struct ringlog_record *), const char *why)
{
	static const u32 places[] = { 0, 1, 60, 119 };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		for (u32 n = 0; n < 120; n++)
			small(batch + n * 64);
		damage((struct ringlog_record *)(batch + places[i] * 64));
		refused(120 * 64, why);
	}
}

static void bad_type(struct ringlog_record *record)
{
	record->type = RINGLOG_TYPE_PAD;
}

static void bad_flags(struct ringlog_record *record)
{
	record->flags |= 1 << 2;
}

static void bad_reserved(struct ringlog_record *record)
{
	record->reserved = 1;
}

static void bad_length(struct ringlog_record *record)
{
	record->length = 120 * 64 - 31;
}

static void bad_length_wraps(struct ringlog_record *record)
{
	record->length = ~0U - 31;
}

static void bad_length_short(struct ringlog_record *record)
{
	record->length = 8;
}

static void bad_key(struct ringlog_record *record)
{
	record->key_len = 17;
}

static void bad_key_flag(struct ringlog_record *record)
{
	record->flags = 0;
}

static void bad_headers(struct ringlog_record *record)
{
	record->headers_len = 65535;
}

static void bad_null(struct ringlog_record *record)
{
	record->flags |= RINGLOG_RECORD_NULL_VALUE;
}

/* Breaks when a check is missing in the kernel's second look, or something is published. */
static void test_refused(void)
{
	begin();
	for (unsigned int lap = 0; lap < 20 && !tap_failed(); lap++) {
		refused_everywhere(bad_type, "type");
		refused_everywhere(bad_flags, "flags");
		refused_everywhere(bad_reserved, "reserved");
		refused_everywhere(bad_length, "length beyond the batch");
		refused_everywhere(bad_length_wraps, "length that wraps");
		refused_everywhere(bad_length_short, "length below key and headers");
		refused_everywhere(bad_key, "key_len");
		refused_everywhere(bad_key_flag, "key without flag");
		refused_everywhere(bad_headers, "headers_len");
		refused_everywhere(bad_null, "a value where there is none");
		for (unsigned int i = 0; i < 5; i++)
			log_append_value(&want, &rig, 1 + prng_below(&prng, 3000), &prng);
		log_matches(&want, &rig);
	}
	end();
}

/* Breaks when a batch may end within a record or within its header. */
static void test_ends(void)
{
	begin();
	log_append_value(&want, &rig, 100, &prng);
	for (u32 n = 0; n < 3; n++)
		small(batch + n * 64);
	for (u32 bytes = 1; bytes < 192; bytes++)
		if (bytes % 64)
			refused(bytes, "cut short");
	end();
}

/* Breaks when a batch may grow beyond the bound on records after it was looked at first. */
static void test_too_many(void)
{
	static u8 many[sizeof(struct ringlog_record) * (RINGLOG_BATCH_MAX + 1)];
	struct rig wide;
	u64 first = 0;

	rig_open(&wide, 1 << 20, 9);
	for (u32 i = 0; i <= RINGLOG_BATCH_MAX; i++)
		((struct ringlog_record *)many)[i] = (struct ringlog_record){
			.type = RINGLOG_TYPE_DATA,
		};
	CHECK(rig_append_batch(&wide, many, sizeof(many), 7, &first) == -EINVAL);
	CHECK(wide.ring.head == 0 && wide.ring.next_offset == 9);
	CHECK(rig_append_batch(&wide, many, sizeof(many) - 32, 7, &first) == RINGLOG_BATCH_MAX);
	CHECK(first == 9 && wide.ring.next_offset == 9 + RINGLOG_BATCH_MAX);
	rig_close(&wide);
}

/* Breaks when the largest batch there is does not fit. */
static void test_largest(void)
{
	struct log_record record = { .producer = 7, .length = RIG_LENGTH_MAX(SIZE) };
	static u8 body[RIG_LENGTH_MAX(SIZE)];

	begin();
	record.body = body;
	for (unsigned int i = 0; i < 40 && !tap_failed(); i++) {
		log_make_room(&want, log_footprint(&record));
		CHECK(append(log_write(&record, batch, &prng), 7) == 1);
		log_append(&want, &record, rig.now);
		log_matches(&want, &rig);
		log_append_value(&want, &rig, 1, &prng);
	}
	end();
}

static const struct tap_test tests[] = {
	{ "batch: numbering", test_numbers },
	{ "batch: padding is zeroed", test_padding },
	{ "batch: padding of parts of any length", test_padding_all },
	{ "batch: many laps", test_laps },
	{ "batch: malformed records are refused", test_refused },
	{ "batch: torn records are refused", test_ends },
	{ "batch: too many records are refused", test_too_many },
	{ "batch: as large as allowed", test_largest },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
