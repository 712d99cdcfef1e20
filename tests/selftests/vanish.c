// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"
#include "test.h"
#include "vanish.h"

/* One such memory a process. */
static struct {
	int uffd;
	char *memory, *content;
	size_t bytes;
} vanish;

/* The others go before the page comes: its waiter cannot have all of them. */
static void bring_only(size_t at)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)vanish.memory + at,
		.src = (uintptr_t)vanish.content + at,
		.len = VANISH_PAGE,
	};
	size_t after = at + VANISH_PAGE;

	if (at)
		CHECK_OK(madvise(vanish.memory, at, MADV_DONTNEED));
	if (after < vanish.bytes)
		CHECK_OK(madvise(vanish.memory + after, vanish.bytes - after, MADV_DONTNEED));
	CHECK_OK(ioctl(vanish.uffd, UFFDIO_COPY, &copy));
}

static void *bring_pages(void *unused)
{
	struct uffd_msg message;

	(void)unused;
	for (;;) {
		CHECK_EQ(CHECK_OK(read(vanish.uffd, &message, sizeof(message))), sizeof(message));
		CHECK_EQ(message.event, UFFD_EVENT_PAGEFAULT);
		bring_only((message.arg.pagefault.address - (uintptr_t)vanish.memory) &
			   ~(size_t)(VANISH_PAGE - 1));
	}
	return NULL;
}

static void *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

char *vanish_start(const void *content, size_t bytes)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	CHECK_LE(2 * VANISH_PAGE, bytes);
	CHECK_EQ(bytes % VANISH_PAGE, 0);
	vanish.bytes = bytes;
	vanish.content = map(bytes);
	memcpy(vanish.content, content, bytes);
	vanish.memory = map(bytes);
	/* So that what its pages hang from is there. */
	memset(vanish.memory, 0, bytes);
	vanish.uffd = CHECK_OK(syscall(SYS_userfaultfd, O_CLOEXEC));
	CHECK_OK(ioctl(vanish.uffd, UFFDIO_API, &api));
	range.range.start = (uintptr_t)vanish.memory;
	range.range.len = bytes;
	CHECK_OK(ioctl(vanish.uffd, UFFDIO_REGISTER, &range));
	CHECK_OK(madvise(vanish.memory, bytes, MADV_DONTNEED));
	thread_start(bring_pages, NULL);
	return vanish.memory;
}
