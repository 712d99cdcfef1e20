// SPDX-License-Identifier: GPL-2.0-only
/*
 * tools/ringlog: what produce and consume do when they are asked to end. Each runs as a process
 * of its own, with the library's own batches and readers; a signal comes within a system call.
 */
#include "command.h"
#include "consumed.h"
#include "consumer-parts.h"
#include "kernel.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ringlog.h>
#include <ringlog/producer.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RING		1048576U
#define RECORDS		5000
/* For the stream's file, of which nothing but its number is used. */
#define STREAM_FD	900

/**
 * struct shared - what the process tells the test
 * @appended: records
 */
static struct shared {
	unsigned int appended;
} *shared;

static struct mapped *mapped;
/* The call during which the signal comes. */
static enum { READ = 1, WRITE } during;

/* --- the kernel and the library's ways to it ---------------------------------------------- */

int ringlog_open(const char *stream, int flags)
{
	(void)stream;
	(void)flags;
	return STREAM_FD;
}

int ringlog_info(int fd, __u32 partition, struct ringlog_info *info)
{
	struct mapped_ends ends = mapped_ends(mapped);

	(void)fd;
	(void)partition;
	*info = (struct ringlog_info) {
		.partitions = 1,
		.max_record = RING / 8,
		.cursor_position = ends.tail,
		.cursor_offset = ends.tail_offset,
		.oldest_offset = ends.tail_offset,
		.next_offset = ends.next_offset,
	};
	return 0;
}

int ringlog_consumer_open(struct ringlog_consumer **consumer, const char *stream,
			  unsigned int flags)
{
	(void)stream;
	*consumer = consumed_open(&mapped, 1, flags);
	return 0;
}

int ringlog_kernel_info(int fd, struct ringlog_info *info)
{
	return ringlog_info(fd, 0, info);
}

int ringlog_kernel_attach(int fd, struct ringlog_attach *attach)
{
	(void)fd;
	(void)attach;
	return 0;
}

int ringlog_kernel_wait(int fd, struct ringlog_wait *wait)
{
	(void)fd;
	(void)wait;
	return -ETIMEDOUT;
}

void ringlog_kernel_close(int fd)
{
	(void)fd;
}

int ringlog_ctl_open(struct ringlog_ctl **ctl)
{
	(void)ctl;
	return -ENOENT;
}

const char *ringlog_ctl_error(const struct ringlog_ctl *ctl)
{
	(void)ctl;
	return "none";
}

int __wrap_close(int fd)
{
	return fd == STREAM_FD ? 0 : syscall(SYS_close, fd);
}

static int append(struct ringlog_append *append)
{
	const char *at = (const char *)(uintptr_t)append->records, *end = at + append->bytes;

	for (append->count = 0; at < end; append->count++) {
		const struct ringlog_record *record = (const void *)at;

		at += (sizeof(*record) + record->length + RINGLOG_ALIGN - 1) / RINGLOG_ALIGN *
		      RINGLOG_ALIGN;
	}
	shared->appended += append->count;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (fd == STREAM_FD && request == RINGLOG_IOC_APPEND)
		return append(argument);
	errno = ENOTTY;
	return -1;
}

/* There is something to be read, and the signal comes right after it was. */
ssize_t __wrap_read(int fd, void *to, size_t bytes)
{
	ssize_t got = syscall(SYS_read, fd, to, bytes);

	if (during == READ)
		raise(SIGINT);
	return got;
}

/* The signal comes before there is a wait for who reads. */
ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
	if (during == WRITE) {
		during = 0;
		raise(SIGINT);
	}
	return syscall(SYS_write, fd, from, bytes);
}

/* --- the tests ---------------------------------------------------------------------------- */

static char words[256];

/* Runs @command with these files. Returns its exit status; what it says is in words. */
static int run(const struct command *command, int input, int output)
{
	struct invocation invocation = { .command = command };
	char name[] = "command", stream[] = "orders", *arguments[] = { name, stream, NULL };
	FILE *said = tmpfile();
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(input, STDIN_FILENO);
		dup2(output, STDOUT_FILENO);
		dup2(fileno(said), STDERR_FILENO);
		_exit(command->run(&invocation, 2, arguments));
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	memset(words, 0, sizeof(words));
	CHECK(pread(fileno(said), words, sizeof(words) - 1, 0) >= 0);
	fclose(said);
	return WEXITSTATUS(status);
}

/* Breaks when records that were read already are dropped. */
static void test_produce(void)
{
	int input[2], output = open("/dev/null", O_WRONLY | O_CLOEXEC);

	shared->appended = 0;
	during = READ;
	if (!CHECK(!pipe(input)) || !CHECK(write(input[1], "one\ntwo\nthr", 11) == 11))
		return;
	CHECK(run(&produce_command, input[0], output) == EXIT_SUCCESS && !*words);
	CHECK(shared->appended == 2);
	close(input[0]);
	close(input[1]);
	close(output);
}

/* Breaks when it is called a success although output was dropped. */
static void test_consume(void)
{
	int output[2], input = open("/dev/null", O_RDONLY | O_CLOEXEC);

	during = WRITE;
	if (!CHECK(!pipe(output)))
		return;
	CHECK(fcntl(output[1], F_SETPIPE_SZ, 4096) == 4096);
	CHECK(run(&consume_command, input, output[1]) == EXIT_FAILURE);
	CHECK(!strcmp(words, "ringlog: consume: output: not all of it was taken in time\n"));
	close(output[0]);
	close(output[1]);
	close(input);
}

/* But not if all of it was written. */
static void test_consume_written(void)
{
	int output = open("/dev/null", O_RDWR | O_CLOEXEC);

	during = WRITE;
	CHECK(run(&consume_command, output, output) == EXIT_SUCCESS && !*words);
	close(output);
}

static const struct tap_test tests[] = {
	{ "signals: produce sends what it has read", test_produce },
	{ "signals: consume fails if nobody reads", test_consume },
	{ "signals: consume ends", test_consume_written },
};

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	mapped = mapped_open(RING, 0);
	consumed_append(mapped, RECORDS);
	return shared == MAP_FAILED || tap_run(tests, sizeof(tests) / sizeof(*tests));
}
