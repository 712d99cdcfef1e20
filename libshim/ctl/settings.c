// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a stream is to be like, as attributes of a request. */
#include "settings.h"
#include "../ringlog-ctl.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

/* Of a number, at most. */
#define NUMBER_BYTES		(NLA_HDRLEN + sizeof(__u64))
#define FIRST_OFFSET_BYTES	(NLA_HDRLEN + 2 * NUMBER_BYTES)

/* In the order of their bits in ringlog_ctl_config.has. */
#define SETTING(attribute, member)	\
	{ attribute, offsetof(struct ringlog_ctl_config, member),	\
	  sizeof(((struct ringlog_ctl_config *)0)->member) }
static const struct {
	__u16	attribute;
	__u16	offset;
	__u16	size;
} settings[] = {
	SETTING(RINGLOG_A_STREAM_INCARNATION, incarnation),
	SETTING(RINGLOG_A_STREAM_PARTITIONS, partitions),
	SETTING(RINGLOG_A_STREAM_RING_BYTES, ring_bytes),
	SETTING(RINGLOG_A_STREAM_POLICY, policy),
	SETTING(RINGLOG_A_STREAM_MAX_RECORD, max_record),
	SETTING(RINGLOG_A_STREAM_AGE, age),
	SETTING(RINGLOG_A_STREAM_BUDGET, budget),
	SETTING(RINGLOG_A_STREAM_PARTITIONER, partitioner),
	SETTING(RINGLOG_A_STREAM_NUMA_NODE, numa_node),
	SETTING(RINGLOG_A_STREAM_UID, uid),
	SETTING(RINGLOG_A_STREAM_GID, gid),
	SETTING(RINGLOG_A_STREAM_MODE, mode),
};

#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))

size_t settings_bytes(const struct ringlog_ctl_config *config)
{
	size_t name = config->name ? strlen(config->name) + 1 : 0;

	return nla_total_size(name) + SETTINGS * NUMBER_BYTES +
	       config->first_offsets_count * FIRST_OFFSET_BYTES;
}

/* What may grow into the reserved part must not be passed over by a library that is older. */
static int check(const struct ringlog_ctl_config *config)
{
	if (config->has >> SETTINGS)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(config->reserved) / sizeof(config->reserved[0]); i++)
		if (config->reserved[i])
			return -EINVAL;
	return 0;
}

static int put_first_offset(struct nl_msg *request, const struct ringlog_ctl_first_offset *first)
{
	struct nlattr *nest = nla_nest_start(request, RINGLOG_A_STREAM_FIRST_OFFSET);

	if (!nest || nla_put_u32(request, RINGLOG_A_FIRST_OFFSET_PARTITION, first->partition) < 0 ||
	    nla_put_u64(request, RINGLOG_A_FIRST_OFFSET_OFFSET, first->offset) < 0)
		return -ENOMEM;
	return nla_nest_end(request, nest) < 0 ? -ENOMEM : 0;
}

int settings_put(struct nl_msg *request, const struct ringlog_ctl_config *config)
{
	int result = check(config);

	if (result)
		return result;
	/* The kernel has words for a name that is missing. */
	if (config->name && nla_put_string(request, RINGLOG_A_STREAM_NAME, config->name) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (!(config->has & 1U << i))
			continue;
		if (nla_put(request, settings[i].attribute, settings[i].size,
			    (const char *)config + settings[i].offset) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < config->first_offsets_count; i++) {
		result = put_first_offset(request, &config->first_offsets[i]);
		if (result)
			return result;
	}
	return 0;
}
