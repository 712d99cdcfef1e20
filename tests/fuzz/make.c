// SPDX-License-Identifier: GPL-2.0-only
/*
 * The making of arguments. Most are right, so that calls get somewhere; the rest is what a
 * caller should not do.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/ringlog.h>

#include "calls.h"
#include "module.h"

static uint64_t some_slot(struct rng *rng)
{
	/* Few, so that they meet. */
	return rng_once_in(rng, 6) ? rng_below(rng, SLOTS) : rng_below(rng, 3);
}

static uint64_t some_address(struct rng *rng, enum region good)
{
	enum region region = good;
	uint32_t offset = 0;

	if (rng_once_in(rng, 7))
		region = rng_below(rng, REGIONS);
	if (rng_once_in(rng, 3))
		offset = rng_below(rng, region == REGION_HALF ? 4096 : 300);
	if (region == REGION_HALF && rng_once_in(rng, 2))
		offset = rng_below(rng, 128);
	return ADDRESS(region, offset);
}

static uint64_t some_length(struct rng *rng)
{
	static const uint32_t short_ones[] = { 0, 1, 2, 15, 16, 31, 32, 33, 64, 100, 200 };
	static const uint32_t long_ones[] = { 4064, 4095, 4096, 4097, 8192, 100000 };
	uint32_t most = config.max_record;

	switch (rng_below(rng, 8)) {
	case 0:
		return most - rng_below(rng, 2);
	case 1:
		return most / (1 + rng_below(rng, 4)) + rng_below(rng, 3);
	case 2:
		return rng_pick(rng, long_ones);
	case 3:
		return rng_below(rng, most + 64);
	case 4:
		return 16 + rng_below(rng, 200);
	default:
		return rng_pick(rng, short_ones);
	}
}

/* Mostly enough for whatever may come. */
static uint64_t some_room(struct rng *rng)
{
	if (rng_once_in(rng, 3))
		return some_length(rng);
	return config.max_record + 64 + (rng_once_in(rng, 3) ? 3 * config.max_record : 0);
}

static uint64_t odd_number(struct rng *rng)
{
	static const uint64_t odd[] = {
		0, 1, 2, 3, 7, 31, 63, 64, 65, 0x7f, 0xff, 0xfff, 0x1000, 0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xffffffffffffffe0, 0xfffffffffffffffe, 0xffffffffffffffff,
	};

	return rng_once_in(rng, 3) ? rng_next(rng) : rng_pick(rng, odd);
}

static uint64_t some_partition(struct rng *rng)
{
	if (rng_once_in(rng, 12))
		return odd_number(rng) & 0xffffffff;
	if (rng_once_in(rng, 4))
		return RINGLOG_PARTITION_ALL;
	return rng_below(rng, config.partitions + rng_once_in(rng, 8));
}

/* The size that the request says: right, of another version, or nonsense. */
static uint64_t some_size(struct rng *rng, uint64_t right)
{
	if (!rng_once_in(rng, 10))
		return right;
	if (rng_once_in(rng, 2))
		return right + 8 * rng_below(rng, 4);
	return rng_once_in(rng, 2) ? right - 1 - rng_below(rng, right) : rng_below(rng, 1 << 14);
}

static uint64_t mostly_zero(struct rng *rng)
{
	return rng_once_in(rng, 24) ? odd_number(rng) & 0xffffffff : 0;
}

static uint64_t some_us(struct rng *rng)
{
	return rng_once_in(rng, 3) ? 0 : rng_below(rng, 2000);
}

void make_open(struct rng *rng, struct call *call)
{
	static const int odd[] = {
		O_APPEND, O_TRUNC, O_CREAT, O_CREAT | O_EXCL, O_DIRECTORY, O_DIRECT, O_SYNC, O_PATH,
		O_NOFOLLOW, O_NOATIME, O_CLOEXEC, O_NOCTTY, O_DSYNC, O_ASYNC, O_LARGEFILE,
	};
	static const int modes[] = { O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR, O_RDWR };
	int flags = rng_once_in(rng, 30) ? O_ACCMODE : rng_pick(rng, modes);

	/* Who sleeps does little. */
	if (!rng_once_in(rng, 3))
		flags |= O_NONBLOCK;
	if (rng_once_in(rng, 6))
		flags |= rng_pick(rng, odd);
	call->arg[0] = some_slot(rng);
	call->arg[1] = flags;
}

void make_slot(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
}

void make_dup(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_below(rng, SLOTS);
}

void make_fcntl(struct rng *rng, struct call *call)
{
	static const int flags[] = {
		0, 0, O_NONBLOCK, O_NONBLOCK, O_APPEND, O_NONBLOCK | O_APPEND, O_ASYNC, O_DIRECT,
		O_NOATIME,
	};

	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_pick(rng, flags);
}

void make_read(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_address(rng, REGION_READ);
	call->arg[2] = some_room(rng);
}

void make_write(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_address(rng, REGION_WRITE);
	call->arg[2] = some_length(rng);
}

static void make_vector(struct rng *rng, struct call *call, enum region good)
{
	static const uint64_t flags[] = {
		RWF_NOWAIT, RWF_NOWAIT, RWF_NOWAIT, RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_APPEND, 0,
	};

	call->arg[3] = rng_below(rng, 5);
	call->arg[4] = rng_once_in(rng, 4) ? some_address(rng, good) : ADDRESS(REGION_NULL, 0);
	call->arg[5] = rng_once_in(rng, 4) ? odd_number(rng) : UINT64_MAX;
	call->arg[6] = rng_once_in(rng, 20) ? odd_number(rng) & 0xffffffff : rng_pick(rng, flags);
}

void make_readv(struct rng *rng, struct call *call)
{
	make_read(rng, call);
	make_vector(rng, call, REGION_READ);
}

void make_writev(struct rng *rng, struct call *call)
{
	make_write(rng, call);
	make_vector(rng, call, REGION_WRITE);
}

void make_lseek(struct rng *rng, struct call *call)
{
	static const int whences[] = { SEEK_SET, SEEK_SET, SEEK_END, SEEK_END, SEEK_CUR, SEEK_DATA,
				       SEEK_HOLE, 9 };

	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_once_in(rng, 6) ? odd_number(rng) : 0;
	call->arg[2] = rng_pick(rng, whences);
}

void make_info(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_size(rng, sizeof(struct ringlog_info));
	call->arg[2] = some_address(rng, REGION_READ);
	call->arg[3] = some_partition(rng) % (rng_once_in(rng, 8) ? UINT32_MAX : config.partitions);
	call->arg[4] = mostly_zero(rng);
	call->arg[5] = mostly_zero(rng);
}

void make_attach(struct rng *rng, struct call *call)
{
	static const uint32_t flags[] = {
		0, RINGLOG_ATTACH_BATCH, RINGLOG_ATTACH_BATCH, RINGLOG_ATTACH_GATE,
		RINGLOG_ATTACH_GATE | RINGLOG_ATTACH_BATCH,
		RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH, RINGLOG_ATTACH_WRITES,
	};
	uint64_t start = rng_below(rng, 5);

	call->arg[0] = some_slot(rng);
	call->arg[1] = some_size(rng, sizeof(struct ringlog_attach));
	call->arg[2] = some_address(rng, REGION_READ);
	call->arg[3] = some_partition(rng);
	call->arg[4] = rng_once_in(rng, 10) ? odd_number(rng) & 0xffffffff : rng_pick(rng, flags);
	if (call->arg[4] == RINGLOG_ATTACH_WRITES && !rng_once_in(rng, 8))
		start = 0;
	call->arg[5] = rng_once_in(rng, 24) ? odd_number(rng) & 0xffffffff : start;
	/* What value it is goes by the start: see run_attach(). */
	if (start > RINGLOG_START_NEWEST)
		call->arg[6] = rng_once_in(rng, 6) ? odd_number(rng) : rng_below(rng, 1000);
	else
		call->arg[6] = mostly_zero(rng);
	/* 0: none, 1: the right one, 2: another. */
	call->arg[7] = rng_once_in(rng, 8) ? 2 : rng_below(rng, 2);
}

void make_append(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_size(rng, sizeof(struct ringlog_append));
	call->arg[2] = some_address(rng, REGION_READ);
	call->arg[3] = some_partition(rng);
	call->arg[4] = mostly_zero(rng);
	/* The batch is made from this number; an odd one is broken somewhere. */
	call->arg[5] = (rng_next(rng) & 0xfffffe) + rng_once_in(rng, 3);
	call->arg[6] = rng_once_in(rng, 12) ? odd_number(rng) & 0xffffffff : 0;
	call->arg[7] = some_address(rng, REGION_WRITE);
}

void make_wait(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_size(rng, sizeof(struct ringlog_wait));
	call->arg[2] = some_address(rng, REGION_READ);
	call->arg[3] = rng_once_in(rng, 6) ? odd_number(rng) : rng_below(rng, 20);
	call->arg[4] = rng_once_in(rng, 6) ? odd_number(rng) : rng_below(rng, 2) * 1000;
	call->arg[5] = rng_once_in(rng, 12) ? odd_number(rng) : rng_below(rng, 2) * 20000;
	call->arg[6] = rng_once_in(rng, 6) ? odd_number(rng) : some_us(rng) * 1000;
	call->arg[7] = mostly_zero(rng);
}

void make_ioctl(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = _IOC(rng_below(rng, 4), RINGLOG_IOC_MAGIC + rng_once_in(rng, 8),
			    rng_below(rng, 8), rng_below(rng, 1 << _IOC_SIZEBITS));
	call->arg[2] = some_address(rng, REGION_READ);
}

static uint64_t some_events(struct rng *rng)
{
	static const int events[] = { POLLIN, POLLIN, POLLOUT, POLLIN | POLLOUT, POLLPRI, 0 };

	return rng_once_in(rng, 10) ? rng_next(rng) & 0x3fff : (uint64_t)rng_pick(rng, events);
}

void make_poll(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_events(rng);
	call->arg[2] = some_slot(rng);
	call->arg[3] = some_events(rng);
	call->arg[4] = some_us(rng);
}

void make_select(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_below(rng, 8);
	call->arg[2] = some_us(rng);
}

void make_epoll_ctl(struct rng *rng, struct call *call)
{
	static const uint32_t traits[] = { 0, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE, EPOLLET };
	static const int operations[] = {
		EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL
	};

	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_pick(rng, operations);
	call->arg[2] = (some_events(rng) & 0x1f) | rng_pick(rng, traits);
}

void make_timeout(struct rng *rng, struct call *call)
{
	call->arg[0] = some_us(rng);
}

void make_uring_rw(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_length(rng);
}

void make_uring_poll(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = some_events(rng);
	call->arg[2] = rng_below(rng, 2);
}

void make_number(struct rng *rng, struct call *call)
{
	call->arg[0] = rng_below(rng, 16);
}

void make_mmap(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_once_in(rng, 3) ? odd_number(rng) : 4096ULL << rng_below(rng, 8);
	call->arg[2] = rng_below(rng, 8);
	call->arg[3] = rng_once_in(rng, 2) ? 0 : odd_number(rng) & ~4095ULL;
}

void make_splice(struct rng *rng, struct call *call)
{
	call->arg[0] = some_slot(rng);
	call->arg[1] = rng_below(rng, 2);
	call->arg[2] = some_length(rng);
}

void make_fork(struct rng *rng, struct call *call)
{
	call->arg[0] = 1 + rng_below(rng, CALLS_MAX);
}

void make_nothing(struct rng *rng, struct call *call)
{
	(void)rng;
	(void)call;
}
