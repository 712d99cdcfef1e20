/* SPDX-License-Identifier: GPL-2.0-only */
/* A reader that does what kmod/reader.c does, step by step. */
#ifndef UNIT_CURSOR_H
#define UNIT_CURSOR_H

#include <sys/types.h>

#include "rig.h"

struct cursor {
	u64 position;
	u64 offset;
	u64 lost;
	bool lapped;
};

/* As read_value(). On success @got tells what was read. */
ssize_t cursor_read(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
		    size_t room, struct ringlog_view *got);

/* As read_run(), the run's head apart from its records. */
ssize_t cursor_read_run(const struct ringlog_ring *ring, struct cursor *cursor, void *to,
			size_t room, struct ringlog_run *run);

#endif /* UNIT_CURSOR_H */
