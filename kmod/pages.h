/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages of a partition: allocated once, mapped once, with the data mapped
 * twice back to back. Knows nothing of records.
 */
#ifndef RINGLOG_PAGES_H
#define RINGLOG_PAGES_H

#include <linux/mm_types.h>
#include <linux/types.h>

/**
 * struct ringlog_pages - what a partition is made of
 * @pages: @count pages as they are mapped, so data pages are in it twice
 * @count: of @pages
 * @unique: how many of them are different: the first ones
 * @base: where they are mapped
 * @index_bytes: of the index, whole pages
 * @data_bytes: of the ring
 *
 * The kernel's mapping, and a user's::
 *
 *	| K | O | index ... | data ... | the same data ... |
 */
struct ringlog_pages {
	struct page **pages;
	unsigned long count;
	unsigned long unique;
	void *base;
	size_t index_bytes;
	size_t data_bytes;
};

size_t ringlog_pages_cost(size_t data_bytes);
bool ringlog_pages_available(u64 bytes);
int ringlog_pages_alloc(struct ringlog_pages *pages, size_t data_bytes, int node);
void ringlog_pages_free(struct ringlog_pages *pages);

/* Bytes of a mapping of all of it. */
static inline size_t ringlog_pages_window(const struct ringlog_pages *pages)
{
	return pages->count * PAGE_SIZE;
}

static inline void *ringlog_pages_kernel(const struct ringlog_pages *pages)
{
	return pages->base;
}

static inline void *ringlog_pages_owner(const struct ringlog_pages *pages)
{
	return pages->base + PAGE_SIZE;
}

static inline void *ringlog_pages_index(const struct ringlog_pages *pages)
{
	return pages->base + 2 * PAGE_SIZE;
}

static inline void *ringlog_pages_data(const struct ringlog_pages *pages)
{
	return pages->base + 2 * PAGE_SIZE + pages->index_bytes;
}

#endif /* RINGLOG_PAGES_H */
