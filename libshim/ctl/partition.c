// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests about partitions. */
#include "decode.h"
#include "handle.h"
#include "request.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

struct taker {
	struct ringlog_ctl		*ctl;
	struct ringlog_ctl_partition	*partition;
	ringlog_ctl_partition_fn	function;
	void				*data;
};

static int take_one(const struct nlmsghdr *message, void *data)
{
	struct taker *taker = data;

	return decode_partition(message, taker->partition) ? fail_nonsense(taker->ctl) : 0;
}

static int take_each(const struct nlmsghdr *message, void *data)
{
	struct taker *taker = data;
	struct ringlog_ctl_partition partition;

	if (decode_partition(message, &partition))
		return fail_nonsense(taker->ctl);
	return taker->function(&partition, taker->data);
}

/* A request that names a stream, or none, with room for a number too. */
static struct nl_msg *request_about(struct ringlog_ctl *ctl, int flags, const char *stream)
{
	size_t name = stream ? strlen(stream) + 1 : 0;
	struct nl_msg *request = request_new(ctl, RINGLOG_CMD_PARTITION_GET, flags,
					     nla_total_size(name) + nla_total_size(sizeof(__u32)));

	if (request && stream && nla_put_string(request, RINGLOG_A_PARTITION_STREAM, stream) < 0) {
		nlmsg_free(request);
		return NULL;
	}
	return request;
}

int ringlog_ctl_partition_get(struct ringlog_ctl *ctl, const char *stream, __u32 index,
			      struct ringlog_ctl_partition *partition)
{
	struct taker taker = { .ctl = ctl, .partition = partition };
	struct nl_msg *request = request_about(ctl, NLM_F_ACK, stream);

	if (request && nla_put_u32(request, RINGLOG_A_PARTITION_INDEX, index) < 0) {
		nlmsg_free(request);
		request = NULL;
	}
	return request_run(ctl, request, take_one, &taker);
}

int ringlog_ctl_partitions_list(struct ringlog_ctl *ctl, const char *stream,
				ringlog_ctl_partition_fn function, void *data)
{
	struct taker taker = { .ctl = ctl, .function = function, .data = data };

	return request_run(ctl, request_about(ctl, NLM_F_DUMP, stream), take_each, &taker);
}
