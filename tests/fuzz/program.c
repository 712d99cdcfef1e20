// SPDX-License-Identifier: GPL-2.0-only
/* The text form of programs, and what can be told from a program without running it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "program.h"

static const char * const region_names[REGIONS] = {
	[REGION_WRITE] = "w", [REGION_READ] = "r", [REGION_NULL] = "null",
	[REGION_GONE] = "gone", [REGION_NONE] = "none", [REGION_RO] = "ro",
	[REGION_HALF] = "half", [REGION_UFFD] = "uffd", [REGION_RACE] = "race",
	[REGION_KERNEL] = "kernel", [REGION_WILD] = "wild",
};

void call_print(const struct call *call, FILE *to)
{
	const struct call_kind *kind = &call_kinds[call->kind];

	fprintf(to, "%s", kind->name);
	for (unsigned int i = 0; i < ARGS_MAX && kind->args[i]; i++) {
		uint64_t arg = call->arg[i];

		if (kind->args[i] == ARG_SLOT)
			fprintf(to, " s%" PRIu64, arg);
		else if (kind->args[i] == ARG_ADDRESS)
			fprintf(to, " %s+0x%x", region_names[ADDRESS_REGION(arg)],
				ADDRESS_OFFSET(arg));
		else
			fprintf(to, " 0x%" PRIx64, arg);
	}
}

void program_print(const struct program *program, FILE *to)
{
	fprintf(to, "threads %u setup %u\n", program->threads, program->setup);
	for (unsigned int t = 0; t < program->threads; t++) {
		for (unsigned int i = 0; i < program->count[t]; i++) {
			fprintf(to, "%u ", t);
			call_print(&program->call[t][i], to);
			fprintf(to, "\n");
		}
	}
}

static bool parse_address(const char *word, uint64_t *arg)
{
	const char *plus = strchr(word, '+');
	size_t length = plus ? (size_t)(plus - word) : strlen(word);

	for (unsigned int i = 0; i < REGIONS; i++) {
		if (strlen(region_names[i]) != length || memcmp(region_names[i], word, length) != 0)
			continue;
		*arg = ADDRESS(i, plus ? strtoul(plus + 1, NULL, 0) : 0);
		return true;
	}
	return false;
}

static bool parse_argument(enum argument what, const char *word, uint64_t *arg)
{
	char *end;

	if (!word)
		return false;
	if (what == ARG_ADDRESS)
		return parse_address(word, arg);
	if (what == ARG_SLOT && *word++ != 's')
		return false;
	*arg = strtoull(word, &end, 0);
	return end != word && !*end && (what != ARG_SLOT || *arg < SLOTS);
}

/* "THREAD NAME ARGUMENT..." */
static bool parse_call(struct program *program, char *line)
{
	char *words = line, *word = strsep(&words, " ");
	unsigned long thread = strtoul(word, NULL, 10);
	const struct call_kind *kind;
	struct call call = {};
	int found;

	word = strsep(&words, " ");
	found = word ? call_kind_find(word) : -1;
	if (found < 0 || thread >= program->threads || program->count[thread] == CALLS_MAX)
		return false;
	kind = &call_kinds[found];
	call.kind = found;
	for (unsigned int i = 0; i < ARGS_MAX && kind->args[i]; i++)
		if (!parse_argument(kind->args[i], strsep(&words, " "), &call.arg[i]))
			return false;
	program->call[thread][program->count[thread]++] = call;
	return !words;
}

bool program_parse(struct program *program, FILE *from)
{
	char line[512];
	bool good = true;

	memset(program, 0, sizeof(*program));
	while (good && fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (!program->threads)
			good = sscanf(line, "threads %u setup %u", &program->threads,
				      &program->setup) == 2 &&
			       program->threads && program->threads <= THREADS_MAX;
		else
			good = parse_call(program, line);
		if (!good)
			fprintf(stderr, "fuzz: no call: '%s'\n", line);
	}
	return good && program->threads;
}

bool program_uses_region(const struct program *program, enum region region)
{
	for (unsigned int t = 0; t < program->threads; t++) {
		for (unsigned int i = 0; i < program->count[t]; i++) {
			const struct call *call = &program->call[t][i];
			const enum argument *args = call_kinds[call->kind].args;

			for (unsigned int a = 0; a < ARGS_MAX && args[a]; a++)
				if (args[a] == ARG_ADDRESS &&
				    ADDRESS_REGION(call->arg[a]) == region)
					return true;
		}
	}
	return false;
}

static bool mentions(const struct call *call, unsigned int slot)
{
	const enum argument *args = call_kinds[call->kind].args;

	for (unsigned int a = 0; a < ARGS_MAX && args[a]; a++)
		if (args[a] == ARG_SLOT && call->arg[a] == slot)
			return true;
	return false;
}

int program_owner(const struct program *program, unsigned int slot)
{
	int owner = -1;

	for (unsigned int t = 0; t < program->threads; t++) {
		for (unsigned int i = 0; i < program->count[t]; i++) {
			const struct call *call = &program->call[t][i];
			unsigned int traits = call_kinds[call->kind].traits;

			/* A child would have every open file. */
			if (traits & CALL_FORKS)
				return -1;
			if (!mentions(call, slot))
				continue;
			if ((traits & (CALL_URING | CALL_SHARES)) ||
			    (owner >= 0 && owner != (int)t))
				return -1;
			owner = t;
		}
	}
	return owner;
}
