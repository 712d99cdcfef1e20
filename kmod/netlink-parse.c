// SPDX-License-Identifier: GPL-2.0-only
/*
 * From attributes to a configuration.
 */
#include <linux/mm.h>

#include "netlink.h"

static const int blamed[] = {
	[RINGLOG_SETTING_NAME] = RINGLOG_A_STREAM_NAME,
	[RINGLOG_SETTING_PARTITIONS] = RINGLOG_A_STREAM_PARTITIONS,
	[RINGLOG_SETTING_RING_BYTES] = RINGLOG_A_STREAM_RING_BYTES,
	[RINGLOG_SETTING_POLICY] = RINGLOG_A_STREAM_POLICY,
	[RINGLOG_SETTING_MAX_RECORD] = RINGLOG_A_STREAM_MAX_RECORD,
	[RINGLOG_SETTING_AGE] = RINGLOG_A_STREAM_AGE,
	[RINGLOG_SETTING_BUDGET] = RINGLOG_A_STREAM_BUDGET,
	[RINGLOG_SETTING_PARTITIONER] = RINGLOG_A_STREAM_PARTITIONER,
	[RINGLOG_SETTING_NODE] = RINGLOG_A_STREAM_NUMA_NODE,
	[RINGLOG_SETTING_UID] = RINGLOG_A_STREAM_UID,
	[RINGLOG_SETTING_MODE] = RINGLOG_A_STREAM_MODE,
	[RINGLOG_SETTING_FIRST_OFFSET] = RINGLOG_A_STREAM_FIRST_OFFSET,
	[RINGLOG_SETTING_MEMORY] = RINGLOG_A_STREAM_RING_BYTES,
};

/**
 * ringlog_netlink_refuse() - say why a request is refused
 * @info: the request
 * @error: negative errno
 * @fault: why
 *
 * Return: @error.
 */
int ringlog_netlink_refuse(struct genl_info *info, int error, const struct ringlog_fault *fault)
{
	int attribute = fault->setting < ARRAY_SIZE(blamed) ? blamed[fault->setting] : 0;

	if (!info->extack)
		return error;
	/* The macros take literals; these live as long as the module does. */
	info->extack->_msg = fault->words;
	if (attribute)
		NL_SET_BAD_ATTR(info->extack, info->attrs[attribute]);
	return error;
}

static void take_u32(struct genl_info *info, int attribute, u32 *value)
{
	if (info->attrs[attribute])
		*value = nla_get_u32(info->attrs[attribute]);
}

static void take_u64(struct genl_info *info, int attribute, u64 *value)
{
	if (info->attrs[attribute])
		*value = nla_get_u64(info->attrs[attribute]);
}

static int parse_owner(struct genl_info *info, struct ringlog_stream_config *config)
{
	const struct nlattr *uid = info->attrs[RINGLOG_A_STREAM_UID];
	const struct nlattr *gid = info->attrs[RINGLOG_A_STREAM_GID];
	u32 mode = config->mode;

	if (uid)
		config->uid = make_kuid(&init_user_ns, nla_get_u32(uid));
	if (gid)
		config->gid = make_kgid(&init_user_ns, nla_get_u32(gid));
	if (!uid_valid(config->uid)) {
		NL_SET_ERR_MSG_ATTR(info->extack, uid, "there is no such uid");
		return -EINVAL;
	}
	if (!gid_valid(config->gid)) {
		NL_SET_ERR_MSG_ATTR(info->extack, gid, "there is no such gid");
		return -EINVAL;
	}
	take_u32(info, RINGLOG_A_STREAM_MODE, &mode);
	/* Whatever does not fit is no mode either. */
	config->mode = min_t(u32, mode, S_IFMT | S_IALLUGO);
	return 0;
}

static int parse_first_offset(struct genl_info *info, const struct nlattr *nest,
			      u32 partitions, u64 *first_offsets)
{
	struct nlattr *attrs[RINGLOG_A_FIRST_OFFSET_MAX + 1];
	u32 partition;
	u64 offset;
	int ret;

	ret = nla_parse_nested(attrs, RINGLOG_A_FIRST_OFFSET_MAX, nest,
			       ringlog_first_offset_policy, info->extack);
	if (ret)
		return ret;
	if (!attrs[RINGLOG_A_FIRST_OFFSET_PARTITION] || !attrs[RINGLOG_A_FIRST_OFFSET_OFFSET]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "a first offset needs both a partition and an offset");
		return -EINVAL;
	}
	partition = nla_get_u32(attrs[RINGLOG_A_FIRST_OFFSET_PARTITION]);
	if (partition >= partitions) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[RINGLOG_A_FIRST_OFFSET_PARTITION],
				    "the stream will have no such partition: they count from 0");
		return -EINVAL;
	}
	offset = nla_get_u64(attrs[RINGLOG_A_FIRST_OFFSET_OFFSET]);
	if (offset >= RINGLOG_FIRST_OFFSET_END) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[RINGLOG_A_FIRST_OFFSET_OFFSET],
				    "a first offset must be below 2^62");
		return -EINVAL;
	}
	first_offsets[partition] = offset;
	return 0;
}

/* There are any number of them, so they are looked for in the message itself. */
static int parse_first_offsets(struct genl_info *info, u32 partitions, u64 **first_offsets)
{
	const struct nlattr *attr;
	int rest, ret = 0;

	*first_offsets = NULL;
	/* The number of partitions has not been checked; one that is wrong is told later. */
	if (!info->attrs[RINGLOG_A_STREAM_FIRST_OFFSET] || !partitions ||
	    partitions > RINGLOG_PARTITIONS_MAX)
		return 0;
	*first_offsets = kvcalloc(partitions, sizeof(**first_offsets),
				  GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!*first_offsets) {
		GENL_SET_ERR_MSG(info, "no memory for the first offsets");
		return -ENOMEM;
	}
	nla_for_each_attr(attr, genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr), rest) {
		if (nla_type(attr) != RINGLOG_A_STREAM_FIRST_OFFSET)
			continue;
		ret = parse_first_offset(info, attr, partitions, *first_offsets);
		if (ret)
			break;
	}
	return ret;
}

/**
 * ringlog_netlink_parse() - what a stream is to be made with
 * @info: the request
 * @config: in: the defaults; out: what is asked for, checked. Its first offsets
 *	are the caller's to free, whatever is returned
 *
 * Context: process; sleeps.
 * Return: 0 or an errno, which has been explained.
 */
int ringlog_netlink_parse(struct genl_info *info, struct ringlog_stream_config *config)
{
	struct ringlog_fault fault;
	u64 *first_offsets;
	u32 node;
	int ret;

	take_u32(info, RINGLOG_A_STREAM_PARTITIONS, &config->partitions);
	ret = parse_first_offsets(info, config->partitions, &first_offsets);
	config->first_offsets = first_offsets;
	if (ret)
		return ret;
	ret = parse_owner(info, config);
	if (ret)
		return ret;
	nla_strscpy(config->name, info->attrs[RINGLOG_A_STREAM_NAME], sizeof(config->name));
	take_u64(info, RINGLOG_A_STREAM_RING_BYTES, &config->ring_bytes);
	take_u32(info, RINGLOG_A_STREAM_POLICY, &config->policy);
	take_u32(info, RINGLOG_A_STREAM_PARTITIONER, &config->partitioner);
	take_u64(info, RINGLOG_A_STREAM_AGE, &config->age);
	take_u64(info, RINGLOG_A_STREAM_BUDGET, &config->budget);
	config->max_record = ringlog_config_max_record(config->ring_bytes, config->max_record);
	take_u32(info, RINGLOG_A_STREAM_MAX_RECORD, &config->max_record);
	if (info->attrs[RINGLOG_A_STREAM_NUMA_NODE]) {
		node = nla_get_u32(info->attrs[RINGLOG_A_STREAM_NUMA_NODE]);
		config->node = min_t(u32, node, MAX_NUMNODES);
	}
	ret = ringlog_config_check(config, &fault);
	return ret ? ringlog_netlink_refuse(info, ret, &fault) : 0;
}
