// SPDX-License-Identifier: GPL-2.0-only
/*
 * One run: two processes, each alone on a processor. The sender sends a message, and
 * the next one no earlier than an interval after that, so that one that was late holds
 * up none after it: what is timed is the way of a message, not a queue.
 */
#define _GNU_SOURCE
#include <err.h>
#include <ringlog/histogram.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native.h"

#define INTERVAL_NS	20000
/* Long enough for any machine: a message that is lost on the way must not hang it. */
#define RUN_SECONDS	60

static int sender_cpu = -1, receiver_cpu = -1;
static bool ahead;

/* The first two that this process may use. */
void native_pick_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		err(1, "sched_getaffinity");
	for (int cpu = 0; cpu < CPU_SETSIZE && sender_cpu < 0; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (receiver_cpu < 0)
			receiver_cpu = cpu;
		else
			sender_cpu = cpu;
	}
	if (sender_cpu < 0)
		errx(1, "it takes two processors");
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %d", cpu);
}

/* Ahead of whatever else there is. A run is short, and the others have their turn after it. */
static void set_policy(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (ahead && sched_setscheduler(0, policy, &param))
		err(1, "sched_setscheduler");
}

/**
 * native_get_ahead() - run before all that else runs here, if that is allowed
 *
 * Return: whether it is.
 */
bool native_get_ahead(void)
{
	struct sched_param param = { .sched_priority = 1 };

	ahead = !sched_setscheduler(0, SCHED_FIFO, &param);
	set_policy(SCHED_OTHER, 0);
	return ahead;
}

static void fill(struct message *message, uint64_t number)
{
	message->number = number;
	for (size_t i = 0; i < sizeof(message->words) / sizeof(*message->words); i++)
		message->words[i] = number;
}

/* What the two tell each other before they begin. Neither gets ahead before both are there. */
struct start {
	int sender;
	int receiver;
};

static void say(int *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
}

static bool was_said(const int *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void __attribute__((noreturn)) send_all(struct channel *channel, unsigned int messages,
					       struct start *start)
{
	static struct message message;
	uint64_t due;

	pin(sender_cpu);
	set_policy(SCHED_FIFO, 1);
	say(&start->sender);
	while (!was_said(&start->receiver))
		native_relax();
	due = native_now();
	for (unsigned int number = 0; number < messages; number++) {
		fill(&message, number);
		due += INTERVAL_NS;
		while ((message.sent = native_now()) < due)
			native_relax();
		due = message.sent;
		channel->system->send(channel, &message);
	}
	_exit(0);
}

static void receive_all(struct channel *channel, unsigned int messages,
			struct ringlog_histogram *latency)
{
	uint64_t words = (channel->bytes - offsetof(struct message, words)) / sizeof(uint64_t);
	struct seen seen;
	uint64_t now;

	for (unsigned int number = 0; number < messages; number++) {
		channel->system->receive(channel, &seen);
		now = native_now();
		if (seen.number != number || seen.sum != number * words)
			errx(1, "%s: message %u is not what was sent", channel->system->name,
			     number);
		/* The first ones warm up. */
		if (number >= messages / 10)
			ringlog_histogram_record(latency, now - seen.sent);
	}
}

/**
 * native_run() - send messages from one processor to the other
 * @system: by which
 * @bytes: of each
 * @messages: how many; the first tenth is not timed
 * @latency: counts each, from before it was sent until all of it was read
 */
void native_run(const struct native_system *system, size_t bytes, unsigned int messages,
		struct ringlog_histogram *latency)
{
	struct channel channel = { .system = system, .bytes = bytes, .writer = -1, .reader = -1 };
	pid_t parent = getpid(), child;
	struct start *start;
	int status;

	start = mmap(NULL, sizeof(*start), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (start == MAP_FAILED)
		err(1, "mmap");
	pin(receiver_cpu);
	system->open(&channel);
	alarm(RUN_SECONDS);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(1);
		send_all(&channel, messages, start);
	}
	while (!was_said(&start->sender))
		sched_yield();
	set_policy(SCHED_FIFO, 1);
	say(&start->receiver);
	receive_all(&channel, messages, latency);
	alarm(0);
	set_policy(SCHED_OTHER, 0);
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "%s: the sender failed", system->name);
	system->close(&channel);
	munmap(start, sizeof(*start));
}
