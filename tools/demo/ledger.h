/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ledgers: for each partition and offset, what was sent or what was received.
 * The senders share one, each reader has its own; the audit compares them. They
 * live in memory that processes share.
 */
#ifndef RINGLOG_DEMO_LEDGER_H
#define RINGLOG_DEMO_LEDGER_H

#include <linux/types.h>
#include <stddef.h>

struct entry {
	__u64 time;	/* CLOCK_MONOTONIC: just before the append, just after the read */
	__u32 crc;	/* of the value */
	__u32 length;	/* of the value; zero for an entry that nobody made */
};

struct ledger {
	struct entry	*entries;
	__u64		per_partition;
	__u64		likely;		/* entries of a partition that will be used, most likely */
	unsigned int	partitions;
};

/* Memory that children share with their parent; exits when there is none. */
void *shared_memory(size_t bytes);

/* Room for @records in all, however the partitions divide them. */
void ledger_init(struct ledger *ledger, unsigned int partitions, __u64 records);
/*
 * Make the likely pages present in this process, which fork(2) does not: a page
 * fault while a record is on its way would count as its latency.
 */
void ledger_prefault(const struct ledger *ledger);
/* NULL if there are not to be so many. @index counts from the first offset. */
struct entry *ledger_entry(const struct ledger *ledger, unsigned int partition, __u64 index);

/*
 * write(2) does not say which offset a record got. The one process that uses it
 * appends to one partition only and keeps its records in order here: what the
 * others leave in that partition are its own, in this order.
 */
struct write_log {
	struct entry	*entries;
	unsigned int	partition;
};

void write_log_init(struct write_log *log, unsigned int partition, __u64 records);

#endif
