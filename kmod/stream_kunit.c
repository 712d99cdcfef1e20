// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of stream.c: streams of every shape are made, and what fails leaves
 * nothing behind.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>

#include "compat.h"

/* So many that an array of them is seen if it stays, and UML has the memory. */
#define MANY	64

static const struct {
	u32 partitions;
	u32 ring_bytes;
	u32 policy;
	u32 max_record;
} stream_shapes[] = {
	{ 1, SZ_64K, RINGLOG_POLICY_OVERWRITE, SZ_8K },
	{ 1, SZ_64K, RINGLOG_POLICY_BLOCK, 32 },
	{ 1, SZ_64K, RINGLOG_POLICY_REJECT, SZ_8K },
	{ 2, SZ_1M, RINGLOG_POLICY_OVERWRITE, SZ_128K },
	{ 7, SZ_128K, RINGLOG_POLICY_BLOCK, SZ_4K },
	{ 3, SZ_256K, RINGLOG_POLICY_REJECT, SZ_32K },
	{ MANY, SZ_64K, RINGLOG_POLICY_OVERWRITE, SZ_8K },
	{ MANY, SZ_64K, RINGLOG_POLICY_REJECT, SZ_8K },
	{ 1, SZ_16M, RINGLOG_POLICY_BLOCK, SZ_1M },
};

static struct ringlog_stream_config shape(unsigned int i)
{
	return (struct ringlog_stream_config){
		.name = "kunit",
		.partitions = stream_shapes[i].partitions,
		.ring_bytes = stream_shapes[i].ring_bytes,
		.policy = stream_shapes[i].policy,
		.max_record = stream_shapes[i].max_record,
		.node = NUMA_NO_NODE,
		.mode = 0600,
	};
}

static struct ringlog_stream *create(unsigned int i)
{
	struct ringlog_stream_config config = shape(i);
	struct ringlog_fault fault;

	return ringlog_stream_create(&config, &fault);
}

static int append(struct ringlog_partition *partition, void *bytes, size_t count)
{
	struct kvec vec = { bytes, count };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, count);
	return ringlog_partition_append(partition, &iter, 1);
}

/* Every partition takes its largest record, alone, and counts it in the stream's counters. */
static void check_partitions(struct kunit *test, struct ringlog_stream *stream, void *bytes)
{
	struct ringlog_counters sum;
	u32 i, j;

	for (i = 0; i < stream->partitions; i++) {
		struct ringlog_partition *partition = &stream->partition[i];

		KUNIT_EXPECT_EQ(test, partition->ring.size, stream->ring_bytes);
		KUNIT_EXPECT_EQ(test, partition->keeps, stream->policy == RINGLOG_POLICY_REJECT);
		KUNIT_ASSERT_EQ(test, append(partition, bytes, stream->max_record), 0);
		for (j = 0; j < stream->partitions; j++)
			KUNIT_ASSERT_EQ(test, stream->partition[j].ring.next_offset, (u64)(j <= i));
	}
	ringlog_counters_sum(stream->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.records, (u64)stream->partitions);
	KUNIT_EXPECT_EQ(test, sum.bytes, (u64)stream->partitions * stream->max_record);
}

static void every_shape_is_made(struct kunit *test)
{
	void *bytes = kvzalloc(SZ_1M, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (i = 0; i < ARRAY_SIZE(stream_shapes); i++) {
		struct ringlog_stream_config config = shape(i);
		struct ringlog_stream *stream = create(i);

		KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
		KUNIT_EXPECT_EQ(test, stream->partitions, config.partitions);
		KUNIT_EXPECT_EQ(test, stream->ring_bytes, config.ring_bytes);
		KUNIT_EXPECT_EQ(test, stream->policy, config.policy);
		KUNIT_EXPECT_EQ(test, stream->max_record, config.max_record);
		KUNIT_EXPECT_FALSE(test, ringlog_stream_gone(stream));
		check_partitions(test, stream, bytes);
		ringlog_stream_put(stream);
	}
	kvfree(bytes);
}

static void each_life_has_a_number_of_its_own(struct kunit *test)
{
	struct ringlog_stream *one = create(0);
	struct ringlog_stream *two = create(0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(one) || IS_ERR(two));
	KUNIT_EXPECT_NE(test, one->incarnation, 0ULL);
	KUNIT_EXPECT_NE(test, one->incarnation, two->incarnation);
	ringlog_stream_put(one);
	ringlog_stream_put(two);
}

/* As many pages as the cost says, and in the largest stream no bit of the product is lost. */
static void cost_is_what_the_rings_take(struct kunit *test)
{
	struct ringlog_stream_config largest = {
		.partitions = RINGLOG_PARTITIONS_MAX,
		.ring_bytes = RINGLOG_RING_MAX,
	};
	unsigned int i;
	u32 p;

	for (i = 0; i < ARRAY_SIZE(stream_shapes); i++) {
		struct ringlog_stream_config config = shape(i);
		struct ringlog_stream *stream = create(i);
		u64 pages = 0;

		KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
		for (p = 0; p < stream->partitions; p++)
			pages += stream->partition[p].pages.unique;
		KUNIT_EXPECT_EQ(test, ringlog_stream_cost(&config), pages << PAGE_SHIFT);
		ringlog_stream_put(stream);
	}
	/* Data, an index of 32 bytes for each 4096, and two pages; 1024 times. */
	KUNIT_EXPECT_EQ(test, ringlog_stream_cost(&largest),
			1024 * ((1ULL << 30) + (1ULL << 23) + 2 * PAGE_SIZE));
}

static void killed_stream_takes_nothing(struct kunit *test)
{
	struct ringlog_stream *stream = create(4);
	u8 byte = 1;
	u32 i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
	KUNIT_EXPECT_EQ(test, append(&stream->partition[2], &byte, 1), 0);
	ringlog_stream_kill(stream);
	KUNIT_EXPECT_TRUE(test, ringlog_stream_gone(stream));
	for (i = 0; i < stream->partitions; i++)
		KUNIT_EXPECT_EQ(test, append(&stream->partition[i], &byte, 1), -ENOBUFS);
	ringlog_stream_put(stream);
}

static void more_than_there_is_fails(struct kunit *test)
{
	struct ringlog_stream_config config = shape(0);
	struct ringlog_fault fault = {};

	config.partitions = RINGLOG_PARTITIONS_MAX;
	/* No machine has it. */
	config.ring_bytes = 1ULL << 46;
	KUNIT_EXPECT_EQ(test, PTR_ERR(ringlog_stream_create(&config, &fault)), -ENOSPC);
	KUNIT_EXPECT_EQ(test, fault.setting, RINGLOG_SETTING_MEMORY);
}

/* As if the caller was being killed: the first partition then cannot be made. */
static int create_while_dying(unsigned int i)
{
	struct ringlog_stream *stream;

	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	stream = create(i);
	clear_thread_flag(TIF_SIGPENDING);
	sigdelset(&current->pending.signal, SIGKILL);
	return PTR_ERR_OR_ZERO(stream);
}

/* A stream of 64 partitions is 40 KiB by itself: enough to be seen if it stayed. */
static void failed_creation_leaves_nothing(struct kunit *test)
{
	unsigned long before = global_zone_page_state(NR_FREE_PAGES), after;
	unsigned int i;

	for (i = 0; i < 2048; i++) {
		int ret = create_while_dying(6);

		/* The dying do not wait for a busy percpu allocator. */
		KUNIT_ASSERT_TRUE(test, ret == -EINTR || ret == -ENOMEM);
	}
	after = global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, before, after + 4096);
}

/* Some partitions are made and the rest are zero: where a failure can leave a stream. */
static void half_made_streams_are_destroyed(struct kunit *test)
{
	u32 partitions = stream_shapes[4].partitions;
	unsigned long before = global_zone_page_state(NR_FREE_PAGES), after;
	u32 made, i, round;

	for (round = 0; round < 16; round++) {
		for (made = 0; made <= partitions; made++) {
			struct ringlog_stream *stream = create(4);

			KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
			for (i = made; i < stream->partitions; i++) {
				ringlog_partition_exit(&stream->partition[i]);
				memset(&stream->partition[i], 0, sizeof(stream->partition[i]));
			}
			ringlog_stream_put(stream);
		}
	}
	after = global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, before, after + 4096);
}

static struct kunit_case stream_cases[] = {
	KUNIT_CASE(every_shape_is_made),
	KUNIT_CASE(each_life_has_a_number_of_its_own),
	KUNIT_CASE(cost_is_what_the_rings_take),
	KUNIT_CASE(killed_stream_takes_nothing),
	KUNIT_CASE(more_than_there_is_fails),
	KUNIT_CASE(failed_creation_leaves_nothing),
	KUNIT_CASE(half_made_streams_are_destroyed),
	{}
};

static struct kunit_suite stream_suite = {
	.name = "ringlog_stream",
	.test_cases = stream_cases,
};

kunit_test_suite(stream_suite);
