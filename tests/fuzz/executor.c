// SPDX-License-Identifier: GPL-2.0-only
/*
 * The threads of a program, and who supervises them. A call that may wait for ever is ended
 * by a signal, as a caller would end it; one that may not has PATIENCE_NS.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "executor.h"
#include "judge.h"
#include "memory.h"
#include "thread.h"

/* After so long in a call a thread that may sleep gets a signal, again and again. */
#define SLEEP_NS	1000000ULL
/* What takes longer than this does not end: generous, for guests on busy hosts. */
#define PATIENCE_NS	(60 * 1000000000ULL)

static struct thread threads[THREADS_MAX];
static struct worker *worker;
static const struct program *program;
static sem_t finished;
static atomic_int left;

struct thread *thread_peer(unsigned int number)
{
	return &threads[number];
}

/* A forked child is no concern of the supervisor's: its parent will kill it. */
void thread_begin_call(struct thread *thread, bool may_sleep)
{
	if (thread->alone)
		return;
	atomic_store(&thread->progress->may_sleep, may_sleep);
	atomic_fetch_add(&thread->progress->calls, 1);
	atomic_store(&thread->progress->began, now_ns());
}

void thread_end_call(struct thread *thread)
{
	if (!thread->alone)
		atomic_store(&thread->progress->began, 0);
}

void thread_finds(struct thread *thread, const char *form, ...)
{
	const struct call *call = &program->call[thread->number][thread->at];
	char words[400], line[300] = "";
	FILE *to = fmemopen(line, sizeof(line), "w");
	va_list arguments;

	va_start(arguments, form);
	vsnprintf(words, sizeof(words), form, arguments);
	va_end(arguments);
	if (to) {
		call_print(call, to);
		fclose(to);
	}
	finding("thread %u, call %u, %s: %s", thread->number, thread->at, line, words);
}

static bool may_sleep(const struct thread *thread, const struct call *call)
{
	const struct call_kind *kind = &call_kinds[call->kind];

	if (!(kind->traits & CALL_WAITS))
		return false;
	if ((kind->run == run_preadv2 || kind->run == run_pwritev2) && call->arg[6] & RWF_NOWAIT)
		return false;
	/* Those about a file: read to wait. The others wait for time. */
	return kind->args[0] != ARG_SLOT || kind->run == run_poll || kind->run == run_select ||
	       !known_nonblock(thread, call->arg[0]);
}

static void judge_errno(struct thread *thread, const struct call_kind *kind, long ret)
{
	if (ret >= 0 || ret == -EBADF)
		return;
	for (const short *allowed = kind->errnos; *allowed; allowed++)
		if (ret == -*allowed)
			return;
	thread_finds(thread, "%s (%ld), which it never gives", strerror(-ret), ret);
}

void thread_run(struct thread *thread, unsigned int end)
{
	uint32_t fresh = 0, calls = 0;

	if (end > program->count[thread->number])
		end = program->count[thread->number];
	for (; thread->at < end && !atomic_load(&state->stop); thread->at++) {
		const struct call *call = &program->call[thread->number][thread->at];
		const struct call_kind *kind = &call_kinds[call->kind];
		long ret;

		thread_begin_call(thread, may_sleep(thread, call));
		kcov_reset(&thread->kcov);
		ret = kind->run(thread, call);
		fresh += kcov_collect(&thread->kcov);
		thread_end_call(thread);
		judge_errno(thread, kind, ret);
		calls++;
	}
	atomic_fetch_add(&worker->fresh, fresh);
	atomic_fetch_add(&worker->calls, calls);
}

static void settle(struct thread *thread)
{
	if (thread->alone)
		return;
	thread_begin_call(thread, false);
	children_settle(thread);
	uring_settle(thread);
	thread_end_call(thread);
}

static void thread_prepare(struct thread *thread)
{
	thread->at = 0;
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		thread->known[slot] = (struct known){
			.owned = program_owner(program, slot) == (int)thread->number,
		};
}

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void *thread_main(void *argument)
{
	struct thread *thread = argument;

	thread->tid = syscall(SYS_gettid);
	kcov_enable(&thread->kcov);
	for (;;) {
		wait_for(&thread->go);
		thread_run(thread, thread->end);
		if (thread->end == CALLS_MAX)
			settle(thread);
		if (atomic_fetch_sub(&left, 1) == 1)
			sem_post(&finished);
	}
	return NULL;
}

static void nothing(int signal)
{
	(void)signal;
}

static void thread_make(struct thread *thread, unsigned int number)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	thread->number = number;
	thread->worker = worker;
	thread->progress = &worker->progress[number];
	thread->tag = (uint64_t)getpid() << 32 | (uint64_t)number << 28;
	thread->kcov.fd = -1;
	thread->epoll = OTHER_FD + number;
	sem_init(&thread->go, 0, 0);
	/* Where no slot is. */
	if (dup2(epoll, thread->epoll) < 0 || pipe2(thread->pipe, O_CLOEXEC | O_NONBLOCK) ||
	    pthread_create(&thread->pthread, NULL, thread_main, thread)) {
		perror("a thread");
		_exit(2);
	}
	close(epoll);
}

void executor_init(struct worker *of)
{
	worker = of;
	/* No SA_RESTART: a signal ends the call that waits. */
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = nothing }, NULL);
	sem_init(&finished, 0, 0);
	memory_init();
	for (unsigned int i = 0; i < THREADS_MAX; i++)
		thread_make(&threads[i], i);
}

static void print_stack(pid_t tid, char *to, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stack", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, to, size - 1);
	to[got > 0 ? got : 0] = '\0';
	close(fd);
}

/* Signals who sleeps; false if a call does not end. */
static bool look_after(struct thread *thread)
{
	uint64_t began = atomic_load(&thread->progress->began), now = now_ns();
	char stack[700];

	if (!began || now < began)
		return true;
	if (now - began > PATIENCE_NS) {
		print_stack(thread->tid, stack, sizeof(stack));
		thread_finds(thread, "does not end (%s)\n%s",
			     atomic_load(&thread->progress->may_sleep) ?
			     "although signals came" : "although it may not wait", stack);
		return false;
	}
	if (now - began > SLEEP_NS && atomic_load(&thread->progress->may_sleep))
		pthread_kill(thread->pthread, SIGUSR1);
	return true;
}

static bool supervise(unsigned int count)
{
	struct timespec until;

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 500000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (!sem_timedwait(&finished, &until))
			return !atomic_load(&state->found);
		for (unsigned int i = 0; i < count; i++)
			if (!look_after(&threads[i]))
				return false;
	}
}

/* The first @count threads, from where they are to @end. */
static bool run_threads(unsigned int count, unsigned int end)
{
	atomic_store(&left, count);
	for (unsigned int i = 0; i < count; i++) {
		threads[i].end = end;
		sem_post(&threads[i].go);
	}
	return supervise(count);
}

bool executor_run(void)
{
	bool good;

	program = &worker->program;
	for (unsigned int i = 0; i < program->threads; i++) {
		thread_prepare(&threads[i]);
		threads[i].enabled = true;
	}
	memory_disturb(program_uses_region(program, REGION_RACE) ||
		       program_uses_region(program, REGION_UFFD));
	good = run_threads(1, program->setup) && run_threads(program->threads, CALLS_MAX);
	for (unsigned int i = 0; i < THREADS_MAX; i++)
		threads[i].enabled = false;
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		close(SLOT_FD(slot));
	return good;
}
