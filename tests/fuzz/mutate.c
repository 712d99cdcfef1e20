// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "calls.h"
#include "mutate.h"

void program_make(struct rng *rng, struct program *program)
{
	unsigned int t, i;

	memset(program, 0, sizeof(*program));
	program->threads = rng_once_in(rng, 3) ? 1 : 2 + rng_below(rng, THREADS_MAX - 1);
	program->setup = 2 + rng_below(rng, 4);
	for (t = 0; t < program->threads; t++) {
		program->count[t] = 6 + rng_below(rng, CALLS_MAX - 5);
		for (i = 0; i < program->count[t]; i++)
			call_make(rng, &program->call[t][i]);
	}
	/* Something to call upon: the first slots are open when the threads begin. */
	for (i = 0; i < program->setup; i++) {
		struct call *call = &program->call[0][i];

		*call = (struct call){ .kind = call_kind_find("open") };
		make_open(rng, call);
		call->arg[0] = i % SLOTS;
	}
}

/* Another value for one argument: a neighbour, a flipped bit, or one made anew. */
static void change_argument(struct rng *rng, struct call *call)
{
	const enum argument *args = call_kinds[call->kind].args;
	struct call fresh = { .kind = call->kind };
	unsigned int count = 0, which;

	while (count < ARGS_MAX && args[count])
		count++;
	if (!count)
		return;
	which = rng_below(rng, count);
	call_kinds[call->kind].make(rng, &fresh);
	if (args[which] != ARG_NUMBER || rng_once_in(rng, 2))
		call->arg[which] = fresh.arg[which];
	else if (rng_once_in(rng, 2))
		call->arg[which] += rng_below(rng, 9) - 4;
	else
		call->arg[which] ^= 1ULL << rng_below(rng, 64);
}

static void insert(struct program *program, unsigned int t, unsigned int at,
		   const struct call *call)
{
	if (program->count[t] == CALLS_MAX)
		return;
	memmove(&program->call[t][at + 1], &program->call[t][at],
		(program->count[t] - at) * sizeof(*call));
	program->call[t][at] = *call;
	program->count[t]++;
}

static void take_out(struct program *program, unsigned int t, unsigned int at)
{
	if (program->count[t] < 2)
		return;
	program->count[t]--;
	memmove(&program->call[t][at], &program->call[t][at + 1],
		(program->count[t] - at) * sizeof(program->call[t][at]));
}

/* The end of one of @other's threads in place of the end of one of ours. */
static void splice_tail(struct rng *rng, struct program *program, const struct program *other,
			unsigned int t, unsigned int at)
{
	unsigned int from = rng_below(rng, other->threads);
	unsigned int first = rng_below(rng, other->count[from]);

	program->count[t] = at;
	while (first < other->count[from] && program->count[t] < CALLS_MAX)
		program->call[t][program->count[t]++] = other->call[from][first++];
}

static void add_thread(struct rng *rng, struct program *program, const struct program *other)
{
	unsigned int from = rng_below(rng, other->threads), t = program->threads;

	if (t == THREADS_MAX)
		return;
	program->count[t] = other->count[from];
	memcpy(program->call[t], other->call[from], sizeof(program->call[t]));
	program->threads++;
}

static void mutate_once(struct rng *rng, struct program *program, const struct program *other)
{
	unsigned int t = rng_below(rng, program->threads);
	unsigned int at = rng_below(rng, program->count[t]);
	struct call *call = &program->call[t][at], copy;

	switch (rng_below(rng, 12)) {
	case 0:
		call_make(rng, call);
		break;
	case 1:
		take_out(program, t, at);
		break;
	case 2:
		copy = *call;
		insert(program, t, at, &copy);
		break;
	case 3:
		if (at)
			splice_tail(rng, program, other, t, at);
		break;
	case 4:
		add_thread(rng, program, other);
		break;
	case 5:
		if (program->threads > 1)
			program->threads--;
		break;
	case 6:
	case 7:
		call_make(rng, &copy);
		insert(program, t, at, &copy);
		break;
	default:
		change_argument(rng, call);
	}
}

void program_mutate(struct rng *rng, struct program *program, const struct program *other)
{
	unsigned int rounds = 1 + rng_below(rng, 4);

	while (rounds--)
		mutate_once(rng, program, other);
	if (program->setup > program->count[0])
		program->setup = program->count[0];
}
