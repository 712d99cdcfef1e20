// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one writes when shared memory is all there is: a ring for one sender and one
 * receiver. Each has a word of its own, on a line of its own, and looks at the other's
 * only when what it saw last does not do any more. Messages are read in place, and each
 * begins a line, after one for its length. The receiver spins, or sleeps on a futex.
 */
#include <err.h>
#include <linux/futex.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native.h"

#define LINE	64

/**
 * struct shared - what both see
 * @head: bytes sent
 * @tail: bytes received
 * @asleep: the receiver sleeps on it, or is about to
 * @data: %NATIVE_RING_BYTES
 */
struct shared {
	alignas(LINE) uint64_t head;
	alignas(LINE) uint64_t tail;
	alignas(LINE) uint32_t asleep;
	alignas(LINE) char data[];
};

/**
 * struct ring - what the sender and the receiver each have of it
 * @shared: the memory
 * @stride: bytes for a message with its length, whole lines
 * @mine: head, for the sender; tail, for the receiver
 * @theirs: the other one, when it was looked at last
 * @at: where @mine is in the data
 */
struct ring {
	struct shared *shared;
	size_t stride;
	uint64_t mine;
	uint64_t theirs;
	size_t at;
};

static size_t shared_bytes(void)
{
	return sizeof(struct shared) + NATIVE_RING_BYTES;
}

static void ring_open(struct channel *channel)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	size_t bytes = LINE + channel->bytes;

	if (!ring)
		err(1, "ring");
	ring->shared = mmap(NULL, shared_bytes(), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (ring->shared == MAP_FAILED)
		err(1, "a ring's memory");
	ring->stride = (bytes + LINE - 1) / LINE * LINE;
	channel->state = ring;
}

static void ring_close(struct channel *channel)
{
	struct ring *ring = channel->state;

	munmap(ring->shared, shared_bytes());
	free(ring);
}

static void advance(struct ring *ring)
{
	ring->mine += ring->stride;
	ring->at += ring->stride;
	if (ring->at + ring->stride > NATIVE_RING_BYTES)
		ring->at = 0;
}

static bool is_full(struct ring *ring)
{
	/* What the end of the data is too short for is never used. */
	size_t room = NATIVE_RING_BYTES / ring->stride * ring->stride;

	if (ring->mine + ring->stride - ring->theirs <= room)
		return false;
	/* Pairs with the store in finish(): what is overwritten now has been read. */
	ring->theirs = __atomic_load_n(&ring->shared->tail, __ATOMIC_ACQUIRE);
	return ring->mine + ring->stride - ring->theirs > room;
}

static bool is_empty(struct ring *ring)
{
	if (ring->mine != ring->theirs)
		return false;
	/* Pairs with the store in ring_send(): what is read now has been written. */
	ring->theirs = __atomic_load_n(&ring->shared->head, __ATOMIC_ACQUIRE);
	return ring->mine == ring->theirs;
}

static void ring_send(struct channel *channel, const struct message *message)
{
	struct ring *ring = channel->state;
	char *at;

	while (is_full(ring))
		native_relax();
	at = ring->shared->data + ring->at;
	*(uint64_t *)at = channel->bytes;
	memcpy(at + LINE, message, channel->bytes);
	advance(ring);
	__atomic_store_n(&ring->shared->head, ring->mine, __ATOMIC_RELEASE);
}

/* Read the message that is there. */
static void finish(struct channel *channel, struct seen *seen)
{
	struct ring *ring = channel->state;
	const char *at = ring->shared->data + ring->at;

	if (*(const uint64_t *)at != channel->bytes)
		errx(1, "%s: a length is wrong", channel->system->name);
	native_use(at + LINE, channel->bytes, seen);
	advance(ring);
	__atomic_store_n(&ring->shared->tail, ring->mine, __ATOMIC_RELEASE);
}

static void ring_receive(struct channel *channel, struct seen *seen)
{
	while (is_empty(channel->state))
		native_relax();
	finish(channel, seen);
}

static void futex(uint32_t *word, int operation, uint32_t value)
{
	syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void futex_send(struct channel *channel, const struct message *message)
{
	struct ring *ring = channel->state;
	uint32_t *asleep = &ring->shared->asleep;

	ring_send(channel, message);
	/* Pairs with the fence in futex_receive(): one of the two sees the other's word. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(asleep, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(asleep, 0, __ATOMIC_RELAXED);
	futex(asleep, FUTEX_WAKE, 1);
}

static void futex_receive(struct channel *channel, struct seen *seen)
{
	struct ring *ring = channel->state;
	uint32_t *asleep = &ring->shared->asleep;

	while (is_empty(ring)) {
		__atomic_store_n(asleep, 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (!is_empty(ring))
			break;
		/* Does not sleep if it has been set to 0 since. */
		futex(asleep, FUTEX_WAIT, 1);
	}
	finish(channel, seen);
}

const struct native_system native_ring = {
	.name = "shared ring",
	.open = ring_open,
	.send = ring_send,
	.receive = ring_receive,
	.close = ring_close,
};

const struct native_system native_ring_futex = {
	.name = "shared ring, futex",
	.sleeps = true,
	.open = ring_open,
	.send = futex_send,
	.receive = futex_receive,
	.close = ring_close,
};
