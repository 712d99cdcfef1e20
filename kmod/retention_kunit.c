// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of retention.c. A record of the *present* is too old when the age is
 * a nanosecond; one of the *future* is not for an hour, for the ring's clock
 * never goes back.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/sizes.h>
#include <linux/uio.h>

#include "compat.h"
#include "gate.h"

#define RING_SIZE	SZ_64K
#define RECORD_BYTES	512
#define IN_A_BLOCK	(RINGLOG_BLOCK / RECORD_BYTES)
#define HOUR		(3600ULL * NSEC_PER_SEC)

struct dozer {
	struct wait_queue_entry entry;
	unsigned int woken;
};

struct retention_rig {
	struct ringlog_partition partition;
	struct ringlog_counters __percpu *counters;
	wait_queue_head_t pollers;
	/* A reader's file's. */
	wait_queue_head_t queue;
	u8 bytes[RECORD_BYTES];
};

static int dozer_woken(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	WRITE_ONCE(container_of(entry, struct dozer, entry)->woken,
		   container_of(entry, struct dozer, entry)->woken + 1);
	return 1;
}

static void doze(struct dozer *dozer, wait_queue_head_t *queue)
{
	dozer->woken = 0;
	init_waitqueue_func_entry(&dozer->entry, dozer_woken);
	add_wait_queue(queue, &dozer->entry);
}

static int append(struct retention_rig *rig)
{
	struct kvec vec = { rig->bytes, RECORD_BYTES - sizeof(struct ringlog_record) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	return ringlog_partition_append(&rig->partition, &iter, 1);
}

/* Until the newest record is too old by a nanosecond, which takes no longer than that. */
static void let_pass(const struct ringlog_ring *ring)
{
	while (ktime_get_ns() <= ring->timestamp + 1)
		cpu_relax();
}

/* Records of the present, which is over when this returns, and then of the future. */
static void fill(struct kunit *test, unsigned int present, unsigned int future)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;

	if (present) {
		while (present--)
			KUNIT_ASSERT_EQ(test, append(rig), 0);
		let_pass(ring);
	}
	if (future)
		ring->timestamp = ktime_get_ns() + HOUR;
	while (future--)
		KUNIT_ASSERT_EQ(test, append(rig), 0);
}

static struct ringlog_ends ends(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_ends ends;

	ringlog_partition_ends(&rig->partition, &ends);
	return ends;
}

static struct ringlog_gate *gate_at_the_oldest(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_place place = {};
	struct ringlog_gate *gate;

	KUNIT_ASSERT_EQ(test, ringlog_gate_claim(&rig->partition, &rig->queue, &gate), 0);
	KUNIT_ASSERT_EQ(test, ringlog_gate_move(&rig->partition, gate, &place, true), 0);
	return gate;
}

/* Make the partition again, as @config says. */
static void remake(struct kunit *test, const struct ringlog_partition_config *config)
{
	struct retention_rig *rig = test->priv;

	ringlog_partition_exit(&rig->partition);
	memset(&rig->partition, 0, sizeof(rig->partition));
	KUNIT_ASSERT_EQ(test, ringlog_partition_init(&rig->partition, config, rig->counters,
						     &rig->pollers), 0);
}

static void records_stay_for_ever_without_an_age(struct kunit *test)
{
	struct retention_rig *rig = test->priv;

	fill(test, 20, 0);
	KUNIT_EXPECT_EQ(test, ringlog_partition_age(&rig->partition), 0ULL);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_retention_next(&rig->partition), KTIME_MAX);
	ringlog_partition_set_age(&rig->partition, HOUR);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 0ULL);
	ringlog_partition_set_age(&rig->partition, ~0ULL);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_retention_next(&rig->partition), KTIME_MAX);
	KUNIT_EXPECT_EQ(test, ends(test).expired_end, 0ULL);
}

static void the_oldest_is_not_too_old(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_place place;

	fill(test, 21, 5);
	ringlog_partition_set_age(&rig->partition, 1);
	KUNIT_EXPECT_EQ(test, ringlog_partition_age(&rig->partition), 1ULL);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 21ULL);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.position, 21ULL * RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, ends(test).expired_end, 21ULL);
	KUNIT_EXPECT_GT(test, ends(test).oldest_timestamp, ktime_get_ns());
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 20, false, &place), -ERANGE);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 21, false, &place), 0);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 0, true, &place), 0);
	KUNIT_EXPECT_EQ(test, place.offset, 21ULL);
}

/* Whoever asks finds what has come of age since, with nobody having appended. */
static void age_goes_on_by_itself(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_place place;

	fill(test, 3, 0);
	rig->partition.ring.age = 1;
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 2, false, &place), -ERANGE);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 3ULL);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.position, ends(test).newest.position);
	fill(test, 1, 0);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 4ULL);
	KUNIT_EXPECT_EQ(test, ringlog_partition_seek(&rig->partition, 4, false, &place), 0);
}

/* Cheaply: whole blocks. */
static void appends_retire_what_is_too_old(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;

	fill(test, 3 * IN_A_BLOCK + 2, 1);
	rig->partition.ring.age = 1;
	KUNIT_EXPECT_EQ(test, append(rig), 0);
	KUNIT_EXPECT_EQ(test, ring->tail_offset, 3ULL * IN_A_BLOCK);
	KUNIT_EXPECT_EQ(test, ring->expired_end, 3ULL * IN_A_BLOCK);
	KUNIT_EXPECT_EQ(test, ring->tail, 3ULL * RINGLOG_BLOCK);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 3ULL * IN_A_BLOCK + 2);
}

/* A reader that keeps up lets the past rest. */
static void readers_retire_what_they_stand_on(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;

	fill(test, 10, 5);
	rig->partition.ring.age = 1;
	ringlog_retention_expire_at(&rig->partition, 12 * RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, ring->tail, 0ULL);
	ringlog_retention_expire_at(&rig->partition, 15 * RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, ring->tail, 0ULL);
	ringlog_retention_expire_at(&rig->partition, 9 * RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, ring->tail_offset, 10ULL);
	ringlog_retention_expire_at(&rig->partition, 0);
	KUNIT_EXPECT_EQ(test, ring->tail_offset, 10ULL);
}

static void the_next_to_expire_is_the_oldest(struct kunit *test)
{
	struct retention_rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, ringlog_retention_next(&rig->partition), KTIME_MAX);
	ringlog_partition_set_age(&rig->partition, 1000);
	KUNIT_EXPECT_EQ(test, ringlog_retention_next(&rig->partition), KTIME_MAX);
	fill(test, 0, 2);
	KUNIT_EXPECT_EQ(test, (u64)ringlog_retention_next(&rig->partition),
			ends(test).oldest_timestamp + 1001);
}

/* What is too old holds nobody up, whatever gate stands there. */
static void gates_hold_nothing_that_is_too_old(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = gate_at_the_oldest(test);
	unsigned int i;

	fill(test, RING_SIZE / RECORD_BYTES, 0);
	KUNIT_ASSERT_EQ(test, append(rig), -ENOBUFS);
	partition->ring.timestamp = ktime_get_ns() + HOUR;
	ringlog_partition_set_age(partition, 1);
	KUNIT_EXPECT_EQ(test, partition->floor, 2ULL * RING_SIZE);
	for (i = 0; i < RING_SIZE / RECORD_BYTES; i++)
		KUNIT_ASSERT_EQ(test, append(rig), 0);
	KUNIT_EXPECT_EQ(test, append(rig), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.position, (u64)RING_SIZE);
	/* It moves on from far behind, and holds again. */
	ringlog_gate_pass(partition, gate, RING_SIZE + RINGLOG_BLOCK);
	KUNIT_EXPECT_TRUE(test, ringlog_gates_make_room(partition, RINGLOG_BLOCK));
	KUNIT_EXPECT_EQ(test, partition->floor, 2ULL * RING_SIZE + RINGLOG_BLOCK);
	ringlog_gate_release(partition, gate);
	KUNIT_EXPECT_EQ(test, partition->floor, RINGLOG_NEVER);
	gate = gate_at_the_oldest(test);
	KUNIT_EXPECT_EQ(test, partition->floor, 2ULL * RING_SIZE);
	ringlog_gate_release(partition, gate);
}

/* The floor goes by whole blocks below tail, so an append overwrites nothing above it. */
static void floor_keeps_what_is_young(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition.ring;
	struct ringlog_gate *gate = gate_at_the_oldest(test);

	fill(test, 2 * IN_A_BLOCK + 3, RING_SIZE / RECORD_BYTES - 2 * IN_A_BLOCK - 3);
	KUNIT_ASSERT_EQ(test, append(rig), -ENOBUFS);
	ringlog_partition_set_age(&rig->partition, 1);
	KUNIT_EXPECT_EQ(test, ring->tail_offset, 2ULL * IN_A_BLOCK + 3);
	KUNIT_EXPECT_EQ(test, rig->partition.floor, RING_SIZE + 2ULL * RINGLOG_BLOCK);
	while (!append(rig))
		KUNIT_ASSERT_EQ(test, ring->tail_offset, 2ULL * IN_A_BLOCK + 3);
	KUNIT_EXPECT_EQ(test, ring->head, rig->partition.floor);
	ringlog_gate_release(&rig->partition, gate);
}

static void partition_that_keeps_lets_go_by_age(struct kunit *test)
{
	static const struct ringlog_partition_config config = {
		.ring_bytes = RING_SIZE,
		.node = NUMA_NO_NODE,
		.age = 1,
		.keeps = true,
	};
	struct retention_rig *rig = test->priv;

	remake(test, &config);
	KUNIT_EXPECT_EQ(test, ringlog_partition_age(&rig->partition), 1ULL);
	fill(test, 300, 0);
	fill(test, 0, RING_SIZE / RECORD_BYTES - IN_A_BLOCK);
	ends(test);
	while (!append(rig))
		;
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, 300ULL);
	KUNIT_EXPECT_LE(test, ends(test).newest.position, 300ULL * RECORD_BYTES + RING_SIZE);
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(&rig->partition),
			ends(test).newest.offset - 300);
	KUNIT_EXPECT_EQ(test, append(rig), 0);
}

/* The floor goes by blocks: a writer is not woken for each record. */
static void writers_hear_of_age_when_there_is_more_room(struct kunit *test)
{
	static const struct ringlog_partition_config config = {
		.ring_bytes = RING_SIZE,
		.node = NUMA_NO_NODE,
	};
	struct retention_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	unsigned int old[] = { IN_A_BLOCK - 1, IN_A_BLOCK }, i;

	for (i = 0; i < ARRAY_SIZE(old); i++) {
		struct ringlog_gate *gate;
		struct dozer writer;

		remake(test, &config);
		gate = gate_at_the_oldest(test);
		fill(test, old[i], RING_SIZE / RECORD_BYTES - old[i]);
		doze(&writer, &partition->room);
		KUNIT_ASSERT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
		WRITE_ONCE(partition->ring.age, 1);
		KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, (u64)old[i]);
		KUNIT_EXPECT_EQ(test, writer.woken, i);
		remove_wait_queue(&partition->room, &writer.entry);
		ringlog_gate_release(partition, gate);
	}
}

static void purge_takes_everything_and_lets_writers_in(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = gate_at_the_oldest(test);
	struct dozer writer, poller;

	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(partition), 0ULL);
	while (!append(rig))
		;
	doze(&writer, &partition->room);
	doze(&poller, &rig->pollers);
	KUNIT_ASSERT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(partition), RING_SIZE / RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, writer.woken, 1U);
	KUNIT_EXPECT_EQ(test, poller.woken, 1U);
	KUNIT_EXPECT_TRUE(test, ringlog_partition_has_room(partition, RING_SIZE / 8));
	KUNIT_EXPECT_EQ(test, ends(test).oldest.position, ends(test).newest.position);
	KUNIT_EXPECT_EQ(test, ends(test).oldest.offset, RING_SIZE / RECORD_BYTES);
	KUNIT_EXPECT_EQ_MSG(test, ends(test).expired_end, 0ULL, "age took none of it");
	KUNIT_EXPECT_EQ(test, append(rig), 0);
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(partition), 1ULL);
	ringlog_gate_release(partition, gate);
	remove_wait_queue(&partition->room, &writer.entry);
	remove_wait_queue(&rig->pollers, &poller.entry);
}

static void killed_partition_stays_so(struct kunit *test)
{
	struct retention_rig *rig = test->priv;

	fill(test, 10, 2);
	ringlog_partition_kill(&rig->partition);
	ringlog_partition_set_age(&rig->partition, 1);
	KUNIT_EXPECT_EQ(test, rig->partition.floor, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(&rig->partition), 2ULL);
	KUNIT_EXPECT_EQ(test, rig->partition.floor, 0ULL);
	KUNIT_EXPECT_EQ(test, append(rig), -ENOBUFS);
}

/* A writer has to go by the new age, however long it meant to sleep. */
static void every_writer_hears_of_a_new_age(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct dozer writers[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writers); i++) {
		doze(&writers[i], &rig->partition.room);
		writers[i].entry.flags |= WQ_FLAG_EXCLUSIVE;
	}
	ringlog_partition_set_age(&rig->partition, HOUR);
	for (i = 0; i < ARRAY_SIZE(writers); i++) {
		KUNIT_EXPECT_GE(test, writers[i].woken, 1U);
		remove_wait_queue(&rig->partition.room, &writers[i].entry);
	}
}

/* Nobody else comes by; a pending watch that is too late is brought forward. */
static void those_who_poll_are_woken_when_age_makes_room(struct kunit *test)
{
	struct retention_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = gate_at_the_oldest(test);
	struct dozer poller;
	unsigned int i;

	while (!append(rig))
		;
	ringlog_retention_watch(partition);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&partition->watch));
	ringlog_partition_set_age(partition, HOUR);
	ringlog_retention_watch(partition);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&partition->watch));
	/* From now on, however long the test has taken to get here. */
	ringlog_partition_set_age(partition, ktime_get_ns() - ends(test).oldest_timestamp +
				  20 * NSEC_PER_MSEC);
	KUNIT_ASSERT_EQ(test, append(rig), -ENOBUFS);
	doze(&poller, &rig->pollers);
	ringlog_retention_watch(partition);
	for (i = 0; i < 5000 && !READ_ONCE(partition->ring.tail); i++) {
		usleep_range(1000, 2000);
		/* The timer's clock may run ahead: then a poller looks, and asks again. */
		if (!delayed_work_pending(&partition->watch) && !READ_ONCE(partition->ring.tail))
			ringlog_retention_watch(partition);
	}
	flush_delayed_work(&partition->watch);
	KUNIT_EXPECT_GE(test, poller.woken, 1U);
	KUNIT_EXPECT_GT(test, partition->ring.tail, 0ULL);
	remove_wait_queue(&rig->pollers, &poller.entry);
	ringlog_gate_release(partition, gate);
}

static int retention_rig_init(struct kunit *test)
{
	static const struct ringlog_partition_config config = {
		.ring_bytes = RING_SIZE,
		.node = NUMA_NO_NODE,
	};
	struct retention_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	init_waitqueue_head(&rig->pollers);
	init_waitqueue_head(&rig->queue);
	rig->counters = alloc_percpu(struct ringlog_counters);
	if (!rig->counters)
		return -ENOMEM;
	return ringlog_partition_init(&rig->partition, &config, rig->counters, &rig->pollers);
}

static void retention_rig_exit(struct kunit *test)
{
	struct retention_rig *rig = test->priv;

	if (!rig)
		return;
	ringlog_partition_exit(&rig->partition);
	free_percpu(rig->counters);
	kvfree(rig);
}

static struct kunit_case retention_cases[] = {
	KUNIT_CASE(records_stay_for_ever_without_an_age),
	KUNIT_CASE(the_oldest_is_not_too_old),
	KUNIT_CASE(age_goes_on_by_itself),
	KUNIT_CASE(appends_retire_what_is_too_old),
	KUNIT_CASE(readers_retire_what_they_stand_on),
	KUNIT_CASE(the_next_to_expire_is_the_oldest),
	KUNIT_CASE(gates_hold_nothing_that_is_too_old),
	KUNIT_CASE(floor_keeps_what_is_young),
	KUNIT_CASE(partition_that_keeps_lets_go_by_age),
	KUNIT_CASE(writers_hear_of_age_when_there_is_more_room),
	KUNIT_CASE(purge_takes_everything_and_lets_writers_in),
	KUNIT_CASE(killed_partition_stays_so),
	KUNIT_CASE(every_writer_hears_of_a_new_age),
	KUNIT_CASE(those_who_poll_are_woken_when_age_makes_room),
	{}
};

static struct kunit_suite retention_suite = {
	.name = "ringlog_retention",
	.init = retention_rig_init,
	.exit = retention_rig_exit,
	.test_cases = retention_cases,
};

kunit_test_suite(retention_suite);
