// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/sleepers.c, waiting.c and gate.c on weak memory: whoever goes to sleep
 * while the other processor does what it waits for has seen that, or is woken.
 * Processor 0 goes to sleep. Processor 1 acts before, and may be half seen, or
 * when the other sleeps. Breaks when one of the full barriers goes, and when a
 * sleeper looks before it has said that it sleeps.
 */
#include <stdio.h>

#include "tap.h"
#include "mapped.h"
#include "waiting.h"

#define SIZE 65536

/* A stream of one partition, and a file that reads it. */
static struct {
	/* The array at its end is the one that follows. */
	/* NOLINTNEXTLINE(clang-diagnostic-gnu-variable-sized-type-not-at-end) */
	struct ringlog_stream stream;
	struct ringlog_partition partition[1];
} all;
static struct {
	/* NOLINTNEXTLINE(clang-diagnostic-gnu-variable-sized-type-not-at-end) */
	struct ringlog_handle handle;
	struct ringlog_cursor cursor[1];
} file;
static struct ringlog_cursor *list[1];
static struct ringlog_published published;
static struct ringlog_kernel_page kernel_page;
static struct ringlog_counters counters;
static struct ringlog_gate *gate;
static wait_queue_head_t pollers;

static struct ringlog_stream *const stream = &all.stream;
static struct ringlog_partition *const partition = all.partition;
static struct ringlog_handle *const handle = &file.handle;
static struct ringlog_cursor *const cursor = file.cursor;

/* What processor 1 does, and whether it has; rounds in which 0 slept, and those in which not. */
static void (*deed)(void);
static bool done;
static unsigned long slept, awake;

void (*weak_sleep)(void);

/* No reader here is a mapped one. */
int ringlog_mapped_tell(struct ringlog_handle *of, const struct ringlog_wait *wait)
{
	(void)of;
	(void)wait;
	return -EINVAL;
}

/* As in partition.c. */
bool ringlog_partition_has_room(const struct ringlog_partition *of, u64 bytes)
{
	return READ_ONCE(of->ring.head) + bytes <= READ_ONCE(of->floor);
}

static void act(void)
{
	weak_switch(1);
	deed();
	weak_switch(0);
	done = true;
}

/* The reader's sleep: ends by a wakeup, which only comes if the other has yet to act. */
static void sleep_as_reader(void)
{
	unsigned int woken = handle->queue.woken;

	slept++;
	if (!done)
		act();
	if (!CHECK(handle->queue.woken > woken))
		stream->gone = true;	/* so that a wait does not go on */
}

static void begin(u32 policy)
{
	memset(&all, 0, sizeof(all));
	memset(&file, 0, sizeof(file));
	memset(&kernel_page, 0, sizeof(kernel_page));
	memset(&pollers, 0, sizeof(pollers));
	stream->partitions = 1;
	stream->policy = policy;
	stream->counters = &counters;
	published = (struct ringlog_published){ 0 };
	ringlog_ring_init(&partition->ring, NULL, NULL, &published, SIZE, 0);
	partition->kernel = &kernel_page;
	partition->counters = &counters;
	partition->pollers = &pollers;
	partition->floor = RINGLOG_NEVER;
	ringlog_sleepers_init(&partition->sleepers, &kernel_page.wake, &partition->ring, &counters);
	cursor->partition = partition;
	ringlog_sleeper_init(&cursor->sleeper, &handle->queue);
	list[0] = cursor;
	handle->stream = stream;
	handle->attached = list;
	handle->attached_count = 1;
	weak_sleep = sleep_as_reader;
	done = false;
}

/* The part of an append that others see. */
static void append(void)
{
	u64 head = partition->ring.head + 4096, next = partition->ring.next_offset + 1;

	spin_lock(&partition->lock);
	ringlog_ring_publish(&partition->ring, head, next);
	spin_unlock(&partition->lock);
	ringlog_sleepers_grown(&partition->sleepers, head, next);
}

/* Sleep by @sleep, and have @other act before or, when it sleeps, after. */
static void round_of(void (*sleep)(void), void (*other)(void), bool before)
{
	unsigned long slept_before = slept;

	deed = other;
	weak_begin();
	if (before)
		act();
	sleep();
	weak_end();
	awake += slept == slept_before;
}

/* --- readers and appends ---------------------------------------------------------------- */

static void read_sleeps(void)
{
	weak_lock(&handle->lock);
	CHECK(!ringlog_sleep(handle));
}

static void wait_sleeps(void)
{
	struct ringlog_wait wait = { .timeout_ns = RINGLOG_WAIT_FOREVER };

	CHECK(!ringlog_wait(handle, &wait, false));
}

static void wait_for_bytes_sleeps(void)
{
	struct ringlog_wait wait = { .min_bytes = 4000, .timeout_ns = RINGLOG_WAIT_FOREVER };

	CHECK(!ringlog_wait(handle, &wait, false));
}

static void poll_sleeps(void)
{
	struct file unused = { 0 };
	poll_table table;

	if (!ringlog_poll_read(handle, &unused, &table))
		sleep_as_reader();
}

/* A read has drained the file, and somebody who does not ask again polls it. */
static void drained_sleeps(void)
{
	unsigned int woken = handle->queue.woken;

	weak_queue_set(&handle->queue, true);
	ringlog_rearm_all(handle);
	/* Not armed: it saw that it had not drained it, and reads on. */
	if (handle->queue.woken == woken && !RB_EMPTY_NODE(&cursor->sleeper.by_position))
		sleep_as_reader();
}

static void (*way_to_sleep)(void);

static void append_before(void)
{
	begin(RINGLOG_POLICY_OVERWRITE);
	round_of(way_to_sleep, append, true);
}

static void append_after(void)
{
	begin(RINGLOG_POLICY_OVERWRITE);
	round_of(way_to_sleep, append, false);
}

static void explore(void (*scenario)(void))
{
	unsigned long runs = weak_explore(scenario);

	CHECK(runs);
	printf("# %lu ways to run\n", runs);
}

static void reader_against_append(void (*sleep)(void))
{
	way_to_sleep = sleep;
	slept = 0;
	awake = 0;
	explore(append_before);
	CHECK(awake);
	explore(append_after);
	CHECK(slept);
}

static void test_read(void)
{
	reader_against_append(read_sleeps);
}

static void test_wait(void)
{
	reader_against_append(wait_sleeps);
	reader_against_append(wait_for_bytes_sleeps);
}

static void test_poll(void)
{
	reader_against_append(poll_sleeps);
}

static void test_drained(void)
{
	reader_against_append(drained_sleeps);
}

/* --- writers and gates -------------------------------------------------------------------- */

/* A full ring whose oldest records a gate holds. */
static void begin_full(void)
{
	begin(RINGLOG_POLICY_BLOCK);
	CHECK(!ringlog_gate_claim(partition, &handle->queue, &gate));
	CHECK(!ringlog_gate_move(partition, gate, &(struct ringlog_place){ 0 }, true));
	CHECK(partition->floor == SIZE);
	partition->ring.head = SIZE;
	partition->ring.next_offset = SIZE / 4096;
	cursor->gate = gate;
}

static void end_full(void)
{
	free(partition->gates);
}

static void sleep_as_writer(void)
{
	unsigned int woken = partition->room.woken;

	slept++;
	if (!done)
		act();
	CHECK(partition->room.woken > woken);
}

/* As wait_for_room() in writer.c. */
static void writer_sleeps(void)
{
	prepare_to_wait(&partition->room, NULL, TASK_INTERRUPTIBLE);
	if (!ringlog_gates_make_room(partition, 64))
		sleep_as_writer();
}

static void pass(void)
{
	ringlog_gate_pass(partition, gate, 8192);
}

static void release(void)
{
	ringlog_gate_release(partition, gate);
}

static void pass_before(void)
{
	begin_full();
	round_of(writer_sleeps, pass, true);
	end_full();
}

static void pass_after(void)
{
	begin_full();
	round_of(writer_sleeps, pass, false);
	end_full();
}

static void release_after(void)
{
	begin_full();
	round_of(writer_sleeps, release, false);
	end_full();
}

static void test_room(void)
{
	slept = 0;
	awake = 0;
	explore(pass_before);
	CHECK(awake);
	explore(pass_after);
	explore(release_after);
	CHECK(slept);
}

/* --- a reader that waits for more than there is room for ----------------------------------- */

static void wait_for_too_much(void)
{
	struct ringlog_wait wait = { .min_bytes = 2 * SIZE, .timeout_ns = RINGLOG_WAIT_FOREVER };

	CHECK(!ringlog_wait(handle, &wait, false));
}

static void want_room(void)
{
	prepare_to_wait(&partition->room, NULL, TASK_INTERRUPTIBLE);
	if (!ringlog_gates_make_room(partition, 64))
		ringlog_gates_hurry(partition);
}

static void hurry_before(void)
{
	begin_full();
	round_of(wait_for_too_much, want_room, true);
	end_full();
}

static void hurry_after(void)
{
	begin_full();
	round_of(wait_for_too_much, want_room, false);
	end_full();
}

static void test_hurry(void)
{
	slept = 0;
	awake = 0;
	explore(hurry_before);
	CHECK(awake);
	explore(hurry_after);
	CHECK(slept);
}

static const struct tap_test tests[] = {
	{ "weak memory: a read goes to sleep", test_read },
	{ "weak memory: WAIT goes to sleep", test_wait },
	{ "weak memory: poll finds nothing", test_poll },
	{ "weak memory: a polled file is drained", test_drained },
	{ "weak memory: a writer waits for room", test_room },
	{ "weak memory: a writer hurries a reader with a gate", test_hurry },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
