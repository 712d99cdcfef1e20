// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of config.c: every limit from both sides.
 */
#include <kunit/test.h>

static struct ringlog_stream_config good(void)
{
	return (struct ringlog_stream_config){
		.name = "orders",
		.partitions = 1,
		.ring_bytes = 1 << 20,
		.max_record = 64 << 10,
		.node = NUMA_NO_NODE,
		.mode = 0600,
	};
}

/* What is wrong with it; RINGLOG_SETTING_NONE: nothing. */
static enum ringlog_setting wrong(const struct ringlog_stream_config *config)
{
	struct ringlog_fault fault = {};

	if (!ringlog_config_check(config, &fault))
		return RINGLOG_SETTING_NONE;
	return fault.words ? fault.setting : -1;
}

static void names(struct kunit *test)
{
	static const char * const fine[] = {
		"a", "A-Z_0.9", "...", "..a", "-", "default", "0",
		"123456789012345678901234567890123456789012345678901234567890123",
	};
	static const char * const bad[] = {
		"", ".", "..", "a/b", "a b", "a!b", "\xc3\xa9", "a\n", "\x7f", "a:b", "%s", "\x01",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fine); i++) {
		struct ringlog_stream_config config = good();

		strscpy_pad(config.name, fine[i], sizeof(config.name));
		KUNIT_EXPECT_EQ_MSG(test, wrong(&config), RINGLOG_SETTING_NONE, "of '%s'", fine[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ringlog_stream_config config = good();

		strscpy_pad(config.name, bad[i], sizeof(config.name));
		KUNIT_EXPECT_EQ_MSG(test, wrong(&config), RINGLOG_SETTING_NAME, "of '%s'", bad[i]);
	}
}

static void numbers(struct kunit *test)
{
	struct ringlog_stream_config config;

#define EXPECT(field, value, setting)						\
	do {									\
		config = good();						\
		config.field = (value);						\
		KUNIT_EXPECT_EQ_MSG(test, wrong(&config), RINGLOG_SETTING_##setting,	\
				    #field " " #value);				\
	} while (0)

	EXPECT(partitions, 0, PARTITIONS);
	EXPECT(partitions, RINGLOG_PARTITIONS_MAX, NONE);
	EXPECT(partitions, RINGLOG_PARTITIONS_MAX + 1, PARTITIONS);
	EXPECT(policy, RINGLOG_POLICY_REJECT, NONE);
	EXPECT(policy, RINGLOG_POLICY_REJECT + 1, POLICY);
	EXPECT(policy, U32_MAX, POLICY);
	EXPECT(partitioner, RINGLOG_PARTITIONER_KEY + 1, PARTITIONER);
	EXPECT(ring_bytes, 0, RING_BYTES);
	EXPECT(ring_bytes, 32 << 10, RING_BYTES);
	EXPECT(ring_bytes, 3 << 20, RING_BYTES);
	EXPECT(ring_bytes, 1ULL << 30, NONE);
	EXPECT(ring_bytes, 1ULL << 31, RING_BYTES);
	EXPECT(ring_bytes, 1ULL << 63, RING_BYTES);
	EXPECT(max_record, 0, MAX_RECORD);
	EXPECT(max_record, 32, NONE);
	EXPECT(max_record, 33, MAX_RECORD);
	EXPECT(max_record, 128 << 10, NONE);
	EXPECT(max_record, (128 << 10) + 32, MAX_RECORD);
	EXPECT(node, 0, NONE);
	EXPECT(node, -2, NODE);
	EXPECT(node, MAX_NUMNODES, NODE);
	EXPECT(mode, 0, MODE);
	EXPECT(mode, 0666, NONE);
	EXPECT(mode, 0700, MODE);
	EXPECT(mode, 04600, MODE);
	EXPECT(age, U64_MAX, NONE);
	EXPECT(age, 1, AGE);
	EXPECT(age, RINGLOG_AGE_MIN - 1, AGE);
	EXPECT(age, RINGLOG_AGE_MIN, NONE);
	EXPECT(budget, U64_MAX, NONE);
#undef EXPECT
}

static void first_offsets(struct kunit *test)
{
	u64 offsets[3] = { 0, (1ULL << 62) - 1, 7 };
	struct ringlog_stream_config config = good();

	config.partitions = 3;
	config.first_offsets = offsets;
	KUNIT_EXPECT_EQ(test, wrong(&config), RINGLOG_SETTING_NONE);
	offsets[2] = 1ULL << 62;
	KUNIT_EXPECT_EQ(test, wrong(&config), RINGLOG_SETTING_FIRST_OFFSET);
	config.partitions = 2;
	KUNIT_EXPECT_EQ(test, wrong(&config), RINGLOG_SETTING_NONE);
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(names),
	KUNIT_CASE(numbers),
	KUNIT_CASE(first_offsets),
	{}
};

static struct kunit_suite config_suite = {
	.name = "ringlog_config",
	.test_cases = config_cases,
};

kunit_test_suite(config_suite);
