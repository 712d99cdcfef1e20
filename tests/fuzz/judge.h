/* SPDX-License-Identifier: GPL-2.0-only */
/* What a call's outcome must be, whatever else goes on. */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include <linux/ringlog.h>

#include "thread.h"

/*
 * A read, of which @got bytes or -errno came. @room: bytes asked for; @at: NULL if not to be
 * looked at.
 */
void judge_read(struct thread *thread, unsigned int slot, long got, size_t room, const void *at,
		bool nowait, bool good);
/* A write of @bytes, which gave @ret. */
void judge_write(struct thread *thread, unsigned int slot, long ret, size_t bytes, bool nowait,
		 bool good);
void judge_info(struct thread *thread, unsigned int slot, const struct ringlog_info *info);
/* -EBADF of an open file, -EAGAIN of one that may wait. */
void judge_flags(struct thread *thread, unsigned int slot, long ret, bool reads, bool nowait);

/* Is it known that calls on the slot do not wait? */
bool known_nonblock(const struct thread *thread, unsigned int slot);
void known_forget(struct thread *thread, unsigned int slot);

#endif /* FUZZ_JUDGE_H */
