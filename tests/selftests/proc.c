// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"
#include "test.h"

void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

pid_t spawn(void (*run)(void *argument), void *argument)
{
	pid_t pid = CHECK_OK(fork());

	if (!pid) {
		alarm(test_seconds());
		run(argument);
		_exit(EXIT_SUCCESS);
	}
	return pid;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		CHECK_EQ(errno, EINTR);
	return status;
}

void reap(pid_t pid)
{
	int status = wait_status(pid);

	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void reap_killed(pid_t pid)
{
	int status = wait_status(pid);

	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
}

int reap_soon(pid_t pid)
{
	int i, status;

	for (i = 0; i < SOON_MS; i++) {
		if (CHECK_OK(waitpid(pid, &status, WNOHANG)) == pid)
			return !WIFEXITED(status) || WEXITSTATUS(status);
		usleep(1000);
	}
	CHECK_OK(kill(pid, SIGKILL));
	wait_status(pid);
	return -1;
}

pthread_t thread_start(void *(*run)(void *argument), void *argument)
{
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, run, argument), 0);
	return thread;
}

void thread_join(pthread_t thread)
{
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* A file of /proc/PID. */
static void read_proc(pid_t task, const char *name, char *text, size_t bytes)
{
	char path[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", task, name);
	fd = CHECK_OK(open(path, O_RDONLY | O_CLOEXEC));
	size = CHECK_OK(read(fd, text, bytes - 1));
	close(fd);
	text[size] = 0;
}

bool is_asleep(pid_t task)
{
	char text[512], *end;

	read_proc(task, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	CHECK(end && end[1] == ' ');
	CHECK(end[2] != 'Z');
	return end[2] == 'S';
}

static void breathe(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

void wait_until(const int *value, int wanted)
{
	int i;

	for (i = 0; i < SOON_MS; i++) {
		if (heard(value) == wanted)
			return;
		breathe();
	}
	CHECK_EQ(heard(value), wanted);
}

void wait_asleep(pid_t task, const int *about_to)
{
	int i;

	wait_until(about_to, 1);
	for (i = 0; i < SOON_MS; i++) {
		if (is_asleep(task))
			return;
		breathe();
	}
	test_fail(__FILE__, __LINE__, "task %d does not go to sleep", task);
}

static bool is_in_call(pid_t task, long call)
{
	char text[256], *end;

	read_proc(task, "syscall", text, sizeof(text));
	return strtol(text, &end, 10) == call && end != text;
}

void wait_in_call(pid_t task, const int *about_to, long call)
{
	int i;

	wait_until(about_to, 1);
	for (i = 0; i < SOON_MS; i++) {
		if (is_asleep(task) && is_in_call(task, call))
			return;
		breathe();
	}
	test_fail(__FILE__, __LINE__, "task %d does not sleep in call %ld", task, call);
}

void say(int *value, int what)
{
	__atomic_store_n(value, what, __ATOMIC_SEQ_CST);
}

int heard(const int *value)
{
	return __atomic_load_n(value, __ATOMIC_SEQ_CST);
}

static void ignore(int number)
{
	(void)number;
}

void catch_signal(int number, int flags)
{
	struct sigaction action = { .sa_handler = ignore, .sa_flags = flags };

	CHECK_OK(sigaction(number, &action, NULL));
}

uint64_t now_ns(int clock)
{
	struct timespec now;

	CHECK_OK(clock_gettime(clock, &now));
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}
