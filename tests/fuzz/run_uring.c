// SPDX-License-Identifier: GPL-2.0-only
/* io_uring: requests that go on while the program does other things. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "calls.h"
#include "judge.h"
#include "module.h"
#include "payload.h"

/* Requests without a flight of their own. */
#define CANCELLING	1000
#define PATIENCE_NS	(60 * 1000000000ULL)

static bool ready(struct thread *thread)
{
	/* The memory of the ring is shared with the parent. */
	if (thread->alone)
		return false;
	if (thread->uring_made)
		return true;
	if (io_uring_queue_init(64, &thread->uring, 0))
		return false;
	thread->uring_memory = mmap(NULL, URING_IN_FLIGHT * URING_BYTES, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (thread->uring_memory == MAP_FAILED)
		abort();
	thread->uring_made = true;
	return true;
}

static unsigned char *memory_of(const struct thread *thread, unsigned int i)
{
	return thread->uring_memory + i * URING_BYTES;
}

static bool is_one_of(int error, const int *allowed)
{
	while (*allowed)
		if (*allowed++ == error)
			return true;
	return false;
}

static void judge_result(struct thread *thread, unsigned int i, int result)
{
	static const int errors[] = { ECANCELED, EBADF, EINTR, EAGAIN, EMSGSIZE, EPIPE, EBUSY,
				      ENOBUFS, ENOMEM, EINVAL, EOPNOTSUPP, 0 };
	const struct flight *flight = &thread->flight[i];

	if (result < 0) {
		if (!is_one_of(-result, errors))
			thread_finds(thread, "io_uring: %d", result);
		return;
	}
	if (flight->polls)
		return;
	if (!flight->reads) {
		if ((uint32_t)result != flight->length || flight->length > config.max_record)
			thread_finds(thread, "io_uring wrote %d of %u bytes", result,
				     flight->length);
		return;
	}
	if ((uint32_t)result > flight->length)
		thread_finds(thread, "io_uring read %d into %u bytes", result, flight->length);
	else if (result && runs_fault(memory_of(thread, i), result, config.partitions, NULL, NULL,
				      NULL) &&
		 payload_fault(memory_of(thread, i), result))
		thread_finds(thread, "io_uring read: %s",
			     payload_fault(memory_of(thread, i), result));
}

static void reap(struct thread *thread, uint64_t timeout_ns)
{
	struct __kernel_timespec timeout = { .tv_nsec = timeout_ns };
	struct io_uring_cqe *cqe;

	io_uring_submit(&thread->uring);
	if (io_uring_wait_cqe_timeout(&thread->uring, &cqe, &timeout))
		return;
	while (!io_uring_peek_cqe(&thread->uring, &cqe)) {
		uint64_t which = cqe->user_data;

		if (which < URING_IN_FLIGHT) {
			judge_result(thread, which, cqe->res);
			if (!(cqe->flags & IORING_CQE_F_MORE))
				thread->flight[which].busy = false;
		}
		io_uring_cqe_seen(&thread->uring, cqe);
	}
}

/* A free flight and a request for it; NULL: there is none. */
static struct io_uring_sqe *begin(struct thread *thread, unsigned int *i)
{
	struct io_uring_sqe *sqe;

	if (!ready(thread))
		return NULL;
	for (*i = 0; *i < URING_IN_FLIGHT; ++*i)
		if (!thread->flight[*i].busy)
			break;
	if (*i == URING_IN_FLIGHT)
		return NULL;
	sqe = io_uring_get_sqe(&thread->uring);
	if (sqe)
		thread->flight[*i] = (struct flight){ .busy = true };
	return sqe;
}

static long submit(struct thread *thread, struct io_uring_sqe *sqe, uint64_t data)
{
	long ret;

	io_uring_sqe_set_data64(sqe, data);
	ret = io_uring_submit(&thread->uring);
	return ret < 0 ? ret : 0;
}

long run_uring_read(struct thread *thread, const struct call *call)
{
	struct io_uring_sqe *sqe;
	unsigned int i;

	sqe = begin(thread, &i);
	if (!sqe)
		return 0;
	thread->flight[i].reads = true;
	thread->flight[i].length = 1 + call->arg[1] % URING_BYTES;
	io_uring_prep_read(sqe, SLOT_FD(call->arg[0]), memory_of(thread, i),
			   thread->flight[i].length, -1);
	return submit(thread, sqe, i);
}

long run_uring_write(struct thread *thread, const struct call *call)
{
	struct io_uring_sqe *sqe;
	unsigned int i;

	sqe = begin(thread, &i);
	if (!sqe)
		return 0;
	thread->flight[i].length = call->arg[1] % (URING_BYTES + 1);
	payload_fill(memory_of(thread, i), thread->flight[i].length, ++thread->tag);
	io_uring_prep_write(sqe, SLOT_FD(call->arg[0]), memory_of(thread, i),
			    thread->flight[i].length, -1);
	return submit(thread, sqe, i);
}

long run_uring_poll(struct thread *thread, const struct call *call)
{
	struct io_uring_sqe *sqe;
	unsigned int i;

	sqe = begin(thread, &i);
	if (!sqe)
		return 0;
	thread->flight[i].polls = true;
	if (call->arg[2] & 1)
		io_uring_prep_poll_multishot(sqe, SLOT_FD(call->arg[0]), call->arg[1] & 0x3f);
	else
		io_uring_prep_poll_add(sqe, SLOT_FD(call->arg[0]), call->arg[1] & 0x3f);
	return submit(thread, sqe, i);
}

static long cancel(struct thread *thread, unsigned int i)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&thread->uring);

	if (!sqe)
		return 0;
	io_uring_prep_cancel64(sqe, i, 0);
	return submit(thread, sqe, CANCELLING);
}

long run_uring_cancel(struct thread *thread, const struct call *call)
{
	return ready(thread) ? cancel(thread, call->arg[0] % URING_IN_FLIGHT) : 0;
}

long run_uring_reap(struct thread *thread, const struct call *call)
{
	if (ready(thread))
		reap(thread, call->arg[0] % 10000 * 1000);
	return 0;
}

void uring_settle(struct thread *thread)
{
	uint64_t end = now_ns() + PATIENCE_NS;
	unsigned int i;

	for (i = 0; thread->uring_made && i < URING_IN_FLIGHT; i++) {
		while (thread->flight[i].busy && !atomic_load(&state->stop)) {
			cancel(thread, i);
			reap(thread, 2000000);
			if (now_ns() > end) {
				thread_finds(thread, "a request of io_uring does not end");
				return;
			}
		}
	}
	/* What completed of the cancelling itself. */
	if (thread->uring_made)
		reap(thread, 0);
}
