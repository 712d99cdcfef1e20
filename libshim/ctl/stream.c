// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests about streams. */
#include "decode.h"
#include "handle.h"
#include "request.h"
#include "settings.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

/* Who gets the streams that the kernel tells of: one place, or a function. */
struct taker {
	struct ringlog_ctl		*ctl;
	struct ringlog_ctl_stream	*stream;
	ringlog_ctl_stream_fn		function;
	void				*data;
};

static int take_one(const struct nlmsghdr *message, void *data)
{
	struct taker *taker = data;

	return decode_stream(message, taker->stream) ? fail_nonsense(taker->ctl) : 0;
}

static int take_each(const struct nlmsghdr *message, void *data)
{
	struct taker *taker = data;
	struct ringlog_ctl_stream stream;

	if (decode_stream(message, &stream))
		return fail_nonsense(taker->ctl);
	return taker->function(&stream, taker->data);
}

/* Send what a config says, and take the stream that comes back if it is wanted. */
static int configure(struct ringlog_ctl *ctl, int command,
		     const struct ringlog_ctl_config *config, struct ringlog_ctl_stream *stream)
{
	struct taker taker = { .ctl = ctl, .stream = stream };
	struct nl_msg *request = request_new(ctl, command, NLM_F_ACK, settings_bytes(config));
	int result = request ? settings_put(request, config) : -ENOMEM;

	if (result) {
		nlmsg_free(request);
		begin(ctl);
		return fail(ctl, result, NULL);
	}
	return request_run(ctl, request, stream ? take_one : NULL, &taker);
}

int ringlog_ctl_stream_new(struct ringlog_ctl *ctl, const struct ringlog_ctl_config *config,
			   struct ringlog_ctl_stream *stream)
{
	return configure(ctl, RINGLOG_CMD_STREAM_NEW, config, stream);
}

int ringlog_ctl_stream_set(struct ringlog_ctl *ctl, const struct ringlog_ctl_config *config,
			   struct ringlog_ctl_stream *stream)
{
	return configure(ctl, RINGLOG_CMD_STREAM_SET, config, stream);
}

int ringlog_ctl_stream_delete(struct ringlog_ctl *ctl, const char *name, __u64 incarnation)
{
	struct ringlog_ctl_config config = {
		.name = name,
		.has = incarnation ? RINGLOG_CTL_INCARNATION : 0,
		.incarnation = incarnation,
	};

	return configure(ctl, RINGLOG_CMD_STREAM_DELETE, &config, NULL);
}

int ringlog_ctl_stream_purge(struct ringlog_ctl *ctl, const char *name, __u64 incarnation,
			     __u32 partition)
{
	struct ringlog_ctl_config config = {
		.name = name,
		.has = incarnation ? RINGLOG_CTL_INCARNATION : 0,
		.incarnation = incarnation,
	};
	struct nl_msg *request = request_new(ctl, RINGLOG_CMD_STREAM_PURGE, NLM_F_ACK,
					     settings_bytes(&config) +
					     nla_total_size(sizeof(partition)));

	if (!request || settings_put(request, &config) ||
	    (partition != RINGLOG_CTL_ALL_PARTITIONS &&
	     nla_put_u32(request, RINGLOG_A_STREAM_PARTITION, partition) < 0)) {
		nlmsg_free(request);
		request = NULL;
	}
	return request_run(ctl, request, NULL, NULL);
}

int ringlog_ctl_stream_get(struct ringlog_ctl *ctl, const char *name,
			   struct ringlog_ctl_stream *stream)
{
	struct ringlog_ctl_config config = { .name = name };

	return configure(ctl, RINGLOG_CMD_STREAM_GET, &config, stream);
}

int ringlog_ctl_streams_list(struct ringlog_ctl *ctl, ringlog_ctl_stream_fn function,
			     void *data)
{
	struct taker taker = { .ctl = ctl, .function = function, .data = data };

	return request_run(ctl, request_new(ctl, RINGLOG_CMD_STREAM_GET, NLM_F_DUMP, 0),
			   take_each, &taker);
}
