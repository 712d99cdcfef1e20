// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "account.h"
#include "stream.h"

/* As for the rings: an answer rather than the OOM killer. */
#define STREAM_GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * ringlog_stream_cost() - bytes of memory that a stream's rings take
 * @config: checked
 *
 * Return: bytes.
 */
u64 ringlog_stream_cost(const struct ringlog_stream_config *config)
{
	return (u64)config->partitions * ringlog_pages_cost(config->ring_bytes);
}

static struct ringlog_stream *alloc_stream(const struct ringlog_stream_config *config)
{
	struct ringlog_stream *stream;

	stream = kvzalloc(struct_size(stream, partition, config->partitions), STREAM_GFP);
	if (!stream)
		return NULL;
	stream->partitions = config->partitions;
	stream->policy = config->policy;
	stream->max_record = config->max_record;
	stream->ring_bytes = config->ring_bytes;
	stream->age = config->age;
	stream->budget = config->budget;
	stream->partitioner = config->partitioner;
	stream->node = config->node;
	stream->uid = config->uid;
	stream->gid = config->gid;
	stream->mode = config->mode;
	strscpy(stream->name, config->name, sizeof(stream->name));
	stream->memory = ringlog_stream_cost(config);
	stream->created = ktime_get_real_ns();
	stream->incarnation = get_random_u64() ?: 1;
	refcount_set(&stream->refs, 1);
	init_waitqueue_head(&stream->room);
	mutex_init(&stream->readers_lock);
	INIT_LIST_HEAD(&stream->readers);
	ringlog_loss_init(stream);
	return stream;
}

static int init_partitions(struct ringlog_stream *stream,
			   const struct ringlog_stream_config *config)
{
	struct ringlog_partition_config partition = {
		.ring_bytes = config->ring_bytes,
		.age = config->age,
		.node = config->node,
		.keeps = config->policy == RINGLOG_POLICY_REJECT,
		.incarnation = stream->incarnation,
		.max_record = stream->max_record,
	};
	int ret = 0;
	u32 i;

	stream->counters = alloc_percpu_gfp(struct ringlog_counters, STREAM_GFP);
	if (!stream->counters)
		return -ENOMEM;
	for (i = 0; i < stream->partitions && !ret; i++) {
		partition.number = i;
		partition.first_offset = config->first_offsets ? config->first_offsets[i] : 0;
		ret = ringlog_partition_init(&stream->partition[i], &partition, stream->counters,
					     &stream->room);
	}
	return ret;
}

/* All but its own memory. No file is open; it may be half made. */
static void strip(struct ringlog_stream *stream)
{
	u32 i;

	ringlog_loss_exit(stream);
	for (i = 0; i < stream->partitions; i++)
		ringlog_partition_exit(&stream->partition[i]);
	free_percpu(stream->counters);
	ringlog_account_uncharge(stream->uid, stream->memory);
}

/**
 * ringlog_stream_create() - make a stream with empty partitions
 * @config: checked
 * @fault: out: why it cannot be
 *
 * Context: process; sleeps.
 * Return: the stream, with a reference that is the caller's; an error pointer
 * with %-ENOMEM, %-ENOSPC or %-EDQUOT (see ringlog_account_charge()), or %-EINTR
 * when the caller is being killed.
 */
struct ringlog_stream *ringlog_stream_create(const struct ringlog_stream_config *config,
					     struct ringlog_fault *fault)
{
	u64 cost = ringlog_stream_cost(config);
	struct ringlog_stream *stream;
	int ret;

	ret = ringlog_account_charge(config->uid, cost, fault);
	if (ret)
		return ERR_PTR(ret);
	*fault = (struct ringlog_fault){
		.words = "there is no memory for it: make fewer partitions or smaller rings",
	};
	stream = ringlog_pages_available(cost) ? alloc_stream(config) : NULL;
	if (!stream) {
		ringlog_account_uncharge(config->uid, cost);
		return ERR_PTR(-ENOMEM);
	}
	ret = init_partitions(stream, config);
	if (ret) {
		/* Nobody has seen it, so nobody is waited for. */
		strip(stream);
		kvfree(stream);
		return ERR_PTR(ret);
	}
	return stream;
}

/**
 * ringlog_stream_get_unless_freed() - take a reference of what was looked up
 * @stream: found in a read-side section of RCU, which still goes on
 *
 * Return: @stream, or NULL if its last reference is gone.
 */
struct ringlog_stream *ringlog_stream_get_unless_freed(struct ringlog_stream *stream)
{
	return refcount_inc_not_zero(&stream->refs) ? stream : NULL;
}

/**
 * ringlog_stream_put() - give a reference back
 * @stream: freed with the last one
 *
 * Context: process; sleeps.
 */
void ringlog_stream_put(struct ringlog_stream *stream)
{
	if (!refcount_dec_and_test(&stream->refs))
		return;
	strip(stream);
	kvfree_rcu(stream, rcu);
}

/**
 * ringlog_stream_join() - tell a file of the stream's end
 * @stream: that it reads
 * @reader: its queue is set
 *
 * Context: process; sleeps.
 */
void ringlog_stream_join(struct ringlog_stream *stream, struct ringlog_stream_reader *reader)
{
	mutex_lock(&stream->readers_lock);
	list_add_tail(&reader->link, &stream->readers);
	mutex_unlock(&stream->readers_lock);
}

/**
 * ringlog_stream_leave() - undo ringlog_stream_join()
 * @stream: that it read
 * @reader: of a file that is closed
 *
 * Context: process; sleeps.
 */
void ringlog_stream_leave(struct ringlog_stream *stream, struct ringlog_stream_reader *reader)
{
	mutex_lock(&stream->readers_lock);
	list_del(&reader->link);
	mutex_unlock(&stream->readers_lock);
}

/*
 * Whoever waits on a file's queue, for whatever. Marks find those who wait for
 * records; but a poll that asked for none is not woken by one, and then has no
 * mark. Who joins later sees that the stream is gone.
 */
static void tell_readers(struct ringlog_stream *stream)
{
	struct ringlog_stream_reader *reader;

	mutex_lock(&stream->readers_lock);
	list_for_each_entry(reader, &stream->readers, link)
		wake_up_all(reader->queue);
	mutex_unlock(&stream->readers_lock);
}

/**
 * ringlog_stream_kill() - wake everyone and let every call fail from now on
 * @stream: may still be open
 *
 * Context: process; sleeps.
 */
void ringlog_stream_kill(struct ringlog_stream *stream)
{
	u32 i;

	WRITE_ONCE(stream->gone, true);
	for (i = 0; i < stream->partitions; i++)
		ringlog_partition_kill(&stream->partition[i]);
	tell_readers(stream);
	/* Those too of whom one is woken at a time: EPOLLEXCLUSIVE. */
	wake_up_all(&stream->room);
}

/**
 * ringlog_stream_set() - change what is not fixed for life
 * @stream: any
 * @changes: checked
 *
 * Context: process; sleeps. One caller at a time.
 */
void ringlog_stream_set(struct ringlog_stream *stream,
			const struct ringlog_stream_changes *changes)
{
	u32 i;

	if (changes->budget)
		WRITE_ONCE(stream->budget, *changes->budget);
	if (changes->partitioner)
		WRITE_ONCE(stream->partitioner, *changes->partitioner);
	if (!changes->age)
		return;
	WRITE_ONCE(stream->age, *changes->age);
	for (i = 0; i < stream->partitions; i++)
		ringlog_partition_set_age(&stream->partition[i], *changes->age);
}

/**
 * ringlog_stream_purge() - drop what partitions retain
 * @stream: any
 * @first: partition
 * @end: after the last partition
 *
 * Context: process; sleeps.
 */
void ringlog_stream_purge(struct ringlog_stream *stream, u32 first, u32 end)
{
	for (; first < end; first++)
		ringlog_partition_purge(&stream->partition[first]);
}

/* What lies between two ends that were read one after the other, while both moved. */
static u64 between(u64 low, u64 high)
{
	return high > low ? high - low : 0;
}

/**
 * ringlog_stream_use() - how full it is, and who is there
 * @stream: any
 * @use: out; of no one moment
 *
 * Context: any; no lock.
 */
void ringlog_stream_use(struct ringlog_stream *stream, struct ringlog_stream_use *use)
{
	u32 i;

	*use = (struct ringlog_stream_use){};
	for (i = 0; i < stream->partitions; i++) {
		const struct ringlog_ring *ring = &stream->partition[i].ring;
		u64 tail = READ_ONCE(ring->tail);
		u64 tail_offset = READ_ONCE(ring->tail_offset);

		use->used += min(between(tail, READ_ONCE(ring->head)), ring->size);
		use->retained += between(tail_offset, READ_ONCE(ring->next_offset));
	}
	ringlog_counters_sum(stream->counters, &use->counters);
	use->waiters = between(use->counters.woken, use->counters.waits);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "stream_kunit.c"
#endif
