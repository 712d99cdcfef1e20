/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the latency benchmark's parts share: the message, the clock, and the
 * systems that are compared.
 */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define NATIVE_MAX_BYTES	1024
/* Of each of the rings in memory, and of the device's by the word of "run". */
#define NATIVE_RING_BYTES	(2048UL << 10)

/**
 * struct message - what is sent
 * @sent: the clock when the sender had it in hand
 * @number: in this run, from 0
 * @words: each is @number, as many as there is room for
 */
struct message {
	uint64_t sent;
	uint64_t number;
	uint64_t words[(NATIVE_MAX_BYTES - 16) / 8];
};

/**
 * struct seen - what a receiver has made of a message
 * @sent: as in the message
 * @number: as in the message
 * @sum: of its words
 */
struct seen {
	uint64_t sent;
	uint64_t number;
	uint64_t sum;
};

struct native_system;

/**
 * struct channel - from the sender to the receiver
 * @system: whose it is
 * @bytes: of each message
 * @writer: descriptor, where there is one
 * @reader: descriptor, where there is one
 * @state: the system's own. What of it is not in shared memory, each of the two has
 *	for itself
 */
struct channel {
	const struct native_system *system;
	size_t bytes;
	int writer;
	int reader;
	void *state;
};

/**
 * struct native_system - one of those compared
 * @name: in the table
 * @sleeps: its receiver sleeps until it is woken; else it spins
 * @device: needs the module
 * @open: make a channel that is empty; the sender is forked after that
 * @send: one message
 * @receive: wait for the next message and read all of it. Done with it on return
 * @close: in the receiver, when the sender is gone
 */
struct native_system {
	const char *name;
	bool sleeps;
	bool device;
	void (*open)(struct channel *channel);
	void (*send)(struct channel *channel, const struct message *message);
	void (*receive)(struct channel *channel, struct seen *seen);
	void (*close)(struct channel *channel);
};

extern const struct native_system native_ringlog, native_ring, native_ring_futex, native_pipe,
				  native_unix, native_mapped, native_mapped_sleeping, native_read;

/* The same for all. The processors' clocks are one. */
static inline uint64_t native_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* One turn of a loop that waits for another processor. */
static inline void native_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
	__asm__ volatile("" ::: "memory");
}

/* Read a message of @bytes, in place: each of its words, once. */
static inline void native_use(const void *at, size_t bytes, struct seen *seen)
{
	const struct message *message = at;
	size_t count = (bytes - offsetof(struct message, words)) / sizeof(*message->words);

	seen->sent = message->sent;
	seen->number = message->number;
	seen->sum = 0;
	for (size_t i = 0; i < count; i++)
		seen->sum += message->words[i];
}

struct ringlog_histogram;

void native_pick_processors(void);
bool native_get_ahead(void);
void native_run(const struct native_system *system, size_t bytes, unsigned int messages,
		struct ringlog_histogram *latency);

#endif /* NATIVE_H */
