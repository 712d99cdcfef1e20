// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of mapped.c: of what a reader says, what is believed. What it says is taken
 * from the user's memory in tests/selftests/map-wait.c.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sizes.h>

#include "attach.h"
#include "compat.h"
#include "waiting.h"

#define RECORD_BYTES	512

struct mapped_rig {
	struct ringlog_stream *stream;
	struct ringlog_partition *partition;
	struct ringlog_handle *handle;
	struct ringlog_cursor *cursor;
	u8 bytes[RECORD_BYTES - sizeof(struct ringlog_record)];
};

static void append(struct kunit *test, unsigned int count)
{
	struct mapped_rig *rig = test->priv;

	while (count--) {
		struct kvec vec = { rig->bytes, sizeof(rig->bytes) };
		struct iov_iter iter;

		iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
		KUNIT_ASSERT_EQ(test, ringlog_partition_append(rig->partition, &iter, 1), 0);
	}
}

/* What becomes of the reader saying that it is at @offset and has lost so many. */
static int says(struct kunit *test, u64 offset, u64 lost, u64 expired)
{
	struct mapped_rig *rig = test->priv;
	const struct ringlog_mapped_cursor said = {
		.position = offset * RECORD_BYTES,
		.offset = offset,
		.lost = lost,
		.expired = expired,
	};
	int ret = hear(rig->handle, &said);

	if (!ret)
		take_up(rig->cursor);
	return ret;
}

static void losses_are_those_that_can_be(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	struct ringlog_counters sum;

	append(test, 50);
	/* It gave some up to get away from the writer. */
	KUNIT_EXPECT_EQ(test, says(test, 10, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 3ULL);

	/* It has not noticed yet, and then has; the loss is told in parts. Age took three. */
	rig->partition->ring.expired_end = 13;
	ringlog_partition_purge(rig->partition);
	append(test, 10);
	KUNIT_EXPECT_EQ(test, says(test, 10, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, says(test, 30, 20, 5), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 23ULL);
	KUNIT_EXPECT_EQ(test, says(test, 50, 20, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 43ULL);
	KUNIT_EXPECT_EQ(test, rig->cursor->expired, 3ULL);

	/* All of that again, from further back. */
	KUNIT_EXPECT_EQ(test, says(test, 0, 50, 50), 0);
	KUNIT_EXPECT_EQ(test, says(test, 0, U64_MAX, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 43ULL);

	rig->partition->ring.expired_end = 55;
	ringlog_partition_purge(rig->partition);
	KUNIT_EXPECT_EQ(test, says(test, 0, U64_MAX, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, says(test, 60, U64_MAX, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 53ULL);
	KUNIT_EXPECT_EQ(test, rig->cursor->expired, 8ULL);
	ringlog_counters_sum(rig->stream->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.lost, 53ULL);
	KUNIT_EXPECT_EQ(test, sum.expired, 8ULL);
}

/* Who goes back in the mapping, to what is retained, can lose that. */
static void losses_after_going_back(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;

	append(test, 50);
	KUNIT_EXPECT_EQ(test, says(test, 50, 0, 0), 0);
	ringlog_partition_purge(rig->partition);
	append(test, 1);
	KUNIT_EXPECT_EQ(test, says(test, 51, 50, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 50ULL);
}

static int attach_again(struct mapped_rig *rig)
{
	struct ringlog_attach attach = {
		.partition = 0,
		.flags = RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_REPLACE,
	};

	return ringlog_attach(rig->handle, FMODE_READ, &attach);
}

/* To let go of another partition, say: what it lost before it will tell after. */
static void losses_stay_when_it_is_attached_again(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;

	append(test, 50);
	KUNIT_EXPECT_EQ(test, says(test, 10, 0, 0), 0);
	ringlog_partition_purge(rig->partition);
	KUNIT_ASSERT_EQ(test, attach_again(rig), 0);
	KUNIT_EXPECT_EQ(test, says(test, 10, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, says(test, 50, 40, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 40ULL);
}

/* However often it goes back, it cannot lose more than there was. */
static void losses_are_not_lost_again(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	struct ringlog_attach plain = { .partition = RINGLOG_PARTITION_ALL };
	const u64 far = S64_MAX / RECORD_BYTES;
	unsigned int i;

	append(test, 50);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, says(test, far, U64_MAX, 0), 0);
		KUNIT_ASSERT_EQ(test, ringlog_seek_ends(rig->handle, false), 0);
		KUNIT_EXPECT_EQ(test, says(test, far, U64_MAX, 0), 0);
		KUNIT_ASSERT_EQ(test, attach_again(rig), 0);
		KUNIT_EXPECT_EQ(test, says(test, far, U64_MAX, 0), 0);
		KUNIT_ASSERT_EQ(test, ringlog_attach(rig->handle, FMODE_READ, &plain), 0);
		KUNIT_ASSERT_EQ(test, attach_again(rig), 0);
	}
	KUNIT_EXPECT_EQ(test, rig->cursor->lost, 50ULL);
}

static void what_cannot_be_is_refused(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	const struct ringlog_mapped_cursor wrong[] = {
		{ .partition = 1 },
		{ .partition = U32_MAX },
		{ .reserved = 1 },
		{ .position = 1ULL << 63 },
		{ .lost = 1, .expired = 2 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ(test, hear(rig->handle, &wrong[i]), -EINVAL);
	KUNIT_EXPECT_FALSE(test, rig->cursor->heard);
	KUNIT_EXPECT_EQ(test, says(test, 5, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->position, 5ULL * RECORD_BYTES);
}

/* As a record that is young: what there is before the one that it is in is older. */
static void look_young(struct mapped_rig *rig)
{
	*(struct ringlog_record *)rig->bytes = (struct ringlog_record){
		.length = 64,
		.type = RINGLOG_TYPE_DATA,
		.timestamp = U64_MAX / 2,
	};
}

/* Fill in old records, and say that the reader is within the second. */
static void grow_old(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->partition->ring;

	rig->cursor->offset = ring->next_offset + 1;
	rig->cursor->position = ring->head + RECORD_BYTES + sizeof(struct ringlog_record);
	append(test, 3);
	while (ktime_get_ns() <= ring->timestamp + 1)
		cpu_relax();
}

/* Old records are found from tail on, and not where the reader says it is. */
static void where_it_says_it_is_need_be_no_record(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	const struct ringlog_ring *ring = &rig->partition->ring;
	struct ringlog_wait wait = {};

	ringlog_partition_set_age(rig->partition, 1);
	look_young(rig);
	grow_old(test);
	KUNIT_EXPECT_EQ(test, ringlog_wait(rig->handle, &wait, true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, wait.records, 0ULL);
	KUNIT_EXPECT_EQ(test, ring->tail, ring->head);
	grow_old(test);
	KUNIT_EXPECT_EQ(test, ringlog_poll_read(rig->handle, NULL, NULL) & EPOLLIN, 0U);
	KUNIT_EXPECT_EQ(test, ring->tail, ring->head);
	KUNIT_EXPECT_EQ(test, rig->partition->kernel->expired_end, ring->next_offset);
}

/* A gate is at most at head, or the floor would be further for ever. */
static void gates_stay_below_head(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_MAPPED | RINGLOG_ATTACH_GATE,
	};
	const struct ringlog_mapped_cursor said = { .position = S64_MAX };

	KUNIT_ASSERT_EQ(test, ringlog_attach(rig->handle, FMODE_READ | FMODE_WRITE, &attach), 0);
	append(test, 20);
	KUNIT_ASSERT_EQ(test, hear(rig->handle, &said), 0);
	take_up(rig->cursor);
	KUNIT_EXPECT_EQ(test, rig->cursor->gate->position, rig->partition->ring.head);
	KUNIT_EXPECT_EQ(test, says(test, 3, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, rig->cursor->gate->position, rig->partition->ring.head);
	ringlog_gates_make_room(rig->partition, RECORD_BYTES);
	KUNIT_EXPECT_LE(test, rig->partition->floor, rig->partition->ring.head + SZ_64K);
}

static int mapped_test_init(struct kunit *test)
{
	static const struct ringlog_stream_config config = {
		.partitions = 1,
		.ring_bytes = SZ_64K,
		.policy = RINGLOG_POLICY_BLOCK,
		.max_record = 4096,
		.node = NUMA_NO_NODE,
		.mode = 0600,
		.name = "mapped",
	};
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_MAPPED,
	};
	struct mapped_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct ringlog_fault fault;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	test->priv = rig;
	rig->stream = ringlog_stream_create(&config, &fault);
	if (IS_ERR(rig->stream))
		return PTR_ERR(rig->stream);
	rig->partition = rig->stream->partition;
	rig->handle = ringlog_handle_open(rig->stream, true);
	if (IS_ERR(rig->handle))
		return PTR_ERR(rig->handle);
	rig->cursor = rig->handle->cursors;
	return ringlog_attach(rig->handle, FMODE_READ, &attach);
}

static void mapped_test_exit(struct kunit *test)
{
	struct mapped_rig *rig = test->priv;

	if (!rig || IS_ERR_OR_NULL(rig->stream))
		return;
	if (!IS_ERR_OR_NULL(rig->handle))
		ringlog_handle_close(rig->handle);
	ringlog_stream_put(rig->stream);
}

static struct kunit_case mapped_test_cases[] = {
	KUNIT_CASE(losses_are_those_that_can_be),
	KUNIT_CASE(losses_after_going_back),
	KUNIT_CASE(losses_stay_when_it_is_attached_again),
	KUNIT_CASE(losses_are_not_lost_again),
	KUNIT_CASE(what_cannot_be_is_refused),
	KUNIT_CASE(where_it_says_it_is_need_be_no_record),
	KUNIT_CASE(gates_stay_below_head),
	{}
};

static struct kunit_suite mapped_test_suite = {
	.name = "ringlog_mapped",
	.init = mapped_test_init,
	.exit = mapped_test_exit,
	.test_cases = mapped_test_cases,
};

kunit_test_suite(mapped_test_suite);
