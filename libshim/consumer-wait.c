// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting. First in the mapping, with no system call; then, if there is not enough, in
 * RINGLOG_IOC_WAIT, which is told where the readers are and orders itself against those
 * who append: no barrier is needed here.
 */
#include "consumer-parts.h"

#include <errno.h>
#include <stdint.h>

#include "clock.h"
#include "kernel.h"

/* Looks between two looks at the clock. */
#define LOOKS	32

/* What the kernel is to know of a reader. */
static struct ringlog_mapped_cursor cursor_of(const struct ringlog_reader *reader)
{
	return (struct ringlog_mapped_cursor){
		.partition = reader->partition,
		.position = ringlog_reader_position(reader),
		/* One that is too high hides records; zero says that it is not known. */
		.offset = reader->bearing == RINGLOG_SETTLED ? reader->offset : 0,
		.lost = reader->lost - reader->reported_lost,
		.expired = reader->expired - reader->reported_expired,
	};
}

/* Was what the cursors say taken up by a WAIT that returned @ret? All of it, or nothing. */
static bool taken_up(int ret)
{
	return ret != -EBADF && ret != -EINVAL && ret != -EFAULT && ret != -ENODEV;
}

/* The kernel knows now what cursor_of() said. */
static void mark_reported(struct ringlog_reader *reader)
{
	reader->reported_lost = reader->lost;
	reader->reported_expired = reader->expired;
	reader->reported_position = ringlog_reader_position(reader);
}

/**
 * ringlog_consumer_tell - tell the kernel where a reader is and what it lost
 * @consumer: whose
 * @reader: which
 *
 * The one system call that reading does, and only for losses and for writers that wait.
 * What comes of it changes nothing for the reader.
 */
void ringlog_consumer_tell(struct ringlog_consumer *consumer, struct ringlog_reader *reader)
{
	struct ringlog_mapped_cursor cursor = cursor_of(reader);
	struct ringlog_wait wait = { .cursors = (uintptr_t)&cursor, .cursor_count = 1 };

	if (taken_up(ringlog_kernel_wait(consumer->fd, &wait)))
		mark_reported(reader);
}

/* RINGLOG_IOC_WAIT with where all readers are. */
static int wait_in_kernel(struct ringlog_consumer *consumer, struct ringlog_wait *wait)
{
	__u32 i;
	int ret;

	for (i = 0; i < consumer->attached_count; i++)
		consumer->cursors[i] = cursor_of(consumer->attached[i]);
	wait->cursors = (uintptr_t)consumer->cursors;
	wait->cursor_count = consumer->attached_count;
	ret = ringlog_kernel_wait(consumer->fd, wait);
	for (i = 0; i < consumer->attached_count && taken_up(ret); i++)
		mark_reported(consumer->attached[i]);
	return ret;
}

/**
 * struct amount - what waits to be read
 * @records: records
 * @bytes: of ring
 * @early: there is something that ends a wait for more
 * @hurried: a writer may wait for a gate, which the kernel knows
 */
struct amount {
	__u64	records;
	__u64	bytes;
	bool	early;
	bool	hurried;
};

/* What is published and not passed. Of records it may count one that comes just now. */
static void add_up(struct ringlog_reader *reader, struct amount *there)
{
	const struct ringlog_window *window = &reader->window;
	__u64 position = ringlog_reader_position(reader);
	__u64 next = load_once(&window->published->next_offset);
	__u64 head = ringlog_window_head(window);
	__u64 bytes = head - position, most = bytes / RINGLOG_ALIGN;

	if (head == position)
		return;
	if (reader->bearing != RINGLOG_SETTLED)
		ringlog_reader_settle(reader);
	there->bytes += bytes;
	/* Whatever it is, looking at it tells. */
	if (reader->bearing != RINGLOG_SETTLED)
		there->early = true;
	else if (next > reader->offset)
		there->records += next - reader->offset < most ? next - reader->offset : most;
	if (reader->gate && load_once(&window->kernel->room_wanted))
		there->hurried = true;
}

/*
 * Look at one reader. One that was overtaken has a loss to be told, be it by what it peeks
 * at; or it was told before, and goes where there are records, if there are.
 */
static void look(struct ringlog_consumer *consumer, struct ringlog_reader *reader,
		 struct amount *there)
{
	__u64 lost = reader->lost;

	if (ringlog_window_overtaken(&reader->window, ringlog_reader_position(reader))) {
		if (ringlog_reader_peeked(reader) ||
		    reader->told != ringlog_reader_position(reader)) {
			there->early = true;
			return;
		}
		ringlog_reader_lapse(reader);
		/* More than it was told of. */
		if (reader->lost != lost)
			there->early = true;
	}
	add_up(reader, there);
	if (ringlog_reader_hurried(reader))
		ringlog_consumer_tell(consumer, reader);
}

/* What enough() says. */
#define ASK_THE_KERNEL	2

/*
 * 1: there is enough; 0: there is not; -ENODEV. ASK_THE_KERNEL: there is not, and whether
 * writers wait, which would end the wait, cannot be seen in the mapping.
 */
static int enough(struct ringlog_consumer *consumer, const struct ringlog_patience *patience)
{
	struct amount there = { 0 };
	__u32 i;

	for (i = 0; i < consumer->attached_count; i++) {
		if (ringlog_window_gone(&consumer->attached[i]->window))
			return -ENODEV;
		look(consumer, consumer->attached[i], &there);
	}
	if (there.early || (patience->min_records && there.records >= patience->min_records) ||
	    (patience->min_bytes && there.bytes >= patience->min_bytes))
		return 1;
	if (!patience->min_records && !patience->min_bytes && there.bytes)
		return 1;
	return there.hurried ? ASK_THE_KERNEL : 0;
}

/* When @ns from @now are over; all ones: never. */
static __u64 after(__u64 now, __u64 ns)
{
	return ns < ~now ? now + ns : ~(__u64)0;
}

static int sleep_for(struct ringlog_consumer *consumer, const struct ringlog_patience *patience,
		     __u64 timeout_ns)
{
	struct ringlog_wait wait = {
		.min_records = patience->min_records,
		.min_bytes = patience->min_bytes,
		.timeout_ns = timeout_ns,
	};

	return wait_in_kernel(consumer, &wait);
}

/* The kernel's enough(), with no sleep. */
static int ask(struct ringlog_consumer *consumer, const struct ringlog_patience *patience)
{
	int ret = sleep_for(consumer, patience, 0);

	/* Not there, with and without O_NONBLOCK. */
	if (ret == -ETIMEDOUT || ret == -EAGAIN)
		return 0;
	return ret ? ret : 1;
}

/* Look again and again. Returns as ask(). */
static int spin(struct ringlog_consumer *consumer, const struct ringlog_patience *patience,
		__u64 end)
{
	unsigned int looks;
	int ret;

	do {
		for (looks = 0; looks < LOOKS; looks++) {
			ret = enough(consumer, patience);
			if (ret && ret != ASK_THE_KERNEL)
				return ret;
			cpu_pause();
		}
		if (ret == ASK_THE_KERNEL)
			ret = ask(consumer, patience);
		if (ret)
			return ret;
	} while (end == ~(__u64)0 || ringlog_clock(CLOCK_MONOTONIC) < end);
	return 0;
}

/* There is not enough: spin as long as is wanted, then sleep for what is left. */
static int wait_for_enough(struct ringlog_consumer *consumer,
			   const struct ringlog_patience *patience)
{
	__u64 now, deadline, end;
	int ret;

	if (!patience->spin_ns)
		return sleep_for(consumer, patience, patience->timeout_ns);
	now = ringlog_clock(CLOCK_MONOTONIC);
	deadline = after(now, patience->timeout_ns);
	end = after(now, patience->spin_ns);
	ret = spin(consumer, patience, end < deadline ? end : deadline);
	if (ret)
		return ret < 0 ? ret : 0;
	if (deadline == ~(__u64)0)
		return sleep_for(consumer, patience, RINGLOG_WAIT_FOREVER);
	now = ringlog_clock(CLOCK_MONOTONIC);
	return now < deadline ? sleep_for(consumer, patience, deadline - now) : -ETIMEDOUT;
}

int ringlog_consumer_wait(struct ringlog_consumer *consumer,
			  const struct ringlog_patience *patience)
{
	static const struct ringlog_patience forever = { .timeout_ns = RINGLOG_WAIT_FOREVER };
	int ret;

	if (!consumer->attached_count)
		return -EINVAL;
	if (!patience)
		patience = &forever;
	ret = enough(consumer, patience);
	if (ret == ASK_THE_KERNEL)
		ret = ask(consumer, patience);
	if (ret)
		return ret < 0 ? ret : 0;
	return patience->timeout_ns ? wait_for_enough(consumer, patience) : -ETIMEDOUT;
}

int ringlog_consumer_fd(const struct ringlog_consumer *consumer)
{
	return consumer->fd;
}

int ringlog_consumer_arm(struct ringlog_consumer *consumer)
{
	static const struct ringlog_patience none = { 0 };
	int ret;

	if (!consumer->attached_count)
		return 0;
	ret = enough(consumer, &none);
	return ret ? ret : ask(consumer, &none);
}
