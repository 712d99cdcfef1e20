// SPDX-License-Identifier: GPL-2.0-only
/* See report.h. */
#include "report.h"

#include <err.h>
#include <limits.h>
#include <stdlib.h>

/* The buckets are finer than a terminal: so many are drawn as one. */
#define DRAWN_AS_ONE	2

struct text {
	char s[24];
};

/* Three digits that count. */
static struct text duration(__u64 ns)
{
	static const struct { double ns; const char *unit; } units[] = {
		{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" },
	};
	struct text text;

	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double value = ns / units[i].ns;

		/* Not 1000us: what would be rounded up to the next unit is given in it. */
		if (value < 0.9995)
			continue;
		snprintf(text.s, sizeof(text.s), "%.*f%s",
			 value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i].unit);
		return text;
	}
	snprintf(text.s, sizeof(text.s), "%lluns", (unsigned long long)ns);
	return text;
}

static struct text percentile(const struct ringlog_histogram *histogram, double percent)
{
	return duration(ringlog_histogram_percentile(histogram, percent));
}

static struct text rate(__u64 count, __u64 ns)
{
	double per_second = ns ? count * 1e9 / ns : 0;
	struct text text;

	if (per_second >= 1e6)
		snprintf(text.s, sizeof(text.s), "%.2f M", per_second / 1e6);
	else if (per_second >= 1e4)
		snprintf(text.s, sizeof(text.s), "%.0f k", per_second / 1e3);
	else
		snprintf(text.s, sizeof(text.s), "%.0f ", per_second);
	return text;
}

static const char *policy_name(unsigned int policy)
{
	static const char *const names[] = { "overwrite", "block", "reject" };

	return policy < sizeof(names) / sizeof(names[0]) ? names[policy] : "unknown";
}

void report_plan(const struct plan *plan)
{
	printf("stream: %s, %u partitions of %llu KiB, policy %s\n", plan->device, plan->partitions,
	       (unsigned long long)plan->ring_bytes / 1024, policy_name(plan->policy));
	printf("send:   %llu lines of the kernel's log by write, %llu of text (%llu different)\n",
	       (unsigned long long)plan->kernel_log.count,
	       (unsigned long long)(plan->paced + plan->flat),
	       (unsigned long long)plan->text.count);
	printf("        by %d processes in batches: %llu a second for %.1f s, then flat out\n",
	       FEEDERS, (unsigned long long)plan->rate, plan->seconds);
	for (int i = 0; i < READERS; i++)
		printf("%s %s\n", i ? "       " : "follow:", reader_kinds[i].title);
	fflush(stdout);
}

void report_progress(const struct demo *demo)
{
	const struct shared *shared = demo->shared;
	__u64 records = 0, bytes = 0, lost = 0, slowest = ~0ULL;

	/* The readers first, so that none seems to be ahead of the senders. */
	for (int i = 0; i < READERS; i++) {
		if (shared->readers[i].records < slowest)
			slowest = shared->readers[i].records;
		lost += shared->readers[i].lost;
	}
	for (int i = 0; i < PRODUCERS; i++) {
		records += shared->producers[i].records;
		bytes += shared->producers[i].bytes;
	}
	printf("%5.1f s  %9llu records  %7.1f MB sent  %9llu read by all  %llu lost\n",
	       (double)(clock_now() - shared->start_time) / NS_PER_SEC,
	       (unsigned long long)records, bytes / 1e6, (unsigned long long)slowest,
	       (unsigned long long)lost);
	fflush(stdout);
}

static void print_row(const char *name, __u64 records, __u64 bytes, __u64 lost,
		      const struct ringlog_histogram *histogram)
{
	printf("%-10s %9llu %11llu %7llu %9s %9s %9s\n", name, (unsigned long long)records,
	       (unsigned long long)bytes, (unsigned long long)lost, percentile(histogram, 50).s,
	       percentile(histogram, 99).s, duration(ringlog_histogram_max(histogram)).s);
}

static void print_flat_out(const struct audit *audit, const struct demo *demo)
{
	printf("\nflat out: %llu records, %.1f MB\n", (unsigned long long)audit->flat_records,
	       audit->flat_bytes / 1e6);
	for (int i = 0; i < READERS; i++) {
		const struct reader_audit *reader = &audit->readers[i];
		__u64 records = ringlog_histogram_count(reader->flat);
		__u64 took = reader->last_time - demo->shared->flat_time;

		if (!records)
			continue;
		printf("%-10s %srecords/s; there the latency is the queue: p50=%s max=%s\n",
		       reader_kinds[i].name, rate(records, took).s, percentile(reader->flat, 50).s,
		       duration(ringlog_histogram_max(reader->flat)).s);
	}
}

static FILE *open_output(const struct plan *plan, const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", plan->output, name);
	file = fopen(path, "w");
	if (!file)
		err(EXIT_FAILURE, "%s", path);
	return file;
}

static void close_output(FILE *file, const char *name)
{
	if (ferror(file) | fclose(file))
		err(EXIT_FAILURE, "%s", name);
}

static void write_distribution(const struct audit *audit, const struct plan *plan)
{
	FILE *file = open_output(plan, "latency.dat");

	fprintf(file, "# from (us), to (us), records, at the fixed rate, all readers\n");
	for (unsigned int i = 0; i < ringlog_histogram_buckets(); i += DRAWN_AS_ONE) {
		__u64 from, to = 0, records;

		records = ringlog_histogram_bucket(audit->paced, i, &from, NULL);
		for (unsigned int j = 1; j < DRAWN_AS_ONE; j++)
			records += ringlog_histogram_bucket(audit->paced, i + j, NULL, &to);
		if (records)
			fprintf(file, "%.3f %.3f %llu\n", from / 1e3, (to + 1.0) / 1e3,
				(unsigned long long)records);
	}
	close_output(file, "latency.dat");
}

void report_audit(const struct audit *audit, const struct demo *demo)
{
	__u64 latest = 0;

	for (int i = 0; i < PRODUCERS; i++)
		if (demo->shared->producers[i].latest_start > latest)
			latest = demo->shared->producers[i].latest_start;

	printf("\n%-10s %9s %11s %7s %9s %9s %9s\n", "reader", "records", "bytes", "lost", "p50",
	       "p99", "max");
	for (int i = 0; i < READERS; i++) {
		const struct reader_audit *reader = &audit->readers[i];

		print_row(reader_kinds[i].name, reader->records, reader->bytes, reader->missing,
			  reader->paced);
	}
	printf("latency: from before the append to after the read, of the %llu records sent at a\n"
	       "fixed rate; the senders themselves were late by %s at most\n",
	       (unsigned long long)(audit->records - audit->flat_records), duration(latest).s);
	print_flat_out(audit, demo);
	if (audit->faults)
		printf("\n%llu things do not add up\n", (unsigned long long)audit->faults);
	else
		printf("\naccounted for: each record of every partition, in order, by checksum%s\n",
		       audit->lost ? "; the losses to the record" : "; by each reader, once");
	if (demo->plan.output)
		write_distribution(audit, &demo->plan);
	fflush(stdout);
}

void report_summary(const struct audit *audit, const struct demo *demo)
{
	FILE *file = demo->plan.output ? open_output(&demo->plan, "summary") : stdout;

	fprintf(file, "demo: %llu records, %llu bytes, %llu lost, ",
		(unsigned long long)audit->records, (unsigned long long)audit->bytes,
		(unsigned long long)audit->lost);
	fprintf(file, "p50=%s p99=%s p99.9=%s p99.99=%s max=%s\n",
		percentile(audit->paced, 50).s, percentile(audit->paced, 99).s,
		percentile(audit->paced, 99.9).s, percentile(audit->paced, 99.99).s,
		duration(ringlog_histogram_max(audit->paced)).s);
	if (file == stdout)
		fflush(stdout);
	else
		close_output(file, "summary");
}
