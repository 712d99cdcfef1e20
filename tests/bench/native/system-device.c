// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringlog's device: the sender appends by write(2). The receiver reads by mmap(2), through
 * the library, and spins, or sleeps in the kernel; or it reads by read(2).
 */
#include <err.h>
#include <fcntl.h>
#include <ringlog.h>
#include <string.h>
#include <unistd.h>

#include "native.h"

#define STREAM	"default"

static void check(int ret)
{
	if (ret < 0)
		errx(1, STREAM ": %s", strerror(-ret));
}

static void device_open(struct channel *channel)
{
	channel->writer = ringlog_open(STREAM, O_WRONLY);
	check(channel->writer);
}

static void mapped_open(struct channel *channel)
{
	struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	struct ringlog_consumer *consumer;

	device_open(channel);
	check(ringlog_consumer_open(&consumer, STREAM, 0));
	check(ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, &newest));
	channel->state = consumer;
}

static void read_open(struct channel *channel)
{
	device_open(channel);
	channel->reader = ringlog_open(STREAM, O_RDONLY);
	check(channel->reader);
	if (lseek(channel->reader, 0, SEEK_END))
		err(1, "lseek");
}

static void device_send(struct channel *channel, const struct message *message)
{
	if (write(channel->writer, message, channel->bytes) != (ssize_t)channel->bytes)
		err(1, STREAM ": write");
}

static void mapped_receive(struct channel *channel, struct seen *seen, __u64 spin_ns)
{
	const struct ringlog_patience patience = {
		.spin_ns = spin_ns,
		.timeout_ns = RINGLOG_WAIT_FOREVER,
	};
	struct ringlog_consumer *consumer = channel->state;
	struct ringlog_peek peek;
	int ret;

	while (!(ret = ringlog_peek(consumer, &peek)))
		check(ringlog_consumer_wait(consumer, &patience));
	check(ret);
	native_use(peek.value, channel->bytes, seen);
	check(ringlog_release(consumer));
}

static void spinning_receive(struct channel *channel, struct seen *seen)
{
	mapped_receive(channel, seen, RINGLOG_SPIN_ALWAYS);
}

static void sleeping_receive(struct channel *channel, struct seen *seen)
{
	mapped_receive(channel, seen, 0);
}

static void read_receive(struct channel *channel, struct seen *seen)
{
	static struct message message;
	ssize_t done = read(channel->reader, &message, channel->bytes);

	if (done != (ssize_t)channel->bytes)
		err(1, STREAM ": read gave %zd", done);
	native_use(&message, channel->bytes, seen);
}

static void mapped_close(struct channel *channel)
{
	ringlog_consumer_close(channel->state);
	close(channel->writer);
}

static void read_close(struct channel *channel)
{
	close(channel->reader);
	close(channel->writer);
}

const struct native_system native_mapped = {
	.name = "device, mapped",
	.device = true,
	.open = mapped_open,
	.send = device_send,
	.receive = spinning_receive,
	.close = mapped_close,
};

const struct native_system native_mapped_sleeping = {
	.name = "device, mapped",
	.sleeps = true,
	.device = true,
	.open = mapped_open,
	.send = device_send,
	.receive = sleeping_receive,
	.close = mapped_close,
};

const struct native_system native_read = {
	.name = "device, read",
	.sleeps = true,
	.device = true,
	.open = read_open,
	.send = device_send,
	.receive = read_receive,
	.close = read_close,
};
