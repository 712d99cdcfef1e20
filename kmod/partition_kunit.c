// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of partition.c: appends from the kernel's own iterators, and what
 * refuses them.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "compat.h"

#define RING_SIZE SZ_64K

/* What a test sleeps with. */
struct dozer {
	struct wait_queue_entry entry;
	unsigned int woken;
};

static const struct ringlog_partition_config partition_like = {
	.ring_bytes = RING_SIZE,
	.node = NUMA_NO_NODE,
};

struct partition_rig {
	struct ringlog_partition partition;
	struct ringlog_counters __percpu *counters;
	wait_queue_head_t pollers;
	u8 bytes[RING_SIZE];
};

static int dozer_woken(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	container_of(entry, struct dozer, entry)->woken++;
	return 1;
}

/* No user has it, so it can neither be read nor be faulted in. */
static void nowhere(struct iov_iter *iter, size_t bytes)
{
	iov_iter_ubuf(iter, ITER_SOURCE, (void __user *)(unsigned long)-PAGE_SIZE, bytes);
}

static int append(struct partition_rig *rig, size_t bytes)
{
	struct kvec vec = { rig->bytes, bytes };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, bytes);
	return ringlog_partition_append(&rig->partition, &iter, 5);
}

/* Where the ends are; the newest of them is what an append that failed leaves alone. */
static struct ringlog_ends ends(struct partition_rig *rig)
{
	struct ringlog_ends ends;

	ringlog_partition_ends(&rig->partition, &ends);
	return ends;
}

static void expect_same_ends(struct kunit *test, const struct ringlog_ends *before)
{
	struct ringlog_ends now = ends(test->priv);

	KUNIT_EXPECT_EQ(test, memcmp(before, &now, sizeof(now)), 0);
}

/* A value in pieces becomes one record, and nothing of what lay there before shows. */
static void append_gathers_and_pads(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;
	struct kvec vec[] = {
		{ rig->bytes, 1 }, { rig->bytes + 100, 0 }, { rig->bytes + 200, 99 },
	};
	u64 before = ktime_get_ns();
	struct ringlog_view view;
	struct iov_iter iter;

	memset(ring->data, 0xee, SZ_4K);
	iov_iter_kvec(&iter, ITER_SOURCE, vec, 3, 100);
	KUNIT_ASSERT_EQ(test, ringlog_partition_append(&rig->partition, &iter, 5), 0);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), (size_t)0);
	KUNIT_ASSERT_EQ(test, ringlog_ring_look(ring, 0, &view), 0);
	KUNIT_EXPECT_EQ(test, view.next, 160ULL);
	KUNIT_EXPECT_EQ(test, view.value_len, 100U);
	KUNIT_EXPECT_EQ(test, view.value[0], rig->bytes[0]);
	KUNIT_EXPECT_EQ(test, memcmp(view.value + 1, rig->bytes + 200, 99), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(view.value + 100, 0, 28));
	KUNIT_EXPECT_EQ(test, view.value[128], 0xee);
	KUNIT_EXPECT_EQ(test, view.record->type, RINGLOG_TYPE_DATA);
	KUNIT_EXPECT_EQ(test, view.record->flags | view.record->reserved, 0);
	KUNIT_EXPECT_EQ(test, view.record->offset, 0ULL);
	KUNIT_EXPECT_EQ(test, view.record->producer, 5U);
	KUNIT_EXPECT_GE(test, view.record->timestamp, before);
	KUNIT_EXPECT_LE(test, view.record->timestamp, ktime_get_ns());
}

static void timestamps_never_go_back(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	u64 future = ktime_get_ns() + NSEC_PER_SEC * 3600;
	struct ringlog_view view;

	rig->partition.ring.timestamp = future;
	KUNIT_ASSERT_EQ(test, append(rig, 1), 0);
	KUNIT_ASSERT_EQ(test, ringlog_ring_look(&rig->partition.ring, 0, &view), 0);
	KUNIT_EXPECT_EQ(test, view.record->timestamp, future);
}

static void append_that_cannot_read_appends_nothing(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_ends before;
	struct iov_iter iter;
	u32 count;
	u64 first;

	KUNIT_ASSERT_EQ(test, append(rig, 50), 0);
	before = ends(rig);
	nowhere(&iter, 96);
	KUNIT_EXPECT_EQ(test, ringlog_partition_append(&rig->partition, &iter, 5), -EFAULT);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), (size_t)96);
	KUNIT_EXPECT_EQ(test, ringlog_partition_append_batch(&rig->partition, &iter, 5, &count,
							     &first), -EFAULT);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), (size_t)96);
	expect_same_ends(test, &before);

	/* A full ring gives nothing up for it either. */
	while (!ringlog_ring_full(&rig->partition.ring, 2048))
		KUNIT_ASSERT_EQ(test, append(rig, 1000), 0);
	before = ends(rig);
	nowhere(&iter, 2048 - sizeof(struct ringlog_record));
	KUNIT_EXPECT_EQ(test, ringlog_partition_append(&rig->partition, &iter, 5), -EFAULT);
	expect_same_ends(test, &before);
	KUNIT_EXPECT_EQ(test, before.oldest.position, 0ULL);
}

/* The ring fills between the look that needs no lock and the lock. */
static void append_that_finds_the_ring_full_gives_up_nothing(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_ends before;
	int ret;

	while (!ringlog_ring_full(&rig->partition.ring, SZ_4K))
		KUNIT_ASSERT_EQ(test, append(rig, 1000), 0);
	before = ends(rig);
	spin_lock(&rig->partition.lock);
	ret = admit(&rig->partition, SZ_4K, false);
	spin_unlock(&rig->partition.lock);
	KUNIT_EXPECT_EQ(test, ret, -EAGAIN);
	expect_same_ends(test, &before);
	spin_lock(&rig->partition.lock);
	ret = admit(&rig->partition, SZ_4K, true);
	spin_unlock(&rig->partition.lock);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_GT(test, ends(rig).oldest.position, 0ULL);
}

/* Three records of 32, 64 and 96 bytes. */
static size_t make_batch(struct partition_rig *rig)
{
	struct ringlog_record *record = (void *)rig->bytes;

	record[0] = (struct ringlog_record){ .type = RINGLOG_TYPE_DATA };
	record[1] = (struct ringlog_record){ .type = RINGLOG_TYPE_DATA, .length = 32 };
	record[3] = (struct ringlog_record){ .type = RINGLOG_TYPE_DATA, .length = 50 };
	return 192;
}

/* The iterator's pieces need not be the records'. */
static void batch_is_appended_whole(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	size_t bytes = make_batch(rig);
	struct kvec vec[] = {
		{ rig->bytes, 7 }, { rig->bytes + 7, 120 }, { rig->bytes + 127, 65 },
	};
	const struct ringlog_ring *ring = &rig->partition.ring;
	static const u64 positions[] = { 1056, 1088, 1152, 1248 };
	struct ringlog_counters sum;
	struct ringlog_view view;
	struct iov_iter iter;
	unsigned int i;
	u32 count;
	u64 first;

	KUNIT_ASSERT_EQ(test, append(rig, 1024), 0);
	iov_iter_kvec(&iter, ITER_SOURCE, vec, 3, bytes);
	KUNIT_ASSERT_EQ(test, ringlog_partition_append_batch(&rig->partition, &iter, 6, &count,
							     &first), 0);
	KUNIT_EXPECT_EQ(test, count, 3U);
	KUNIT_EXPECT_EQ(test, first, 1ULL);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, ringlog_ring_look(ring, positions[i], &view), 0);
		KUNIT_EXPECT_EQ(test, view.next, positions[i + 1]);
		KUNIT_EXPECT_EQ(test, view.offset, 1ULL + i);
		KUNIT_EXPECT_EQ(test, view.record->producer, 6U);
	}
	KUNIT_EXPECT_EQ(test, memcmp(view.value, rig->bytes + 128, 50), 0);
	ringlog_counters_sum(rig->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.records, 4ULL);
	KUNIT_EXPECT_EQ(test, sum.singles, 1ULL);
	KUNIT_EXPECT_EQ(test, sum.bytes, 1024ULL + 82);
	KUNIT_EXPECT_EQ(test, sum.batches, 1ULL);
	KUNIT_EXPECT_EQ(test, sum.batched, 3ULL);
}

/* Nothing of it is appended, and the iterator is where it was, so that it can be put right. */
static void batch_with_one_bad_record_appends_nothing(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	size_t bytes = make_batch(rig);
	struct kvec vec = { rig->bytes, bytes };
	struct ringlog_ends before = ends(rig);
	struct ringlog_counters sum;
	struct iov_iter iter;
	u32 count;
	u64 first;

	((struct ringlog_record *)rig->bytes)[3].length = 65;
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, bytes);
	KUNIT_EXPECT_EQ(test, ringlog_partition_append_batch(&rig->partition, &iter, 6, &count,
							     &first), -EINVAL);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), bytes);
	before.oldest_timestamp = ends(rig).oldest_timestamp;
	expect_same_ends(test, &before);
	ringlog_counters_sum(rig->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.records + sum.batches, 0ULL);

	((struct ringlog_record *)rig->bytes)[3].length = 64;
	KUNIT_EXPECT_EQ(test, ringlog_partition_append_batch(&rig->partition, &iter, 6, &count,
							     &first), 0);
	KUNIT_EXPECT_EQ(test, first, 0ULL);
}

static void ends_follow_appends(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;
	unsigned int appended;

	KUNIT_EXPECT_EQ(test, ends(rig).oldest.position + ends(rig).newest.position, 0ULL);
	for (appended = 1; ring->head < 4 * RING_SIZE; appended++) {
		struct ringlog_ends now;
		struct ringlog_view view;

		KUNIT_ASSERT_EQ(test, append(rig, 1 + appended * 37 % 8000), 0);
		now = ends(rig);
		KUNIT_ASSERT_EQ(test, now.newest.offset, appended);
		KUNIT_ASSERT_EQ(test, now.newest.position, ring->head);
		KUNIT_ASSERT_LE(test, now.newest.position - now.oldest.position, RING_SIZE);
		KUNIT_ASSERT_EQ(test, ringlog_ring_look(ring, now.oldest.position, &view), 0);
		KUNIT_ASSERT_EQ(test, view.offset, now.oldest.offset);
		KUNIT_ASSERT_EQ(test, view.record->timestamp, now.oldest_timestamp);
	}
}

static void seek_finds_places(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_place place = { 1, 1 };
	struct ringlog_ends now;
	unsigned int i;

	/* Of an empty one, the place of the first record to come. */
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 0, false, &place), 0);
	KUNIT_EXPECT_EQ(test, place.position + place.offset, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 1, false, &place), -ERANGE);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 1, true, &place), 0);
	for (i = 0; i < 300; i++)
		KUNIT_ASSERT_EQ(test, append(rig, 1000), 0);
	now = ends(rig);
	KUNIT_ASSERT_GT(test, now.oldest.offset, 1ULL);
	for (i = now.oldest.offset; i <= 300; i++) {
		KUNIT_ASSERT_EQ(test, ringlog_partition_seek(&rig->partition, i, false, &place), 0);
		KUNIT_ASSERT_EQ(test, place.offset, i);
		KUNIT_ASSERT_EQ(test, place.position, i * 1056ULL);
	}
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, now.oldest.offset - 1, false,
						     &place), -ERANGE);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 301, false, &place), -ERANGE);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 0, true, &place), 0);
	KUNIT_EXPECT_EQ(test, place.position, now.oldest.position);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, ~0ULL, true, &place), 0);
	KUNIT_EXPECT_EQ(test, place.position, now.newest.position);
}

/* Head comes to the floor and not a byte further, whatever the size. */
static void floor_refuses_what_does_not_fit(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct kvec vec = { rig->bytes, make_batch(rig) };
	struct iov_iter iter;
	u32 count;
	u64 first;

	partition->floor = 1152;
	KUNIT_EXPECT_TRUE(test, ringlog_partition_has_room(partition, 1152));
	KUNIT_EXPECT_FALSE(test, ringlog_partition_has_room(partition, 1184));
	KUNIT_EXPECT_EQ(test, append(rig, 1121), -ENOBUFS);
	KUNIT_ASSERT_EQ(test, append(rig, 961), 0);
	/* 128 bytes are left. */
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	KUNIT_EXPECT_EQ(test, ringlog_partition_append_batch(partition, &iter, 6, &count, &first),
			-ENOBUFS);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), vec.iov_len);
	KUNIT_EXPECT_EQ(test, append(rig, 97), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, append(rig, 96), 0);
	KUNIT_EXPECT_EQ(test, append(rig, 1), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, partition->ring.head, 1152ULL);
}

/* One that keeps what nobody has read takes a ring and no more; the other goes on. */
static void keeping_partition_takes_a_ring(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct ringlog_partition *other = &rig->partition;
	struct ringlog_partition_config config = partition_like;
	unsigned int i;

	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, append(rig, SZ_1K - sizeof(struct ringlog_record)), 0);
	KUNIT_EXPECT_EQ(test, other->ring.next_offset, 1000ULL);

	ringlog_partition_exit(other);
	memset(other, 0, sizeof(*other));
	config.keeps = true;
	KUNIT_ASSERT_EQ(test, ringlog_partition_init(other, &config, rig->counters,
						     &rig->pollers), 0);
	for (i = 0; i < RING_SIZE / SZ_1K; i++)
		KUNIT_ASSERT_EQ(test, append(rig, SZ_1K - sizeof(struct ringlog_record)), 0);
	KUNIT_EXPECT_EQ(test, append(rig, 1), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, ends(rig).oldest.position, 0ULL);
}

/* Someone who waits for a record, for the third record, and for a writer's room. */
struct waiting_room {
	wait_queue_head_t queue[2];
	struct ringlog_sleeper sleeper[2];
	struct dozer reader[2];
	struct dozer writer;
};

static void enter(struct partition_rig *rig, struct waiting_room *room)
{
	unsigned int i;

	*room = (struct waiting_room){};
	for (i = 0; i < 2; i++) {
		init_waitqueue_head(&room->queue[i]);
		init_waitqueue_func_entry(&room->reader[i].entry, dozer_woken);
		add_wait_queue(&room->queue[i], &room->reader[i].entry);
		ringlog_sleeper_init(&room->sleeper[i], &room->queue[i]);
	}
	init_waitqueue_func_entry(&room->writer.entry, dozer_woken);
	add_wait_queue(&rig->partition.room, &room->writer.entry);
	ringlog_sleepers_arm(&rig->partition.sleepers, &room->sleeper[0], 1, RINGLOG_NEVER);
	ringlog_sleepers_arm(&rig->partition.sleepers, &room->sleeper[1], RINGLOG_NEVER, 3);
}

static void leave(struct partition_rig *rig, struct waiting_room *room)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		ringlog_sleepers_disarm(&rig->partition.sleepers, &room->sleeper[i]);
	remove_wait_queue(&rig->partition.room, &room->writer.entry);
}

static void append_wakes_whom_it_is_due_to(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct waiting_room *room = kunit_kzalloc(test, sizeof(*room), GFP_KERNEL);
	struct ringlog_counters sum;

	KUNIT_ASSERT_NOT_NULL(test, room);
	enter(rig, room);
	KUNIT_EXPECT_EQ(test, append(rig, 10), 0);
	KUNIT_EXPECT_EQ(test, room->reader[0].woken, 1U);
	KUNIT_EXPECT_EQ(test, append(rig, 10), 0);
	KUNIT_EXPECT_EQ(test, room->reader[1].woken, 0U);
	KUNIT_EXPECT_EQ(test, append(rig, 10), 0);
	KUNIT_EXPECT_EQ(test, room->reader[1].woken, 1U);
	KUNIT_EXPECT_EQ(test, append(rig, 10), 0);
	KUNIT_EXPECT_EQ(test, room->reader[0].woken + room->reader[1].woken, 2U);
	KUNIT_EXPECT_EQ(test, room->writer.woken, 0U);
	ringlog_counters_sum(rig->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.wakeups, 2ULL);
	leave(rig, room);
}

static void killed_partition_takes_nothing_and_lets_everyone_go(struct kunit *test)
{
	struct partition_rig *rig = test->priv;
	struct waiting_room *room = kunit_kzalloc(test, sizeof(*room), GFP_KERNEL);
	struct ringlog_ends before;

	KUNIT_ASSERT_NOT_NULL(test, room);
	enter(rig, room);
	before = ends(rig);
	ringlog_partition_kill(&rig->partition);
	KUNIT_EXPECT_EQ(test, room->reader[0].woken, 1U);
	KUNIT_EXPECT_EQ(test, room->reader[1].woken, 1U);
	KUNIT_EXPECT_EQ(test, room->writer.woken, 1U);
	KUNIT_EXPECT_EQ(test, append(rig, 1), -ENOBUFS);
	KUNIT_EXPECT_FALSE(test, ringlog_partition_has_room(&rig->partition, RINGLOG_ALIGN));
	expect_same_ends(test, &before);
	leave(rig, room);
}

static int partition_rig_init(struct kunit *test)
{
	struct partition_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);
	unsigned int i;

	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	init_waitqueue_head(&rig->pollers);
	for (i = 0; i < RING_SIZE; i++)
		rig->bytes[i] = i * 13 + (i >> 8) + 1;
	rig->counters = alloc_percpu(struct ringlog_counters);
	if (!rig->counters)
		return -ENOMEM;
	return ringlog_partition_init(&rig->partition, &partition_like, rig->counters,
				      &rig->pollers);
}

static void partition_rig_exit(struct kunit *test)
{
	struct partition_rig *rig = test->priv;

	if (!rig)
		return;
	ringlog_partition_exit(&rig->partition);
	free_percpu(rig->counters);
	kvfree(rig);
}

static struct kunit_case partition_cases[] = {
	KUNIT_CASE(append_gathers_and_pads),
	KUNIT_CASE(timestamps_never_go_back),
	KUNIT_CASE(append_that_cannot_read_appends_nothing),
	KUNIT_CASE(append_that_finds_the_ring_full_gives_up_nothing),
	KUNIT_CASE(batch_is_appended_whole),
	KUNIT_CASE(batch_with_one_bad_record_appends_nothing),
	KUNIT_CASE(ends_follow_appends),
	KUNIT_CASE(seek_finds_places),
	KUNIT_CASE(floor_refuses_what_does_not_fit),
	KUNIT_CASE(keeping_partition_takes_a_ring),
	KUNIT_CASE(append_wakes_whom_it_is_due_to),
	KUNIT_CASE(killed_partition_takes_nothing_and_lets_everyone_go),
	{}
};

static struct kunit_suite partition_suite = {
	.name = "ringlog_partition",
	.init = partition_rig_init,
	.exit = partition_rig_exit,
	.test_cases = partition_cases,
};

kunit_test_suite(partition_suite);
