// SPDX-License-Identifier: GPL-2.0-only
/* open, close, read, write and their kin. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls.h"
#include "judge.h"
#include "memory.h"
#include "module.h"
#include "payload.h"

#define SEGMENTS_MAX	8
/* Of the segment that is of another kind. */
#define ANOTHER_BYTES	64

static long or_errno(long ret)
{
	return ret < 0 ? -errno : ret;
}

long run_open(struct thread *thread, const struct call *call)
{
	struct known *known = &thread->known[call->arg[0]];
	int flags = call->arg[1], fd = open(DEVICE, flags, 0600);

	if (fd < 0)
		return -errno;
	/* The slot's old file is closed by this, in the midst of others' calls. */
	dup3(fd, SLOT_FD(call->arg[0]), O_CLOEXEC);
	close(fd);
	known->open = true;
	known->flags = flags;
	known->nonblock = flags & O_NONBLOCK;
	known_forget(thread, call->arg[0]);
	return 0;
}

long run_close(struct thread *thread, const struct call *call)
{
	struct known *known = &thread->known[call->arg[0]];
	long ret = or_errno(close(SLOT_FD(call->arg[0])));

	if (known->owned && known->open != !ret)
		thread_finds(thread, "close gave %ld", ret);
	known->open = false;
	return ret;
}

long run_dup(struct thread *thread, const struct call *call)
{
	long ret = dup2(SLOT_FD(call->arg[0]), SLOT_FD(call->arg[1]));

	(void)thread;
	return ret < 0 ? -errno : 0;
}

long run_fcntl(struct thread *thread, const struct call *call)
{
	struct known *known = &thread->known[call->arg[0]];
	long ret = or_errno(fcntl(SLOT_FD(call->arg[0]), F_SETFL, (int)call->arg[1]));

	if (!ret)
		known->nonblock = call->arg[1] & O_NONBLOCK;
	return ret;
}

/**
 * struct vector - a call's memory
 * @segment: parts of it
 * @count: of them
 * @bytes: in all
 * @good: all of it is there
 * @plain: it lies in one piece, at @at
 * @first: bytes of the piece at @at that are there
 * @last: another piece, if it is there
 */
struct vector {
	struct iovec segment[SEGMENTS_MAX + 1];
	int count;
	size_t bytes;
	bool good;
	bool plain;
	size_t first;
	char *at;
	char *last;
};

static void vector_one(const struct thread *thread, const struct call *call,
		       enum direction direction, struct vector *vector)
{
	vector->bytes = call->arg[2];
	vector->at = memory_at(thread->number, call->arg[1], direction);
	vector->good = memory_is_good(call->arg[1], vector->bytes);
	vector->plain = true;
	vector->first = 0;
	vector->last = NULL;
}

/* In equal parts, and another behind them if the call says so. */
static void vector_make(const struct thread *thread, const struct call *call,
			enum direction direction, struct vector *vector)
{
	unsigned int parts = call->arg[3] % (SEGMENTS_MAX + 1);
	bool another = call->arg[4] != ADDRESS(REGION_NULL, 0);
	size_t done = 0;

	vector_one(thread, call, direction, vector);
	/* More than the kernel looks at is cut short by it, which is nobody's fault. */
	if (vector->bytes > 1 << 30)
		vector->bytes = 1 << 30;
	if (!parts)
		vector->bytes = 0;
	for (unsigned int i = 0; i < parts; i++) {
		size_t bytes = i + 1 < parts ? vector->bytes / parts : vector->bytes - done;

		vector->segment[i] = (struct iovec){ vector->at + done, bytes };
		done += bytes;
	}
	vector->count = parts;
	if (another) {
		char *at = memory_at(thread->number, call->arg[4], direction);

		vector->first = vector->good ? vector->bytes : 0;
		vector->segment[vector->count++] = (struct iovec){ at, ANOTHER_BYTES };
		if (memory_is_good(call->arg[4], ANOTHER_BYTES))
			vector->last = at;
		vector->bytes += ANOTHER_BYTES;
		vector->good = false;
		vector->plain = false;
	}
}

static void after_read(struct thread *thread, const struct call *call,
		       const struct vector *vector, long got, bool nowait)
{
	judge_read(thread, call->arg[0], got, vector->bytes,
		   vector->good && vector->plain ? vector->at : NULL, nowait, vector->good);
}

/* A value that lies in one good piece shows whether it is whole; others are foreign bytes. */
static void before_write(struct thread *thread, const struct vector *vector)
{
	if (vector->good && vector->plain)
		payload_fill(vector->at, vector->bytes, ++thread->tag);
	else if (vector->first)
		memset(vector->at, FOREIGN, vector->first);
	if (vector->last)
		memset(vector->last, FOREIGN, ANOTHER_BYTES);
}

long run_read(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_one(thread, call, TO_USER, &vector);
	ret = or_errno(read(SLOT_FD(call->arg[0]), vector.at, vector.bytes));
	after_read(thread, call, &vector, ret, false);
	return ret;
}

long run_readv(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_make(thread, call, TO_USER, &vector);
	ret = or_errno(readv(SLOT_FD(call->arg[0]), vector.segment, vector.count));
	after_read(thread, call, &vector, ret, false);
	return ret;
}

long run_preadv2(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_make(thread, call, TO_USER, &vector);
	ret = or_errno(preadv2(SLOT_FD(call->arg[0]), vector.segment, vector.count, call->arg[5],
			       call->arg[6]));
	after_read(thread, call, &vector, ret, call->arg[6] & RWF_NOWAIT);
	return ret;
}

long run_pread(struct thread *thread, const struct call *call)
{
	void *at = memory_at(thread->number, call->arg[1], TO_USER);
	long ret = or_errno(pread(SLOT_FD(call->arg[0]), at, call->arg[2], call->arg[3]));

	if (ret >= 0)
		thread_finds(thread, "pread gave %ld", ret);
	return ret;
}

long run_write(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_one(thread, call, FROM_USER, &vector);
	before_write(thread, &vector);
	ret = or_errno(write(SLOT_FD(call->arg[0]), vector.at, vector.bytes));
	judge_write(thread, call->arg[0], ret, vector.bytes, false, vector.good);
	return ret;
}

long run_writev(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_make(thread, call, FROM_USER, &vector);
	before_write(thread, &vector);
	ret = or_errno(writev(SLOT_FD(call->arg[0]), vector.segment, vector.count));
	judge_write(thread, call->arg[0], ret, vector.bytes, false, vector.good);
	return ret;
}

long run_pwritev2(struct thread *thread, const struct call *call)
{
	struct vector vector;
	long ret;

	vector_make(thread, call, FROM_USER, &vector);
	before_write(thread, &vector);
	ret = or_errno(pwritev2(SLOT_FD(call->arg[0]), vector.segment, vector.count, call->arg[5],
				call->arg[6]));
	judge_write(thread, call->arg[0], ret, vector.bytes, call->arg[6] & RWF_NOWAIT,
		    vector.good);
	return ret;
}

long run_pwrite(struct thread *thread, const struct call *call)
{
	const void *at = memory_at(thread->number, call->arg[1], FROM_USER);
	long ret = or_errno(pwrite(SLOT_FD(call->arg[0]), at, call->arg[2], call->arg[3]));

	if (ret >= 0)
		thread_finds(thread, "pwrite gave %ld", ret);
	return ret;
}

long run_lseek(struct thread *thread, const struct call *call)
{
	long ret = or_errno(lseek(SLOT_FD(call->arg[0]), call->arg[1], call->arg[2]));

	known_forget(thread, call->arg[0]);
	if (ret > 0)
		thread_finds(thread, "lseek gave %ld", ret);
	return ret;
}

long run_mmap(struct thread *thread, const struct call *call)
{
	void *at = mmap(NULL, call->arg[1], call->arg[2] & 7, MAP_SHARED, SLOT_FD(call->arg[0]),
			call->arg[3]);

	if (at == MAP_FAILED)
		return -errno;
	thread_finds(thread, "mmap went through");
	return 0;
}

long run_splice(struct thread *thread, const struct call *call)
{
	int slot = SLOT_FD(call->arg[0]);
	long ret;

	if (call->arg[1])
		ret = splice(thread->pipe[0], NULL, slot, NULL, call->arg[2], SPLICE_F_NONBLOCK);
	else
		ret = splice(slot, NULL, thread->pipe[1], NULL, call->arg[2], SPLICE_F_NONBLOCK);
	if (ret > 0)
		thread_finds(thread, "splice gave %ld", ret);
	return or_errno(ret);
}

long run_sendfile(struct thread *thread, const struct call *call)
{
	int slot = SLOT_FD(call->arg[0]), file;
	long ret;

	if (call->arg[1]) {
		file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		ret = or_errno(sendfile(slot, file, NULL, call->arg[2]));
		close(file);
	} else {
		ret = or_errno(sendfile(thread->pipe[1], slot, NULL, call->arg[2]));
	}
	if (ret > 0)
		thread_finds(thread, "sendfile gave %ld", ret);
	return ret;
}
