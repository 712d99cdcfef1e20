// SPDX-License-Identifier: GPL-2.0-only
/*
 * The family: its commands, and what each of them takes. Ranges are checked
 * where the module's parameters are, so that both are refused in the same words.
 */
#include <linux/module.h>

#include "compat.h"
#include "netlink.h"

const struct nla_policy ringlog_first_offset_policy[RINGLOG_A_FIRST_OFFSET_MAX + 1] = {
	[RINGLOG_A_FIRST_OFFSET_PARTITION] = { .type = NLA_U32 },
	[RINGLOG_A_FIRST_OFFSET_OFFSET] = { .type = NLA_U64 },
};

static const struct nla_policy new_policy[RINGLOG_A_STREAM_FIRST_OFFSET + 1] = {
	[RINGLOG_A_STREAM_NAME] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
	[RINGLOG_A_STREAM_PARTITIONS] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_RING_BYTES] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_POLICY] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_MAX_RECORD] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_AGE] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_BUDGET] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_PARTITIONER] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_NUMA_NODE] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_UID] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_GID] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_MODE] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_FIRST_OFFSET] = NLA_POLICY_NESTED(ringlog_first_offset_policy),
};

/* What is fixed for life is here to be refused in words. */
static const struct nla_policy set_policy[RINGLOG_A_STREAM_FIRST_OFFSET + 1] = {
	[RINGLOG_A_STREAM_NAME] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
	[RINGLOG_A_STREAM_INCARNATION] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_PARTITIONS] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_RING_BYTES] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_POLICY] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_MAX_RECORD] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_AGE] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_BUDGET] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_PARTITIONER] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_NUMA_NODE] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_UID] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_GID] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_MODE] = { .type = NLA_U32 },
	[RINGLOG_A_STREAM_FIRST_OFFSET] = NLA_POLICY_NESTED(ringlog_first_offset_policy),
};

static const struct nla_policy identity_policy[RINGLOG_A_STREAM_INCARNATION + 1] = {
	[RINGLOG_A_STREAM_NAME] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
	[RINGLOG_A_STREAM_INCARNATION] = { .type = NLA_U64 },
};

static const struct nla_policy get_policy[RINGLOG_A_STREAM_NAME + 1] = {
	[RINGLOG_A_STREAM_NAME] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
};

static const struct nla_policy purge_policy[RINGLOG_A_STREAM_PARTITION + 1] = {
	[RINGLOG_A_STREAM_NAME] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
	[RINGLOG_A_STREAM_INCARNATION] = { .type = NLA_U64 },
	[RINGLOG_A_STREAM_PARTITION] = { .type = NLA_U32 },
};

static const struct nla_policy partition_policy[RINGLOG_A_PARTITION_INDEX + 1] = {
	[RINGLOG_A_PARTITION_STREAM] = { .type = NLA_NUL_STRING, .len = RINGLOG_NAME_MAX },
	[RINGLOG_A_PARTITION_INDEX] = { .type = NLA_U32 },
};

static const struct genl_ops operations[] = {
	{
		.cmd = RINGLOG_CMD_STREAM_NEW,
		.flags = GENL_ADMIN_PERM,
		.policy = new_policy,
		.maxattr = ARRAY_SIZE(new_policy) - 1,
		.doit = ringlog_netlink_stream_new,
	},
	{
		.cmd = RINGLOG_CMD_STREAM_DELETE,
		.flags = GENL_ADMIN_PERM,
		.policy = identity_policy,
		.maxattr = ARRAY_SIZE(identity_policy) - 1,
		.doit = ringlog_netlink_stream_delete,
	},
	{
		.cmd = RINGLOG_CMD_STREAM_SET,
		.flags = GENL_ADMIN_PERM,
		.policy = set_policy,
		.maxattr = ARRAY_SIZE(set_policy) - 1,
		.doit = ringlog_netlink_stream_set,
	},
	{
		.cmd = RINGLOG_CMD_STREAM_GET,
		.policy = get_policy,
		.maxattr = ARRAY_SIZE(get_policy) - 1,
		.doit = ringlog_netlink_stream_get,
		.start = ringlog_netlink_dump_start,
		.dumpit = ringlog_netlink_dump_streams,
		.done = ringlog_netlink_dump_done,
	},
	{
		.cmd = RINGLOG_CMD_STREAM_PURGE,
		.flags = GENL_ADMIN_PERM,
		.policy = purge_policy,
		.maxattr = ARRAY_SIZE(purge_policy) - 1,
		.doit = ringlog_netlink_stream_purge,
	},
	{
		.cmd = RINGLOG_CMD_PARTITION_GET,
		.policy = partition_policy,
		.maxattr = ARRAY_SIZE(partition_policy) - 1,
		.doit = ringlog_netlink_partition_get,
		.start = ringlog_netlink_dump_start,
		.dumpit = ringlog_netlink_dump_partitions,
		.done = ringlog_netlink_dump_done,
	},
};

static const struct genl_multicast_group groups[] = {
	/* It names streams that others may not see. */
	{ .name = RINGLOG_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family ringlog_family __ro_after_init = {
	.name = RINGLOG_FAMILY_NAME,
	.version = RINGLOG_FAMILY_VERSION,
	.module = THIS_MODULE,
	/*
	 * Other commands go on while a large stream is made. Families of generic
	 * netlink cannot come and go meanwhile, and whoever waits for that holds up
	 * all of them: nothing can be done about it here.
	 */
	.parallel_ops = true,
	.ops = operations,
	.n_ops = ARRAY_SIZE(operations),
	.resv_start_op = RINGLOG_CMD_STREAM_NEW,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/**
 * ringlog_netlink_init() - answer from now on
 *
 * Return: 0 or an errno of generic netlink's.
 */
int ringlog_netlink_init(void)
{
	int ret = genl_register_family(&ringlog_family);

	if (!ret)
		ringlog_events_listen(&ringlog_netlink_listener);
	return ret;
}

/**
 * ringlog_netlink_exit() - answer no more
 *
 * No command is under way when this returns.
 */
void ringlog_netlink_exit(void)
{
	ringlog_events_listen(NULL);
	genl_unregister_family(&ringlog_family);
}
