// SPDX-License-Identifier: GPL-2.0-only
/* See audit.h. */
#include "audit.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>

__attribute__((format(printf, 2, 3)))
static void fault(struct audit *audit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	audit->faults++;
}

/* @found and @wanted are two counts of the same thing. */
static void expect_equal(struct audit *audit, const char *who, const char *what,
			 __u64 found, __u64 wanted)
{
	if (found != wanted)
		fault(audit, "%s: %s: %llu, should be %llu", who, what,
		      (unsigned long long)found, (unsigned long long)wanted);
}

static __u64 sent_to(const struct demo *demo, unsigned int partition)
{
	return demo->shared->end_offset[partition] - demo->plan.first_offset[partition];
}

/* Give the offsets that nobody knows the sender of to the process that used write(2). */
static void claim_writes(struct audit *audit, struct demo *demo)
{
	const struct write_log *log = &demo->written;
	__u64 count = demo->shared->producers[FEEDERS].records;
	__u64 next = 0;

	for (__u64 i = 0; i < sent_to(demo, log->partition) && next < count; i++) {
		struct entry *entry = ledger_entry(&demo->sent, log->partition, i);

		if (entry && !entry->length)
			*entry = log->entries[next++];
	}
	expect_equal(audit, "the kernel log's sender", "records in the stream", next, count);
}

static void audit_sent(struct audit *audit, struct demo *demo, __u64 appended)
{
	__u64 told = 0, nobodys = 0;

	claim_writes(audit, demo);
	for (unsigned int p = 0; p < demo->plan.partitions; p++) {
		for (__u64 i = 0; i < sent_to(demo, p); i++) {
			const struct entry *entry = ledger_entry(&demo->sent, p, i);

			if (!entry || !entry->length) {
				nobodys++;
				continue;
			}
			audit->records++;
			audit->bytes += entry->length;
			if (entry->time >= demo->shared->flat_time) {
				audit->flat_records++;
				audit->flat_bytes += entry->length;
			}
		}
	}
	for (int i = 0; i < PRODUCERS; i++)
		told += demo->shared->producers[i].records;
	expect_equal(audit, "stream", "offsets that nobody sent", nobodys, 0);
	expect_equal(audit, "stream", "records with an offset", audit->records, told);
	expect_equal(audit, "stream", "records by its own count", appended, told);
}

static void audit_entry(struct reader_audit *reader, const struct entry *sent,
			const struct entry *received, __u64 flat_time)
{
	if (!received->length) {
		reader->missing++;
		return;
	}
	reader->records++;
	reader->bytes += received->length;
	if (received->crc != sent->crc || received->length != sent->length)
		reader->different++;
	if (received->time > reader->last_time)
		reader->last_time = received->time;
	if (received->time < sent->time) {
		reader->early++;
		return;
	}
	ringlog_histogram_record(sent->time < flat_time ? reader->paced : reader->flat,
				 received->time - sent->time);
}

static void audit_reader(struct audit *audit, struct demo *demo, unsigned int index)
{
	struct reader_audit *reader = &audit->readers[index];
	const struct reader_state *state = &demo->shared->readers[index];
	const struct reader_kind *kind = &reader_kinds[index];

	for (unsigned int p = 0; p < demo->plan.partitions; p++) {
		for (__u64 i = 0; i < sent_to(demo, p); i++) {
			const struct entry *sent = ledger_entry(&demo->sent, p, i);
			const struct entry *received = ledger_entry(&demo->received[index], p, i);

			if (sent && received && sent->length)
				audit_entry(reader, sent, received, demo->shared->flat_time);
		}
	}
	expect_equal(audit, kind->name, "records out of order or twice", state->disorder, 0);
	expect_equal(audit, kind->name, "records with other bytes", reader->different, 0);
	expect_equal(audit, kind->name, "records received before they were sent", reader->early, 0);
	expect_equal(audit, kind->name, "losses told", state->lost, reader->missing);
	expect_equal(audit, kind->name, "offsets passed over", state->skipped, reader->missing);
	expect_equal(audit, kind->name, "losses by RINGLOG_IOC_INFO", state->lost_by_info,
		     reader->missing);
	if (kind->gate && demo->plan.policy == RINGLOG_POLICY_BLOCK)
		expect_equal(audit, kind->name, "records lost behind a gate", reader->missing, 0);
	audit->lost += reader->missing;
}

static struct ringlog_histogram *new_histogram(void)
{
	struct ringlog_histogram *histogram;

	if (ringlog_histogram_new(&histogram))
		err(EXIT_FAILURE, "memory for a histogram");
	return histogram;
}

void audit_run(struct audit *audit, struct demo *demo, __u64 appended)
{
	*audit = (struct audit) { .paced = new_histogram(), .flat = new_histogram() };
	audit_sent(audit, demo, appended);
	for (unsigned int i = 0; i < READERS; i++) {
		struct reader_audit *reader = &audit->readers[i];

		reader->paced = new_histogram();
		reader->flat = new_histogram();
		audit_reader(audit, demo, i);
		ringlog_histogram_merge(audit->paced, reader->paced);
		ringlog_histogram_merge(audit->flat, reader->flat);
	}
}
