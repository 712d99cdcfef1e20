// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of gate.c: where the floor is, and who is woken when it may rise.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include "compat.h"

#define RING_SIZE	SZ_64K
/* Ring bytes of each record that the tests append. */
#define RECORD_BYTES	512

struct dozer {
	struct wait_queue_entry entry;
	unsigned int woken;
};

static const struct ringlog_partition_config gate_like = {
	.ring_bytes = RING_SIZE,
	.node = NUMA_NO_NODE,
};

struct gate_rig {
	struct ringlog_partition partition;
	struct ringlog_counters __percpu *counters;
	wait_queue_head_t pollers;
	/* A reader's file's. */
	wait_queue_head_t queue;
	u8 bytes[RECORD_BYTES];
};

static int dozer_woken(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	container_of(entry, struct dozer, entry)->woken++;
	return 1;
}

static void doze(struct dozer *dozer, wait_queue_head_t *queue, bool exclusive)
{
	dozer->woken = 0;
	init_waitqueue_func_entry(&dozer->entry, dozer_woken);
	if (exclusive)
		add_wait_queue_exclusive(queue, &dozer->entry);
	else
		add_wait_queue(queue, &dozer->entry);
}

static int append(struct gate_rig *rig)
{
	struct kvec vec = { rig->bytes, RECORD_BYTES - sizeof(struct ringlog_record) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	return ringlog_partition_append(&rig->partition, &iter, 1);
}

/* Returns how many records it took. */
static unsigned int fill(struct gate_rig *rig, unsigned int most)
{
	unsigned int records = 0;

	while (records < most && !append(rig))
		records++;
	return records;
}

static struct ringlog_gate *claim(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_gate *gate = NULL;

	KUNIT_ASSERT_EQ(test, ringlog_gate_claim(&rig->partition, &rig->queue, &gate), 0);
	return gate;
}

static int move(struct gate_rig *rig, struct ringlog_gate *gate, u64 position)
{
	struct ringlog_place place = { position, position / RECORD_BYTES };

	return ringlog_gate_move(&rig->partition, gate, &place, false);
}

static void slots_run_out_and_come_back(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_gate *gates[RINGLOG_GATES_MAX], *more = NULL;
	unsigned int i, j;

	for (i = 0; i < RINGLOG_GATES_MAX; i++) {
		gates[i] = claim(test);
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_PTR_NE(test, gates[i], gates[j]);
	}
	KUNIT_EXPECT_EQ(test, ringlog_gate_claim(&rig->partition, &rig->queue, &more), -EUSERS);
	KUNIT_EXPECT_NULL(test, more);
	ringlog_gate_release(&rig->partition, gates[17]);
	KUNIT_EXPECT_PTR_EQ(test, claim(test), gates[17]);
	KUNIT_EXPECT_EQ(test, ringlog_gate_claim(&rig->partition, &rig->queue, &more), -EUSERS);
	/* None of them was put anywhere, so none holds anything. */
	KUNIT_EXPECT_EQ(test, rig->partition.floor, RINGLOG_NEVER);
}

static void floor_is_the_gate_down_to_a_block_and_a_ring(struct kunit *test)
{
	static const struct {
		u64 position;
		u64 floor;
	} rows[] = {
		{ 0, RING_SIZE },
		{ 512, RING_SIZE },
		{ 3584, RING_SIZE },
		{ 4096, RING_SIZE + 4096 },
		{ 4608, RING_SIZE + 4096 },
		{ 8192, RING_SIZE + 8192 },
		{ 7680, RING_SIZE + 4096 },
		{ 16384, RING_SIZE + 16384 },
	};
	struct gate_rig *rig = test->priv;
	struct ringlog_gate *gate = claim(test);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, fill(rig, 40), 40U);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ(test, move(rig, gate, rows[i].position), 0);
		KUNIT_EXPECT_EQ_MSG(test, rig->partition.floor, rows[i].floor, "of a gate at %llu",
				    rows[i].position);
	}
}

static void lowest_gate_counts(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *low = claim(test), *high = claim(test), *middle = claim(test);

	KUNIT_ASSERT_EQ(test, fill(rig, 40), 40U);
	move(rig, high, 12288);
	KUNIT_EXPECT_EQ(test, partition->floor, RING_SIZE + 12288ULL);
	move(rig, low, 4096);
	move(rig, middle, 8192);
	KUNIT_EXPECT_EQ(test, partition->floor, RING_SIZE + 4096ULL);
	ringlog_gate_release(partition, low);
	KUNIT_EXPECT_EQ(test, partition->floor, RING_SIZE + 8192ULL);
	ringlog_gate_release(partition, middle);
	ringlog_gate_release(partition, high);
	KUNIT_EXPECT_EQ(test, partition->floor, RINGLOG_NEVER);
	ringlog_gate_release(partition, NULL);
}

/* What the last gate has passed may go; what came after it is kept. */
static void keeping_partition_remembers_its_last_gate(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition_config config = gate_like;
	struct ringlog_gate *gate;

	ringlog_partition_exit(&rig->partition);
	memset(&rig->partition, 0, sizeof(rig->partition));
	config.keeps = true;
	KUNIT_ASSERT_EQ(test, ringlog_partition_init(&rig->partition, &config, rig->counters,
						     &rig->pollers), 0);
	gate = claim(test);
	KUNIT_ASSERT_EQ(test, fill(rig, 1000), RING_SIZE / RECORD_BYTES);
	move(rig, gate, 0);
	ringlog_gate_pass(&rig->partition, gate, 8192);
	ringlog_gate_release(&rig->partition, gate);
	KUNIT_EXPECT_EQ(test, rig->partition.floor, RING_SIZE + 8192ULL);
	KUNIT_EXPECT_EQ(test, fill(rig, 1000), 8192U / RECORD_BYTES);
}

/* Wherever the gate is, appends stop before they overwrite what it has not passed. */
static void nothing_that_a_gate_holds_is_overwritten(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test);
	u64 position = 0;

	KUNIT_ASSERT_EQ(test, move(rig, gate, 0), 0);
	while (position < 3 * RING_SIZE) {
		fill(rig, 1000);
		KUNIT_ASSERT_LE(test, partition->ring.tail, position);
		KUNIT_ASSERT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
		/* Less than a block and a record is left unused. */
		KUNIT_ASSERT_GT(test, partition->ring.head + RINGLOG_BLOCK + RECORD_BYTES,
				position + RING_SIZE);
		position += 7 * RECORD_BYTES;
		ringlog_gate_pass(partition, gate, position);
		KUNIT_ASSERT_EQ(test, ringlog_gates_make_room(partition, RECORD_BYTES),
				ALIGN_DOWN(position, RINGLOG_BLOCK) + RING_SIZE >=
				partition->ring.head + RECORD_BYTES);
	}
}

/* One of those who sleep for room, and all who poll for it; and only when it is worth it. */
static void passing_a_block_wakes_one_writer(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test);
	struct dozer first, second, poller;

	KUNIT_ASSERT_EQ(test, move(rig, gate, 0), 0);
	fill(rig, 1000);
	doze(&first, &partition->room, true);
	doze(&second, &partition->room, true);
	doze(&poller, &rig->pollers, false);

	ringlog_gate_pass(partition, gate, 4096);
	KUNIT_EXPECT_EQ_MSG(test, first.woken + second.woken + poller.woken, 0U, "nobody asked");
	KUNIT_EXPECT_FALSE(test, ringlog_gates_make_room(partition, 8192));
	KUNIT_EXPECT_TRUE(test, partition->kernel->room_wanted);
	ringlog_gate_pass(partition, gate, 4608);
	KUNIT_EXPECT_EQ_MSG(test, first.woken + second.woken + poller.woken, 0U, "no block ends");
	ringlog_gate_pass(partition, gate, 8192);
	KUNIT_EXPECT_EQ(test, first.woken, 1U);
	KUNIT_EXPECT_EQ(test, second.woken, 0U);
	KUNIT_EXPECT_EQ(test, poller.woken, 1U);
	KUNIT_EXPECT_FALSE(test, partition->kernel->room_wanted);
	KUNIT_EXPECT_TRUE(test, ringlog_gates_make_room(partition, 8192));

	remove_wait_queue(&partition->room, &first.entry);
	remove_wait_queue(&partition->room, &second.entry);
	remove_wait_queue(&rig->pollers, &poller.entry);
}

static void seeking_forward_and_leaving_wake_a_writer(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test);
	struct dozer writer;

	KUNIT_ASSERT_EQ(test, fill(rig, 40), 40U);
	KUNIT_ASSERT_EQ(test, move(rig, gate, 4096), 0);
	doze(&writer, &partition->room, true);
	move(rig, gate, 512);
	KUNIT_EXPECT_EQ(test, writer.woken, 0U);
	move(rig, gate, 8192);
	KUNIT_EXPECT_EQ(test, writer.woken, 1U);
	ringlog_gate_release(partition, gate);
	KUNIT_EXPECT_EQ(test, writer.woken, 2U);
	remove_wait_queue(&partition->room, &writer.entry);
}

static void gate_cannot_go_where_nothing_is_left(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test);
	struct ringlog_place place = { 512, 1 };

	KUNIT_ASSERT_EQ(test, fill(rig, 200), 200U);
	KUNIT_ASSERT_GT(test, partition->ring.tail, 512ULL);
	KUNIT_EXPECT_EQ(test, ringlog_gate_move(partition, gate, &place, false), -ERANGE);
	KUNIT_EXPECT_EQ(test, place.position, 512ULL);
	KUNIT_EXPECT_EQ(test, gate->position, RINGLOG_NEVER);
	KUNIT_EXPECT_EQ(test, partition->floor, RINGLOG_NEVER);
	KUNIT_EXPECT_EQ(test, ringlog_gate_move(partition, gate, &place, true), 0);
	KUNIT_EXPECT_EQ(test, place.position, partition->ring.tail);
	KUNIT_EXPECT_EQ(test, place.offset, partition->ring.tail_offset);
	KUNIT_EXPECT_EQ(test, gate->position, partition->ring.tail);
}

static void floor_of_a_killed_partition_stays_at_zero(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test), *late;

	KUNIT_ASSERT_EQ(test, fill(rig, 40), 40U);
	KUNIT_ASSERT_EQ(test, move(rig, gate, 4096), 0);
	ringlog_partition_kill(partition);
	KUNIT_EXPECT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
	KUNIT_EXPECT_EQ(test, partition->floor, 0ULL);
	late = claim(test);
	move(rig, late, 8192);
	KUNIT_EXPECT_EQ(test, partition->floor, 0ULL);
	ringlog_gate_release(partition, gate);
	ringlog_gate_release(partition, late);
	KUNIT_EXPECT_EQ(test, partition->floor, 0ULL);
	KUNIT_EXPECT_EQ(test, append(rig), -ENOBUFS);
}

/* Readers that hold writers up are told that one waits. */
static void readers_are_hurried_when_a_writer_waits(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct dozer reader, writer;
	struct ringlog_gate *gate;

	doze(&reader, &rig->queue, false);
	/* There are no gates at all yet. */
	ringlog_gates_hurry(partition);
	gate = claim(test);
	KUNIT_ASSERT_EQ(test, move(rig, gate, 0), 0);
	fill(rig, 1000);
	KUNIT_EXPECT_FALSE(test, ringlog_gates_hurried(partition));
	KUNIT_EXPECT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
	KUNIT_EXPECT_FALSE_MSG(test, ringlog_gates_hurried(partition), "nobody sleeps");
	doze(&writer, &partition->room, true);
	KUNIT_EXPECT_TRUE(test, ringlog_gates_hurried(partition));
	KUNIT_EXPECT_EQ(test, reader.woken, 0U);
	ringlog_gates_hurry(partition);
	KUNIT_EXPECT_EQ(test, reader.woken, 1U);
	ringlog_gate_release(partition, gate);
	ringlog_gates_hurry(partition);
	KUNIT_EXPECT_EQ_MSG(test, reader.woken, 1U, "it has left");
	KUNIT_EXPECT_FALSE(test, ringlog_gates_hurried(partition));
	remove_wait_queue(&partition->room, &writer.entry);
}

/* A queue that epoll never leaves, and room that was there, hurry nobody. */
static void readers_are_hurried_by_pollers_that_were_refused(struct kunit *test)
{
	struct gate_rig *rig = test->priv;
	struct ringlog_partition *partition = &rig->partition;
	struct ringlog_gate *gate = claim(test);
	struct dozer reader, poller;

	KUNIT_ASSERT_EQ(test, move(rig, gate, 0), 0);
	doze(&reader, &rig->queue, false);
	doze(&poller, &rig->pollers, false);
	KUNIT_EXPECT_TRUE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
	KUNIT_EXPECT_FALSE_MSG(test, ringlog_gates_hurried(partition), "it found room");
	fill(rig, 1000);
	KUNIT_EXPECT_FALSE(test, ringlog_gates_make_room(partition, RECORD_BYTES));
	KUNIT_EXPECT_FALSE_MSG(test, ringlog_gates_hurried(partition), "it does not wait");
	KUNIT_EXPECT_EQ(test, reader.woken, 0U);
	ringlog_gates_refuse(partition);
	KUNIT_EXPECT_EQ(test, reader.woken, 1U);
	KUNIT_EXPECT_TRUE(test, ringlog_gates_hurried(partition));
	ringlog_gate_pass(partition, gate, 4096);
	KUNIT_EXPECT_EQ(test, poller.woken, 1U);
	KUNIT_EXPECT_FALSE(test, ringlog_gates_hurried(partition));
	remove_wait_queue(&rig->queue, &reader.entry);
	remove_wait_queue(&rig->pollers, &poller.entry);
}

static int gate_rig_init(struct kunit *test)
{
	struct gate_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	init_waitqueue_head(&rig->pollers);
	init_waitqueue_head(&rig->queue);
	rig->counters = alloc_percpu(struct ringlog_counters);
	if (!rig->counters)
		return -ENOMEM;
	return ringlog_partition_init(&rig->partition, &gate_like, rig->counters,
				      &rig->pollers);
}

static void gate_rig_exit(struct kunit *test)
{
	struct gate_rig *rig = test->priv;

	if (!rig)
		return;
	ringlog_partition_exit(&rig->partition);
	free_percpu(rig->counters);
	kvfree(rig);
}

static struct kunit_case gate_cases[] = {
	KUNIT_CASE(slots_run_out_and_come_back),
	KUNIT_CASE(floor_is_the_gate_down_to_a_block_and_a_ring),
	KUNIT_CASE(lowest_gate_counts),
	KUNIT_CASE(keeping_partition_remembers_its_last_gate),
	KUNIT_CASE(nothing_that_a_gate_holds_is_overwritten),
	KUNIT_CASE(passing_a_block_wakes_one_writer),
	KUNIT_CASE(seeking_forward_and_leaving_wake_a_writer),
	KUNIT_CASE(gate_cannot_go_where_nothing_is_left),
	KUNIT_CASE(floor_of_a_killed_partition_stays_at_zero),
	KUNIT_CASE(readers_are_hurried_when_a_writer_waits),
	KUNIT_CASE(readers_are_hurried_by_pollers_that_were_refused),
	{}
};

static struct kunit_suite gate_suite = {
	.name = "ringlog_gate",
	.init = gate_rig_init,
	.exit = gate_rig_exit,
	.test_cases = gate_cases,
};

kunit_test_suite(gate_suite);
