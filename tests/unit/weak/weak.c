// SPDX-License-Identifier: GPL-2.0-only
/*
 * A word of memory is the list of all values that were ever stored there. Each
 * processor has a view: how far along each list it is known to be. A load may
 * give the value at the view or any later one, and weak_explore() tries each.
 * What carries a view from one processor to the other is what carries it in
 * C11, and in the kernel's model:
 *
 *	a store by release leaves its processor's view with the value,
 *	any other store the view as of the last smp_wmb();
 *	a load by acquire takes the view that it finds with the value,
 *	any other load keeps it for the next smp_rmb();
 *	smp_mb() is both, and takes the view of every smp_mb() before it;
 *	a lock takes the view that the last unlock left.
 *
 * So scenarios need no threads. Whatever order two processors that do not write
 * the same words run in, it is that one ran first and the other found some of
 * what it wrote and some of what was there before: a test runs both orders.
 *
 * What it cannot show is a load that is overtaken by a later store of the same
 * processor, for what has not run has stored nothing yet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "weak.h"

#define WORDS 512
#define VALUES 64
#define DEPTH 256
/* Several times what the longest scenario takes: without a barrier it may be without end. */
#define RUNS 20000UL

/* Of each word, the first value that may still be seen. */
struct view {
	uint8_t from[WORDS];
};

struct value {
	uint64_t value;
	struct view view;
};

struct word {
	uintptr_t at;
	unsigned int count;
	struct value values[VALUES];
};

/* @seen: certain; @found: with values that were loaded; @fenced: as of the last smp_wmb(). */
struct processor {
	struct view seen;
	struct view found;
	struct view fenced;
};

static struct word words[WORDS];
static unsigned int word_count;
static struct processor processors[WEAK_PROCESSORS], *current;
static struct view full;	/* of all smp_mb() so far */

/* The choices of this run: what each took, of how many. */
static struct choice {
	unsigned int taken;
	unsigned int of;
} path[DEPTH];
static unsigned int step, known;

static void give_up(const char *why)
{
	printf("Bail out! weak memory: %s\n", why);
	exit(2);
}

static unsigned int choose(unsigned int of)
{
	if (of == 1)
		return 0;
	if (step == DEPTH)
		give_up("too many choices in a row");
	if (step == known)
		path[known++] = (struct choice){ 0, of };
	if (path[step].of != of)
		give_up("a scenario does not repeat itself");
	return path[step++].taken;
}

/* On to the next run. False: there is none. */
static bool advance(void)
{
	while (known && path[known - 1].taken + 1 == path[known - 1].of)
		known--;
	if (!known)
		return false;
	path[known - 1].taken++;
	return true;
}

static void join(struct view *to, const struct view *from)
{
	for (unsigned int i = 0; i < word_count; i++)
		if (to->from[i] < from->from[i])
			to->from[i] = from->from[i];
}

static uint64_t raw_load(uintptr_t at)
{
	uint64_t value;

	memcpy(&value, (const void *)at, sizeof(value));
	return value;
}

static struct word *word_at(uintptr_t at)
{
	struct word *word;

	at &= ~(uintptr_t)7;
	for (word = words; word < words + word_count; word++)
		if (word->at == at)
			return word;
	if (word_count == WORDS)
		give_up("too many words");
	word_count++;
	word->at = at;
	word->count = 1;
	word->values[0] = (struct value){ .value = raw_load(at) };
	return word;
}

static void push(struct word *word, uint64_t value, const struct view *view)
{
	if (word->count == VALUES)
		give_up("too many values of a word");
	current->seen.from[word - words] = word->count;
	word->values[word->count] = (struct value){ value, *view };
	word->values[word->count].view.from[word - words] = word->count;
	word->count++;
}

uint64_t weak_load(const volatile void *at, size_t bytes, bool acquire)
{
	uintptr_t address = (uintptr_t)at;
	unsigned int shift = address % 8 * 8;
	uint64_t value;

	if (shift + bytes * 8 > 64)
		give_up("a load across two words");
	if (!current) {
		value = raw_load(address & ~(uintptr_t)7);
	} else {
		struct word *word = word_at(address);
		uint8_t *from = &current->seen.from[word - words];
		unsigned int taken = word->count - 1 - choose(word->count - *from);

		*from = taken;
		value = word->values[taken].value;
		join(acquire ? &current->seen : &current->found, &word->values[taken].view);
	}
	value >>= shift;
	return bytes == 8 ? value : value & ((1ULL << bytes * 8) - 1);
}

void weak_store(volatile void *at, size_t bytes, uint64_t value, bool release)
{
	struct word *word = current ? word_at((uintptr_t)at) : NULL;

	/* What is newest is in memory as well, for those who hold the lock and just read it. */
	memcpy((void *)at, &value, bytes);
	if (word)
		push(word, raw_load(word->at), release ? &current->seen : &current->fenced);
}

void weak_rmb(void)
{
	if (current)
		join(&current->seen, &current->found);
}

void weak_wmb(void)
{
	if (current)
		current->fenced = current->seen;
}

void weak_mb(void)
{
	if (!current)
		return;
	weak_rmb();
	join(&current->seen, &full);
	full = current->seen;
	weak_wmb();
}

void weak_lock(const void *lock)
{
	struct word *word;

	if (!current)
		return;
	word = word_at((uintptr_t)lock);
	join(&current->seen, &word->values[word->count - 1].view);
}

void weak_unlock(const void *lock)
{
	if (current)
		push(word_at((uintptr_t)lock), 0, &current->seen);
}

void weak_begin(void)
{
	word_count = 0;
	memset(&full, 0, sizeof(full));
	memset(processors, 0, sizeof(processors));
	current = processors;
}

void weak_switch(unsigned int number)
{
	current = &processors[number];
}

void weak_end(void)
{
	current = NULL;
}

unsigned long weak_explore(void (*scenario)(void))
{
	unsigned long runs = 0;

	known = 0;
	do {
		if (++runs > RUNS)
			return 0;
		step = 0;
		scenario();
		weak_end();
	} while (advance() && !tap_failed());
	return runs;
}
