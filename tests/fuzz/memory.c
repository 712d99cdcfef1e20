// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"

#define PAGE		4096UL
#define SMALL_BYTES	(16 * PAGE)
/* How often pages are taken away in a program. */
#define TURNS		400

static char *own[DIRECTIONS][THREADS_MAX];
static char *shared[DIRECTIONS][REGIONS];
/* So many turns of it are left. */
static atomic_int racing;
static int faults = -1;
static int between = -1;

static void give_up(const char *what)
{
	perror(what);
	_exit(2);
}

static char *map(size_t bytes, int protection)
{
	char *at = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		give_up("mmap");
	return at;
}

/* What runs out of it must not run into another. */
static char *map_guarded(size_t bytes, int protection)
{
	char *at = map(bytes + PAGE, protection);

	mprotect(at + bytes, PAGE, PROT_NONE);
	return at;
}

static char *map_filled(size_t bytes)
{
	return memset(map_guarded(bytes, PROT_READ | PROT_WRITE), FOREIGN, bytes);
}

/* Brings pages that are missing, after a while. */
static void *bring_pages(void *unused)
{
	static char page[PAGE] __attribute__((__aligned__(PAGE)));
	struct uffd_msg message;

	(void)unused;
	memset(page, FOREIGN, sizeof(page));
	while (poll(&(struct pollfd){ faults, POLLIN, 0 }, 1, -1) >= 0) {
		struct uffdio_copy copy = { .src = (unsigned long)page, .len = PAGE };

		if (read(faults, &message, sizeof(message)) != sizeof(message))
			continue;
		nanosleep(&(struct timespec){ .tv_nsec = 300000 }, NULL);
		copy.dst = message.arg.pagefault.address & ~(PAGE - 1);
		ioctl(faults, UFFDIO_COPY, &copy);
	}
	return NULL;
}

static void take_away(char *at, unsigned int turn)
{
	madvise(at + turn % 16 * PAGE, PAGE, MADV_DONTNEED);
}

/*
 * Takes pages away, and for a moment the right to them, as long as a program wants it. Not
 * faster than they can be brought, and not for ever: who needs a page gets it in the end.
 */
static void *take_pages(void *unused)
{
	unsigned int turn = 0;

	(void)unused;
	for (;; turn++) {
		int left = atomic_load(&racing);

		nanosleep(&(struct timespec){ .tv_nsec = left > 0 ? 50000 : 1000000 }, NULL);
		if (left <= 0)
			continue;
		atomic_compare_exchange_strong(&racing, &left, left - 1);
		for (int d = 0; d < DIRECTIONS; d++) {
			char *at = shared[d][REGION_RACE];

			take_away(at, turn);
			mprotect(at + turn % 16 * PAGE, PAGE, PROT_NONE);
			sched_yield();
			mprotect(at + turn % 16 * PAGE, PAGE, PROT_READ | PROT_WRITE);
			if (turn % 8 == 0 && faults >= 0)
				take_away(shared[d][REGION_UFFD], turn / 8);
		}
	}
	return NULL;
}

static void start(void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL))
		give_up("pthread_create");
}

static void open_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };

	faults = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api)) {
		/* A kernel without it: these pages are then simply there. */
		faults = -1;
		return;
	}
	for (int d = 0; d < DIRECTIONS; d++) {
		struct uffdio_register range = {
			.range = { (unsigned long)shared[d][REGION_UFFD], SMALL_BYTES },
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};

		if (ioctl(faults, UFFDIO_REGISTER, &range))
			give_up("UFFDIO_REGISTER");
	}
	start(bring_pages);
}

void memory_init(void)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		char **at = shared[d];

		for (int t = 0; t < THREADS_MAX; t++)
			own[d][t] = map_guarded(REGION_BYTES, PROT_READ | PROT_WRITE);
		at[REGION_NULL] = NULL;
		/* Low addresses are never handed out. */
		at[REGION_GONE] = (char *)0x20000000UL;
		at[REGION_NONE] = map(SMALL_BYTES, PROT_NONE);
		at[REGION_RO] = map_guarded(SMALL_BYTES, PROT_READ);
		at[REGION_HALF] = map_filled(SMALL_BYTES) + SMALL_BYTES / 2;
		mprotect(at[REGION_HALF], SMALL_BYTES / 2, PROT_NONE);
		at[REGION_RACE] = map_filled(SMALL_BYTES);
		at[REGION_UFFD] = map_guarded(SMALL_BYTES, PROT_READ | PROT_WRITE);
		at[REGION_KERNEL] = (char *)0xffff888000100000UL;
		at[REGION_WILD] = (char *)0x1234567800000000UL;
	}
	between = memfd_create("between", MFD_CLOEXEC);
	open_userfaultfd();
	start(take_pages);
}

void memory_disturb(bool wanted)
{
	atomic_store(&racing, wanted ? TURNS : 0);
}

void *memory_at(unsigned int thread, uint64_t address, enum direction direction)
{
	enum region region = ADDRESS_REGION(address);
	uint32_t offset = ADDRESS_OFFSET(address);

	if (region == REGION_WRITE || region == REGION_READ)
		return own[direction][thread] + offset % REGION_BYTES;
	if (region == REGION_HALF)
		return shared[direction][region] - offset % (SMALL_BYTES / 2);
	return shared[direction][region] + offset % SMALL_BYTES;
}

bool memory_is_good(uint64_t address, size_t bytes)
{
	enum region region = ADDRESS_REGION(address);

	return (region == REGION_WRITE || region == REGION_READ) &&
	       bytes <= REGION_BYTES - ADDRESS_OFFSET(address) % REGION_BYTES;
}

/* By the kernel, which stops where we would get a signal. */
void memory_fill(unsigned int thread, uint64_t address, enum direction direction,
		 const void *from, size_t bytes)
{
	off_t at = (off_t)thread * REGION_BYTES;
	enum region region = ADDRESS_REGION(address);
	void *to = memory_at(thread, address, direction);

	if (memory_is_good(address, bytes))
		memcpy(to, from, bytes);
	else if ((region == REGION_HALF || region == REGION_UFFD || region == REGION_RACE) &&
		 bytes <= REGION_BYTES && pwrite(between, from, bytes, at) == (ssize_t)bytes &&
		 pread(between, to, bytes, at) < 0)
		return;
}
