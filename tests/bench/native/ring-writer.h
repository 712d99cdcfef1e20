/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's own ring, in user space, as its appends use it. Its header is not for those
 * who include the library's: some of their names are the same.
 */
#ifndef NATIVE_RING_WRITER_H
#define NATIVE_RING_WRITER_H

#include <stdint.h>

struct ring_writer;

struct ring_writer *ring_writer_new(void *data, void *index, void *published,
				    uint64_t ring_bytes);
void ring_writer_free(struct ring_writer *writer);
void ring_writer_append(struct ring_writer *writer, const void *value, uint32_t bytes,
			uint64_t timestamp);

#endif /* NATIVE_RING_WRITER_H */
