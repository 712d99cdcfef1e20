// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of params.c: its limits for every size of a ring, which are too many to
 * load the module for.
 */
#include <kunit/test.h>

#include "ring.h"

/* The parameters as they were loaded. */
struct params_saved {
	unsigned int partitions;
	u64 ring_bytes;
	char *policy;
	u64 max_record;
};

static int check(struct ringlog_stream_config *config)
{
	return ringlog_params_check(config);
}

static void numbers_of_bytes_are_read(struct kunit *test)
{
	static const struct {
		const char *text;
		u64 bytes;
	} rows[] = {
		{ "0", 0 }, { "65536", 65536 }, { "64K", 65536 }, { "64k\n", 65536 },
		{ "0x20000", 131072 }, { "1M", 1 << 20 }, { "3g", 3ULL << 30 },
		{ "1T", 1ULL << 40 },
		{ "18446744073709551615", ~0ULL }, { "16777215T", 16777215ULL << 40 },
	};
	u64 bytes;
	struct kernel_param param = { .name = "bytes", .arg = &bytes };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bytes = 77;
		KUNIT_EXPECT_EQ_MSG(test, set_bytes(rows[i].text, &param), 0, "of '%s'",
				    rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, bytes, rows[i].bytes, "of '%s'", rows[i].text);
	}
}

static void what_is_no_number_of_bytes_is_refused(struct kunit *test)
{
	static const char * const rows[] = {
		"", "\n", "K", "-1", "64KK", "64Q", "64 K", "1.5M", "many", "0x",
		/* Within 64 bits these would be 0, 0, 64 KiB, 64 KiB and 0. */
		"18446744073709551616", "17179869184G", "18446744073709617152",
		"18014398509482048K", "16777216T",
	};
	u64 bytes = 77;
	struct kernel_param param = { .name = "bytes", .arg = &bytes };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, set_bytes(rows[i], &param), -EINVAL, "of '%s'", rows[i]);
		KUNIT_EXPECT_EQ_MSG(test, bytes, 77ULL, "of '%s'", rows[i]);
	}
}

static void max_record_follows_the_ring(struct kunit *test)
{
	struct ringlog_stream_config config;

	for (ring_bytes = RINGLOG_RING_MIN; ring_bytes <= RINGLOG_RING_MAX; ring_bytes *= 2) {
		u64 most = min_t(u64, ring_bytes / 8, 1 << 20);

		max_record = 0;
		KUNIT_ASSERT_EQ(test, check(&config), 0);
		KUNIT_EXPECT_EQ(test, config.ring_bytes, ring_bytes);
		KUNIT_EXPECT_EQ(test, config.max_record, min_t(u64, most, 128 << 10));
		max_record = most;
		KUNIT_EXPECT_EQ(test, check(&config), 0);
		KUNIT_EXPECT_EQ(test, config.max_record, most);
		max_record = most + RINGLOG_ALIGN;
		KUNIT_EXPECT_EQ(test, check(&config), -EINVAL);
		max_record = most - 1;
		KUNIT_EXPECT_EQ(test, check(&config), -EINVAL);
	}
}

static int params_save(struct kunit *test)
{
	struct params_saved *saved = kunit_kzalloc(test, sizeof(*saved), GFP_KERNEL);

	if (!saved)
		return -ENOMEM;
	*saved = (struct params_saved){ partitions, ring_bytes, policy, max_record };
	test->priv = saved;
	partitions = 1;
	ring_bytes = 1 << 20;
	policy = "overwrite";
	max_record = 0;
	return 0;
}

static void params_restore(struct kunit *test)
{
	const struct params_saved *saved = test->priv;

	if (!saved)
		return;
	partitions = saved->partitions;
	ring_bytes = saved->ring_bytes;
	policy = saved->policy;
	max_record = saved->max_record;
}

static struct kunit_case params_cases[] = {
	KUNIT_CASE(numbers_of_bytes_are_read),
	KUNIT_CASE(what_is_no_number_of_bytes_is_refused),
	KUNIT_CASE(max_record_follows_the_ring),
	{}
};

static struct kunit_suite params_suite = {
	.name = "ringlog_params",
	.init = params_save,
	.exit = params_restore,
	.test_cases = params_cases,
};

kunit_test_suite(params_suite);
