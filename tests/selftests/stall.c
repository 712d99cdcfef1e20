// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers whose pages do not come: a copy that stalls in userfaultfd, for as
 * long as the test likes, must hold up nobody else.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "device.h"
#include "proc.h"
#include "test.h"

#define PAGE	4096

/* One page that is there and one whose first touch stalls. */
struct trap {
	int uffd;
	char *memory;
};

static struct trap new_trap(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct trap trap;

	trap.memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(trap.memory != MAP_FAILED);
	memset(trap.memory, 'a', PAGE);
	trap.uffd = CHECK_OK(syscall(SYS_userfaultfd, O_CLOEXEC));
	CHECK_OK(ioctl(trap.uffd, UFFDIO_API, &api));
	range.range.start = (uintptr_t)trap.memory + PAGE;
	range.range.len = PAGE;
	CHECK_OK(ioctl(trap.uffd, UFFDIO_REGISTER, &range));
	return trap;
}

static void wait_stalled(const struct trap *trap)
{
	struct pollfd poll_fd = { .fd = trap->uffd, .events = POLLIN };
	struct uffd_msg message;

	CHECK_EQ(CHECK_OK(poll(&poll_fd, 1, SOON_MS)), 1);
	CHECK_EQ(CHECK_OK(read(trap->uffd, &message, sizeof(message))),
		 sizeof(message));
	CHECK_EQ(message.event, UFFD_EVENT_PAGEFAULT);
}

static void let_go_on(const struct trap *trap, char content)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)trap->memory + PAGE,
		.src = (uintptr_t)page,
		.len = PAGE,
	};

	memset(page, content, PAGE);
	CHECK_OK(ioctl(trap->uffd, UFFDIO_COPY, &copy));
}

/* Everybody else works: writers, readers, batches, sleepers. */
static void others_work(void)
{
	int writer = dev_open(O_WRONLY), reader = dev_open_newest(O_RDONLY);
	unsigned int p;
	uint64_t i;

	for (i = 0; i < 100; i++)
		for (p = 0; p < dev_partitions(); p++) {
			append_number(writer, p, i);
			CHECK_EQ(read_number(reader), i);
		}
	for (i = 0; i < 100; i++) {
		write_number(writer, i);
		CHECK_EQ(read_number(reader), i);
	}
	close(writer);
	close(reader);
}

struct call {
	struct trap trap;
	int fd;
	int done;
	void *from;
	size_t bytes;
};

static void *stall_in_write(void *argument)
{
	struct call *call = argument;

	CHECK_EQ(CHECK_OK(write(call->fd, call->from, call->bytes)),
		 call->bytes);
	say(&call->done, 1);
	return NULL;
}

static void *stall_in_append(void *argument)
{
	struct call *call = argument;

	CHECK_EQ(dev_append(call->fd, 0, call->from, call->bytes).count, 1);
	say(&call->done, 1);
	return NULL;
}

static void *stall_in_read(void *argument)
{
	struct call *call = argument;

	CHECK_EQ(CHECK_OK(read(call->fd, call->from, call->bytes)), 200);
	say(&call->done, 1);
	return NULL;
}

/* 100 bytes before the missing page, 100 in it. */
static void check_half_and_half(const char *value, char second)
{
	int i;

	for (i = 0; i < 200; i++)
		CHECK_EQ(value[i], i < 100 ? 'a' : second);
}

static void test_stalled_write(void)
{
	struct call call = { .trap = new_trap(), .bytes = 200 };
	char in[300];
	pthread_t thread;
	int reader;

	call.fd = dev_open(O_WRONLY);
	call.from = call.trap.memory + PAGE - 100;
	thread = thread_start(stall_in_write, &call);
	wait_stalled(&call.trap);
	others_work();
	reader = dev_open_newest(O_RDONLY);
	no_more(reader);
	CHECK(!heard(&call.done));
	let_go_on(&call.trap, 'b');
	thread_join(thread);
	CHECK_EQ(CHECK_OK(read(reader, in, sizeof(in))), 200);
	check_half_and_half(in, 'b');
	no_more(reader);
}

static void test_stalled_append(void)
{
	struct call call = { .trap = new_trap() };
	static char value[200], batch[300];
	struct parts parts = { .value = value, .value_len = sizeof(value) };
	pthread_t thread;
	int reader;

	memset(value, 'b', sizeof(value));
	memset(value, 'a', 100);
	call.bytes = record_put(batch, &parts);
	call.fd = dev_open(O_WRONLY);
	/* The header and the first 100 bytes are there. */
	call.from = call.trap.memory + PAGE - 132;
	memcpy(call.from, batch, 132);
	thread = thread_start(stall_in_append, &call);
	wait_stalled(&call.trap);
	others_work();
	reader = dev_open_newest(O_RDONLY);
	let_go_on(&call.trap, 'b');
	thread_join(thread);
	CHECK_EQ(CHECK_OK(read(reader, batch, sizeof(batch))), 200);
	check_half_and_half(batch, 'b');
}

static void test_stalled_header(void)
{
	struct call call = { .trap = new_trap(), .bytes = 64 };
	struct parts parts = { .value = "later", .value_len = 5 };
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)call.trap.memory + PAGE,
		.src = (uintptr_t)page,
		.len = PAGE,
	};
	char in[64];
	pthread_t thread;
	int reader;

	CHECK_EQ(record_put(page, &parts), 64);
	call.fd = dev_open(O_WRONLY);
	call.from = call.trap.memory + PAGE;
	thread = thread_start(stall_in_append, &call);
	wait_stalled(&call.trap);
	others_work();
	reader = dev_open_newest(O_RDONLY);
	CHECK_OK(ioctl(call.trap.uffd, UFFDIO_COPY, &copy));
	thread_join(thread);
	CHECK_EQ(CHECK_OK(read(reader, in, sizeof(in))), 5);
	CHECK(!memcmp(in, "later", 5));
}

static void test_stalled_read(void)
{
	struct call call = { .trap = new_trap(), .bytes = 250 };
	char value[200];
	pthread_t thread;

	memset(value, 'a', sizeof(value));
	memset(value + 100, 'c', 100);
	call.fd = dev_open_newest(O_RDONLY);
	call.from = call.trap.memory + PAGE - 100;
	append_value(dev_open(O_WRONLY), 0, value, sizeof(value));
	thread = thread_start(stall_in_read, &call);
	wait_stalled(&call.trap);
	others_work();
	CHECK(!heard(&call.done));
	let_go_on(&call.trap, 'z');
	thread_join(thread);
	check_half_and_half(call.from, 'c');
}

static void die_stalled(struct call *call, void *(*how)(void *), int *stalled)
{
	pthread_t thread;

	call->trap = new_trap();
	call->from = call->trap.memory + PAGE - 100;
	call->bytes = 200;
	thread = thread_start(how, call);
	wait_stalled(&call->trap);
	say(stalled, 1);
	thread_join(thread);
}

static void write_and_stall(void *argument)
{
	struct call call = { .fd = dev_open(O_WRONLY) };

	die_stalled(&call, stall_in_write, argument);
}

static void read_and_stall(void *argument)
{
	struct call call = { .fd = dev_open_newest(O_RDWR) };
	char value[200] = "x";

	append_value(call.fd, 0, value, sizeof(value));
	die_stalled(&call, stall_in_read, argument);
}

static uint64_t appended(int fd)
{
	return dev_info(fd, 0).records;
}

static void test_killed_while_stalled(void)
{
	int reader = dev_open_newest(O_RDWR), i;

	for (i = 0; i < 5; i++) {
		int *stalled = shared_memory(sizeof(*stalled));
		pid_t pid = spawn(write_and_stall, stalled);
		uint64_t before;

		wait_until(stalled, 1);
		others_work();
		before = appended(reader);
		CHECK_OK(kill(pid, SIGKILL));
		reap_killed(pid);
		CHECK_EQ(appended(reader), before);
		others_work();
	}
	CHECK_EQ(lseek(reader, 0, SEEK_END), 0);
	write_number(reader, 5);
	CHECK_EQ(read_number(reader), 5);
}

static void test_reader_killed_while_stalled(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		int *stalled = shared_memory(sizeof(*stalled));
		pid_t pid = spawn(read_and_stall, stalled);

		wait_until(stalled, 1);
		others_work();
		CHECK_OK(kill(pid, SIGKILL));
		reap_killed(pid);
		others_work();
	}
}

/* A gate must not hang on a reader that was killed in its copy. */
static void gate_and_stall(void *argument)
{
	struct call call = { .fd = dev_open(O_RDWR) };
	char value[200] = "x";

	dev_attach(call.fd, ALL, RINGLOG_ATTACH_GATE, RINGLOG_START_NEWEST, 0);
	append_value(call.fd, 0, value, sizeof(value));
	die_stalled(&call, stall_in_read, argument);
}

static void test_gate_killed_while_stalled(void)
{
	int *stalled = shared_memory(sizeof(*stalled));
	unsigned int p;
	pid_t pid;

	need_policy(RINGLOG_POLICY_BLOCK);
	pid = spawn(gate_and_stall, stalled);
	wait_until(stalled, 1);
	CHECK_OK(kill(pid, SIGKILL));
	reap_killed(pid);
	for (p = 0; p < dev_partitions(); p++)
		lap(dev_open(O_WRONLY), p);
}

struct vanishing {
	char *memory;
	size_t bytes;
	int stop;
};

static void *drop_pages(void *argument)
{
	struct vanishing *vanishing = argument;

	while (!heard(&vanishing->stop))
		madvise(vanishing->memory, vanishing->bytes, MADV_DONTNEED);
	return NULL;
}

/* Pages that keep vanishing: each record is whole, of zeros or of ones. */
static void test_vanishing_pages(void)
{
	struct vanishing vanishing = { .bytes = dev_max_record() };
	char *in = malloc(dev_max_record());
	int i, fd = dev_open_newest(O_RDWR);
	pthread_t thread;
	size_t j;

	CHECK(in);
	vanishing.memory = mmap(NULL, vanishing.bytes, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(vanishing.memory != MAP_FAILED);
	thread = thread_start(drop_pages, &vanishing);
	for (i = 0; i < 500; i++) {
		memset(vanishing.memory, 1, vanishing.bytes);
		CHECK_EQ(CHECK_OK(write(fd, vanishing.memory,
					vanishing.bytes)), vanishing.bytes);
		memset(in, 2, vanishing.bytes);
		CHECK_EQ(CHECK_OK(read(fd, in, vanishing.bytes)),
			 vanishing.bytes);
		for (j = 0; j < vanishing.bytes; j++)
			CHECK(in[j] == 0 || in[j] == 1);
		CHECK_EQ(CHECK_OK(write(fd, in, 100)), 100);
		CHECK_EQ(CHECK_OK(read(fd, vanishing.memory,
				       vanishing.bytes)), 100);
	}
	say(&vanishing.stop, 1);
	thread_join(thread);
}

static const struct test tests[] = {
	{ "a stalled write", test_stalled_write },
	{ "a stalled batch", test_stalled_append },
	{ "a stalled batch header", test_stalled_header },
	{ "a stalled read", test_stalled_read },
	{ "a writer killed while stalled", test_killed_while_stalled },
	{ "a reader killed while stalled", test_reader_killed_while_stalled },
	{ "a gate killed while stalled", test_gate_killed_while_stalled },
	{ "pages that keep vanishing", test_vanishing_pages },
};

TEST_MAIN(tests)
