// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's parameters: the default stream's configuration, and the limits of
 * all. A bad one fails the load and says which and why.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "account.h"
#include "params.h"

#define MODE_ALL 0666

/* memparse() takes what 64 bits cannot hold for something smaller. */
static int parse_bytes(const char *text, u64 *bytes)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789abcdefABCDEFxX");
	const char *unit;
	char number[32];

	/* Any number of 64 bits, in any base, is shorter. */
	if (digits >= sizeof(number))
		return -ERANGE;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (kstrtou64(number, 0, bytes))
		return -EINVAL;
	text += digits;
	unit = *text && *text != '\n' ? strchr(units, toupper(*text)) : NULL;
	if (unit) {
		if (check_shl_overflow(*bytes, 10 * (unit - units + 1), bytes))
			return -ERANGE;
		text++;
	}
	return *text && *text != '\n' ? -EINVAL : 0;
}

/* Numbers of bytes, with K, M or G behind them if one likes. */
static int set_bytes(const char *text, const struct kernel_param *param)
{
	u64 bytes;

	if (parse_bytes(text, &bytes)) {
		pr_err("%s: '%s' is not a number of bytes, such as 65536, 64K or 1M\n",
		       param->name, text);
		return -EINVAL;
	}
	WRITE_ONCE(*(u64 *)param->arg, bytes);
	return 0;
}

static int get_bytes(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%llu\n", READ_ONCE(*(u64 *)param->arg));
}

static const struct kernel_param_ops bytes_ops = { .set = set_bytes, .get = get_bytes };

static unsigned int partitions = 1;
module_param(partitions, uint, 0444);
MODULE_PARM_DESC(partitions, "partitions of the default stream, 1..1024 (1)");

static u64 ring_bytes = 1 << 20;
module_param_cb(ring_bytes, &bytes_ops, &ring_bytes, 0444);
MODULE_PARM_DESC(ring_bytes, "ring of each partition, a power of two, 64K..1G (1M)");

static char *policy = "overwrite";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "when a ring is full: overwrite, block or reject (overwrite)");

static u64 max_record;
module_param_cb(max_record, &bytes_ops, &max_record, 0444);
MODULE_PARM_DESC(max_record,
		 "largest record, a multiple of 32, at most ring_bytes/8 and 1M (128K or ring_bytes/8)");

static int set_mode(const char *text, const struct kernel_param *param)
{
	unsigned int value;

	/* Zero is how devtmpfs spells its default, so it cannot be had. */
	if (kstrtouint(text, 8, &value) || !value || (value & ~MODE_ALL)) {
		pr_err("mode: '%s' is not an octal mode of read and write bits, such as 0660\n",
		       text);
		return -EINVAL;
	}
	*(unsigned int *)param->arg = value;
	return 0;
}

static int get_mode(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "0%o\n", *(unsigned int *)param->arg);
}

static const struct kernel_param_ops mode_ops = { .set = set_mode, .get = get_mode };

static unsigned int mode = 0600;
module_param_cb(mode, &mode_ops, &mode, 0444);
MODULE_PARM_DESC(mode, "mode of /dev/stream, octal (0600)");

module_param_cb(memory_limit, &bytes_ops, &ringlog_limits.memory, 0644);
MODULE_PARM_DESC(memory_limit, "most bytes that all rings may take (half of memory)");

module_param_cb(uid_memory_limit, &bytes_ops, &ringlog_limits.uid_memory, 0644);
MODULE_PARM_DESC(uid_memory_limit,
		 "most bytes that the rings of one owner's streams may take (memory_limit)");

module_param_named(streams_limit, ringlog_limits.streams, uint, 0644);
MODULE_PARM_DESC(streams_limit, "most streams (16384)");

static const char * const policies[] = {
	[RINGLOG_POLICY_OVERWRITE] = "overwrite",
	[RINGLOG_POLICY_BLOCK] = "block",
	[RINGLOG_POLICY_REJECT] = "reject",
};

/* The parameter to blame for each setting. */
static const char * const blamed[] = {
	[RINGLOG_SETTING_NONE] = "ringlog",
	[RINGLOG_SETTING_PARTITIONS] = "partitions",
	[RINGLOG_SETTING_RING_BYTES] = "ring_bytes",
	[RINGLOG_SETTING_POLICY] = "policy",
	[RINGLOG_SETTING_MAX_RECORD] = "max_record",
	[RINGLOG_SETTING_UID] = "uid_memory_limit",
	[RINGLOG_SETTING_MODE] = "mode",
	[RINGLOG_SETTING_MEMORY] = "memory_limit",
};

/**
 * ringlog_params_blame() - say which parameter is wrong
 * @fault: why the default stream cannot be made
 */
void ringlog_params_blame(const struct ringlog_fault *fault)
{
	pr_err("%s: %s\n", blamed[fault->setting], fault->words);
}

/**
 * ringlog_params_check() - turn the parameters into a configuration
 * @config: out: of the default stream
 *
 * Return: 0; %-EINVAL, and the kernel log says which and why.
 */
int ringlog_params_check(struct ringlog_stream_config *config)
{
	int which = match_string(policies, ARRAY_SIZE(policies), policy);
	struct ringlog_fault fault;
	int ret;

	*config = (struct ringlog_stream_config){
		.name = RINGLOG_DEFAULT_NAME,
		.partitions = partitions,
		.policy = which < 0 ? U32_MAX : which,
		.ring_bytes = ring_bytes,
		.max_record = min_t(u64, max_record, U32_MAX),
		.partitioner = RINGLOG_PARTITIONER_KEY,
		.node = NUMA_NO_NODE,
		.uid = GLOBAL_ROOT_UID,
		.gid = GLOBAL_ROOT_GID,
		.mode = mode,
	};
	if (!max_record)
		config->max_record = ringlog_config_max_record(ring_bytes, 128 << 10);
	ret = ringlog_config_check(config, &fault);
	if (ret)
		ringlog_params_blame(&fault);
	return ret;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "params_kunit.c"
#endif
