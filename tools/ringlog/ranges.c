// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ranges of settings, as ringlog.yaml has them. The kernel checks them too, and
 * is the one that counts; but it sees the streams of a file one after another, and
 * some would have been made by the time that it refuses one.
 */
#include "declaration.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RING_LEAST	(64ULL << 10)
#define RING_MOST	(1ULL << 30)
#define RING_USUAL	(1ULL << 20)
#define RECORD_MOST	(1U << 20)
#define RECORD_ALIGN	32
/* Read and write, of everybody. */
#define MODE_BITS	0666

__attribute__((format(printf, 2, 3)))
static bool wrong(char fault[FAULT], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fault, FAULT, format, arguments);
	va_end(arguments);
	return false;
}

/* The program sets no locale, so letters are those of ASCII. */
static bool is_made_of_good(const char *name)
{
	const char *at = name;

	while (isalnum((unsigned char)*at) || (*at && strchr("._-", *at)))
		at++;
	return at > name && !*at;
}

static bool check_name(const char *name, char fault[FAULT])
{
	if (!is_made_of_good(name))
		return wrong(fault, "name: '%s' is not made of A-Z a-z 0-9 . _ -", name);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return wrong(fault, "name: %s cannot be one", name);
	return true;
}

static bool check_ring(const struct ringlog_ctl_config *config, char fault[FAULT])
{
	__u64 bytes = config->ring_bytes;

	if (!(config->has & RINGLOG_CTL_RING_BYTES))
		return true;
	if (bytes < RING_LEAST || bytes > RING_MOST || bytes & (bytes - 1))
		return wrong(fault, "ring: %llu is not a power of two from 64K to 1G",
			     (unsigned long long)bytes);
	return true;
}

static bool check_max_record(const struct ringlog_ctl_config *config, char fault[FAULT])
{
	__u64 ring = config->has & RINGLOG_CTL_RING_BYTES ? config->ring_bytes : RING_USUAL;

	if (!(config->has & RINGLOG_CTL_MAX_RECORD))
		return true;
	if (!config->max_record || config->max_record % RECORD_ALIGN)
		return wrong(fault, "max_record: %u is not a multiple of %d", config->max_record,
			     RECORD_ALIGN);
	if (config->max_record > RECORD_MOST || config->max_record > ring / 8)
		return wrong(fault, "max_record: %u is more than an eighth of a ring, or 1M",
			     config->max_record);
	return true;
}

static bool check_age(const struct ringlog_ctl_config *config, char fault[FAULT])
{
	if (config->has & RINGLOG_CTL_AGE && config->age && config->age < RINGLOG_AGE_MIN)
		return wrong(fault, "age: %llu ns is neither 0 nor at least 1ms",
			     (unsigned long long)config->age);
	return true;
}

static bool check_first_offsets(const struct ringlog_ctl_config *config, char fault[FAULT])
{
	__u32 partitions = config->has & RINGLOG_CTL_PARTITIONS ? config->partitions : 1;

	for (size_t i = 0; i < config->first_offsets_count; i++)
		if (config->first_offsets[i].partition >= partitions)
			return wrong(fault, "first_offsets: there is no partition %u of %u",
				     config->first_offsets[i].partition, partitions);
	return true;
}

bool declared_check(const struct declared *declared, char fault[FAULT])
{
	const struct ringlog_ctl_config *config = &declared->config;

	if (!check_name(declared->name, fault))
		return false;
	if (config->has & RINGLOG_CTL_PARTITIONS &&
	    (!config->partitions || config->partitions > RINGLOG_PARTITIONS_MAX))
		return wrong(fault, "partitions: %u is not from 1 to %d", config->partitions,
			     RINGLOG_PARTITIONS_MAX);
	if (config->has & RINGLOG_CTL_MODE && (!config->mode || config->mode & ~MODE_BITS))
		return wrong(fault, "mode: %04o is not made of read and write bits", config->mode);
	return check_ring(config, fault) && check_max_record(config, fault) &&
	       check_age(config, fault) && check_first_offsets(config, fault);
}
