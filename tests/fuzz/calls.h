/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of calls: how each is made up, written down, run and judged. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "program.h"
#include "rng.h"

struct thread;

enum argument {
	ARG_END,
	ARG_SLOT,
	ARG_ADDRESS,
	ARG_NUMBER,
};

enum call_traits {
	CALL_WAITS	= 1 << 0,	/* may sleep for long: a signal ends it */
	CALL_URING	= 1 << 1,	/* goes on after it returned */
	CALL_FORKS	= 1 << 2,
	CALL_SHARES	= 1 << 3,	/* a second name for an open file */
};

/**
 * struct call_kind - one kind of call
 * @name: in the text form
 * @weight: how often it is made up
 * @traits: CALL_*
 * @args: what its arguments are
 * @make: makes arguments up
 * @run: returns what the call did, or -errno
 * @errnos: what it may fail with, besides EBADF; ends with 0
 */
struct call_kind {
	const char *name;
	unsigned int weight;
	unsigned int traits;
	enum argument args[ARGS_MAX];
	void (*make)(struct rng *rng, struct call *call);
	long (*run)(struct thread *thread, const struct call *call);
	short errnos[14];
};

extern const struct call_kind call_kinds[];
extern const unsigned int call_kinds_count;

int call_kind_find(const char *name);
/* A weighted choice, with arguments. */
void call_make(struct rng *rng, struct call *call);

/* The making of arguments, in make.c. */
void make_open(struct rng *rng, struct call *call);
void make_slot(struct rng *rng, struct call *call);
void make_dup(struct rng *rng, struct call *call);
void make_fcntl(struct rng *rng, struct call *call);
void make_read(struct rng *rng, struct call *call);
void make_write(struct rng *rng, struct call *call);
void make_readv(struct rng *rng, struct call *call);
void make_writev(struct rng *rng, struct call *call);
void make_lseek(struct rng *rng, struct call *call);
void make_info(struct rng *rng, struct call *call);
void make_attach(struct rng *rng, struct call *call);
void make_append(struct rng *rng, struct call *call);
void make_wait(struct rng *rng, struct call *call);
void make_ioctl(struct rng *rng, struct call *call);
void make_poll(struct rng *rng, struct call *call);
void make_select(struct rng *rng, struct call *call);
void make_epoll_ctl(struct rng *rng, struct call *call);
void make_timeout(struct rng *rng, struct call *call);
void make_uring_rw(struct rng *rng, struct call *call);
void make_uring_poll(struct rng *rng, struct call *call);
void make_number(struct rng *rng, struct call *call);
void make_mmap(struct rng *rng, struct call *call);
void make_splice(struct rng *rng, struct call *call);
void make_fork(struct rng *rng, struct call *call);
void make_nothing(struct rng *rng, struct call *call);

/* The running, in run_*.c. */
long run_open(struct thread *thread, const struct call *call);
long run_close(struct thread *thread, const struct call *call);
long run_dup(struct thread *thread, const struct call *call);
long run_fcntl(struct thread *thread, const struct call *call);
long run_read(struct thread *thread, const struct call *call);
long run_readv(struct thread *thread, const struct call *call);
long run_pread(struct thread *thread, const struct call *call);
long run_preadv2(struct thread *thread, const struct call *call);
long run_write(struct thread *thread, const struct call *call);
long run_writev(struct thread *thread, const struct call *call);
long run_pwrite(struct thread *thread, const struct call *call);
long run_pwritev2(struct thread *thread, const struct call *call);
long run_lseek(struct thread *thread, const struct call *call);
long run_info(struct thread *thread, const struct call *call);
long run_attach(struct thread *thread, const struct call *call);
long run_append(struct thread *thread, const struct call *call);
long run_wait(struct thread *thread, const struct call *call);
long run_ioctl(struct thread *thread, const struct call *call);
long run_poll(struct thread *thread, const struct call *call);
long run_select(struct thread *thread, const struct call *call);
long run_epoll_ctl(struct thread *thread, const struct call *call);
long run_epoll_wait(struct thread *thread, const struct call *call);
long run_uring_read(struct thread *thread, const struct call *call);
long run_uring_write(struct thread *thread, const struct call *call);
long run_uring_poll(struct thread *thread, const struct call *call);
long run_uring_cancel(struct thread *thread, const struct call *call);
long run_uring_reap(struct thread *thread, const struct call *call);
long run_mmap(struct thread *thread, const struct call *call);
long run_splice(struct thread *thread, const struct call *call);
long run_sendfile(struct thread *thread, const struct call *call);
long run_fork(struct thread *thread, const struct call *call);
long run_kill_child(struct thread *thread, const struct call *call);
long run_signal(struct thread *thread, const struct call *call);
long run_die(struct thread *thread, const struct call *call);
long run_pause(struct thread *thread, const struct call *call);

#endif /* FUZZ_CALLS_H */
