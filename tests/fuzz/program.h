/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program: what the threads of a process call, one list for each. It has a
 * text form, a call on a line, that can be read back:
 *
 *	threads 2 setup 1
 *	0 open s0 0x2
 *	0 write s0 w+0x0 0x40
 *	1 read s0 r+0x0 0x1000
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define THREADS_MAX	4
#define CALLS_MAX	24	/* of each thread */
#define ARGS_MAX	8
#define SLOTS		8

/**
 * struct call - one call
 * @arg: as its kind in the table says
 * @kind: index in the table
 */
struct call {
	uint64_t arg[ARGS_MAX];
	uint8_t kind;
};

/**
 * struct program - calls of several threads of a process
 * @threads: how many
 * @setup: so many calls of the first thread come before the others begin
 * @count: of @call, for each thread
 * @call: the calls
 */
struct program {
	uint32_t threads;
	uint32_t setup;
	uint32_t count[THREADS_MAX];
	struct call call[THREADS_MAX][CALLS_MAX];
};

/* What an address argument names; the low 32 bits are an offset into it. */
enum region {
	REGION_WRITE,	/* the thread's own, payloads come from here */
	REGION_READ,	/* the thread's own, to read into */
	REGION_NULL,
	REGION_GONE,	/* unmapped */
	REGION_NONE,	/* PROT_NONE */
	REGION_RO,
	REGION_HALF,	/* the offset counts back from where PROT_NONE begins */
	REGION_UFFD,	/* missing until userfaultfd brings it, late */
	REGION_RACE,	/* another thread takes its pages away */
	REGION_KERNEL,
	REGION_WILD,	/* not canonical */
	REGIONS,
};

#define ADDRESS(region, offset)	((uint64_t)(region) << 56 | (uint32_t)(offset))
#define ADDRESS_REGION(arg)	((enum region)((arg) >> 56))
#define ADDRESS_OFFSET(arg)	((uint32_t)(arg))

void program_print(const struct program *program, FILE *to);
void call_print(const struct call *call, FILE *to);
/* Skips lines that begin with '#'. Returns false, with words on stderr, if it cannot. */
bool program_parse(struct program *program, FILE *from);

bool program_uses_region(const struct program *program, enum region region);
/* The thread that alone mentions the slot, or -1. */
int program_owner(const struct program *program, unsigned int slot);

#endif /* FUZZ_PROGRAM_H */
