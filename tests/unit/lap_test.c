// SPDX-License-Identifier: GPL-2.0-only
/*
 * A writer at full speed against consumers of the same window: what they are told is good is
 * whole, in order, and together with what they lost it is all there was.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "consumed.h"
#include "tap.h"

#define READERS 2

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define RECORDS 200000
#else
#define RECORDS 3000000
#endif

static struct mapped *mapped;
static bool done;

static void *write_all(void *unused)
{
	consumed_append(mapped, RECORDS);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	return unused;
}

/**
 * struct reader - a thread that reads
 * @consumer: its own
 * @copies: it reads copies, and else in place
 * @delivered: records that it took for good
 * @torn: of them, those that were not
 * @errors: what should not be
 * @laps: times it was told of a loss
 */
struct reader {
	struct ringlog_consumer *consumer;
	bool copies;
	uint64_t delivered;
	uint64_t torn;
	uint64_t errors;
	uint64_t laps;
};

static int read_copy(struct reader *reader)
{
	uint8_t buffer[CONSUMED_VALUE_MAX], expected[CONSUMED_VALUE_MAX];
	struct ringlog_view view;
	int ret = ringlog_read(reader->consumer, buffer, sizeof(buffer), &view, NULL);

	if (ret != 1)
		return ret;
	reader->delivered++;
	if (view.content.value_len != consumed_value(view.offset, expected) ||
	    memcmp(view.content.value, expected, view.content.value_len) != 0)
		reader->torn++;
	return 1;
}

static int read_in_place(struct reader *reader)
{
	uint8_t buffer[CONSUMED_VALUE_MAX], expected[CONSUMED_VALUE_MAX];
	struct ringlog_record record;
	struct ringlog_peek peek;
	int ret = ringlog_peek(reader->consumer, &peek);

	if (ret != 1)
		return ret;
	/* Whatever the length is, so much is there; and what is good is not longer. */
	mapped_copy(buffer, peek.value,
		    peek.value_len < sizeof(buffer) ? peek.value_len : sizeof(buffer));
	mapped_copy(&record, peek.record, sizeof(record));
	ret = ringlog_release(reader->consumer);
	if (ret)
		return ret;
	reader->delivered++;
	if (peek.value_len != consumed_value(record.offset, expected) ||
	    record.length != peek.value_len || memcmp(buffer, expected, peek.value_len) != 0)
		reader->torn++;
	return 1;
}

static void *read_all(void *argument)
{
	struct reader *reader = argument;
	bool last = false;

	for (;;) {
		int ret = reader->copies ? read_copy(reader) : read_in_place(reader);

		if (!ret && last)
			return NULL;
		if (ret == -EPIPE)
			reader->laps++;
		else if (ret < 0)
			reader->errors++;
		else if (!ret)
			last = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
	}
}

static void test_race(void)
{
	struct reader readers[READERS] = { { .copies = true }, { .copies = false } };
	pthread_t threads[READERS], writer;

	mapped = mapped_open(MAPPED_RING, 0);
	for (int i = 0; i < READERS; i++) {
		readers[i].consumer = consumed_open(&mapped, 1, 0);
		CHECK(!pthread_create(&threads[i], NULL, read_all, &readers[i]));
	}
	CHECK(!pthread_create(&writer, NULL, write_all, NULL));
	CHECK(!pthread_join(writer, NULL));
	for (int i = 0; i < READERS; i++) {
		struct ringlog_place place;

		CHECK(!pthread_join(threads[i], NULL));
		place = consumed_place(readers[i].consumer);
		printf("# reader %d: %llu delivered, %llu lost in %llu laps\n", i,
		       (unsigned long long)readers[i].delivered, (unsigned long long)place.lost,
		       (unsigned long long)readers[i].laps);
		CHECK(!readers[i].torn && !readers[i].errors);
		CHECK(place.offset == RECORDS && readers[i].delivered + place.lost == RECORDS);
		ringlog_consumer_close(readers[i].consumer);
	}
	mapped_close(mapped);
}

static const struct tap_test tests[] = {
	{ "lap: a writer that never stops", test_race },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
