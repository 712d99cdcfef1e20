/* SPDX-License-Identifier: GPL-2.0-only */
/* Values that show whether they are whole, and batches of them. */
#ifndef FUZZ_PAYLOAD_H
#define FUZZ_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include <linux/ringlog.h>

/* From here on a value holds a tag. */
#define PAYLOAD_TAGGED 16

void payload_fill(void *at, size_t bytes, uint64_t tag);
/* Returns NULL if it is whole, or what is wrong. */
const char *payload_fault(const void *at, size_t bytes);
uint64_t payload_tag(const void *at, size_t bytes);

/**
 * batch_make() - make a batch out of a number
 * @at: where to
 * @room: bytes there
 * @most: bytes of a batch that the module takes
 * @number: the same one makes the same batch; an odd one makes a broken one, which
 *	may be valid all the same
 * @tag: for the values; 0: foreign bytes
 *
 * Returns the batch's bytes.
 */
uint32_t batch_make(void *at, size_t room, uint32_t most, uint64_t number, uint64_t tag);

/* Called for each record of a batch read; see runs_fault(). */
struct run_seen {
	uint32_t partition;
	uint32_t records;
	uint64_t first;
	uint64_t lost;
};

/**
 * runs_fault() - is what a batch read gave well formed
 * @at: the buffer
 * @bytes: that read returned
 * @partitions: of the stream
 * @visit: called for each run, or NULL
 * @record: called for each record, or NULL
 * @argument: for them
 *
 * Returns NULL or what is wrong.
 */
const char *runs_fault(const void *at, size_t bytes, uint32_t partitions,
		       void (*visit)(const struct run_seen *run, void *argument),
		       void (*record)(const struct ringlog_record *record, uint32_t partition,
				      void *argument),
		       void *argument);

#endif /* FUZZ_PAYLOAD_H */
