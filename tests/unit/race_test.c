// SPDX-License-Identifier: GPL-2.0-only
/*
 * A writer at full speed against readers that take no lock: whatever the second
 * look lets through is whole, in order, and accounted for. Breaks when tail is
 * moved after the bytes, or when the second look goes. Most machines are too
 * strong to miss a fence: weak/order_test.c does.
 */
#include <pthread.h>
#include <stdio.h>

#include "cursor.h"
#include "prng.h"
#include "tap.h"

#define READERS 2
#define VALUE_MAX 2000

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define RECORDS 300000
#else
#define RECORDS 3000000
#endif

static struct rig rig;
static bool done;

/* The value of the record of an offset: a length and words that follow from it. */
static u32 make_value(u64 offset, u8 *to)
{
	struct prng prng = prng_seed(offset);
	u32 length = 8 + prng_below(&prng, prng_once_in(&prng, 16) ? VALUE_MAX - 8 : 120);

	for (u32 i = 0; i + 8 <= length; i += 8) {
		u64 word = prng_next(&prng);

		memcpy(to + i, &word, 8);
	}
	memset(to + length / 8 * 8, 0x5a, length % 8);
	return length;
}

static void *write_all(void *unused)
{
	static u8 value[VALUE_MAX];

	for (u64 offset = 0; offset < RECORDS; offset++) {
		rig.now++;
		rig_append(&rig, value, make_value(offset, value), 1);
	}
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	return unused;
}

/**
 * struct reader - what a reader found
 * @cursor: where it is
 * @delivered: records that it took for good
 * @torn: of them, those that were not
 * @errors: reads that ended as none should
 * @laps: times it was told of a loss
 */
struct reader {
	struct cursor cursor;
	u64 delivered;
	u64 torn;
	u64 errors;
	u64 laps;
};

static void take(struct reader *reader, const struct ringlog_view *view, const u8 *value)
{
	u8 expected[VALUE_MAX];
	u32 length = make_value(view->offset, expected);

	reader->delivered++;
	if (length != view->value_len || memcmp(value, expected, length) != 0)
		reader->torn++;
}

static void *read_all(void *argument)
{
	struct reader *reader = argument;
	u8 value[VALUE_MAX];
	bool last = false;

	for (;;) {
		struct ringlog_view view = { 0 };
		ssize_t ret = cursor_read(&rig.ring, &reader->cursor, value, sizeof(value), &view);

		if (ret == -EAGAIN && last)
			return NULL;
		if (ret >= 0)
			take(reader, &view, value);
		else if (ret == -EPIPE)
			reader->laps++;
		else if (ret != -EAGAIN)
			reader->errors++;
		else
			last = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
	}
}

static void test_race(void)
{
	struct reader readers[READERS] = { 0 };
	pthread_t threads[READERS], writer;

	rig_open(&rig, 65536, 0);
	for (int i = 0; i < READERS; i++)
		CHECK(!pthread_create(&threads[i], NULL, read_all, &readers[i]));
	CHECK(!pthread_create(&writer, NULL, write_all, NULL));
	CHECK(!pthread_join(writer, NULL));
	for (int i = 0; i < READERS; i++) {
		CHECK(!pthread_join(threads[i], NULL));
		printf("# reader %d: %llu delivered, %llu lost in %llu laps\n", i,
		       (unsigned long long)readers[i].delivered,
		       (unsigned long long)readers[i].cursor.lost,
		       (unsigned long long)readers[i].laps);
		CHECK(!readers[i].torn && !readers[i].errors);
		CHECK(readers[i].cursor.offset == RECORDS);
		CHECK(readers[i].delivered + readers[i].cursor.lost == RECORDS);
	}
	rig_close(&rig);
}

static const struct tap_test tests[] = {
	{ "race: a writer that never stops", test_race },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
