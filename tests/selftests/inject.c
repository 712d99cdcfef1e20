// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inject.h"
#include "test.h"

#define STACK_BYTES	(128 << 10)

static int nth_fd, make_fail_fd;

/*
 * The count goes on while the knobs are turned, and on a kernel that also fails
 * copies from and to users these very calls can be hit. That is over after one
 * try.
 */
static void turn(int fd, unsigned int value)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%u", value);

	if (pwrite(fd, text, size, 0) == size)
		return;
	CHECK_EQ(errno, EFAULT);
	CHECK_EQ(pwrite(fd, text, size, 0), size);
}

/* What is left of the count. If the reading was hit it was not zero before. */
static unsigned int get_nth(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0) {
		CHECK_EQ(errno, EFAULT);
		return 1;
	}
	return strtoul(text, NULL, 10);
}

/* A page fault of ours would be counted, and could not be served. */
static void lock_memory(void)
{
	char stack[STACK_BYTES];

	memset(stack, 1, sizeof(stack));
	__asm__ volatile("" : : "r"(stack) : "memory");
	CHECK_OK(mlockall(MCL_CURRENT));
}

void inject_prepare(void)
{
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 && errno == ENOENT)
		test_skip("a kernel with no fault injection");
	CHECK_OK(nth_fd);
	make_fail_fd = CHECK_OK(open("/proc/thread-self/make-it-fail",
				     O_RDWR | O_CLOEXEC));
	lock_memory();
}

struct injected inject(unsigned int n, enum inject_mode mode, long (*call)(void))
{
	struct injected injected;

	if (mode == INJECT_REST)
		turn(make_fail_fd, 1);
	turn(nth_fd, n);
	errno = 0;
	injected.result = call();
	injected.error = errno;
	injected.met = !get_nth();
	turn(nth_fd, 0);
	if (mode == INJECT_REST)
		turn(make_fail_fd, 0);
	return injected;
}

unsigned int inject_count(long (*call)(void))
{
	const unsigned int many = 1 << 30;
	unsigned int left;

	turn(nth_fd, many);
	call();
	left = get_nth();
	turn(nth_fd, 0);
	CHECK_LE(1, left);
	return many - left;
}
