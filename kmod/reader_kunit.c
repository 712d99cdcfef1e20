// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of reader.c, and of what waits for it, where age or a purge takes
 * records from under a cursor. The rest of it is tested through the device.
 * What is of the present and of the future is said in retention_kunit.c.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sizes.h>

#include "attach.h"
#include "compat.h"
#include "writer.h"

#define HOUR		(3600ULL * NSEC_PER_SEC)
#define RECORD_BYTES	512

struct reader_rig {
	struct ringlog_stream *stream;
	struct ringlog_partition *partition;
	struct ringlog_handle *plain;
	struct ringlog_handle *batch;
	u8 bytes[SZ_16K];
};

static int append(struct reader_rig *rig)
{
	struct kvec vec = { rig->bytes, RECORD_BYTES - sizeof(struct ringlog_record) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	return ringlog_partition_append(rig->partition, &iter, 1);
}

/* Until the newest record is too old by a nanosecond, which takes no longer than that. */
static void let_pass(const struct ringlog_ring *ring)
{
	while (ktime_get_ns() <= ring->timestamp + 1)
		cpu_relax();
}

static void fill(struct kunit *test, unsigned int present, unsigned int future)
{
	struct reader_rig *rig = test->priv;
	struct ringlog_ring *ring = &rig->partition->ring;

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

static ssize_t read(struct reader_rig *rig, struct ringlog_handle *handle)
{
	struct kvec vec = { rig->bytes, sizeof(rig->bytes) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
	return ringlog_read(handle, &iter, true);
}

/* The loss, and what of it was due to age, as @handle and as the stream count it. */
static void expect_loss(struct kunit *test, const struct ringlog_handle *handle, u64 lost,
			u64 expired)
{
	struct reader_rig *rig = test->priv;
	struct ringlog_counters sum;

	ringlog_counters_sum(rig->stream->counters, &sum);
	KUNIT_EXPECT_EQ(test, handle->cursors[0].lost, lost);
	KUNIT_EXPECT_EQ(test, handle->cursors[0].expired, expired);
	KUNIT_EXPECT_EQ(test, sum.lost, rig->plain->cursors[0].lost + rig->batch->cursors[0].lost);
	KUNIT_EXPECT_EQ(test, sum.expired,
			rig->plain->cursors[0].expired + rig->batch->cursors[0].expired);
}

static void expect_run(struct kunit *test, u64 lost, u64 expired, u32 records)
{
	struct reader_rig *rig = test->priv;
	const struct ringlog_run *run = (void *)rig->bytes;

	KUNIT_ASSERT_EQ(test, read(rig, rig->batch),
			(ssize_t)(sizeof(*run) + records * RECORD_BYTES));
	KUNIT_EXPECT_EQ(test, run->records, records);
	KUNIT_EXPECT_EQ(test, run->lost, lost);
	KUNIT_EXPECT_EQ(test, run->expired, expired);
}

/* How many records WAIT finds; -1: it would wait. */
static int waiting(struct ringlog_handle *handle, u64 min_records)
{
	struct ringlog_wait wait = { .min_records = min_records };

	return ringlog_wait(handle, &wait, true) ? -1 : wait.records;
}

static __poll_t polled(struct ringlog_handle *handle)
{
	return ringlog_poll_read(handle, NULL, NULL) & (EPOLLIN | EPOLLPRI);
}

static const ssize_t value = RECORD_BYTES - sizeof(struct ringlog_record);

static void nothing_too_old_is_read(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 3, 2);
	rig->partition->ring.age = 1;
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	expect_loss(test, rig->plain, 3, 3);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
	expect_run(test, 3, 3, 2);
	expect_loss(test, rig->batch, 3, 3);
	KUNIT_EXPECT_EQ(test, read(rig, rig->batch), -EAGAIN);
}

/* Nobody but the reader of runs comes by. */
static void nothing_too_old_is_in_a_run(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 3, 2);
	rig->partition->ring.age = 1;
	expect_run(test, 3, 3, 2);
}

/* Told once, then as if nothing were there; what comes next tells how many. */
static void everything_is_too_old(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 3, 0);
	rig->partition->ring.age = 1;
	KUNIT_EXPECT_EQ(test, polled(rig->plain), EPOLLIN | EPOLLPRI);
	KUNIT_EXPECT_EQ(test, polled(rig->batch), EPOLLPRI);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, polled(rig->plain), EPOLLPRI);
	KUNIT_EXPECT_EQ(test, waiting(rig->plain, 1), -1);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
	KUNIT_EXPECT_EQ(test, read(rig, rig->batch), -EAGAIN);
	KUNIT_EXPECT_EQ(test, polled(rig->plain), 0U);
	KUNIT_EXPECT_EQ(test, polled(rig->batch), 0U);
	fill(test, 4, 0);
	KUNIT_EXPECT_EQ_MSG(test, read(rig, rig->plain), -EAGAIN, "not told again");
	KUNIT_EXPECT_EQ(test, read(rig, rig->batch), -EAGAIN);
	expect_loss(test, rig->plain, 0, 0);
	fill(test, 0, 1);
	KUNIT_EXPECT_EQ(test, polled(rig->plain), EPOLLIN);
	KUNIT_EXPECT_EQ(test, waiting(rig->plain, 1), 1);
	KUNIT_EXPECT_EQ(test, waiting(rig->plain, 2), -1);
	KUNIT_EXPECT_EQ(test, waiting(rig->batch, 2), -1);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	expect_loss(test, rig->plain, 7, 7);
	expect_run(test, 7, 7, 1);
	fill(test, 0, 1);
	rig->partition->ring.age = 0;
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(rig->partition), 2ULL);
	KUNIT_EXPECT_EQ_MSG(test, read(rig, rig->plain), -EPIPE, "one was delivered since");
}

static void purged_records_are_a_loss_but_not_to_age(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 5, 0);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(rig->partition), 5ULL);
	KUNIT_EXPECT_EQ(test, polled(rig->plain), EPOLLIN | EPOLLPRI);
	KUNIT_EXPECT_EQ(test, polled(rig->batch), EPOLLPRI);
	KUNIT_EXPECT_EQ(test, waiting(rig->batch, 1), -1);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
	fill(test, 2, 0);
	KUNIT_EXPECT_EQ(test, waiting(rig->plain, 2), 2);
	KUNIT_EXPECT_EQ(test, waiting(rig->plain, 3), -1);
	expect_run(test, 5, 0, 2);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	expect_loss(test, rig->plain, 4, 0);
	expect_loss(test, rig->batch, 5, 0);
}

/* Of what is lost, age takes its part, up to the last record that it took. */
static void losses_of_both_kinds_are_told_apart(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 6, 2);
	ringlog_partition_set_age(rig->partition, 1);
	KUNIT_EXPECT_EQ(test, ringlog_partition_purge(rig->partition), 2ULL);
	fill(test, 0, 1);
	expect_run(test, 8, 6, 1);
	expect_loss(test, rig->batch, 8, 6);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	expect_loss(test, rig->plain, 8, 6);
}

static void seeks_find_what_is_young(struct kunit *test)
{
	struct reader_rig *rig = test->priv;
	struct ringlog_handle *late;

	fill(test, 3, 2);
	rig->partition->ring.age = 1;
	late = ringlog_handle_open(rig->stream, true);
	KUNIT_ASSERT_FALSE(test, IS_ERR(late));
	KUNIT_EXPECT_EQ(test, late->cursors[0].offset, 3ULL);
	KUNIT_EXPECT_EQ(test, read(rig, late), value);
	KUNIT_EXPECT_EQ(test, late->cursors[0].lost, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_seek_ends(late, false), 0);
	KUNIT_EXPECT_EQ(test, late->cursors[0].offset, 3ULL);
	ringlog_handle_close(late);

	/* What a seek passes over is not counted, unless it was told. */
	KUNIT_EXPECT_EQ(test, ringlog_seek_ends(rig->batch, false), 0);
	expect_run(test, 0, 0, 2);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, ringlog_seek_ends(rig->plain, true), 0);
	expect_loss(test, rig->plain, 3, 3);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
}

/* A cursor that went to head after its loss was told, and is asked to go elsewhere. */
static void seek_from_an_empty_ring(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	fill(test, 4, 0);
	ringlog_partition_purge(rig->partition);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EPIPE);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ringlog_seek_ends(rig->plain, false), 0);
	expect_loss(test, rig->plain, 4, 0);
	KUNIT_EXPECT_EQ(test, rig->plain->cursors[0].offset, 4ULL);
	fill(test, 1, 0);
	KUNIT_EXPECT_EQ(test, read(rig, rig->plain), value);
	expect_loss(test, rig->plain, 4, 0);
}

static ssize_t write(struct reader_rig *rig, bool may_not_wait)
{
	struct kvec vec = { rig->bytes, value };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, vec.iov_len);
	return ringlog_write(rig->plain, &iter, may_not_wait);
}

/* The gate's reader never moves; nobody wakes the writer but the clock. */
static void writer_waits_until_age_makes_room(struct kunit *test)
{
	struct reader_rig *rig = test->priv;
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_GATE,
	};
	struct ringlog_ends ends;

	KUNIT_ASSERT_EQ(test, ringlog_attach(rig->batch, FMODE_READ | FMODE_WRITE, &attach), 0);
	while (!append(rig))
		;
	KUNIT_EXPECT_EQ(test, write(rig, true), -EAGAIN);
	KUNIT_EXPECT_FALSE(test, ringlog_write_would_not_wait(rig->plain));
	/* Who may not wait finds room; and if not, who may would wait for ever. */
	let_pass(&rig->partition->ring);
	rig->partition->ring.age = 1;
	KUNIT_ASSERT_TRUE(test, ringlog_write_would_not_wait(rig->plain));
	KUNIT_EXPECT_EQ(test, write(rig, true), value);

	rig->partition->ring.age = 0;
	while (!append(rig))
		;
	ringlog_partition_ends(rig->partition, &ends);
	rig->partition->ring.age = ktime_get_ns() - ends.oldest_timestamp + 20 * NSEC_PER_MSEC;
	KUNIT_EXPECT_EQ(test, write(rig, true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, write(rig, false), value);
	KUNIT_EXPECT_GT(test, ktime_get_ns(), ends.oldest_timestamp + rig->partition->ring.age);
	KUNIT_EXPECT_GT(test, rig->partition->ring.expired_end, 0ULL);
}

static int reader_rig_init(struct kunit *test)
{
	static const struct ringlog_stream_config config = {
		.partitions = 1,
		.ring_bytes = SZ_64K,
		.policy = RINGLOG_POLICY_BLOCK,
		.max_record = SZ_8K,
		.node = NUMA_NO_NODE,
	};
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_BATCH,
	};
	struct ringlog_fault fault;
	struct reader_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	rig->stream = ringlog_stream_create(&config, &fault);
	if (IS_ERR(rig->stream))
		return PTR_ERR(rig->stream);
	rig->partition = &rig->stream->partition[0];
	rig->plain = ringlog_handle_open(rig->stream, true);
	rig->batch = ringlog_handle_open(rig->stream, true);
	if (IS_ERR(rig->plain) || IS_ERR(rig->batch))
		return -ENOMEM;
	return ringlog_attach(rig->batch, FMODE_READ, &attach);
}

static void reader_rig_exit(struct kunit *test)
{
	struct reader_rig *rig = test->priv;

	if (!rig)
		return;
	if (!IS_ERR_OR_NULL(rig->plain))
		ringlog_handle_close(rig->plain);
	if (!IS_ERR_OR_NULL(rig->batch))
		ringlog_handle_close(rig->batch);
	if (!IS_ERR(rig->stream))
		ringlog_stream_put(rig->stream);
	kvfree(rig);
}

static struct kunit_case reader_cases[] = {
	KUNIT_CASE(nothing_too_old_is_read),
	KUNIT_CASE(nothing_too_old_is_in_a_run),
	KUNIT_CASE(everything_is_too_old),
	KUNIT_CASE(purged_records_are_a_loss_but_not_to_age),
	KUNIT_CASE(losses_of_both_kinds_are_told_apart),
	KUNIT_CASE(seeks_find_what_is_young),
	KUNIT_CASE(seek_from_an_empty_ring),
	KUNIT_CASE(writer_waits_until_age_makes_room),
	{}
};

static struct kunit_suite reader_suite = {
	.name = "ringlog_reader",
	.init = reader_rig_init,
	.exit = reader_rig_exit,
	.test_cases = reader_cases,
};

kunit_test_suite(reader_suite);
