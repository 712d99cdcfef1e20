// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: mapping
 *
 * A reader's window is a partition's pages as the kernel has them, read-only for
 * life, in one piece, all of them there from the beginning. What it reads there is
 * its own business: nothing of it comes back to the kernel, and no fault handler
 * is needed.
 *
 * A mapping holds its file, and the file the stream and the module. So the pages
 * are freed after the last mapping is gone; each mapping has references of its own
 * to them, for the sake of those who pin them through it and let go later.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "handle.h"
#include "mmap.h"

/* What is mapped in one go, between looks at signals. */
#define CHUNK_PAGES 512UL

/* A window is whole, or it is none. */
static int refuse_split(struct vm_area_struct *vma, unsigned long at)
{
	return -EINVAL;
}

static const struct vm_operations_struct window_ops = {
	.may_split = refuse_split,
};

/* The partition whose window @vma is to be, or NULL. */
static const struct ringlog_partition *named(const struct ringlog_stream *stream,
					     const struct vm_area_struct *vma)
{
	unsigned long number = vma->vm_pgoff >> (32 - PAGE_SHIFT);

	if (number >= stream->partitions ||
	    vma->vm_pgoff != RINGLOG_MAP_OFFSET(number) >> PAGE_SHIFT)
		return NULL;
	return &stream->partition[number];
}

static int check(const struct vm_area_struct *vma)
{
	if (in_compat_syscall() || !(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EACCES;
	return vma->vm_flags & VM_EXEC ? -EPERM : 0;
}

static int insert(struct vm_area_struct *vma, const struct ringlog_pages *pages)
{
	unsigned long done, left;
	int ret = 0;

	for (done = 0; done < pages->count && !ret; done += CHUNK_PAGES) {
		left = min(CHUNK_PAGES, pages->count - done);
		ret = vm_insert_pages(vma, vma->vm_start + (done << PAGE_SHIFT),
				      pages->pages + done, &left);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
	}
	/* What it says when there is no memory for a table of the upper levels. */
	return ret == -EFAULT ? -ENOMEM : ret;
}

/**
 * ringlog_mmap() - the mmap of a stream
 * @file: of a stream
 * @vma: see there
 *
 * What was mapped before a failure is unmapped by the caller.
 *
 * Context: process, the mmap lock held for writing; sleeps.
 * Return: 0, or the errors of mmap(2) in the uapi header.
 */
int ringlog_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ringlog_handle *handle = file->private_data;
	const struct ringlog_partition *partition;
	int ret;

	ret = check(vma);
	if (ret)
		return ret;
	partition = named(handle->stream, vma);
	if (!partition ||
	    vma->vm_end - vma->vm_start != ringlog_pages_window(&partition->pages))
		return -EINVAL;
	if (ringlog_stream_gone(handle->stream))
		return -ENODEV;
	ringlog_vm_flags_mod(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP,
			     VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_ops = &window_ops;
	return insert(vma, &partition->pages);
}
