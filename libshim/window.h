/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A partition's window, validated: what struct ringlog_kernel_page says of it, read
 * once and checked. Not a part of the public API.
 */
#ifndef RINGLOG_WINDOW_H
#define RINGLOG_WINDOW_H

#include <ringlog/record.h>

#include "atomics.h"

/**
 * struct ringlog_window - a partition's window
 * @base: of the mapping
 * @bytes: of the mapping
 * @kernel: its first page
 * @published: the ends of the ring
 * @index: an entry for each block
 * @data: @size bytes, and the same again
 * @size: of the ring, a power of two
 * @block: bytes of ring for each entry, a power of two
 * @incarnation: of the stream
 * @partition: number
 *
 * All of it is the process's own and stays as it is.
 */
struct ringlog_window {
	void					*base;
	size_t					bytes;
	const struct ringlog_kernel_page	*kernel;
	const struct ringlog_published		*published;
	const struct ringlog_index_entry	*index;
	const char				*data;
	__u64					size;
	__u64					block;
	__u64					incarnation;
	__u32					partition;
};

/**
 * struct ringlog_header_copy - a record's header as it was while it was retained
 * @offset: as in struct ringlog_record
 * @timestamp: as in struct ringlog_record
 * @next: position after the record
 */
struct ringlog_header_copy {
	__u64	offset;
	__u64	timestamp;
	__u64	next;
};

int ringlog_window_init(struct ringlog_window *window, void *base, size_t bytes);
int ringlog_window_map(struct ringlog_window *window, int fd, __u32 partition);
void ringlog_window_unmap(struct ringlog_window *window);
int ringlog_window_header(const struct ringlog_window *window, __u64 position, __u64 head,
			  struct ringlog_header_copy *copy);

/* The ring's bytes from @position on, for a whole ring. */
static inline const char *ringlog_window_at(const struct ringlog_window *window, __u64 position)
{
	return window->data + (position & (window->size - 1));
}

/* The bytes that a record of @length takes; any __u32. */
static inline __u64 ringlog_footprint(__u32 length)
{
	return (sizeof(struct ringlog_record) + (__u64)length + RINGLOG_ALIGN - 1) &
	       ~(__u64)(RINGLOG_ALIGN - 1);
}

/* Everything below this head is there to be looked at. */
static inline __u64 ringlog_window_head(const struct ringlog_window *window)
{
	/* LMM(peek:A), pairs with LMM(publish:A): who reads this head reads the records. */
	return load_acquire(&window->published->head);
}

/* Where the oldest record begins; a head that is read after this is not below. */
static inline __u64 ringlog_window_tail(const struct ringlog_window *window)
{
	/*
	 * LMM(peek:C), pairs with LMM(publish:A), by way of the lock that a later
	 * append takes, as LMM(look:C) does, and with LMM(retire:B).
	 */
	return load_acquire(&window->published->tail);
}

/* The second look: was what is at @position overwritten, as far as it was read? */
static inline bool ringlog_published_overtaken(const struct ringlog_published *published,
					       __u64 position)
{
	/* LMM(peek:B), pairs with LMM(retire:A): new bytes were read only if tail is new. */
	fence_acquire();
	return load_once(&published->tail) > position;
}

static inline bool ringlog_window_overtaken(const struct ringlog_window *window, __u64 position)
{
	return ringlog_published_overtaken(window->published, position);
}

static inline bool ringlog_window_gone(const struct ringlog_window *window)
{
	return load_once(&window->kernel->state) & RINGLOG_STATE_GONE;
}

#endif /* RINGLOG_WINDOW_H */
