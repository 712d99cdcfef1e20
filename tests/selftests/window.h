/* SPDX-License-Identifier: GPL-2.0-only */
/* A partition's window, mapped, and what is read in it as <linux/ringlog.h> says. */
#ifndef RINGLOG_TEST_WINDOW_H
#define RINGLOG_TEST_WINDOW_H

#include <linux/ringlog.h>
#include <stddef.h>
#include <stdint.h>

struct window {
	const char *base;
	size_t bytes;
	const struct ringlog_kernel_page *kernel;
	const struct ringlog_published *published;
	const struct ringlog_index_entry *index;
	const char *data;
};

struct window window_map(int fd, unsigned int partition);
void window_unmap(const struct window *window);
const struct ringlog_record *window_record(const struct window *window, uint64_t position);
/* How many records there are from there up to head, each of them checked. */
unsigned int window_count(const struct window *window, uint64_t position);
uint64_t window_head(const struct window *window);
uint64_t window_tail(const struct window *window);

/* Tell the kernel where this file's mapped reader is, and look once. */
struct ringlog_mapped_cursor window_at(unsigned int partition, uint64_t position, uint64_t offset);
int try_tell(int fd, const struct ringlog_mapped_cursor *cursors, unsigned int count);
struct ringlog_wait tell(int fd, struct ringlog_mapped_cursor cursor);

#endif
