// SPDX-License-Identifier: GPL-2.0-only
/* See ledger.h. */
#include "ledger.h"

#include <err.h>
#include <stdlib.h>
#include <sys/mman.h>

void *shared_memory(size_t bytes)
{
	/* Untouched pages cost nothing, so most ledgers may be larger than memory. */
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		err(EXIT_FAILURE, "%zu bytes of memory for the account", bytes);
	return memory;
}

void ledger_init(struct ledger *ledger, unsigned int partitions, __u64 records)
{
	__u64 likely = records / partitions + records / partitions / 8 + 1024;

	ledger->partitions = partitions;
	ledger->per_partition = records;
	ledger->likely = likely < records ? likely : records;
	ledger->entries = shared_memory(partitions * records * sizeof(struct entry));
}

void ledger_prefault(const struct ledger *ledger)
{
	const size_t page = 4096;

	for (unsigned int i = 0; i < ledger->partitions; i++) {
		char *from = (char *)ledger_entry(ledger, i, 0);
		size_t before = (size_t)from % page;

		/* Nothing is lost but time if the kernel cannot. */
		madvise(from - before, before + ledger->likely * sizeof(struct entry),
			MADV_POPULATE_WRITE);
	}
}

struct entry *ledger_entry(const struct ledger *ledger, unsigned int partition, __u64 index)
{
	if (partition >= ledger->partitions || index >= ledger->per_partition)
		return NULL;
	return &ledger->entries[partition * ledger->per_partition + index];
}

void write_log_init(struct write_log *log, unsigned int partition, __u64 records)
{
	log->entries = shared_memory(records * sizeof(struct entry));
	log->partition = partition;
}
