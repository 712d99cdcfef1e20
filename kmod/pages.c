// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "pages.h"
#include "ring.h"

/* Charged to whoever makes the stream; an answer rather than the OOM killer. */
#define RINGLOG_GFP (GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* What must stay free after an allocation: rings are for ever, the rest needs to breathe. */
#define RINGLOG_SPARE_BYTES (16ULL << 20)

static size_t index_bytes(size_t data_bytes)
{
	return PAGE_ALIGN(data_bytes / RINGLOG_BLOCK * sizeof(struct ringlog_index_entry));
}

/**
 * ringlog_pages_cost() - bytes of memory that a ring takes
 * @data_bytes: size of the ring
 *
 * Return: bytes.
 */
size_t ringlog_pages_cost(size_t data_bytes)
{
	return 2 * PAGE_SIZE + index_bytes(data_bytes) + data_bytes;
}

/**
 * ringlog_pages_available() - is there memory for @bytes, by the look of it
 * @bytes: as from ringlog_pages_cost()
 *
 * Asked before allocating, because an allocation that drains the last of the
 * memory hurts others before it fails.
 *
 * Return: whether there is.
 */
bool ringlog_pages_available(u64 bytes)
{
	long available = si_mem_available();

	return available > 0 && bytes + RINGLOG_SPARE_BYTES <= (u64)available << PAGE_SHIFT;
}

/**
 * ringlog_pages_free() - undo ringlog_pages_alloc()
 * @pages: may be half made or all zero
 *
 * Context: process. A page that a user still maps goes with that mapping.
 */
void ringlog_pages_free(struct ringlog_pages *pages)
{
	if (pages->base)
		vunmap(pages->base);
	while (pages->unique) {
		__free_page(pages->pages[--pages->unique]);
		if (!(pages->unique % 512))
			cond_resched();
	}
	kvfree(pages->pages);
	memset(pages, 0, sizeof(*pages));
}

/**
 * ringlog_pages_alloc() - allocate and map the pages of a ring
 * @pages: out; all zero on failure
 * @data_bytes: size of the ring, whole pages
 * @node: where to take them from if there are some, or %NUMA_NO_NODE
 *
 * Context: process; sleeps.
 * Return: 0, %-ENOMEM, or %-EINTR when the caller is being killed.
 */
int ringlog_pages_alloc(struct ringlog_pages *pages, size_t data_bytes, int node)
{
	unsigned long data = data_bytes >> PAGE_SHIFT;
	unsigned long before = 2 + (index_bytes(data_bytes) >> PAGE_SHIFT);
	int ret = -ENOMEM;

	*pages = (struct ringlog_pages){
		.count = before + 2 * data,
		.index_bytes = index_bytes(data_bytes),
		.data_bytes = data_bytes,
	};
	pages->pages = kvcalloc(pages->count, sizeof(*pages->pages),
				GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!pages->pages)
		goto err_free;

	while (pages->unique < before + data) {
		struct page *page = alloc_pages_node(node, RINGLOG_GFP, 0);

		if (!page)
			goto err_free;
		pages->pages[pages->unique++] = page;
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			goto err_free;
		}
		cond_resched();
	}
	memcpy(pages->pages + before + data, pages->pages + before,
	       data * sizeof(*pages->pages));

	pages->base = vmap(pages->pages, pages->count, VM_MAP, PAGE_KERNEL);
	if (!pages->base)
		goto err_free;
	return 0;

err_free:
	ringlog_pages_free(pages);
	return ret;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "pages_kunit.c"
#endif
