// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a message takes from one process to another, each alone on a processor, by
 * ringlog's library and by its peers. Prints rows of bytes, system, how the receiver
 * waits, and the p50, p99, p99.9 and the maximum in ns.
 *
 *	native [--device] [rounds]
 *
 * The systems take turns, round by round, so that what else the machine does hits all
 * alike. A percentile is the median of those of the rounds, the maximum that of all.
 */
#include <assert.h>
#include <err.h>
#include <ringlog/histogram.h>
#include <stdio.h>
#include <stdlib.h>

#include "native.h"

#define ROUNDS		200
/* Those that sleep are far from the others, so some of the rounds will do. */
#define SLEEPERS_ROUNDS	4
#define MESSAGES	1500
#define MAX_ROUNDS	1000

/* Room for all of a run, so that none is overwritten, however long a reader does not run. */
static_assert((sizeof(struct message) + 64) * MESSAGES <= NATIVE_RING_BYTES, "a run is too long");

static const struct native_system *const systems[] = {
	&native_ringlog, &native_ring, &native_ring_futex, &native_pipe, &native_unix,
	&native_mapped, &native_mapped_sleeping, &native_read,
};

static const size_t sizes[] = { 64, 1024 };

#define SYSTEMS	(sizeof(systems) / sizeof(systems[0]))
#define SIZES	(sizeof(sizes) / sizeof(*sizes))

static const double percents[] = { 50, 99, 99.9 };

#define PERCENTS	(sizeof(percents) / sizeof(*percents))

/**
 * struct figures - of one system and one size
 * @ns: of each percentile, round by round
 * @rounds: of them
 * @max: of all rounds
 */
struct figures {
	uint64_t ns[PERCENTS][MAX_ROUNDS];
	unsigned int rounds;
	uint64_t max;
};

static struct figures figures[SIZES][SYSTEMS];
/* Those that need the module are the last ones. */
static size_t system_count;

static void add(struct figures *into, const struct ringlog_histogram *latency)
{
	uint64_t max = ringlog_histogram_max(latency);

	for (size_t i = 0; i < PERCENTS; i++)
		into->ns[i][into->rounds] = ringlog_histogram_percentile(latency, percents[i]);
	into->rounds++;
	if (max > into->max)
		into->max = max;
}

/* As long as the run took, so that it gets no more than half of the machine. */
static void let_others_run(uint64_t since)
{
	struct timespec pause = { .tv_nsec = native_now() - since };

	nanosleep(&pause, NULL);
}

static void play_one(size_t size, size_t system)
{
	uint64_t begin = native_now();
	struct ringlog_histogram *latency;

	if (ringlog_histogram_new(&latency))
		errx(1, "no memory");
	native_run(systems[system], sizes[size], MESSAGES, latency);
	add(&figures[size][system], latency);
	ringlog_histogram_free(latency);
	let_others_run(begin);
}

/* Each system once, beginning with another one each time. */
static void play_round(size_t size, unsigned int round)
{
	for (size_t i = 0; i < system_count; i++) {
		size_t system = (i + round) % system_count;

		if (!systems[system]->sleeps || round % SLEEPERS_ROUNDS == 0)
			play_one(size, system);
	}
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void print(const struct native_system *system, size_t bytes, struct figures *of)
{
	printf("%zu\t%s\t%s", bytes, system->name, system->sleeps ? "sleeps" : "spins");
	for (size_t i = 0; i < PERCENTS; i++) {
		qsort(of->ns[i], of->rounds, sizeof(*of->ns[i]), compare);
		printf("\t%ju", (uintmax_t)of->ns[i][of->rounds / 2]);
	}
	printf("\t%ju\n", (uintmax_t)of->max);
}

static unsigned int parse_rounds(const char *word)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*end || !value || value > MAX_ROUNDS)
		errx(2, "%s: a number from 1 to %u", word, MAX_ROUNDS);
	return value;
}

int main(int argc, char **argv)
{
	bool device = argc > 1 && !strcmp(argv[1], "--device");
	unsigned int rounds = ROUNDS;

	argc -= device;
	argv += device;
	if (argc > 2)
		errx(2, "usage: native [--device] [rounds]");
	if (argc > 1)
		rounds = parse_rounds(argv[1]);
	while (system_count < SYSTEMS && (device || !systems[system_count]->device))
		system_count++;
	native_pick_processors();
	if (!native_get_ahead())
		warnx("SCHED_FIFO is not allowed: what else runs here is in the figures");
	for (unsigned int round = 0; round < rounds; round++)
		for (size_t size = 0; size < SIZES; size++)
			play_round(size, round);
	for (size_t size = 0; size < SIZES; size++)
		for (size_t system = 0; system < system_count; system++)
			print(systems[system], sizes[size], &figures[size][system]);
	return 0;
}
