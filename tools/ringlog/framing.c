// SPDX-License-Identifier: GPL-2.0-only
/* Records out of a file's bytes. */
#include "framing.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The least to read at a time. */
#define BUFFER		(256UL << 10)
/* Of a record's length. */
#define LENGTH		4

bool framing_init(struct framing *framing, enum framing_kind kind, size_t longest)
{
	*framing = (struct framing) { .kind = kind, .fd = -1 };
	/* As much again, so that a read brings many records even with long ones. */
	framing->size = longest + LENGTH + (longest > BUFFER ? longest : BUFFER);
	framing->buffer = malloc(framing->size);
	return framing->buffer;
}

void framing_open(struct framing *framing, int fd)
{
	framing->fd = fd;
	framing->from = 0;
	framing->to = 0;
	framing->searched = 0;
	framing->ended = false;
	framing->given = false;
}

/* @length bytes are the next record, and @skipped more are of it. */
static int give(struct framing *framing, struct frame *frame, size_t length, size_t skipped)
{
	frame->bytes = framing->buffer + framing->from;
	frame->length = length;
	frame->exact = true;
	framing->from += length + skipped;
	framing->searched = 0;
	return 1;
}

static bool is_full(const struct framing *framing)
{
	return !framing->from && framing->to == framing->size;
}

/* Too long. A file may say itself how long it is. */
static int give_up(const struct framing *framing, struct frame *frame)
{
	struct stat stat;

	frame->length = framing->to - framing->from;
	frame->exact = framing->kind == FRAMING_FILE && !fstat(framing->fd, &stat) &&
		       S_ISREG(stat.st_mode) && (size_t)stat.st_size >= frame->length;
	if (frame->exact)
		frame->length = stat.st_size;
	return -EMSGSIZE;
}

static int next_delimited(struct framing *framing, struct frame *frame, char delimiter)
{
	size_t left = framing->to - framing->from;
	const char *from = framing->buffer + framing->from;
	const char *end = memchr(from + framing->searched, delimiter, left - framing->searched);

	if (end)
		return give(framing, frame, end - from, 1);
	framing->searched = left;
	if (!framing->ended)
		return is_full(framing) ? give_up(framing, frame) : 0;
	return left ? give(framing, frame, left, 0) : -ENODATA;
}

static size_t length_at(const char *at)
{
	const unsigned char *bytes = (const unsigned char *)at;

	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (size_t)bytes[3] << 24;
}

static int next_counted(struct framing *framing, struct frame *frame)
{
	size_t left = framing->to - framing->from, length;

	if (!left && framing->ended)
		return -ENODATA;
	if (left < LENGTH) {
		*frame = (struct frame) { };
		return framing->ended ? -EBADMSG : 0;
	}
	length = length_at(framing->buffer + framing->from);
	*frame = (struct frame) { .length = length, .exact = true };
	if (length > framing->size - LENGTH)
		return -EMSGSIZE;
	if (left - LENGTH < length)
		return framing->ended ? -EBADMSG : 0;
	framing->from += LENGTH;
	return give(framing, frame, length, 0);
}

static int next_whole(struct framing *framing, struct frame *frame)
{
	if (framing->given)
		return -ENODATA;
	if (!framing->ended)
		return is_full(framing) ? give_up(framing, frame) : 0;
	framing->given = true;
	return give(framing, frame, framing->to - framing->from, 0);
}

int framing_next(struct framing *framing, struct frame *frame)
{
	switch (framing->kind) {
	case FRAMING_LENGTH:
		return next_counted(framing, frame);
	case FRAMING_FILE:
		return next_whole(framing, frame);
	default:
		return next_delimited(framing, frame, framing->kind == FRAMING_NUL ? '\0' : '\n');
	}
}

/* Somebody may have made our input one that does not wait. */
static ssize_t read_or_wait(int fd, char *to, size_t bytes)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };
	ssize_t got;

	while ((got = read(fd, to, bytes)) < 0 && errno == EAGAIN)
		if (poll(&watched, 1, -1) < 0)
			break;
	return got < 0 ? -errno : got;
}

int framing_read(struct framing *framing)
{
	size_t left = framing->to - framing->from;
	ssize_t got;

	if (framing->from) {
		memmove(framing->buffer, framing->buffer + framing->from, left);
		framing->from = 0;
		framing->to = left;
	}
	got = read_or_wait(framing->fd, framing->buffer + left, framing->size - left);
	if (got < 0)
		return got;
	framing->to += got;
	framing->ended = !got;
	return 0;
}
