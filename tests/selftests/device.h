/* SPDX-License-Identifier: GPL-2.0-only */
/* The device's calls, each checked; and records in the ring's layout. */
#ifndef RINGLOG_TEST_DEVICE_H
#define RINGLOG_TEST_DEVICE_H

#include <fcntl.h>
#include <linux/ringlog.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#define DEVICE	"/dev/stream"
#define PARTITIONS_MAX	64

#define ALL	RINGLOG_PARTITION_ALL
#define TURN	RINGLOG_PARTITION_TURN

int dev_open(int flags);
/* A reader (and writer) that starts after what earlier tests left. */
int dev_open_newest(int flags);

struct ringlog_info dev_info(int fd, unsigned int partition);
unsigned int dev_partitions(void);
unsigned int dev_policy(void);
unsigned int dev_max_record(void);
uint64_t dev_ring_bytes(void);
/*
 * Until so many sleeps were counted. A task looks asleep from the moment that
 * it gets ready to sleep, which is before it counts.
 */
void dev_until_waits(int fd, uint64_t wanted);
void need_policy(unsigned int policy);
void need_partitions(unsigned int at_least);

struct ringlog_attach dev_attach(int fd, unsigned int partition,
				 unsigned int flags, unsigned int start,
				 uint64_t value);
int try_attach(int fd, unsigned int partition, unsigned int flags,
	       unsigned int start, uint64_t value);
struct ringlog_append dev_append(int fd, unsigned int partition,
				 const void *records, unsigned int bytes);
int try_append(int fd, unsigned int partition, const void *records,
	       unsigned int bytes);

/* Records whose value is one number. */
void write_number(int fd, uint64_t number);
uint64_t read_number(int fd);
void append_number(int fd, unsigned int partition, uint64_t number);
void append_value(int fd, unsigned int partition, const void *value,
		  unsigned int length);
int try_append_value(int fd, unsigned int partition, const void *value,
		     unsigned int length);
/* Append until every reader of the partition that is at its end is lapped. */
void lap(int fd, unsigned int partition);
void no_more(int fd);

struct parts {
	unsigned int flags;
	const void *key, *headers, *value;
	unsigned int key_len, headers_len, value_len;
};

/* Writes a record with dirty padding; returns its size in the ring. */
size_t record_put(void *to, const struct parts *parts);
size_t record_size(const struct ringlog_record *record);
const unsigned char *record_key(const struct ringlog_record *record);
const unsigned char *record_headers(const struct ringlog_record *record);
const unsigned char *record_value(const struct ringlog_record *record);
unsigned int record_value_len(const struct ringlog_record *record);

typedef void visit_fn(const struct ringlog_run *run,
		      const struct ringlog_record *record, void *argument);

/* Checks the form of a batch and calls @visit for each record. */
unsigned int walk_runs(const void *buffer, ssize_t size, visit_fn *visit,
		       void *argument);
size_t batch_bytes(void);

#endif
