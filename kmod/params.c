// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's parameters: the default stream's configuration. A bad one fails
 * the load and says which and why.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/string.h>

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
	*(u64 *)param->arg = bytes;
	return 0;
}

static int get_bytes(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%llu\n", *(u64 *)param->arg);
}

static const struct kernel_param_ops bytes_ops = { .set = set_bytes, .get = get_bytes };

static unsigned int partitions = 1;
module_param(partitions, uint, 0444);
MODULE_PARM_DESC(partitions, "partitions of the default stream, 1..64 (1)");

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

static u64 memory_limit;
module_param_cb(memory_limit, &bytes_ops, &memory_limit, 0444);
MODULE_PARM_DESC(memory_limit, "most bytes that all rings may take (half of memory)");

static const char * const policies[] = {
	[RINGLOG_POLICY_OVERWRITE] = "overwrite",
	[RINGLOG_POLICY_BLOCK] = "block",
	[RINGLOG_POLICY_REJECT] = "reject",
};

static int check_rings(struct ringlog_stream_config *config)
{
	if (partitions < 1 || partitions > RINGLOG_PARTITIONS_MAX) {
		pr_err("partitions: %u is not between 1 and %u\n", partitions,
		       RINGLOG_PARTITIONS_MAX);
		return -EINVAL;
	}
	if (ring_bytes < RINGLOG_RING_MIN || ring_bytes > RINGLOG_RING_MAX) {
		pr_err("ring_bytes: %llu is not between 64K and 1G\n", ring_bytes);
		return -EINVAL;
	}
	if (!is_power_of_2(ring_bytes)) {
		pr_err("ring_bytes: %llu is not a power of two\n", ring_bytes);
		return -EINVAL;
	}
	config->partitions = partitions;
	config->ring_bytes = ring_bytes;
	return 0;
}

static int check_policy(struct ringlog_stream_config *config)
{
	int which = match_string(policies, ARRAY_SIZE(policies), policy);

	if (which < 0) {
		pr_err("policy: '%s' is none of overwrite, block, reject\n", policy);
		return -EINVAL;
	}
	config->policy = which;
	return 0;
}

static int check_max_record(struct ringlog_stream_config *config)
{
	u64 most = min_t(u64, config->ring_bytes / 8, RINGLOG_RECORD_MAX);
	u64 wanted = max_record ?: min_t(u64, most, 128 << 10);

	if (wanted > most) {
		pr_err("max_record: %llu is more than an eighth of ring_bytes or 1M, which is %llu\n",
		       wanted, most);
		return -EINVAL;
	}
	if (!IS_ALIGNED(wanted, RINGLOG_ALIGN)) {
		pr_err("max_record: %llu is not a multiple of %d\n", wanted, RINGLOG_ALIGN);
		return -EINVAL;
	}
	config->max_record = wanted;
	return 0;
}

static int check_memory(const struct ringlog_stream_config *config)
{
	u64 limit = memory_limit ?: (u64)totalram_pages() << (PAGE_SHIFT - 1);
	u64 cost = ringlog_stream_cost(config);

	if (cost > limit) {
		pr_err("memory_limit: %u partitions of %llu bytes take %llu bytes, the limit is %llu\n",
		       config->partitions, config->ring_bytes, cost, limit);
		return -ENOMEM;
	}
	return 0;
}

/**
 * ringlog_params_check() - turn the parameters into a configuration
 * @config: out
 * @node_mode: out: mode of the default stream's node
 *
 * Return: 0; %-EINVAL or %-ENOMEM, and the kernel log says which and why.
 */
int ringlog_params_check(struct ringlog_stream_config *config, umode_t *node_mode)
{
	int ret;

	ret = check_rings(config);
	if (!ret)
		ret = check_policy(config);
	if (!ret)
		ret = check_max_record(config);
	if (!ret)
		ret = check_memory(config);
	*node_mode = mode;
	return ret;
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "params_kunit.c"
#endif
