// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults-memory MODULE [NAME]...: allocations that fail in calls that allocate:
 * open, mmap, the first gates, and appends that have to be staged.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "calls.h"
#include "module.h"
#include "paths.h"
#include "test.h"
#include "vanish.h"

/* --- open ------------------------------------------------------------------------------ */

static int open_flags;
static unsigned int last_producer;

static void before_open(void)
{
	last_producer = dev_info(witness, 0).producer;
}

static long call_open(void)
{
	return other = open(DEVICE, open_flags);
}

static long base_open(void)
{
	int fd = open("/dev/null", open_flags);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* An open that failed counts neither as a producer nor as a turn. */
static void after_open(bool success)
{
	file = dev_open(O_RDONLY);
	CHECK_EQ(dev_info(file, 0).producer, last_producer + 1 + success);
}

static const struct path opens[] = {
	{ "open", before_open, call_open, after_open, base_open, .own = 1 },
};

static const struct path large_opens[] = {
	{ "open, many cursors", before_open, call_open, after_open, base_open, .own = 1,
	  .fallback = true },
};

static void test_open(void)
{
	const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int i;

	inject_prepare();
	for (i = 0; i < 3; i++) {
		open_flags = modes[i] | O_CLOEXEC;
		CHECK_PATHS("ring_bytes=64K partitions=3", opens);
	}
}

static void test_open_many(void)
{
	inject_prepare();
	open_flags = O_RDWR | O_CLOEXEC;
	CHECK_PATHS("ring_bytes=64K partitions=64", large_opens);
}

/* --- mmap ------------------------------------------------------------------------------ */

#define WINDOW_BYTES	(16 << 20)	/* of address space that is for the window alone */

static void *window, *window_at;
static size_t window_bytes;

/* Where no table is that others need, so that each of the window's is allocated. */
static void before_mmap(void)
{
	file = dev_open(O_RDONLY);
	window_bytes = dev_info(file, 0).map_bytes;
	CHECK_LE(window_bytes, WINDOW_BYTES);
	window_at = (void *)(1ULL << 45);
}

static long map(int fd)
{
	window = mmap(window_at, window_bytes, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	return window == MAP_FAILED ? -1 : 0;
}

static long call_mmap(void)
{
	return map(file);
}

static int memory = -1;

/*
 * What the kernel allocates for any mapping. Each has a place of its own and stays there: to
 * unmap it takes memory too, which there may be none of before the call is over.
 */
static long base_mmap(void)
{
	static uintptr_t at = 1ULL << 46;

	if (memory < 0) {
		memory = CHECK_OK(memfd_create("memory", MFD_CLOEXEC));
		CHECK_OK(ftruncate(memory, WINDOW_BYTES));
	}
	at += WINDOW_BYTES;
	return mmap((void *)at, WINDOW_BYTES / 2, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE,
		    memory, 0) == MAP_FAILED ? -1 : 0;
}

/* All of it is there, or none: the same place is free for another try. */
static void after_mmap(bool success)
{
	if (!success)
		CHECK_OK(map(file));
	CHECK_EQ(((const struct ringlog_kernel_page *)window)->map_bytes, window_bytes);
	/* Of the ring, which has seen no record: the last word. */
	CHECK_EQ(*(const uint64_t *)(window + window_bytes - sizeof(uint64_t)), 0);
	CHECK_OK(munmap(window, window_bytes));
}

static const struct path maps[] = {
	{ "mmap", before_mmap, call_mmap, after_mmap, base_mmap, .own = 4 },
};

static void test_mmap(void)
{
	inject_prepare();
	CHECK_PATHS("ring_bytes=4M partitions=1", maps);
}

/* --- gates ----------------------------------------------------------------------------- */

#define GATED	"ring_bytes=64K partitions=3 policy=block"
#define KEEPING	"ring_bytes=64K partitions=3 policy=reject"

/* How much goes into a partition before a gate is in the way, two rings at most. */
static uint64_t room_for(int fd, unsigned int partition)
{
	uint64_t bytes = 0;

	while (bytes < 2 * dev_ring_bytes() &&
	       !try_append_value(fd, partition, value, sizeof(value)))
		bytes += sizeof(value);
	return bytes;
}

static void check_gated(unsigned int partition, bool gated)
{
	int fd = dev_open(O_WRONLY | O_NONBLOCK);

	if (gated)
		CHECK_LE(room_for(fd, partition), dev_ring_bytes());
	else
		CHECK_LE(2 * dev_ring_bytes(), room_for(fd, partition));
	close(fd);
}

static void attach_gates(void)
{
	attach_as(ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST, 0);
}

static void after_gates(bool success)
{
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++)
		check_gated(p, success);
}

static void attach_gate_replacing(void)
{
	attach_as(1, RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH,
		  RINGLOG_START_OLDEST, 0);
}

static void after_one_gate(bool success)
{
	check_gated(0, false);
	check_gated(1, success);
	check_gated(2, false);
}

/* Somebody else gates the first partition: that gate stays. */
static void attach_gates_beside(void)
{
	other = dev_open(O_RDWR);
	dev_attach(other, 0, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST, 0);
	attach_gates();
}

static void after_gates_beside(bool success)
{
	check_gated(0, true);
	check_gated(1, success);
	check_gated(2, success);
}

/* The file itself gates the last partition: that gate stays, and where it is. */
static void attach_gates_again(void)
{
	attach_as(ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	dev_attach(file, 2, RINGLOG_ATTACH_GATE, RINGLOG_START_OLDEST, 0);
}

static void after_gates_again(bool success)
{
	check_gated(0, success);
	check_gated(1, success);
	check_gated(2, true);
}

/* With no gate such a stream keeps all: a ring that was never gated fills once. */
static void after_gates_keeping(bool success)
{
	unsigned int p;

	(void)success;
	for (p = 0; p < dev_partitions(); p++)
		check_gated(p, true);
}

static const struct path gates[] = {
	{ "ATTACH, gates", attach_gates, call_attach, after_gates, .own = 3,
	  .tells = true, .reload = GATED },
	{ "ATTACH, a gate instead", attach_gate_replacing, call_attach, after_one_gate,
	  .own = 1, .tells = true, .reload = GATED },
	{ "ATTACH, gates beside another's", attach_gates_beside, call_attach,
	  after_gates_beside, .own = 2, .tells = true, .reload = GATED },
	{ "ATTACH, gates to those there are", attach_gates_again, call_attach,
	  after_gates_again, .own = 2, .tells = true, .reload = GATED },
	{ "ATTACH, gates that keep", attach_gates, call_attach, after_gates_keeping,
	  .own = 3, .tells = true, .reload = KEEPING },
};

static void test_gates(void)
{
	inject_prepare();
	CHECK_PATHS("", gates);
}

/* --- records that have to be staged ---------------------------------------------------- */

#define SEGMENTS	16
#define MUCH	(32 << 10)

static char *vanishing;
static int null_fd;
static struct iovec segments[SEGMENTS];

static void open_writer(void)
{
	file = dev_open(O_RDWR);
}

static void open_batch_writer(void)
{
	open_writer();
	append_argument = (struct ringlog_append){
		.partition = TURN, .records = (uintptr_t)vanishing, .bytes = MUCH,
	};
}

static long call_write_vanishing(void)
{
	return write(file, vanishing, MUCH);
}

static long call_writev_vanishing(void)
{
	return writev(file, segments, SEGMENTS);
}

static long base_writev(void)
{
	return writev(null_fd, segments, SEGMENTS);
}

/*
 * Of memory that is never there as a whole every record has to be staged. The rings do not get
 * full in these tests: pages that vanish when room was made already cost the oldest records,
 * whatever becomes of the append.
 */

/* The staging memory is small: there is no fallback. */
static const struct path small_stages[] = {
	{ "writev of vanishing pages", open_writer, call_writev_vanishing, after_append,
	  base_writev, .own = 1 },
};

static const struct path large_stages[] = {
	{ "write of vanishing pages", open_writer, call_write_vanishing, after_append,
	  .own = 1, .fallback = true },
	{ "APPEND of vanishing pages", open_batch_writer, call_append, after_append,
	  .own = 1, .fallback = true, .tells = true },
};

static void test_small_stages(void)
{
	static const char content[SEGMENTS * VANISH_PAGE];
	int i;

	inject_prepare();
	vanishing = vanish_start(content, sizeof(content));
	for (i = 0; i < SEGMENTS; i++)
		segments[i] = (struct iovec){ vanishing + i * VANISH_PAGE, 2 };
	null_fd = CHECK_OK(open("/dev/null", O_WRONLY | O_CLOEXEC));
	CHECK_PATHS("ring_bytes=1M max_record=2048", small_stages);
}

static void test_large_stages(void)
{
	static union {
		struct ringlog_record record;
		char bytes[MUCH];
	} content = {
		.record = { .length = MUCH - sizeof(content.record), .type = RINGLOG_TYPE_DATA },
	};

	inject_prepare();
	vanishing = vanish_start(&content, sizeof(content));
	CHECK_PATHS("ring_bytes=2M", large_stages);
}

static const struct test tests[] = {
	{ "open", test_open },
	{ "open with many cursors", test_open_many },
	{ "mmap", test_mmap },
	{ "gates", test_gates },
	{ "a small record that is staged", test_small_stages },
	{ "a large record that is staged", test_large_stages },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: faults-memory MODULE [NAME]...\n");
		return 2;
	}
	module_read(argv[1]);
	return test_main(argc - 1, argv + 1, tests, sizeof(tests) / sizeof(tests[0]));
}
