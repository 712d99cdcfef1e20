/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a stream is made with, and what of it makes no sense.
 */
#ifndef RINGLOG_CONFIG_H
#define RINGLOG_CONFIG_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "uapi/linux/ringlog.h"
#include "uapi/linux/ringlog_netlink.h"

/* The stream that loading the module makes. */
#define RINGLOG_DEFAULT_NAME "default"

/**
 * struct ringlog_stream_config - what a stream is made with
 * @name: zero-padded
 * @partitions: 1..%RINGLOG_PARTITIONS_MAX
 * @policy: RINGLOG_POLICY_*
 * @ring_bytes: of each partition: a power of two, %RINGLOG_RING_MIN to
 *	%RINGLOG_RING_MAX
 * @max_record: a multiple of %RINGLOG_ALIGN, at least that, at most
 *	@ring_bytes / 8 and %RINGLOG_RECORD_MAX
 * @partitioner: RINGLOG_PARTITIONER_*
 * @age: ns that records are kept at most, at least %RINGLOG_AGE_MIN; zero: for ever
 * @budget: latency objective in ns; zero: none
 * @first_offsets: one for each partition; NULL: zero
 * @node: where memory is taken from, or %NUMA_NO_NODE
 * @uid: owner of the node, to whom the memory is counted
 * @gid: group of the node
 * @mode: of the node: read and write bits, not zero
 */
struct ringlog_stream_config {
	char name[RINGLOG_NAME_MAX + 1];
	u32 partitions;
	u32 policy;
	u64 ring_bytes;
	u32 max_record;
	u32 partitioner;
	u64 age;
	u64 budget;
	const u64 *first_offsets;
	int node;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
};

/* As far as a lifetime of appends cannot go. */
#define RINGLOG_FIRST_OFFSET_END	BIT_ULL(62)

/* What a refusal can be about. */
enum ringlog_setting {
	RINGLOG_SETTING_NONE,
	RINGLOG_SETTING_NAME,
	RINGLOG_SETTING_PARTITIONS,
	RINGLOG_SETTING_RING_BYTES,
	RINGLOG_SETTING_POLICY,
	RINGLOG_SETTING_MAX_RECORD,
	RINGLOG_SETTING_AGE,
	RINGLOG_SETTING_BUDGET,
	RINGLOG_SETTING_PARTITIONER,
	RINGLOG_SETTING_NODE,
	RINGLOG_SETTING_UID,
	RINGLOG_SETTING_MODE,
	RINGLOG_SETTING_FIRST_OFFSET,
	RINGLOG_SETTING_MEMORY,
};

/**
 * struct ringlog_fault - why something was refused
 * @setting: that is to blame
 * @words: a constant sentence that says what to change
 */
struct ringlog_fault {
	enum ringlog_setting setting;
	const char *words;
};

/* Fill @fault in, and be what it is worth. */
static inline int ringlog_refuse(struct ringlog_fault *fault, int error,
				 enum ringlog_setting setting, const char *words)
{
	*fault = (struct ringlog_fault){ setting, words };
	return error;
}

int ringlog_config_check_age(u64 age, struct ringlog_fault *fault);
u32 ringlog_config_max_record(u64 ring_bytes, u32 wanted);
int ringlog_config_check(const struct ringlog_stream_config *config, struct ringlog_fault *fault);

#endif /* RINGLOG_CONFIG_H */
