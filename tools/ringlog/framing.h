/* SPDX-License-Identifier: GPL-2.0-only */
/* Records out of a file's bytes: where each begins and ends. */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>

enum framing_kind {
	FRAMING_LINE,		/* each ends with a newline, but for the last one maybe */
	FRAMING_NUL,		/* the same with a zero byte */
	FRAMING_LENGTH,		/* each after its length, 32 bits, the lowest byte first */
	FRAMING_FILE,		/* all of it is one */
};

/**
 * struct framing - a file that is being read
 * @kind: how records are told apart
 * @fd: of the file
 * @buffer: what was read of it
 * @size: of @buffer; a record with its length or its end has to fit
 * @from: where what is no part of a record yet begins
 * @to: where it ends
 * @searched: from @from, where no end was found
 * @ended: there is no more to read
 * @given: of a whole file, that it was given as a record
 */
struct framing {
	enum framing_kind	kind;
	int			fd;
	char			*buffer;
	size_t			size;
	size_t			from;
	size_t			to;
	size_t			searched;
	bool			ended;
	bool			given;
};

/**
 * struct frame - a record, or what is known of it
 * @bytes: in the buffer; good until the next framing_read()
 * @length: of it
 * @exact: @length is all of it; of one that does not fit, that its end was seen
 */
struct frame {
	const char	*bytes;
	size_t		length;
	bool		exact;
};

/* False: no memory. */
bool framing_init(struct framing *framing, enum framing_kind kind, size_t longest);

/* Begin with another file. */
void framing_open(struct framing *framing, int fd);

/*
 * 1: a record; 0: read on first; -ENODATA: that was all; -EMSGSIZE: the next one does not fit
 * into the buffer; -EBADMSG: the file ends within the next one.
 */
int framing_next(struct framing *framing, struct frame *frame);

/* Read as much as there is at once, or wait for some. 0 or a negative errno. */
int framing_read(struct framing *framing);

#endif /* FRAMING_H */
