// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/slab.h>

#include "handle.h"

static void attach_everything(struct ringlog_handle *handle)
{
	struct ringlog_ends ends;
	u32 i;

	for (i = 0; i < handle->stream->partitions; i++) {
		struct ringlog_cursor *cursor = &handle->cursors[i];

		cursor->partition = &handle->stream->partition[i];
		cursor->number = i;
		ringlog_partition_ends(cursor->partition, &ends);
		cursor->position = ends.oldest.position;
		cursor->offset = ends.oldest.offset;
		cursor->attached = true;
		ringlog_sleeper_init(&cursor->sleeper, &handle->queue);
		handle->attached[i] = cursor;
	}
	handle->attached_count = i;
}

/**
 * ringlog_handle_open() - make a handle
 * @stream: stays until the handle is closed
 * @reads: the file is open for reading
 *
 * Context: process; sleeps.
 * Return: the handle, attached to every partition at the oldest record if it
 * reads; an error pointer with %-ENOMEM.
 */
struct ringlog_handle *ringlog_handle_open(struct ringlog_stream *stream, bool reads)
{
	u32 cursors = reads ? stream->partitions : 0;
	struct ringlog_handle *handle;

	handle = kvzalloc(struct_size(handle, cursors, cursors) +
			  cursors * sizeof(*handle->attached),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!handle)
		return ERR_PTR(-ENOMEM);
	handle->stream = stream;
	atomic_inc(&stream->open_files);
	handle->producer = atomic_inc_return(&stream->opened);
	handle->turn = handle->producer - 1;
	handle->pinned = RINGLOG_PARTITION_TURN;
	mutex_init(&handle->staging_lock);
	mutex_init(&handle->lock);
	init_waitqueue_head(&handle->queue);
	handle->attached = (void *)&handle->cursors[cursors];
	if (reads) {
		attach_everything(handle);
		handle->reader.queue = &handle->queue;
		ringlog_stream_join(stream, &handle->reader);
	}
	return handle;
}

/**
 * ringlog_handle_close() - let go of everything and free the handle
 * @handle: no call is in it any more
 *
 * Who may still hold it: a waker that took one of its sleepers out, or looks at
 * one of its gates, for the rest of a read-side section.
 */
void ringlog_handle_close(struct ringlog_handle *handle)
{
	struct ringlog_cursor *cursor;
	u32 i;

	if (handle->reader.queue)
		ringlog_stream_leave(handle->stream, &handle->reader);
	ringlog_for_each_attached(handle, i, cursor)
		ringlog_gate_release(cursor->partition, cursor->gate);
	/* A mark may be left in a partition that was let go of. */
	for (i = 0; handle->attached_count && i < handle->stream->partitions; i++) {
		cursor = &handle->cursors[i];
		ringlog_sleepers_disarm(&cursor->partition->sleepers, &cursor->sleeper);
	}
	atomic_dec(&handle->stream->open_files);
	kvfree(handle->staging);
	kvfree_rcu(handle, rcu);
}
