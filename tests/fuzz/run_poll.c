// SPDX-License-Identifier: GPL-2.0-only
/* poll, select and epoll. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "calls.h"
#include "thread.h"

static struct timespec us(uint64_t n)
{
	return (struct timespec){ .tv_nsec = n % 10000 * 1000 };
}

long run_poll(struct thread *thread, const struct call *call)
{
	struct pollfd fds[2] = {
		{ SLOT_FD(call->arg[0]), call->arg[1], 0 },
		{ SLOT_FD(call->arg[2]), call->arg[3], 0 },
	};
	struct timespec timeout = us(call->arg[4]);
	long ret = ppoll(fds, 2, &timeout, NULL);

	if (ret < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int said = fds[i].revents;

		/* The stream is there as long as the module is. */
		if (said & (POLLERR | POLLHUP) || said & ~(fds[i].events | POLLNVAL))
			thread_finds(thread, "poll says 0x%x of 0x%x", said, fds[i].events);
	}
	return ret;
}

long run_select(struct thread *thread, const struct call *call)
{
	int fd = SLOT_FD(call->arg[0]);
	struct timespec timeout = us(call->arg[2]);
	fd_set sets[3];
	long ret;

	(void)thread;
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&sets[i]);
		if (call->arg[1] & 1 << i)
			FD_SET(fd, &sets[i]);
	}
	ret = pselect(fd + 1, &sets[0], &sets[1], &sets[2], &timeout, NULL);
	return ret < 0 ? -errno : ret;
}

long run_epoll_ctl(struct thread *thread, const struct call *call)
{
	struct epoll_event event = { .events = call->arg[2], .data.u64 = call->arg[0] };

	return epoll_ctl(thread->epoll, call->arg[1], SLOT_FD(call->arg[0]), &event) ? -errno : 0;
}

long run_epoll_wait(struct thread *thread, const struct call *call)
{
	struct epoll_event events[SLOTS * 2];
	long ret = epoll_wait(thread->epoll, events, SLOTS * 2, call->arg[0] % 10000 / 1000);

	if (ret < 0)
		return -errno;
	for (long i = 0; i < ret; i++)
		if (events[i].events & (EPOLLERR | EPOLLHUP))
			thread_finds(thread, "epoll says 0x%x", events[i].events);
	return ret;
}
