// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls, with structs that are right, wrong, short, long, or where they should not be. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "calls.h"
#include "judge.h"
#include "memory.h"
#include "module.h"
#include "payload.h"

/**
 * struct request - an ioctl whose arguments 1 and 2 are the struct's size and address
 * @fd: the slot's
 * @number: RINGLOG_IOC_*, right or not
 * @size: as encoded
 * @whole: the size is the struct's own
 * @longer: it is of a version to come
 * @tail: what such a struct has at its end: zeroes, or ones that the kernel cannot know
 * @good: the struct is in memory that is there
 * @at: where
 */
struct request {
	int fd;
	unsigned int number;
	size_t size;
	bool whole;
	bool longer;
	uint8_t tail;
	bool good;
	void *at;
};

static struct request request_make(const struct thread *thread, const struct call *call,
				   unsigned int number, const void *from)
{
	size_t size = call->arg[1] & _IOC_SIZEMASK, right = _IOC_SIZE(number);
	struct request request = {
		.fd = SLOT_FD(call->arg[0]),
		.number = _IOC(_IOC_DIR(number), RINGLOG_IOC_MAGIC, _IOC_NR(number), size),
		.size = size,
		.whole = size == right,
		.longer = size > right,
		.tail = size / 8 % 2,
		.good = memory_is_good(call->arg[2], size),
		.at = memory_at(thread->number, call->arg[2], TO_USER),
	};

	memory_fill(thread->number, call->arg[2], TO_USER, from, size < right ? size : right);
	if (request.longer && request.good)
		memset((char *)request.at + right, request.tail, size - right);
	return request;
}

static long request_do(struct thread *thread, const struct request *request)
{
	long ret = ioctl(request->fd, request->number, request->at);

	if (ret > 0)
		thread_finds(thread, "an ioctl gave %ld", ret);
	ret = ret < 0 ? -errno : ret;
	if (ret == -E2BIG && request->whole)
		thread_finds(thread, "E2BIG for a struct of the right size");
	if (request->longer && request->good && ret != -EBADF && (ret == -E2BIG) != request->tail)
		thread_finds(thread, "%ld for a struct with a tail of %u", ret, request->tail);
	return ret;
}

static bool is_memory_fault(const struct request *request, long ret)
{
	return ret == -EFAULT && request->good;
}

long run_info(struct thread *thread, const struct call *call)
{
	struct ringlog_info info = {
		.partition = call->arg[3], .flags = call->arg[4], .reserved = call->arg[5],
	};
	bool valid = info.partition < config.partitions && !info.flags && !info.reserved;
	struct request request = request_make(thread, call, RINGLOG_IOC_INFO, &info);
	long ret = request_do(thread, &request);

	if (is_memory_fault(&request, ret))
		thread_finds(thread, "EFAULT for memory that is there");
	if (request.whole && request.good && (ret == -EINVAL) == valid && ret != -EBADF &&
	    ret != -EINTR)
		thread_finds(thread, "%ld for arguments that are %s", ret,
			     valid ? "right" : "wrong");
	if (!ret && request.good && request.size >= sizeof(info)) {
		memcpy(&info, request.at, sizeof(info));
		judge_info(thread, call->arg[0], &info);
	}
	return ret;
}

/* A small value counts from what there is: an offset, or ns around the records' times. */
static uint64_t start_value(int fd, const struct call *call)
{
	struct ringlog_info info = { .partition = call->arg[3] };
	uint64_t value = call->arg[6];
	struct timespec now;

	if (value >= 1000 || call->arg[5] <= RINGLOG_START_NEWEST ||
	    ioctl(fd, RINGLOG_IOC_INFO, &info))
		return value;
	switch (call->arg[5]) {
	case RINGLOG_START_OFFSET:
		return info.oldest_offset + value % (info.next_offset - info.oldest_offset + 2);
	case RINGLOG_START_MONOTONIC:
		return info.oldest_timestamp + value * 10000;
	default:
		clock_gettime(CLOCK_REALTIME, &now);
		return now.tv_sec * 1000000000ULL + now.tv_nsec - value * 10000;
	}
}

static uint64_t incarnation(int fd, uint64_t which)
{
	struct ringlog_info info = { 0 };

	if (which == 1 && !ioctl(fd, RINGLOG_IOC_INFO, &info))
		return info.incarnation;
	return which > 1 ? which : 0;
}

long run_attach(struct thread *thread, const struct call *call)
{
	int fd = SLOT_FD(call->arg[0]);
	struct ringlog_attach attach = {
		.partition = call->arg[3], .flags = call->arg[4], .start = call->arg[5],
		.value = start_value(fd, call), .incarnation = incarnation(fd, call->arg[7]),
	};
	struct request request = request_make(thread, call, RINGLOG_IOC_ATTACH, &attach);
	long ret = request_do(thread, &request);

	known_forget(thread, call->arg[0]);
	if (is_memory_fault(&request, ret))
		thread_finds(thread, "EFAULT for memory that is there");
	if (ret == -ESTALE && call->arg[7] < 2)
		thread_finds(thread, "ESTALE for the right incarnation");
	if (ret == -EOPNOTSUPP && config.policy != RINGLOG_POLICY_OVERWRITE)
		thread_finds(thread, "EOPNOTSUPP from a stream with gates");
	if (!ret && request.good && request.whole) {
		memcpy(&attach, request.at, sizeof(attach));
		if (attach.position % RINGLOG_ALIGN)
			thread_finds(thread, "ATTACH: position %llu", attach.position);
		if (attach.flags < RINGLOG_ATTACH_WRITES && attach.start == RINGLOG_START_OFFSET &&
		    attach.offset != attach.value)
			thread_finds(thread, "ATTACH: offset %llu for %llu", attach.offset,
				     attach.value);
		if (attach.partition >= config.partitions &&
		    attach.partition != RINGLOG_PARTITION_ALL)
			thread_finds(thread, "ATTACH: partition %u", attach.partition);
	}
	return ret;
}

/* The batch, as far as its address allows. Returns its bytes. */
static uint32_t put_batch(struct thread *thread, const struct call *call)
{
	uint32_t most = config.max_record + sizeof(struct ringlog_record);
	char *at = memory_at(thread->number, call->arg[7], RECORDS);
	uint32_t bytes;

	if (call->arg[5] % 13 == 0)
		most += 64;
	if (memory_is_good(call->arg[7], most + 4096)) {
		bytes = batch_make(at, most, most, call->arg[5], ++thread->tag);
		/* What an earlier call left there is no part of it. */
		memset(at + bytes, FOREIGN, 4096);
		return bytes;
	}
	/* Where pages come and go there are no payloads: a part of one is none. */
	at = memory_at(thread->number, ADDRESS(REGION_WRITE, 0), RECORDS);
	bytes = batch_make(at, most, most > 8192 ? 8192 : most, call->arg[5], 0);
	memory_fill(thread->number, call->arg[7], RECORDS, at, bytes);
	return bytes;
}

long run_append(struct thread *thread, const struct call *call)
{
	struct ringlog_append append = {
		.partition = call->arg[3],
		.flags = call->arg[4],
		.records = (unsigned long)memory_at(thread->number, call->arg[7], RECORDS),
		.bytes = put_batch(thread, call),
	};
	bool there = memory_is_good(call->arg[7], config.max_record + 4096 + 96);
	bool valid = there && append.bytes && !append.flags && !call->arg[6] &&
		     !(call->arg[5] & 1) && (append.partition < config.partitions ||
					     append.partition == RINGLOG_PARTITION_TURN);
	struct request request;
	long ret;

	/* What lies behind the foreign bytes may be anything, so no batch reaches there. */
	if (call->arg[6] && there)
		append.bytes = (append.bytes + call->arg[6]) % (append.bytes + 4096);
	request = request_make(thread, call, RINGLOG_IOC_APPEND, &append);
	ret = request_do(thread, &request);
	judge_flags(thread, call->arg[0], ret, false, false);
	if (is_memory_fault(&request, ret) && there)
		thread_finds(thread, "EFAULT for memory that is there");
	if (ret == -EINVAL && valid && request.whole && request.good)
		thread_finds(thread, "EINVAL for a batch that is right");
	if (ret == -ENOBUFS && config.policy != RINGLOG_POLICY_REJECT)
		thread_finds(thread, "ENOBUFS from a stream that does not reject");
	if (ret == -EAGAIN && config.policy != RINGLOG_POLICY_BLOCK)
		thread_finds(thread, "EAGAIN from a stream that does not block");
	if (!ret && request.good && request.whole) {
		memcpy(&append, request.at, sizeof(append));
		if (!append.count || append.count > RINGLOG_BATCH_MAX ||
		    append.appended_to >= config.partitions)
			thread_finds(thread, "APPEND: %u records to partition %u", append.count,
				     append.appended_to);
	}
	return ret;
}

long run_wait(struct thread *thread, const struct call *call)
{
	struct ringlog_wait wait = {
		.min_records = call->arg[3], .min_bytes = call->arg[4], .spin_ns = call->arg[5],
		.timeout_ns = call->arg[6], .flags = call->arg[7],
	};
	bool valid = !wait.flags && wait.spin_ns <= RINGLOG_SPIN_MAX;
	struct request request = request_make(thread, call, RINGLOG_IOC_WAIT, &wait);
	long ret = request_do(thread, &request);

	judge_flags(thread, call->arg[0], ret, true, false);
	if (is_memory_fault(&request, ret))
		thread_finds(thread, "EFAULT for memory that is there");
	if (request.whole && request.good && ret != -EBADF && (ret == -EINVAL) == valid)
		thread_finds(thread, "%ld for arguments that are %s", ret,
			     valid ? "right" : "wrong");
	return ret;
}

/* Requests that do not exist: what exists is called by the others. */
long run_ioctl(struct thread *thread, const struct call *call)
{
	unsigned int number = call->arg[1];
	long ret;

	if (_IOC_TYPE(number) != RINGLOG_IOC_MAGIC && _IOC_TYPE(number) != RINGLOG_IOC_MAGIC + 1)
		return 0;
	if (_IOC_TYPE(number) == RINGLOG_IOC_MAGIC &&
	    _IOC_DIR(number) == (_IOC_READ | _IOC_WRITE) &&
	    _IOC_NR(number) < 4)
		return 0;
	ret = ioctl(SLOT_FD(call->arg[0]), number,
		    memory_at(thread->number, call->arg[2], TO_USER));
	ret = ret < 0 ? -errno : ret;
	if (ret != -ENOTTY && ret != -EBADF)
		thread_finds(thread, "%ld from an ioctl that does not exist", ret);
	return ret;
}
