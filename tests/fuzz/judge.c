// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "judge.h"
#include "module.h"
#include "payload.h"

bool known_nonblock(const struct thread *thread, unsigned int slot)
{
	const struct known *known = &thread->known[slot];

	return known->owned && (!known->open || known->nonblock);
}

void known_forget(struct thread *thread, unsigned int slot)
{
	memset(thread->known[slot].sure, 0, sizeof(thread->known[slot].sure));
}

void judge_flags(struct thread *thread, unsigned int slot, long ret, bool reads, bool nowait)
{
	const struct known *known = &thread->known[slot];
	int mode = known->flags & O_ACCMODE;

	if (!known->owned)
		return;
	if (!known->open) {
		if (ret >= 0)
			thread_finds(thread, "%ld from a file that is closed", ret);
		return;
	}
	if (ret == -EBADF && !(known->flags & O_PATH) &&
	    (mode == O_RDWR || mode == (reads ? O_RDONLY : O_WRONLY)))
		thread_finds(thread, "EBADF from a file that is open for it");
	if (ret == -EAGAIN && !known->nonblock && !nowait)
		thread_finds(thread, "EAGAIN from a file that may wait");
}

struct reading {
	struct thread *thread;
	struct known *known;
};

/* In order, and every gap is a loss that was told. */
static void see_run(const struct run_seen *run, void *argument)
{
	struct reading *reading = argument;
	struct known *known = reading->known;
	uint64_t *expected = &known->expected[run->partition];

	if (known->owned && known->sure[run->partition]) {
		if (run->first < *expected)
			thread_finds(reading->thread, "offset %lu after %lu in partition %u",
				     (unsigned long)run->first, (unsigned long)*expected - 1,
				     run->partition);
		else if (run->lost != run->first - *expected)
			thread_finds(reading->thread, "lost %lu told, but %lu passed over",
				     (unsigned long)run->lost,
				     (unsigned long)(run->first - *expected));
	}
	*expected = run->first + run->records;
	known->sure[run->partition] = true;
}

void judge_read(struct thread *thread, unsigned int slot, long got, size_t room, const void *at,
		bool nowait, bool good)
{
	struct reading reading = { thread, &thread->known[slot] };
	const char *run_fault, *value_fault;

	judge_flags(thread, slot, got, true, nowait);
	if (got == -EFAULT && good)
		thread_finds(thread, "EFAULT for memory that is there");
	if (got > 0 && (size_t)got > room)
		thread_finds(thread, "%ld bytes into %zu", got, room);
	if (!got && room)
		thread_finds(thread, "the end of a file that has none");
	if (got <= 0)
		return;
	if (!at) {
		known_forget(thread, slot);
		return;
	}
	run_fault = runs_fault(at, got, config.partitions, NULL, NULL, NULL);
	if (!run_fault) {
		runs_fault(at, got, config.partitions, see_run, NULL, &reading);
		return;
	}
	/* Of which partition a value is, nobody can tell. */
	known_forget(thread, slot);
	value_fault = payload_fault(at, got);
	if (value_fault)
		thread_finds(thread, "%s (and not a batch: %s)", value_fault, run_fault);
}

void judge_write(struct thread *thread, unsigned int slot, long ret, size_t bytes, bool nowait,
		 bool good)
{
	bool fits = bytes <= config.max_record;

	judge_flags(thread, slot, ret, false, nowait);
	if (ret >= 0 && ((size_t)ret != bytes || !fits))
		thread_finds(thread, "%ld bytes written of %zu", ret, bytes);
	if (ret == -EMSGSIZE && fits)
		thread_finds(thread, "EMSGSIZE for %zu bytes, %u may be", bytes,
			     config.max_record);
	if (ret == -EFAULT && good)
		thread_finds(thread, "EFAULT for memory that is there");
	if (ret == -ENOBUFS && config.policy != RINGLOG_POLICY_REJECT)
		thread_finds(thread, "ENOBUFS from a stream that does not reject");
	if (ret == -EAGAIN && config.policy != RINGLOG_POLICY_BLOCK)
		thread_finds(thread, "EAGAIN from a stream that does not block");
}

void judge_info(struct thread *thread, unsigned int slot, const struct ringlog_info *info)
{
	const struct known *known = &thread->known[slot];
	uint64_t expected = known->expected[info->partition % PARTITIONS_MAX];
	/* Where a mapped reader is, is what it says. */
	bool mapped = info->cursor_flags & RINGLOG_CURSOR_MAPPED;
	const char *wrong = NULL;

	if (info->partitions != config.partitions || info->policy != config.policy ||
	    info->max_record != config.max_record || info->ring_bytes != config.ring_bytes)
		wrong = "another configuration";
	else if (info->flags || info->reserved || info->partition >= info->partitions)
		wrong = "flags, reserved or partition";
	else if (info->tail > info->head || info->head - info->tail > info->ring_bytes)
		wrong = "tail and head";
	else if ((info->head | info->tail | (mapped ? 0 : info->cursor_position)) % RINGLOG_ALIGN)
		wrong = "a position between records";
	else if (info->oldest_offset > info->next_offset)
		wrong = "oldest and next offset";
	else if ((info->oldest_offset == info->next_offset) != (info->tail == info->head))
		wrong = "emptiness";
	else if ((info->next_offset - info->oldest_offset) * RINGLOG_ALIGN >
		 info->head - info->tail)
		wrong = "more records than bytes";
	else if (!mapped && (info->cursor_position > info->head ||
			     info->cursor_offset > info->next_offset))
		wrong = "a cursor beyond the head";
	else if (info->lost > info->next_offset)
		wrong = "more lost than there were";
	else if (!mapped && known->owned && (info->cursor_flags & RINGLOG_CURSOR_ATTACHED) &&
		 known->sure[info->partition] && info->cursor_offset != expected)
		wrong = "not the offset that the last read left";
	if (wrong)
		thread_finds(thread,
			     "INFO: %s (%u: tail %lu head %lu oldest %lu next %lu cursor %lu %lu)",
			     wrong, info->partition, (unsigned long)info->tail,
			     (unsigned long)info->head, (unsigned long)info->oldest_offset,
			     (unsigned long)info->next_offset,
			     (unsigned long)info->cursor_position,
			     (unsigned long)info->cursor_offset);
}
