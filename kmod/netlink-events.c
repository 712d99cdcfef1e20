// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: whatever happens to streams, to those who listen.
 */
#include <net/net_namespace.h>

#include "netlink.h"

static bool anybody_listens(void)
{
	return genl_has_listeners(&ringlog_family, &init_net, 0);
}

/*
 * An event that cannot be made for want of memory is missing from the sequence
 * as one is that a slow listener's buffer had no room for: it says ENOBUFS.
 */
static void missed(void)
{
	genl_set_err(&ringlog_family, &init_net, 0, 0, -ENOBUFS);
}

static void send(struct sk_buff *message, void *header)
{
	genlmsg_end(message, header);
	genlmsg_multicast(&ringlog_family, message, 0, 0, GFP_KERNEL);
}

static struct sk_buff *begin(u8 command, void **header)
{
	struct sk_buff *message;

	if (!anybody_listens())
		return NULL;
	message = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (message)
		*header = genlmsg_put(message, 0, 0, &ringlog_family, 0, command);
	else
		missed();
	return message;
}

static void happened(struct ringlog_stream *stream, enum ringlog_event event)
{
	static const u8 commands[] = {
		[RINGLOG_EVENT_NEW] = RINGLOG_CMD_STREAM_NEW_NTF,
		[RINGLOG_EVENT_DELETE] = RINGLOG_CMD_STREAM_DELETE_NTF,
		[RINGLOG_EVENT_SET] = RINGLOG_CMD_STREAM_SET_NTF,
		[RINGLOG_EVENT_PURGE] = RINGLOG_CMD_STREAM_PURGE_NTF,
	};
	void *header;
	struct sk_buff *message = begin(commands[event], &header);

	if (!message)
		return;
	/* An empty message has room for all of it. */
	WARN_ON(ringlog_netlink_put_stream(message, stream));
	send(message, header);
}

static void lost(struct ringlog_stream *stream, u64 records, u64 expired)
{
	void *header;
	struct sk_buff *message = begin(RINGLOG_CMD_LOSS_NTF, &header);

	if (!message)
		return;
	WARN_ON(nla_put_string(message, RINGLOG_A_LOSS_STREAM, stream->name) ||
		nla_put_u64_64bit(message, RINGLOG_A_LOSS_LOST, records, RINGLOG_A_LOSS_PAD) ||
		nla_put_u64_64bit(message, RINGLOG_A_LOSS_EXPIRED, expired, RINGLOG_A_LOSS_PAD));
	send(message, header);
}

const struct ringlog_listener ringlog_netlink_listener = {
	.listens = anybody_listens,
	.happened = happened,
	.lost = lost,
};
