// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "stream.h"

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

/**
 * ringlog_stream_create() - make a stream with empty partitions
 * @config: checked
 *
 * Context: process; sleeps.
 * Return: the stream; an error pointer with %-ENOMEM, or %-EINTR when the
 * caller is being killed.
 */
struct ringlog_stream *ringlog_stream_create(const struct ringlog_stream_config *config)
{
	struct ringlog_partition_config partition = {
		.ring_bytes = config->ring_bytes,
		.node = NUMA_NO_NODE,
		.keeps = config->policy == RINGLOG_POLICY_REJECT,
	};
	struct ringlog_stream *stream;
	u32 i;
	int ret = -ENOMEM;

	if (!ringlog_pages_available(ringlog_stream_cost(config)))
		return ERR_PTR(-ENOMEM);
	stream = kvzalloc(struct_size(stream, partition, config->partitions),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!stream)
		return ERR_PTR(-ENOMEM);
	stream->partitions = config->partitions;
	stream->policy = config->policy;
	stream->max_record = config->max_record;
	stream->ring_bytes = config->ring_bytes;
	stream->incarnation = get_random_u64() ?: 1;
	init_waitqueue_head(&stream->room);
	stream->counters = alloc_percpu_gfp(struct ringlog_counters,
					    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!stream->counters)
		goto err_destroy;
	for (i = 0; i < stream->partitions; i++) {
		ret = ringlog_partition_init(&stream->partition[i], &partition,
					     stream->counters, &stream->room);
		if (ret)
			goto err_destroy;
	}
	return stream;

err_destroy:
	ringlog_stream_destroy(stream);
	return ERR_PTR(ret);
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
	wake_up_poll(&stream->room, EPOLLERR | EPOLLHUP);
}

/**
 * ringlog_stream_destroy() - free a stream
 * @stream: no file of it is open; may be half made, or NULL
 */
void ringlog_stream_destroy(struct ringlog_stream *stream)
{
	u32 i;

	if (!stream)
		return;
	for (i = 0; i < stream->partitions; i++)
		ringlog_partition_exit(&stream->partition[i]);
	free_percpu(stream->counters);
	kvfree(stream);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "stream_kunit.c"
#endif
