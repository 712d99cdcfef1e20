// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>

#include "counters.h"

/**
 * ringlog_counters_sum() - add all CPUs up
 * @counters: of a stream
 * @sum: out
 *
 * Context: any. Others count on meanwhile.
 */
void ringlog_counters_sum(struct ringlog_counters __percpu *counters,
			  struct ringlog_counters *sum)
{
	int cpu;

	*sum = (struct ringlog_counters){};
	for_each_possible_cpu(cpu) {
		const struct ringlog_counters *part = per_cpu_ptr(counters, cpu);

		sum->singles += READ_ONCE(part->singles);
		sum->bytes += READ_ONCE(part->bytes);
		sum->batches += READ_ONCE(part->batches);
		sum->batched += READ_ONCE(part->batched);
		sum->wakeups += READ_ONCE(part->wakeups);
		sum->wakes += READ_ONCE(part->wakes);
		sum->waits += READ_ONCE(part->waits);
		sum->woken += READ_ONCE(part->woken);
		sum->lost += READ_ONCE(part->lost);
		sum->expired += READ_ONCE(part->expired);
		sum->rejects += READ_ONCE(part->rejects);
	}
	sum->records = sum->singles + sum->batched;
}
