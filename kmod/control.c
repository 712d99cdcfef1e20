// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls: size-versioned structs in, checked, acted upon, and out again.
 */
#include <linux/pagemap.h>
#include <linux/uaccess.h>

#include "attach.h"
#include "control.h"
#include "handle.h"
#include "waiting.h"
#include "writer.h"

static void info_stream(const struct ringlog_stream *stream, struct ringlog_info *info)
{
	struct ringlog_counters sum;

	ringlog_counters_sum(stream->counters, &sum);
	info->incarnation = stream->incarnation;
	info->partitions = stream->partitions;
	info->policy = stream->policy;
	info->max_record = stream->max_record;
	info->ring_bytes = stream->ring_bytes;
	info->records = sum.records;
	info->bytes = sum.bytes;
	info->appends = sum.singles + sum.batches;
	info->batches = sum.batches;
	info->wakeups = sum.wakeups;
	info->wakeups_elided = info->appends > sum.wakes ? info->appends - sum.wakes : 0;
	info->waits = sum.waits;
	info->lost_records = sum.lost;
	info->expired_records = sum.expired;
	info->rejects = sum.rejects;
	info->budget_ns = READ_ONCE(stream->budget);
	info->partitioner = READ_ONCE(stream->partitioner);
	info->map_bytes = ringlog_pages_window(&stream->partition->pages);
}

static void info_cursor(const struct ringlog_handle *handle, const struct ringlog_cursor *cursor,
			const struct ringlog_ends *ends, struct ringlog_info *info)
{
	bool mapped = handle->mode == RINGLOG_MODE_MAPPED;

	info->cursor_position = cursor->position;
	info->cursor_offset = cursor->offset;
	info->lost = cursor->lost;
	info->expired = cursor->expired;
	/* A mapped reader may be further than it has said. */
	if (!mapped && cursor->offset < info->oldest_offset) {
		info->lost += info->oldest_offset - cursor->offset;
		info->expired += ringlog_cursor_expired(cursor, info->oldest_offset,
							ends->expired_end);
		info->cursor_flags |= RINGLOG_CURSOR_LAPPED;
	}
	info->cursor_flags |= RINGLOG_CURSOR_ATTACHED;
	if (handle->mode == RINGLOG_MODE_BATCH)
		info->cursor_flags |= RINGLOG_CURSOR_BATCH;
	if (mapped)
		info->cursor_flags |= RINGLOG_CURSOR_MAPPED;
	if (cursor->gate)
		info->cursor_flags |= RINGLOG_CURSOR_GATE;
}

static int info_partition(struct ringlog_handle *handle, bool reads, struct ringlog_info *info)
{
	const struct ringlog_cursor *cursor = reads ? &handle->cursors[info->partition] : NULL;
	struct ringlog_partition *partition = &handle->stream->partition[info->partition];
	struct ringlog_ends ends;

	if (mutex_lock_interruptible(&handle->lock))
		return -EINTR;
	ringlog_partition_ends(partition, &ends);
	info->head = ends.newest.position;
	info->tail = ends.oldest.position;
	info->next_offset = ends.newest.offset;
	info->oldest_offset = ends.oldest.offset;
	info->oldest_timestamp = ends.oldest_timestamp;
	info->age_ns = ringlog_partition_age(partition);
	if (cursor && cursor->attached)
		info_cursor(handle, cursor, &ends, info);
	mutex_unlock(&handle->lock);
	return 0;
}

static long do_info(struct file *file, void *argument)
{
	struct ringlog_handle *handle = file->private_data;
	struct ringlog_info *info = argument;

	if (info->flags || info->reserved || info->reserved2 ||
	    info->partition >= handle->stream->partitions)
		return -EINVAL;
	*info = (struct ringlog_info){ .partition = info->partition };
	info_stream(handle->stream, info);
	info->producer = handle->producer;
	return info_partition(handle, file->f_mode & FMODE_READ, info);
}

static long do_attach(struct file *file, void *argument)
{
	return ringlog_attach(file->private_data, file->f_mode, argument);
}

static long do_append(struct file *file, void *argument)
{
	struct ringlog_append *append = argument;
	struct ringlog_batch batch = {
		.address = u64_to_user_ptr(append->records),
		.bytes = append->bytes,
		.partition = append->partition,
	};
	int ret;

	if (append->flags || append->reserved)
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	ret = ringlog_write_batch(file->private_data, &batch, file->f_flags & O_NONBLOCK);
	if (ret)
		return ret;
	append->count = batch.count;
	append->first_offset = batch.first_offset;
	append->appended_to = batch.partition;
	return 0;
}

static long do_wait(struct file *file, void *argument)
{
	struct ringlog_wait *wait = argument;

	if (wait->flags || wait->reserved || wait->reserved2)
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	return ringlog_wait(file->private_data, wait, file->f_flags & O_NONBLOCK);
}

/**
 * struct request - one ioctl
 * @number: as encoded
 * @size: of its struct now
 * @least: of its struct's first version
 * @act: on a private copy of the struct
 */
struct request {
	unsigned int number;
	size_t size;
	size_t least;
	long (*act)(struct file *file, void *argument);
};

/* The first versions end with these fields, whatever comes behind them one day. */
static const struct request requests[] = {
	{ _IOC_NR(RINGLOG_IOC_INFO), sizeof(struct ringlog_info),
	  offsetofend(struct ringlog_info, reserved), do_info },
	{ _IOC_NR(RINGLOG_IOC_ATTACH), sizeof(struct ringlog_attach),
	  offsetofend(struct ringlog_attach, offset), do_attach },
	{ _IOC_NR(RINGLOG_IOC_APPEND), sizeof(struct ringlog_append),
	  offsetofend(struct ringlog_append, reserved), do_append },
	{ _IOC_NR(RINGLOG_IOC_WAIT), sizeof(struct ringlog_wait),
	  offsetofend(struct ringlog_wait, bytes), do_wait },
};

union argument {
	struct ringlog_info info;
	struct ringlog_attach attach;
	struct ringlog_append append;
	struct ringlog_wait wait;
};

static const struct request *find(unsigned int request)
{
	size_t i;

	if (_IOC_TYPE(request) != RINGLOG_IOC_MAGIC ||
	    _IOC_DIR(request) != (_IOC_READ | _IOC_WRITE))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].number == _IOC_NR(request))
			return &requests[i];
	return NULL;
}

/* WAIT also tells what there is when that is not enough. */
static bool tells(long ret)
{
	return !ret || ret == -ETIMEDOUT || ret == -EAGAIN;
}

/**
 * ringlog_ioctl() - the unlocked_ioctl of a stream, for 32-bit callers too
 * @file: of a stream
 * @request: its number
 * @argument: address of its struct
 *
 * Context: process; sleeps.
 * Return: 0, or the errors in the uapi header.
 */
long ringlog_ioctl(struct file *file, unsigned int request, unsigned long argument)
{
	struct ringlog_handle *handle = file->private_data;
	void __user *user = (void __user *)argument;
	const struct request *which = find(request);
	size_t size = _IOC_SIZE(request);
	union argument copy;
	long ret;

	if (!which)
		return -ENOTTY;
	if (size < which->least)
		return -EINVAL;
	ret = copy_struct_from_user(&copy, which->size, user, size);
	if (ret)
		return ret;
	/* So that nothing is done that could not be told. */
	if (fault_in_writeable(user, min(size, which->size)))
		return -EFAULT;
	if (ringlog_stream_gone(handle->stream))
		return -ENODEV;
	ret = which->act(file, &copy);
	if (tells(ret) && copy_to_user(user, &copy, min(size, which->size)))
		return -EFAULT;
	return ret;
}
