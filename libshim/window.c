// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Windows. The geometry is what the kernel page says, checked once against the length of
 * the mapping, so that whatever is computed from it later lies in the mapping.
 */
#include "window.h"

#include <errno.h>
#include <sys/mman.h>

#include "kernel.h"

static bool power_of_two(__u64 number)
{
	return number && !(number & (number - 1));
}

/* Do the @bytes at @at lie in @whole, at a multiple of @align? */
static bool fits(__u64 at, __u64 bytes, __u64 whole, __u64 align)
{
	return at % align == 0 && at <= whole && bytes <= whole - at;
}

/* The reserved words at the end may be those of a kernel that knows less. */
static bool sane(const struct ringlog_kernel_page *page, __u64 bytes)
{
	__u64 size = page->ring_bytes, block = page->block;

	if (page->bytes < offsetof(struct ringlog_kernel_page, reserved) ||
	    page->map_bytes > bytes)
		return false;
	if (!power_of_two(size) || !power_of_two(block) || block < RINGLOG_ALIGN || block > size ||
	    size > bytes / 2)
		return false;
	return fits(page->published_at, sizeof(struct ringlog_published), bytes, RINGLOG_ALIGN) &&
	       fits(page->index_at, size / block * sizeof(struct ringlog_index_entry), bytes,
		    RINGLOG_ALIGN) &&
	       fits(page->data_at, 2 * size, bytes, RINGLOG_ALIGN);
}

/**
 * ringlog_window_init - make a window of what is mapped already
 * @window: out
 * @base: of the mapping, which stays the caller's unless ringlog_window_unmap() is called
 * @bytes: of it
 *
 * Return: 0; -EPROTO: its first page describes nothing that fits into @bytes.
 */
int ringlog_window_init(struct ringlog_window *window, void *base, size_t bytes)
{
	struct ringlog_kernel_page page;

	if (bytes < sizeof(page) || (uintptr_t)base % RINGLOG_ALIGN)
		return -EPROTO;
	ringlog_copy(&page, base, sizeof(page));
	if (!sane(&page, bytes))
		return -EPROTO;
	*window = (struct ringlog_window){
		.base = base,
		.bytes = bytes,
		.kernel = base,
		.published = (const void *)((const char *)base + page.published_at),
		.index = (const void *)((const char *)base + page.index_at),
		.data = (const char *)base + page.data_at,
		.size = page.ring_bytes,
		.block = page.block,
		.incarnation = page.incarnation,
		.partition = page.partition,
	};
	return 0;
}

/**
 * ringlog_window_map - map a partition's window
 * @window: out; to be unmapped by ringlog_window_unmap()
 * @fd: of a stream, open for reading
 * @partition: number
 *
 * Return: 0; -EPROTO, as ringlog_window_init(); or what RINGLOG_IOC_INFO and mmap(2) fail
 * with, negated.
 */
int ringlog_window_map(struct ringlog_window *window, int fd, __u32 partition)
{
	struct ringlog_info info = { .partition = partition };
	void *base;
	int ret = ringlog_kernel_info(fd, &info);

	if (ret)
		return ret;
	base = mmap(NULL, info.map_bytes, PROT_READ, MAP_SHARED, fd,
		    (off_t)RINGLOG_MAP_OFFSET(partition));
	if (base == MAP_FAILED)
		return -errno;
	ret = ringlog_window_init(window, base, info.map_bytes);
	if (!ret && window->partition != partition)
		ret = -EPROTO;
	if (ret) {
		munmap(base, info.map_bytes);
		window->base = NULL;
	}
	return ret;
}

/**
 * ringlog_window_unmap - give the mapping back
 * @window: may be unmapped already
 */
void ringlog_window_unmap(struct ringlog_window *window)
{
	if (window->base)
		munmap(window->base, window->bytes);
	*window = (struct ringlog_window){ 0 };
}

/**
 * ringlog_window_header - read a record's header, with both looks
 * @window: which
 * @position: where a record begins, or @head
 * @head: from ringlog_window_head()
 * @copy: out
 *
 * Return: 0: it was so, and the record lies before @head; -EAGAIN: @position is @head;
 * -EPIPE: overwritten; -EBADMSG: it was not and makes no sense.
 */
int ringlog_window_header(const struct ringlog_window *window, __u64 position, __u64 head,
			  struct ringlog_header_copy *copy)
{
	const struct ringlog_record *record = (const void *)ringlog_window_at(window, position);
	__u64 footprint;

	if (position == head)
		return -EAGAIN;
	if (load_once(&window->published->tail) > position)
		return -EPIPE;
	/* No honest head is further, after this tail; and no record begins elsewhere. */
	if (head - position > window->size || position % RINGLOG_ALIGN)
		return ringlog_window_overtaken(window, position) ? -EPIPE : -EBADMSG;
	footprint = ringlog_footprint(load_once(&record->length));
	copy->offset = load_once(&record->offset);
	copy->timestamp = load_once(&record->timestamp);
	copy->next = position + footprint;
	if (ringlog_window_overtaken(window, position))
		return -EPIPE;
	return footprint > head - position ? -EBADMSG : 0;
}
