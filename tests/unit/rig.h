/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring in user space that is mapped twice, as the kernel's is, and writers
 * that do what kmod/partition.c does, step by step.
 */
#ifndef UNIT_RIG_H
#define UNIT_RIG_H

#include "ring.h"

/* The largest ringlog_record.length of a ring, and what such a record takes. */
#define RIG_LENGTH_MAX(size)	((u32)((size) / 8))
#define RIG_APPEND_MAX(size)	(RIG_LENGTH_MAX(size) + (u32)sizeof(struct ringlog_record))

/**
 * struct rig - a ring and what it stands on
 * @ring: the ring
 * @published: its O page
 * @now: what the clock says at the next append; may go back
 * @lengths: the sum of the lengths of the last batch, as the ring gave it
 * @base: of the reservation: a guard, the data, the data again, a guard
 */
struct rig {
	struct ringlog_ring ring;
	struct ringlog_published published;
	u64 now;
	u64 lengths;
	u8 *base;
};

void rig_open(struct rig *rig, u64 size, u64 first_offset);
void rig_close(struct rig *rig);

/* As ringlog_partition_append(). If @copied is below @length: -EFAULT after as many bytes. */
int rig_append_torn(struct rig *rig, const void *value, u32 length, u32 copied, u32 producer);
int rig_append(struct rig *rig, const void *value, u32 length, u32 producer);

/* As ringlog_partition_append_batch(), torn likewise. Returns the count of records. */
int rig_append_batch_torn(struct rig *rig, const void *batch, u32 bytes, u32 copied,
			  u32 producer, u64 *first_offset);
int rig_append_batch(struct rig *rig, const void *batch, u32 bytes, u32 producer,
		     u64 *first_offset);

/* What a purge does: nothing is retained any more. */
void rig_purge(struct rig *rig);

/* Do @from and the @bytes after it lie in the ring's two mappings? */
bool rig_inside(const struct rig *rig, const void *from, u64 bytes);

/*
 * Copy into or out of a ring, where the other side may read or write at the
 * same time. Under TSan by relaxed atomic words; else by memcpy(), which is
 * what the kernel's copies are. rig_interlude runs once in the midst of it.
 */
void rig_copy(void *to, const void *from, size_t bytes);
extern void (*rig_interlude)(void);

#endif /* UNIT_RIG_H */
