// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/ring.[ch] on weak memory: a ring that is full, a writer that appends one
 * record, and a reader that finds any mixture of old and new that the barriers
 * let it find. Breaks when any of the ring's barriers goes: all mixtures are
 * tried, so that needs no luck.
 */
#include <stdio.h>

#include "cursor.h"
#include "tap.h"
#include "weak.h"

#define SIZE 65536
#define VALUE 32
#define RECORDS (SIZE / 64)

static struct rig rig;
/* Copies that were taken for good: that of the old record, and that of the new one. */
static unsigned long delivered;

static void fill_value(u64 *value, u64 offset)
{
	for (unsigned int i = 0; i < VALUE / 8; i++)
		value[i] = offset << 8 | i;
}

static void append(u64 offset)
{
	u64 value[VALUE / 8];

	fill_value(value, offset);
	rig.now = offset;
	CHECK(!rig_append(&rig, value, VALUE, 1));
}

/* A full ring, on which processor 0 appended and 1 is to read. */
static void begin(void)
{
	rig_open(&rig, SIZE, 0);
	for (u64 offset = 0; offset < RECORDS; offset++)
		append(offset);
	weak_begin();
	append(RECORDS);
	weak_switch(1);
}

static void end(void)
{
	weak_end();
	rig_close(&rig);
}

static void read_at(u64 offset)
{
	struct cursor cursor = { .position = offset * 64, .offset = offset };
	u64 value[VALUE / 8], want[VALUE / 8];
	struct ringlog_view view = { 0 };
	ssize_t ret;

	begin();
	ret = cursor_read(&rig.ring, &cursor, value, sizeof(value), &view);
	weak_end();
	if (ret >= 0) {
		fill_value(want, offset);
		CHECK(ret == VALUE && !memcmp(value, want, VALUE));
		CHECK(view.offset == offset && !cursor.lost);
		delivered++;
	} else {
		CHECK(ret == (offset < RECORDS ? -EPIPE : -EAGAIN));
	}
	end();
}

static void read_oldest(void)
{
	read_at(0);
}

static void read_newest(void)
{
	read_at(RECORDS);
}

/* As a reader that maps the ring does, by the O page alone. */
static void read_mapped_at(u64 offset)
{
	const struct ringlog_published *published = &rig.published;
	const struct ringlog_record *record;
	u64 position = offset * 64, head, got;

	begin();
	head = smp_load_acquire(&published->head); /* LMM(look:A) */
	if (head > position && READ_ONCE(published->tail) <= position) {
		record = ringlog_ring_at(&rig.ring, position);
		got = READ_ONCE(record->offset);
		smp_rmb(); /* LMM(look:B) */
		if (READ_ONCE(published->tail) <= position) {
			CHECK(got == offset);
			delivered++;
		}
	}
	end();
}

static void read_mapped_oldest(void)
{
	read_mapped_at(0);
}

static void read_mapped_newest(void)
{
	read_mapped_at(RECORDS);
}

static void seek(u64 key, bool by_time)
{
	u64 position = ~0ULL, offset = ~0ULL;
	int ret;

	begin();
	ret = ringlog_ring_seek(&rig.ring, key, by_time, &position, &offset);
	weak_end();
	if (!ret && offset == key) {
		CHECK(position == key * 64);
		delivered++;
	} else if (!ret) {
		/* By time, the oldest record that is left will do. */
		CHECK(by_time && key == 0 && offset == RINGLOG_BLOCK / 64);
		CHECK(position == RINGLOG_BLOCK);
	} else {
		CHECK(ret == -ERANGE || ret == -EPIPE);
		CHECK(key == 0 || key == RECORDS);
	}
	end();
}

static void seek_oldest(void)
{
	seek(0, false);
}

static void seek_kept(void)
{
	seek(RECORDS / 2 + 1, false);
}

static void seek_newest(void)
{
	seek(RECORDS, false);
}

static void seek_time(void)
{
	seek(0, true);
}

static void explore(void (*scenario)(void))
{
	unsigned long runs;

	delivered = 0;
	runs = weak_explore(scenario);
	printf("# %lu mixtures, the record taken in %lu\n", runs, delivered);
	/* One of which nothing else came would be no test. */
	CHECK(runs > 1 && delivered);
}

static void test_oldest(void)
{
	explore(read_oldest);
}

static void test_newest(void)
{
	explore(read_newest);
}

static void test_mapped(void)
{
	explore(read_mapped_oldest);
	explore(read_mapped_newest);
}

static void test_seek(void)
{
	explore(seek_oldest);
	explore(seek_kept);
	explore(seek_newest);
	explore(seek_time);
}

static const struct tap_test tests[] = {
	{ "weak memory: a record that is overwritten while it is read", test_oldest },
	{ "weak memory: a record that is published", test_newest },
	{ "weak memory: readers that map the ring", test_mapped },
	{ "weak memory: seeks", test_seek },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
