// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps: go on where the last buffer was full, and say if what is listed changed
 * meanwhile.
 */
#include "compat.h"
#include "netlink.h"
#include "registry.h"

/**
 * struct progress - of a dump, in the callback's context
 * @viewer: who asked
 * @id: of the stream to go on with
 * @partition: to go on with in it
 * @only: there is but this stream
 * @done: that was all
 */
struct progress {
	struct ringlog_viewer viewer;
	unsigned long id;
	u32 partition;
	bool only;
	bool done;
};

static struct progress *progress_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct progress) > sizeof(cb->ctx));
	return (struct progress *)cb->ctx;
}

int ringlog_netlink_dump_start(struct netlink_callback *cb)
{
	struct progress *progress = progress_of(cb);

	/* Of a module that may not stay nothing may be left under way. */
	if (!ringlog_registry_ready())
		return -EAGAIN;
	*progress = (struct progress){};
	ringlog_viewer_init(&progress->viewer, cb->skb);
	return 0;
}

int ringlog_netlink_dump_done(struct netlink_callback *cb)
{
	ringlog_viewer_exit(&progress_of(cb)->viewer);
	return 0;
}

static void *begin(struct sk_buff *message, struct netlink_callback *cb, u8 command)
{
	void *header = genlmsg_put(message, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &ringlog_family, NLM_F_MULTI, command);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

static int dump_stream(struct sk_buff *message, struct netlink_callback *cb,
		       struct ringlog_stream *stream)
{
	void *header = begin(message, cb, RINGLOG_CMD_STREAM_GET);

	if (!header)
		return -EMSGSIZE;
	if (ringlog_netlink_put_stream(message, stream)) {
		genlmsg_cancel(message, header);
		return -EMSGSIZE;
	}
	genlmsg_end(message, header);
	return 0;
}

/* Those of one stream, from where the last buffer was full. */
static int dump_partitions(struct sk_buff *message, struct netlink_callback *cb,
			   struct ringlog_stream *stream)
{
	struct progress *progress = progress_of(cb);

	for (; progress->partition < stream->partitions; progress->partition++) {
		void *header = begin(message, cb, RINGLOG_CMD_PARTITION_GET);

		if (!header)
			return -EMSGSIZE;
		if (ringlog_netlink_put_partition(message, stream, progress->partition)) {
			genlmsg_cancel(message, header);
			return -EMSGSIZE;
		}
		genlmsg_end(message, header);
	}
	progress->partition = 0;
	return 0;
}

typedef int (*dump_fn)(struct sk_buff *message, struct netlink_callback *cb,
		       struct ringlog_stream *stream);

/* The stream to go on with, or NULL at the end. */
static struct ringlog_stream *next_stream(struct netlink_callback *cb)
{
	struct progress *progress = progress_of(cb);
	unsigned long from = progress->id;
	struct ringlog_stream *stream = ringlog_registry_next(&progress->id);
	bool same = stream && progress->id == from;

	if (same)
		return stream;
	/* What was told the half of is gone. */
	progress->partition = 0;
	if (!progress->only)
		return stream;
	cb->seq++;
	if (stream)
		ringlog_stream_put(stream);
	return NULL;
}

/* Whatever the viewer may see, until the buffer is full. */
static int dump(struct sk_buff *message, struct netlink_callback *cb, dump_fn one)
{
	struct progress *progress = progress_of(cb);
	struct ringlog_stream *stream;
	int ret = 0;

	/* What becomes of other streams is nothing to who asked for one. */
	if (!progress->only)
		cb->seq = ringlog_registry_generation();
	if (progress->done)
		return 0;
	while ((stream = next_stream(cb))) {
		if (ringlog_viewer_sees(&progress->viewer, stream))
			ret = one(message, cb, stream);
		ringlog_stream_put(stream);
		if (ret)
			return message->len ? message->len : ret;
		progress->id++;
		if (progress->only)
			break;
	}
	progress->done = true;
	return message->len;
}

int ringlog_netlink_dump_streams(struct sk_buff *message, struct netlink_callback *cb)
{
	return dump(message, cb, dump_stream);
}

/* Not at the start, where 6.1 has no ear for the reason of a refusal. */
static int find_only(struct netlink_callback *cb, const struct nlattr *name)
{
	struct progress *progress = progress_of(cb);
	struct ringlog_stream *stream = ringlog_registry_find(nla_data(name));

	if (stream && ringlog_viewer_sees(&progress->viewer, stream)) {
		progress->id = stream->id;
		progress->only = true;
		cb->seq = 1;
		/* So that its end is told even if nothing of it was. */
		cb->prev_seq = cb->seq;
	}
	if (stream)
		ringlog_stream_put(stream);
	if (progress->only)
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, name, "there is no such stream");
	return -ENOENT;
}

int ringlog_netlink_dump_partitions(struct sk_buff *message, struct netlink_callback *cb)
{
	const struct nlattr *name = ringlog_dump_attrs(cb)[RINGLOG_A_PARTITION_STREAM];
	int ret;

	if (name && !progress_of(cb)->only) {
		ret = find_only(cb, name);
		if (ret)
			return ret;
	}
	return dump(message, cb, dump_partitions);
}
