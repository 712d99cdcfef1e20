// SPDX-License-Identifier: GPL-2.0-only
#include <sys/mman.h>

#include "device.h"
#include "test.h"
#include "window.h"

struct window window_map(int fd, unsigned int partition)
{
	struct window window = { .bytes = dev_info(fd, partition).map_bytes };
	void *base = mmap(NULL, window.bytes, PROT_READ, MAP_SHARED, fd,
			  RINGLOG_MAP_OFFSET(partition));

	if (base == MAP_FAILED)
		test_fail(__FILE__, __LINE__, "mmap: %s", strerror(errno));
	window.base = base;
	window.kernel = base;
	window.published = (const void *)(window.base + window.kernel->published_at);
	window.index = (const void *)(window.base + window.kernel->index_at);
	window.data = window.base + window.kernel->data_at;
	return window;
}

void window_unmap(const struct window *window)
{
	CHECK_OK(munmap((void *)window->base, window->bytes));
}

uint64_t window_head(const struct window *window)
{
	return __atomic_load_n(&window->published->head, __ATOMIC_ACQUIRE);
}

uint64_t window_tail(const struct window *window)
{
	return __atomic_load_n(&window->published->tail, __ATOMIC_ACQUIRE);
}

const struct ringlog_record *window_record(const struct window *window, uint64_t position)
{
	return (const void *)(window->data + position % window->kernel->ring_bytes);
}

unsigned int window_count(const struct window *window, uint64_t position)
{
	uint64_t head = window_head(window);
	unsigned int count = 0;

	while (position < head) {
		const struct ringlog_record *record = window_record(window, position);

		CHECK_EQ(record->type, RINGLOG_TYPE_DATA);
		CHECK_EQ(record->reserved, 0);
		position += record_size(record);
		count++;
	}
	CHECK_EQ(position, head);
	return count;
}

struct ringlog_mapped_cursor window_at(unsigned int partition, uint64_t position, uint64_t offset)
{
	return (struct ringlog_mapped_cursor){
		.partition = partition,
		.position = position,
		.offset = offset,
	};
}

int try_tell(int fd, const struct ringlog_mapped_cursor *cursors, unsigned int count)
{
	struct ringlog_wait wait = {
		.cursors = (uintptr_t)cursors,
		.cursor_count = count,
	};

	return ioctl(fd, RINGLOG_IOC_WAIT, &wait);
}

struct ringlog_wait tell(int fd, struct ringlog_mapped_cursor cursor)
{
	struct ringlog_wait wait = {
		.cursors = (uintptr_t)&cursor,
		.cursor_count = 1,
	};

	if (ioctl(fd, RINGLOG_IOC_WAIT, &wait))
		CHECK_EQ(errno, ETIMEDOUT);
	return wait;
}
