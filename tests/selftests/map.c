// SPDX-License-Identifier: GPL-2.0-only
/* mmap: the window, what is refused, and how long it lasts. */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "device.h"
#include "proc.h"
#include "test.h"
#include "window.h"

#define PAGE	((size_t)sysconf(_SC_PAGESIZE))

/* --- what is in it --------------------------------------------------------------------- */

static void test_geometry(void)
{
	int fd = dev_open(O_RDONLY);
	unsigned int i;

	for (i = 0; i < dev_partitions(); i++) {
		struct ringlog_info info = dev_info(fd, i);
		struct window window = window_map(fd, i);
		const struct ringlog_kernel_page *kernel = window.kernel;

		CHECK_LE(sizeof(*kernel), kernel->bytes);
		CHECK_EQ(kernel->block, RINGLOG_BLOCK);
		CHECK_EQ(kernel->map_bytes, info.map_bytes);
		CHECK_EQ(kernel->ring_bytes, info.ring_bytes);
		CHECK_EQ(kernel->incarnation, info.incarnation);
		CHECK_EQ(kernel->partition, i);
		CHECK_EQ(kernel->max_record, info.max_record);
		CHECK_EQ(kernel->state, 0);
		CHECK_EQ(kernel->age_ns, info.age_ns);
		CHECK_EQ(kernel->data_at + 2 * kernel->ring_bytes, kernel->map_bytes);
		CHECK_EQ(window.published->head, info.head);
		CHECK_EQ(window.published->tail, info.tail);
		CHECK_EQ(window.published->next_offset, info.next_offset);
		window_unmap(&window);
	}
}

/* What is appended is there when the call returns, key, headers and all. */
static void test_records(void)
{
	static const struct parts parts = {
		.flags = RINGLOG_RECORD_HAS_KEY,
		.key = "key", .key_len = 3,
		.headers = "headers", .headers_len = 7,
		.value = "value", .value_len = 5,
	};
	char batch[256];
	int fd = dev_open(O_RDWR);
	struct window window = window_map(fd, 0);
	const struct ringlog_record *record;
	uint64_t position = window_head(&window);
	struct ringlog_append append;

	append = dev_append(fd, 0, batch, record_put(batch, &parts));
	record = window_record(&window, position);
	CHECK_EQ(record->offset, append.first_offset);
	CHECK_EQ(record->producer, dev_info(fd, 0).producer);
	CHECK(!memcmp(record_key(record), "key", 3));
	CHECK(!memcmp(record_headers(record), "headers", 7));
	CHECK_EQ(record_value_len(record), 5);
	CHECK(!memcmp(record_value(record), "value", 5));
	CHECK_EQ(position + record_size(record), window_head(&window));
}

/* Over many laps: each record in one piece, also where the ring ends. */
static void test_laps(void)
{
	unsigned int i, partition = dev_partitions() - 1;
	uint64_t ring = dev_ring_bytes();
	int fd = dev_open(O_RDWR);
	struct window window = window_map(fd, partition);
	char value[3000];

	for (i = 0; i < 4 * ring / 1000; i++) {
		uint64_t position = window_head(&window);
		unsigned int length = 1 + i * 37 % sizeof(value);
		const struct ringlog_record *record;

		memset(value, 'a' + i % 26, length);
		append_value(fd, partition, value, length);
		record = window_record(&window, position);
		CHECK_EQ(record->length, length);
		CHECK(!memcmp(record_value(record), value, length));
	}
	CHECK_LE(window_head(&window) - window_tail(&window), ring);
	CHECK_EQ(window_count(&window, window_tail(&window)),
		 dev_info(fd, partition).next_offset - dev_info(fd, partition).oldest_offset);
}

/* The entry of each block that is retained names the first record that begins there. */
static void test_index(void)
{
	int fd = dev_open(O_RDWR);
	struct window window = window_map(fd, 0);
	uint64_t entries = window.kernel->ring_bytes / window.kernel->block;
	uint64_t position, block;

	lap(fd, 0);
	position = window_tail(&window);
	block = (position + RINGLOG_BLOCK - 1) / RINGLOG_BLOCK;
	for (; block * RINGLOG_BLOCK < window_head(&window); block++) {
		const struct ringlog_index_entry *entry = &window.index[block % entries];

		while (position < block * RINGLOG_BLOCK)
			position += record_size(window_record(&window, position));
		CHECK_EQ(entry->position, position);
		if (position < window_head(&window))
			CHECK_EQ(entry->offset, window_record(&window, position)->offset);
	}
}

/* All of it is there when mmap returns. */
static void test_no_fault(void)
{
	int fd = dev_open(O_RDONLY);
	struct window window = window_map(fd, 0);
	struct rusage before, after;
	size_t at, sum = 0;

	CHECK_OK(getrusage(RUSAGE_SELF, &before));
	for (at = 0; at < window.bytes; at += PAGE)
		sum += *(volatile const char *)(window.base + at);
	CHECK_OK(getrusage(RUSAGE_SELF, &after));
	CHECK(sum < (size_t)-1);
	/* The calls themselves may fault once or twice; the window has 30 pages and more. */
	CHECK_LE(after.ru_minflt - before.ru_minflt, 4);
	CHECK_EQ(after.ru_majflt, before.ru_majflt);
	CHECK_LE(30, window.bytes / PAGE);
}

/* --- what is refused --------------------------------------------------------------------- */

static void refused(int fd, size_t bytes, int prot, int flags, uint64_t offset, int error)
{
	void *base;

	errno = 0;
	base = mmap(NULL, bytes, prot, flags, fd, offset);
	if (base != MAP_FAILED)
		test_fail(__FILE__, __LINE__, "mmap of %zu bytes, prot %d, flags %d, offset %llx",
			  bytes, prot, flags, (unsigned long long)offset);
	CHECK_EQ(errno, error);
}

static void test_whole_windows_only(void)
{
	int fd = dev_open(O_RDWR);
	size_t bytes = dev_info(fd, 0).map_bytes;
	unsigned int partitions = dev_partitions();

	refused(fd, bytes - PAGE, PROT_READ, MAP_SHARED, 0, EINVAL);
	refused(fd, bytes + PAGE, PROT_READ, MAP_SHARED, 0, EINVAL);
	refused(fd, PAGE, PROT_READ, MAP_SHARED, 0, EINVAL);
	refused(fd, 2 * bytes, PROT_READ, MAP_SHARED, 0, EINVAL);
	refused(fd, bytes, PROT_READ, MAP_SHARED, PAGE, EINVAL);
	refused(fd, bytes - PAGE, PROT_READ, MAP_SHARED, PAGE, EINVAL);
	refused(fd, bytes, PROT_READ, MAP_SHARED, RINGLOG_MAP_OFFSET(partitions), EINVAL);
	refused(fd, bytes, PROT_READ, MAP_SHARED, RINGLOG_MAP_OFFSET(0) + (1ULL << 47), EINVAL);
	refused(fd, bytes, PROT_READ, MAP_SHARED, RINGLOG_MAP_OFFSET(1) / 2, EINVAL);
	refused(fd, bytes, PROT_READ, MAP_SHARED, RINGLOG_MAP_OFFSET(0x7fffffff), EINVAL);
}

static void test_read_only(void)
{
	int fd = dev_open(O_RDWR), reader = dev_open(O_RDONLY), writer = dev_open(O_WRONLY);
	size_t bytes = dev_info(fd, 0).map_bytes;

	refused(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES);
	refused(fd, bytes, PROT_WRITE, MAP_SHARED, 0, EACCES);
	refused(reader, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES);
	refused(writer, bytes, PROT_READ, MAP_SHARED, 0, EACCES);
	refused(fd, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, 0, EPERM);
	refused(fd, bytes, PROT_READ, MAP_PRIVATE, 0, EINVAL);
	refused(reader, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, EINVAL);
}

static void never_otherwise(int mode)
{
	int fd = dev_open(mode), mem = CHECK_OK(open("/proc/self/mem", O_RDWR));
	struct window window = window_map(fd, 0);
	void *base = (void *)window.base;
	char byte = 1;

	CHECK_ERR(mprotect(base, window.bytes, PROT_READ | PROT_WRITE), EACCES);
	CHECK_ERR(mprotect(base, window.bytes, PROT_READ | PROT_EXEC), EACCES);
	/* As a debugger would, who may write what the program cannot. */
	CHECK_ERR(pwrite(mem, &byte, 1, (uintptr_t)base), EIO);
	CHECK_EQ(pread(mem, &byte, 1, (uintptr_t)base), 1);
	CHECK_EQ(byte, *window.base);
}

static void test_never_writable(void)
{
	never_otherwise(O_RDONLY);
	never_otherwise(O_RDWR);
}

static void test_in_one_piece(void)
{
	int fd = dev_open(O_RDONLY);
	struct window window = window_map(fd, 0);
	void *base = (void *)window.base;

	CHECK_ERR(munmap(base, PAGE), EINVAL);
	CHECK_ERR(munmap(base + window.bytes - PAGE, PAGE), EINVAL);
	CHECK(mremap(base, window.bytes, window.bytes - PAGE, 0) == MAP_FAILED);
	CHECK(mremap(base, window.bytes, window.bytes + PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
	/* A second window by the back door. */
	CHECK(mremap(base, 0, window.bytes, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK(mprotect(base, PAGE, PROT_NONE) == -1);
	CHECK_EQ(window.kernel->map_bytes, window.bytes);
	window_unmap(&window);
}

#ifdef __x86_64__
/* The mmap2 of 32-bit programs, in this one. */
static long mmap_of_32_bits(size_t bytes, int fd)
{
	register long r8 __asm__("r8"), r9 __asm__("r9"), r10 __asm__("r10"), r11 __asm__("r11");
	long ret;

	__asm__ volatile ("push %%rbp\n\txor %%ebp, %%ebp\n\tint $0x80\n\tpop %%rbp"
			  : "=a"(ret), "=r"(r8), "=r"(r9), "=r"(r10), "=r"(r11)
			  : "a"(192), "b"(0), "c"(bytes), "d"(PROT_READ), "S"(MAP_SHARED), "D"(fd)
			  : "memory");
	return (int)ret;
}
#endif

#ifdef __x86_64__
/* Asked of one that knows nothing of it, a kernel would send a signal, and say so in its log. */
static void need_32_bits(void)
{
	if (access("/proc/sys/abi/vsyscall32", F_OK))
		test_skip("this kernel runs no 32-bit programs");
}
#endif

static void test_not_for_32_bits(void)
{
#ifdef __x86_64__
	int fd = dev_open(O_RDONLY), memory = CHECK_OK(memfd_create("memory", 0));
	size_t bytes = dev_info(fd, 0).map_bytes;
	long at;

	CHECK_OK(ftruncate(memory, bytes));
	need_32_bits();
	/* That the call is what it seems. */
	at = mmap_of_32_bits(bytes, memory);
	CHECK(at > 0 || at < -4095);
	CHECK_EQ(mmap_of_32_bits(bytes, fd), -EINVAL);
#else
	test_skip("how 32-bit programs map is only known for x86");
#endif
}

/* --- how long it lasts --------------------------------------------------------------------- */

/* mincore() knows of no page there. */
static int is_mapped(const void *at)
{
	unsigned char there;

	return !mincore((void *)at, PAGE, &there);
}

static void look(void *argument)
{
	CHECK(!is_mapped(argument));
	_exit(*(volatile const char *)argument);
}

static void test_fork(void)
{
	int fd = dev_open(O_RDONLY);
	struct window window = window_map(fd, 0);
	int status;
	pid_t pid;

	CHECK(is_mapped(window.base));
	pid = spawn(look, (void *)window.base);
	CHECK_OK(waitpid(pid, &status, 0));
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGSEGV);
	CHECK(is_mapped(window.base));
}

/* A mapping outlives its file and the other mappings, in every order. */
static void test_orders(void)
{
	int writer = dev_open(O_RDWR);
	unsigned int order;

	for (order = 0; order < 6; order++) {
		int fd = dev_open(O_RDONLY);
		struct window first = window_map(fd, 0), second = window_map(fd, 0);
		unsigned int step;

		for (step = 0; step < 3; step++) {
			unsigned int what = (order % 3 + step * (1 + order / 3)) % 3;

			if (what == 0)
				CHECK_OK(close(fd));
			else
				window_unmap(what == 1 ? &first : &second);
			append_number(writer, 0, order);
			if (is_mapped(first.base))
				CHECK_EQ(first.published->head, dev_info(writer, 0).head);
			if (is_mapped(second.base))
				CHECK_EQ(second.published->head, dev_info(writer, 0).head);
		}
		CHECK(!is_mapped(first.base) && !is_mapped(second.base));
	}
}

/* The mapping is of the file's, and the module is held by it. */
static void test_holds_the_module(void)
{
	int fd = dev_open(O_RDONLY);
	struct window window = window_map(fd, 0);

	CHECK_OK(close(fd));
	CHECK_ERR(syscall(SYS_delete_module, "ringlog", O_NONBLOCK), EWOULDBLOCK);
	CHECK_EQ(window.kernel->state, 0);
}

static void test_many(void)
{
	enum { MANY = 200 };
	int fd = dev_open(O_RDWR);
	struct window windows[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++)
		windows[i] = window_map(fd, i % dev_partitions());
	append_number(fd, 0, 1);
	for (i = 0; i < MANY; i++) {
		if (!(i % dev_partitions()))
			CHECK_EQ(windows[i].published->head, dev_info(fd, 0).head);
		window_unmap(&windows[i]);
	}
}

static const struct test tests[] = {
	{ "the first page says what INFO says", test_geometry },
	{ "records are there as they were appended", test_records },
	{ "records do not wrap", test_laps },
	{ "the index names the records that begin blocks", test_index },
	{ "no fault after the call", test_no_fault },
	{ "whole windows only", test_whole_windows_only },
	{ "read-only", test_read_only },
	{ "never made writable or executable", test_never_writable },
	{ "in one piece", test_in_one_piece },
	{ "not for 32-bit programs", test_not_for_32_bits },
	{ "not inherited by fork", test_fork },
	{ "unmap and close in every order", test_orders },
	{ "holds the module", test_holds_the_module },
	{ "many windows", test_many },
};

TEST_MAIN(tests)
