/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread that runs one list of a program's calls, and what it knows of its open files. */
#ifndef FUZZ_THREAD_H
#define FUZZ_THREAD_H

#include <liburing.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kcov.h"
#include "state.h"

#define PARTITIONS_MAX	64
#define CHILDREN_MAX	4
#define URING_IN_FLIGHT	8
#define URING_BYTES	8192

/* A slot is a descriptor of its own, so no call ever meets a file that is not the device's. */
#define SLOT_FD(slot)	(100 + (int)(slot))
#define OTHER_FD	200

/**
 * struct known - what is known of the file in a slot that no other thread mentions
 * @owned: nobody else does; otherwise nothing of the rest counts
 * @open: there is one
 * @flags: it was opened with
 * @nonblock: O_NONBLOCK now
 * @expected: the offset to be read next, of each partition
 * @sure: @expected is known
 */
struct known {
	bool owned;
	bool open;
	bool nonblock;
	int flags;
	uint64_t expected[PARTITIONS_MAX];
	bool sure[PARTITIONS_MAX];
};

/**
 * struct flight - a request of io_uring
 * @busy: it has not completed; its buffer is the kernel's
 * @multishot: it completes more than once
 * @length: of its buffer
 * @reads: into it
 * @polls: it has none
 */
struct flight {
	bool busy;
	bool multishot;
	bool reads;
	bool polls;
	uint32_t length;
};

/**
 * struct thread - one of the executor's threads
 * @number: of it
 * @worker: that it belongs to
 * @progress: for the supervisor
 * @at: the call it is at
 * @end: the call that it stops before, for now
 * @enabled: the program has such a thread
 * @tag: of the last payload that it wrote
 * @alone: in a child of the executor, where nobody supervises
 * @known: of the slots
 */
struct thread {
	unsigned int number;
	unsigned int at;
	unsigned int end;
	bool alone;
	bool enabled;
	uint64_t tag;
	pthread_t pthread;
	pid_t tid;
	sem_t go;
	struct worker *worker;
	struct progress *progress;
	struct known known[SLOTS];
	struct kcov kcov;

	pid_t child[CHILDREN_MAX];
	int epoll;
	int pipe[2];

	bool uring_made;
	struct io_uring uring;
	struct flight flight[URING_IN_FLIGHT];
	unsigned char *uring_memory;
};

/* Runs the calls from @thread->at on, up to @end, each between a beginning and an end. */
void thread_run(struct thread *thread, unsigned int end);
void thread_begin_call(struct thread *thread, bool may_sleep);
void thread_end_call(struct thread *thread);

struct thread *thread_peer(unsigned int number);

/* A finding that names the call. */
void thread_finds(struct thread *thread, const char *form, ...)
	__attribute__((__format__(__printf__, 2, 3)));

/* In run_uring.c and run_process.c: what a program left behind. */
void uring_settle(struct thread *thread);
void children_settle(struct thread *thread);

#endif /* FUZZ_THREAD_H */
