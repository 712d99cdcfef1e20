// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replica.h"

#define PAGE	4096UL

static struct ringlog_kernel_page layout(uint64_t ring_bytes)
{
	uint64_t index_bytes = ring_bytes / RINGLOG_BLOCK * sizeof(struct ringlog_index_entry);
	struct ringlog_kernel_page page = {
		.bytes = sizeof(page),
		.block = RINGLOG_BLOCK,
		.published_at = PAGE,
		.index_at = 2 * PAGE,
		.data_at = 2 * PAGE + (index_bytes + PAGE - 1) / PAGE * PAGE,
		.ring_bytes = ring_bytes,
		.incarnation = 1,
		.max_record = ring_bytes / 8,
		.wake = { .position = ~0ULL, .offset = ~0ULL },
	};

	page.map_bytes = page.data_at + 2 * ring_bytes;
	return page;
}

static void map_at(void *at, size_t bytes, int fd, off_t from)
{
	if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
		 from) == MAP_FAILED)
		err(1, "a window's memory");
}

/**
 * replica_new() - make and map a window, of a ring that is empty
 * @ring_bytes: a power of two
 *
 * Return: its first page. All of it can be written, and a child that is forked shares it.
 */
struct ringlog_kernel_page *replica_new(uint64_t ring_bytes)
{
	struct ringlog_kernel_page page = layout(ring_bytes);
	size_t bytes = page.data_at + ring_bytes;
	int fd = memfd_create("window", MFD_CLOEXEC);
	char *base;

	if (fd < 0 || ftruncate(fd, bytes))
		err(1, "a window's memory");
	base = mmap(NULL, page.map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		err(1, "a window's addresses");
	map_at(base, bytes, fd, 0);
	map_at(base + bytes, ring_bytes, fd, page.data_at);
	close(fd);
	*(struct ringlog_kernel_page *)base = page;
	return (struct ringlog_kernel_page *)base;
}

void replica_free(struct ringlog_kernel_page *page)
{
	munmap(page, page->map_bytes);
}
