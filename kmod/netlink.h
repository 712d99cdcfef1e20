/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control plane: the generic netlink family of
 * Documentation/netlink/ringlog.yaml. All but the first two is for the files
 * of netlink alone.
 */
#ifndef RINGLOG_NETLINK_H
#define RINGLOG_NETLINK_H

#include <linux/cred.h>
#include <net/genetlink.h>

#include "events.h"
#include "stream.h"

int ringlog_netlink_init(void);
void ringlog_netlink_exit(void);

extern struct genl_family ringlog_family;
extern const struct nla_policy ringlog_first_offset_policy[RINGLOG_A_FIRST_OFFSET_MAX + 1];

/**
 * struct ringlog_viewer - who asks, for what may be shown
 * @cred: of who opened the socket
 * @all: may see every stream
 */
struct ringlog_viewer {
	const struct cred *cred;
	bool all;
};

void ringlog_viewer_init(struct ringlog_viewer *viewer, struct sk_buff *request);
void ringlog_viewer_exit(struct ringlog_viewer *viewer);
bool ringlog_viewer_sees(const struct ringlog_viewer *viewer, const struct ringlog_stream *stream);

int ringlog_netlink_parse(struct genl_info *info, struct ringlog_stream_config *config);
int ringlog_netlink_refuse(struct genl_info *info, int error, const struct ringlog_fault *fault);

int ringlog_netlink_put_stream(struct sk_buff *message, struct ringlog_stream *stream);
int ringlog_netlink_put_partition(struct sk_buff *message, struct ringlog_stream *stream,
				  u32 index);

int ringlog_netlink_stream_new(struct sk_buff *request, struct genl_info *info);
int ringlog_netlink_stream_delete(struct sk_buff *request, struct genl_info *info);
int ringlog_netlink_stream_set(struct sk_buff *request, struct genl_info *info);
int ringlog_netlink_stream_get(struct sk_buff *request, struct genl_info *info);
int ringlog_netlink_stream_purge(struct sk_buff *request, struct genl_info *info);
int ringlog_netlink_partition_get(struct sk_buff *request, struct genl_info *info);
struct ringlog_stream *ringlog_netlink_find(struct sk_buff *request, struct genl_info *info,
					    int attribute);

int ringlog_netlink_dump_start(struct netlink_callback *cb);
int ringlog_netlink_dump_streams(struct sk_buff *message, struct netlink_callback *cb);
int ringlog_netlink_dump_partitions(struct sk_buff *message, struct netlink_callback *cb);
int ringlog_netlink_dump_done(struct netlink_callback *cb);

extern const struct ringlog_listener ringlog_netlink_listener;

#endif /* RINGLOG_NETLINK_H */
