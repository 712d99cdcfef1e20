// SPDX-License-Identifier: GPL-2.0-only
/* Processes that share the files, signals, and death in the midst of things. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "thread.h"

#define PATIENCE_NS (60 * 1000000000ULL)

/* A child that goes on with the next calls of this thread, as we do. */
long run_fork(struct thread *thread, const struct call *call)
{
	unsigned int end = thread->at + 1 + call->arg[0] % CALLS_MAX, i;
	pid_t pid;

	for (i = 0; i < CHILDREN_MAX && thread->child[i]; i++)
		;
	if (thread->alone || i == CHILDREN_MAX)
		return 0;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid) {
		thread->child[i] = pid;
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	thread->alone = true;
	/* The area is the parent's. */
	thread->kcov.fd = -1;
	thread->at++;
	thread_run(thread, end);
	_exit(0);
}

static void bury(struct thread *thread, unsigned int i)
{
	uint64_t end = now_ns() + PATIENCE_NS;

	kill(thread->child[i], SIGKILL);
	while (waitpid(thread->child[i], NULL, WNOHANG) == 0) {
		if (now_ns() > end) {
			thread_finds(thread, "a child does not die");
			return;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	thread->child[i] = 0;
}

long run_kill_child(struct thread *thread, const struct call *call)
{
	(void)call;
	for (unsigned int i = 0; !thread->alone && i < CHILDREN_MAX; i++) {
		if (!thread->child[i])
			continue;
		bury(thread, i);
		break;
	}
	return 0;
}

void children_settle(struct thread *thread)
{
	for (unsigned int i = 0; i < CHILDREN_MAX; i++)
		if (thread->child[i])
			bury(thread, i);
}

long run_signal(struct thread *thread, const struct call *call)
{
	struct thread *peer = thread_peer(call->arg[0] % THREADS_MAX);

	if (!thread->alone && peer->enabled)
		pthread_kill(peer->pthread, SIGUSR1);
	return 0;
}

/* With whatever the other threads are in. */
long run_die(struct thread *thread, const struct call *call)
{
	(void)call;
	if (!thread->alone)
		atomic_store(&thread->worker->dying, true);
	kill(getpid(), SIGKILL);
	return 0;
}

long run_pause(struct thread *thread, const struct call *call)
{
	struct timespec time = { .tv_nsec = call->arg[0] % 10000 * 1000 };

	(void)thread;
	return nanosleep(&time, NULL) ? -errno : 0;
}
