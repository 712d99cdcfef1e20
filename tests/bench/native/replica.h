/* SPDX-License-Identifier: GPL-2.0-only */
/* The window of a partition, as the module would map it, but in a memfd. */
#ifndef NATIVE_REPLICA_H
#define NATIVE_REPLICA_H

#include <linux/ringlog.h>
#include <stdint.h>

struct ringlog_kernel_page *replica_new(uint64_t ring_bytes);
void replica_free(struct ringlog_kernel_page *page);

static inline void *replica_at(struct ringlog_kernel_page *page, uint64_t at)
{
	return (char *)page + at;
}

#endif /* NATIVE_REPLICA_H */
