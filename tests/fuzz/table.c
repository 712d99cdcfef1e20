// SPDX-License-Identifier: GPL-2.0-only
/* The table itself. The errnos are those of the uapi header, and of the kernel's own checks. */
#include <errno.h>
#include <string.h>

#include "calls.h"

#define S ARG_SLOT
#define A ARG_ADDRESS
#define N ARG_NUMBER

#define READ_ERRNOS	EMSGSIZE, EPIPE, EAGAIN, EINTR, EFAULT, EBUSY
#define WRITE_ERRNOS	EMSGSIZE, EAGAIN, ENOBUFS, EFAULT, EINTR, ENOMEM

const struct call_kind call_kinds[] = {
	{ "open", 40, 0, { S, N }, make_open, run_open,
	  { ENOMEM, EEXIST, ENOTDIR, EINVAL, EACCES } },
	{ "close", 24, 0, { S }, make_slot, run_close, { 0 } },
	{ "dup", 8, CALL_SHARES, { S, S }, make_dup, run_dup, { 0 } },
	{ "fcntl", 16, 0, { S, N }, make_fcntl, run_fcntl, { EINVAL, EPERM } },
	{ "read", 120, CALL_WAITS, { S, A, N }, make_read, run_read, { READ_ERRNOS } },
	{ "readv", 32, CALL_WAITS, { S, A, N, N, A }, make_readv, run_readv, { READ_ERRNOS } },
	{ "preadv2", 32, CALL_WAITS, { S, A, N, N, A, N, N }, make_readv, run_preadv2,
	  { READ_ERRNOS, ESPIPE, EOPNOTSUPP, EINVAL } },
	{ "pread", 4, 0, { S, A, N, N }, make_readv, run_pread, { ESPIPE, EINVAL } },
	{ "write", 160, CALL_WAITS, { S, A, N }, make_write, run_write, { WRITE_ERRNOS } },
	{ "writev", 32, CALL_WAITS, { S, A, N, N, A }, make_writev, run_writev, { WRITE_ERRNOS } },
	{ "pwritev2", 32, CALL_WAITS, { S, A, N, N, A, N, N }, make_writev, run_pwritev2,
	  { WRITE_ERRNOS, ESPIPE, EOPNOTSUPP, EINVAL } },
	{ "pwrite", 4, 0, { S, A, N, N }, make_writev, run_pwrite, { ESPIPE, EINVAL } },
	{ "lseek", 24, 0, { S, N, N }, make_lseek, run_lseek, { ESPIPE, EINVAL, EINTR } },
	{ "info", 40, 0, { S, N, A, N, N, N }, make_info, run_info,
	  { EINVAL, E2BIG, EFAULT, EINTR } },
	{ "attach", 96, 0, { S, N, A, N, N, N, N, N }, make_attach, run_attach,
	  { EINVAL, E2BIG, EFAULT, EINTR, ERANGE, ESTALE, EPERM, EOPNOTSUPP, EUSERS, ENOMEM } },
	{ "append", 96, CALL_WAITS, { S, N, A, N, N, N, N, A }, make_append, run_append,
	  { WRITE_ERRNOS, EINVAL, E2BIG } },
	{ "wait", 48, CALL_WAITS, { S, N, A, N, N, N, N, N }, make_wait, run_wait,
	  { EINVAL, E2BIG, EFAULT, EINTR, ETIMEDOUT, EAGAIN } },
	{ "ioctl", 12, 0, { S, N, A }, make_ioctl, run_ioctl, { ENOTTY, EINVAL, E2BIG, EFAULT } },
	{ "poll", 32, CALL_WAITS, { S, N, S, N, N }, make_poll, run_poll, { EINTR } },
	{ "select", 12, CALL_WAITS, { S, N, N }, make_select, run_select, { EINTR } },
	{ "epoll_ctl", 24, 0, { S, N, N }, make_epoll_ctl, run_epoll_ctl,
	  { EEXIST, ENOENT, EINVAL, EPERM } },
	{ "epoll_wait", 16, CALL_WAITS, { N }, make_timeout, run_epoll_wait, { EINTR } },
	{ "uring_read", 20, CALL_URING, { S, N }, make_uring_rw, run_uring_read, { EBUSY, EINTR } },
	{ "uring_write", 20, CALL_URING, { S, N }, make_uring_rw, run_uring_write,
	  { EBUSY, EINTR } },
	{ "uring_poll", 16, CALL_URING, { S, N, N }, make_uring_poll, run_uring_poll,
	  { EBUSY, EINTR } },
	{ "uring_cancel", 12, CALL_URING, { N }, make_number, run_uring_cancel, { EBUSY, EINTR } },
	{ "uring_reap", 16, CALL_WAITS, { N }, make_timeout, run_uring_reap, { EINTR } },
	{ "mmap", 8, 0, { S, N, N, N }, make_mmap, run_mmap,
	  { ENODEV, EACCES, EINVAL, ENOMEM, EOVERFLOW, EPERM, EAGAIN, EINTR } },
	{ "splice", 8, 0, { S, N, N }, make_splice, run_splice, { EINVAL, EAGAIN, ESPIPE, EBUSY } },
	{ "sendfile", 4, 0, { S, N, N }, make_splice, run_sendfile, { EINVAL, ESPIPE, EBUSY } },
	{ "fork", 8, CALL_FORKS, { N }, make_fork, run_fork, { EAGAIN } },
	{ "kill_child", 8, 0, { 0 }, make_nothing, run_kill_child, { 0 } },
	{ "signal", 12, 0, { N }, make_number, run_signal, { 0 } },
	{ "die", 1, CALL_FORKS, { 0 }, make_nothing, run_die, { 0 } },
	{ "pause", 8, 0, { N }, make_timeout, run_pause, { EINTR } },
};

const unsigned int call_kinds_count = sizeof(call_kinds) / sizeof(call_kinds[0]);

int call_kind_find(const char *name)
{
	for (unsigned int i = 0; i < call_kinds_count; i++)
		if (!strcmp(call_kinds[i].name, name))
			return i;
	return -1;
}

void call_make(struct rng *rng, struct call *call)
{
	unsigned int i, total = 0;
	uint64_t at;

	for (i = 0; i < call_kinds_count; i++)
		total += call_kinds[i].weight;
	at = rng_below(rng, total);
	for (i = 0; at >= call_kinds[i].weight; i++)
		at -= call_kinds[i].weight;
	*call = (struct call){ .kind = i };
	call_kinds[i].make(rng, call);
}
