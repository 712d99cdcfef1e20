// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringlog's library over a window in memory, with no module: the module's own ring, compiled
 * for user space, appends, and ringlog_peek() and ringlog_release() read, spinning.
 */
#include <consumer-parts.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"
#include "replica.h"
#include "ring-writer.h"

struct library {
	struct ringlog_kernel_page *page;
	struct ring_writer *writer;
	struct ringlog_consumer *consumer;
};

static void check(int ret)
{
	if (ret < 0)
		errx(1, "ringlog: %s", strerror(-ret));
}

static void library_open(struct channel *channel)
{
	struct library *library = calloc(1, sizeof(*library));
	struct ringlog_kernel_page *page = replica_new(NATIVE_RING_BYTES);
	struct ringlog_window window;

	if (!library)
		err(1, "ringlog");
	library->page = page;
	library->writer = ring_writer_new(replica_at(page, page->data_at),
					  replica_at(page, page->index_at),
					  replica_at(page, page->published_at),
					  NATIVE_RING_BYTES);
	if (!library->writer)
		err(1, "ringlog");
	check(ringlog_window_init(&window, page, page->map_bytes));
	check(ringlog_consumer_make_mapped(&library->consumer, &window, 1, 0));
	channel->state = library;
}

static void library_send(struct channel *channel, const struct message *message)
{
	struct library *library = channel->state;

	/* The kernel reads its clock where this one was read: once, before the copy. */
	ring_writer_append(library->writer, message, channel->bytes, message->sent);
}

static void library_receive(struct channel *channel, struct seen *seen)
{
	struct library *library = channel->state;
	struct ringlog_peek peek;
	int ret;

	while (!(ret = ringlog_peek(library->consumer, &peek)))
		native_relax();
	check(ret);
	native_use(peek.value, channel->bytes, seen);
	check(ringlog_release(library->consumer));
}

static void library_close(struct channel *channel)
{
	struct library *library = channel->state;

	ringlog_consumer_close(library->consumer);
	ring_writer_free(library->writer);
	replica_free(library->page);
	free(library);
}

const struct native_system native_ringlog = {
	.name = "ringlog",
	.open = library_open,
	.send = library_send,
	.receive = library_receive,
	.close = library_close,
};
