// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of pages.c: that the data really is mapped twice, and that what fails
 * leaves nothing behind.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>

static const size_t pages_sizes[] = { SZ_64K, SZ_128K, SZ_1M, SZ_8M };

/* What is written through one mapping is read through the other, in every page. */
static void both_mappings_are_the_same_memory(struct kunit *test)
{
	struct ringlog_pages pages;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages_sizes); i++) {
		size_t size = pages_sizes[i], at;
		u8 *data;

		KUNIT_ASSERT_EQ(test, ringlog_pages_alloc(&pages, size, NUMA_NO_NODE), 0);
		data = ringlog_pages_data(&pages);
		for (at = 0; at < size; at += PAGE_SIZE) {
			WRITE_ONCE(*(u64 *)(data + at), at + 1);
			WRITE_ONCE(*(u64 *)(data + size + at + 8), ~(u64)at);
		}
		for (at = 0; at < size; at += PAGE_SIZE) {
			KUNIT_EXPECT_EQ(test, READ_ONCE(*(u64 *)(data + size + at)), at + 1);
			KUNIT_EXPECT_EQ(test, READ_ONCE(*(u64 *)(data + at + 8)), ~(u64)at);
		}
		ringlog_pages_free(&pages);
	}
}

/* A store that lies across the end of the ring comes out at its beginning. */
static void end_of_the_ring_goes_on_at_its_beginning(struct kunit *test)
{
	struct ringlog_pages pages;
	u8 *data;

	KUNIT_ASSERT_EQ(test, ringlog_pages_alloc(&pages, SZ_64K, NUMA_NO_NODE), 0);
	data = ringlog_pages_data(&pages);
	memset(data + SZ_64K - 3, 'x', 7);
	KUNIT_EXPECT_EQ(test, data[SZ_64K - 4], 0);
	KUNIT_EXPECT_EQ(test, memcmp(data, "xxxx\0", 5), 0);
	KUNIT_EXPECT_EQ(test, memcmp(data + 2 * SZ_64K - 4, "\0xxx", 4), 0);
	ringlog_pages_free(&pages);
}

/* K page, O page, index and data: all zero, one after the other, none in another. */
static void parts_are_zero_and_apart(struct kunit *test)
{
	struct ringlog_pages pages;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages_sizes); i++) {
		size_t size = pages_sizes[i];
		size_t index = size / RINGLOG_BLOCK * sizeof(struct ringlog_index_entry);

		KUNIT_ASSERT_EQ(test, ringlog_pages_alloc(&pages, size, NUMA_NO_NODE), 0);
		KUNIT_EXPECT_NULL(test, memchr_inv(pages.base, 0, pages.count << PAGE_SHIFT));
		KUNIT_EXPECT_EQ(test, ringlog_pages_owner(&pages) - ringlog_pages_kernel(&pages),
				(long)PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, ringlog_pages_index(&pages) - ringlog_pages_owner(&pages),
				(long)PAGE_SIZE);
		KUNIT_EXPECT_GE(test, ringlog_pages_data(&pages) - ringlog_pages_index(&pages),
				(long)index);
		KUNIT_EXPECT_PTR_EQ(test, ringlog_pages_data(&pages) + 2 * size,
				    pages.base + (pages.count << PAGE_SHIFT));
		ringlog_pages_free(&pages);
	}
}

static void cost_is_what_is_allocated(struct kunit *test)
{
	struct ringlog_pages pages;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages_sizes); i++) {
		KUNIT_ASSERT_EQ(test, ringlog_pages_alloc(&pages, pages_sizes[i], NUMA_NO_NODE), 0);
		KUNIT_EXPECT_EQ(test, ringlog_pages_cost(pages_sizes[i]),
				pages.unique << PAGE_SHIFT);
		ringlog_pages_free(&pages);
	}
}

static void more_than_there_is_fails(struct kunit *test)
{
	struct ringlog_pages pages;

	/* Not even the array of pages can be had. */
	KUNIT_EXPECT_EQ(test, ringlog_pages_alloc(&pages, 1ULL << 50, NUMA_NO_NODE), -ENOMEM);
	KUNIT_EXPECT_NULL(test, memchr_inv(&pages, 0, sizeof(pages)));
	/* Nothing to undo, and that does no harm. */
	ringlog_pages_free(&pages);
	KUNIT_EXPECT_FALSE(test, ringlog_pages_available(1ULL << 50));
	KUNIT_EXPECT_TRUE(test, ringlog_pages_available(SZ_64K));
}

/* As if the caller was being killed, which a thread of the kernel never is. */
static int alloc_while_dying(struct ringlog_pages *pages, size_t size)
{
	int ret;

	sigaddset(&current->pending.signal, SIGKILL);
	set_thread_flag(TIF_SIGPENDING);
	ret = ringlog_pages_alloc(pages, size, NUMA_NO_NODE);
	clear_thread_flag(TIF_SIGPENDING);
	sigdelset(&current->pending.signal, SIGKILL);
	return ret;
}

/* One page and the array each time: enough to be seen in the end if they stayed. */
static void killed_caller_leaves_nothing(struct kunit *test)
{
	unsigned long before = global_zone_page_state(NR_FREE_PAGES), after;
	struct ringlog_pages pages;
	unsigned int i;

	for (i = 0; i < 8192; i++) {
		KUNIT_ASSERT_EQ(test, alloc_while_dying(&pages, SZ_64K), -EINTR);
		KUNIT_ASSERT_NULL(test, memchr_inv(&pages, 0, sizeof(pages)));
	}
	after = global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_LT(test, before, after + 4096);
}

static struct kunit_case pages_cases[] = {
	KUNIT_CASE(both_mappings_are_the_same_memory),
	KUNIT_CASE(end_of_the_ring_goes_on_at_its_beginning),
	KUNIT_CASE(parts_are_zero_and_apart),
	KUNIT_CASE(cost_is_what_is_allocated),
	KUNIT_CASE(more_than_there_is_fails),
	KUNIT_CASE(killed_caller_leaves_nothing),
	{}
};

static struct kunit_suite pages_suite = {
	.name = "ringlog_pages",
	.test_cases = pages_cases,
};

kunit_test_suite(pages_suite);
