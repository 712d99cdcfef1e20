// SPDX-License-Identifier: GPL-2.0-only
/* A pipe and a pair of AF_UNIX stream sockets: the receiver sleeps in read(2). */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "native.h"

static void pipe_open(struct channel *channel)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	channel->reader = ends[0];
	channel->writer = ends[1];
}

static void unix_open(struct channel *channel)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		err(1, "socketpair");
	channel->reader = ends[0];
	channel->writer = ends[1];
}

static void stream_close(struct channel *channel)
{
	close(channel->reader);
	close(channel->writer);
}

static void stream_send(struct channel *channel, const struct message *message)
{
	const char *from = (const char *)message;
	size_t left = channel->bytes;
	ssize_t done;

	for (; left; left -= done, from += done) {
		done = write(channel->writer, from, left);
		if (done <= 0)
			err(1, "%s: write", channel->system->name);
	}
}

static void stream_receive(struct channel *channel, struct seen *seen)
{
	static struct message message;
	char *to = (char *)&message;
	size_t left = channel->bytes;
	ssize_t done;

	for (; left; left -= done, to += done) {
		done = read(channel->reader, to, left);
		if (done <= 0)
			err(1, "%s: read gave %zd", channel->system->name, done);
	}
	native_use(&message, channel->bytes, seen);
}

const struct native_system native_pipe = {
	.name = "pipe",
	.sleeps = true,
	.open = pipe_open,
	.send = stream_send,
	.receive = stream_receive,
	.close = stream_close,
};

const struct native_system native_unix = {
	.name = "unix stream",
	.sleeps = true,
	.open = unix_open,
	.send = stream_send,
	.receive = stream_receive,
	.close = stream_close,
};
