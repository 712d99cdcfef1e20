/* SPDX-License-Identifier: GPL-2.0-only */
/* Compares what was received with what was sent, record by record. */
#ifndef RINGLOG_DEMO_AUDIT_H
#define RINGLOG_DEMO_AUDIT_H

#include "demo.h"

/* What one reader got */
struct reader_audit {
	__u64	records;
	__u64	bytes;
	__u64	missing;	/* sent, never received */
	__u64	different;	/* received with other bytes than were sent */
	__u64	early;		/* received before it was sent */
	__u64	last_time;	/* when the last record came */
	/* From just before the append to just after the read */
	struct ringlog_histogram *paced;
	struct ringlog_histogram *flat;
};

struct audit {
	__u64	records;	/* sent */
	__u64	bytes;
	__u64	lost;		/* by all readers */
	__u64	flat_records;
	__u64	flat_bytes;
	__u64	faults;
	struct reader_audit	readers[READERS];
	struct ringlog_histogram *paced;	/* of all readers */
	struct ringlog_histogram *flat;
};

/*
 * Each thing that does not add up is told on stderr and counted in @audit->faults.
 * @appended: what the stream counted since the start, end markers excluded.
 */
void audit_run(struct audit *audit, struct demo *demo, __u64 appended);

#endif
