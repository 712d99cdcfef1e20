/* SPDX-License-Identifier: GPL-2.0-only */
/* Output of which is known how far it got. */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct sink - output that is gathered before it is written
 * @fd: where to
 * @buffer: what is not written yet
 * @size: of @buffer
 * @used: bytes of it
 * @error: 0, or why a write failed, negative: then the rest was dropped, and so is what follows.
 *	%EINTR: stopped(), and nobody takes what is written
 */
struct sink {
	int	fd;
	char	*buffer;
	size_t	size;
	size_t	used;
	int	error;
};

/* 0 or -ENOMEM. The buffer is left to the end of the program. */
int sink_init(struct sink *sink, int fd);

void sink_put(struct sink *sink, const void *bytes, size_t count);

/* Has so much gathered that it should be written? */
bool sink_is_full(const struct sink *sink);

/* sink.error */
int sink_flush(struct sink *sink);

#endif /* SINK_H */
