// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of a stream's settings, for the module's parameters and for
 * netlink alike.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/string.h>

#include "config.h"
#include "ring.h"

static u32 largest_record(u64 ring_bytes)
{
	return min_t(u64, ring_bytes / 8, RINGLOG_RECORD_MAX);
}

/**
 * ringlog_config_max_record() - a largest record for rings that leave it open
 * @ring_bytes: of each partition
 * @wanted: bytes
 *
 * Return: @wanted, or what the rings allow if that is less.
 */
u32 ringlog_config_max_record(u64 ring_bytes, u32 wanted)
{
	return min(largest_record(ring_bytes), wanted);
}

static bool valid_name(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isascii(*c) || !(isalnum(*c) || strchr("._-", *c)))
			return false;
	return *name && strcmp(name, ".") && strcmp(name, "..");
}

/**
 * ringlog_config_check_age() - can records be kept so long
 * @age: ns
 * @fault: out: why not
 *
 * A reader would run after a writer for ever, with less.
 *
 * Return: 0 or %-EINVAL.
 */
int ringlog_config_check_age(u64 age, struct ringlog_fault *fault)
{
	if (!age || age >= RINGLOG_AGE_MIN)
		return 0;
	return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_AGE,
			      "an age must be at least a millisecond, or zero for none");
}

static int check_first_offsets(const struct ringlog_stream_config *config,
			       struct ringlog_fault *fault)
{
	u32 i;

	for (i = 0; config->first_offsets && i < config->partitions; i++)
		if (config->first_offsets[i] >= RINGLOG_FIRST_OFFSET_END)
			return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_FIRST_OFFSET,
					      "a first offset must be below 2^62");
	return 0;
}

static int check_rings(const struct ringlog_stream_config *config, struct ringlog_fault *fault)
{
	if (config->partitions < 1 || config->partitions > RINGLOG_PARTITIONS_MAX)
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_PARTITIONS,
				      "the number of partitions must be from 1 to 1024");
	if (config->ring_bytes < RINGLOG_RING_MIN || config->ring_bytes > RINGLOG_RING_MAX)
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_RING_BYTES,
				      "a ring must have from 64 KiB to 1 GiB");
	if (!is_power_of_2(config->ring_bytes))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_RING_BYTES,
				      "the size of a ring must be a power of two");
	if (!config->max_record || !IS_ALIGNED(config->max_record, RINGLOG_ALIGN))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_MAX_RECORD,
				      "the largest record must be a multiple of 32 bytes");
	if (config->max_record > largest_record(config->ring_bytes))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_MAX_RECORD,
				      "the largest record may have an eighth of a ring and 1 MiB at most");
	if (config->node != NUMA_NO_NODE &&
	    (config->node < 0 || config->node >= nr_node_ids ||
	     !node_state(config->node, N_MEMORY)))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_NODE,
				      "there is no such NUMA node with memory");
	return check_first_offsets(config, fault);
}

/**
 * ringlog_config_check() - does a configuration make sense
 * @config: to check
 * @fault: out: what does not
 *
 * Return: 0 or %-EINVAL.
 */
int ringlog_config_check(const struct ringlog_stream_config *config, struct ringlog_fault *fault)
{
	if (!valid_name(config->name))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_NAME,
				      "a name is 1 to 63 of A-Z a-z 0-9 . _ - and neither . nor ..");
	if (config->policy > RINGLOG_POLICY_REJECT)
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_POLICY,
				      "the policy must be overwrite, block or reject");
	if (config->partitioner > RINGLOG_PARTITIONER_KEY)
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_PARTITIONER,
				      "the partitioner must be turn or key");
	if (ringlog_config_check_age(config->age, fault))
		return -EINVAL;
	/* Zero is how devtmpfs spells its default, so it cannot be had. */
	if (!config->mode || (config->mode & ~0666))
		return ringlog_refuse(fault, -EINVAL, RINGLOG_SETTING_MODE,
				      "a mode is of read and write bits, such as 0660, and not zero");
	return check_rings(config, fault);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "config_kunit.c"
#endif
