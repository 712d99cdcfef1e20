// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands about one stream.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "netlink.h"
#include "registry.h"

/**
 * ringlog_netlink_find() - the stream that a request names
 * @request: being received
 * @info: the request
 * @attribute: that has the name
 *
 * What the caller may not see is not there.
 *
 * Return: the stream with a reference for the caller; an error pointer with
 * %-EINVAL or %-ENOENT, which has been explained.
 */
struct ringlog_stream *ringlog_netlink_find(struct sk_buff *request, struct genl_info *info,
					    int attribute)
{
	const struct nlattr *name = info->attrs[attribute];
	struct ringlog_viewer viewer;
	struct ringlog_stream *stream;

	if (GENL_REQ_ATTR_CHECK(info, attribute)) {
		GENL_SET_ERR_MSG(info, "the name of a stream is missing");
		return ERR_PTR(-EINVAL);
	}
	stream = ringlog_registry_find(nla_data(name));
	if (stream) {
		ringlog_viewer_init(&viewer, request);
		if (!ringlog_viewer_sees(&viewer, stream)) {
			ringlog_stream_put(stream);
			stream = NULL;
		}
		ringlog_viewer_exit(&viewer);
	}
	if (stream)
		return stream;
	NL_SET_ERR_MSG_ATTR(info->extack, name, "there is no such stream");
	return ERR_PTR(-ENOENT);
}

/* The same, for who wants to change it and may have said which life of it. */
static struct ringlog_stream *find_life(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *incarnation = info->attrs[RINGLOG_A_STREAM_INCARNATION];
	struct ringlog_stream *stream = ringlog_netlink_find(request, info, RINGLOG_A_STREAM_NAME);

	if (IS_ERR(stream) || !incarnation || nla_get_u64(incarnation) == stream->incarnation)
		return stream;
	ringlog_stream_put(stream);
	NL_SET_ERR_MSG_ATTR(info->extack, incarnation,
			    "another stream has this name now: look again");
	return ERR_PTR(-ESTALE);
}

/* An empty reply, before anything is done that it could not tell of. */
static struct sk_buff *begin_reply(struct genl_info *info, void **header)
{
	struct sk_buff *message = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!message) {
		GENL_SET_ERR_MSG(info, "no memory for the reply");
		return NULL;
	}
	*header = genlmsg_put_reply(message, info, &ringlog_family, 0, info->genlhdr->cmd);
	return message;
}

static int reply_stream(struct genl_info *info, struct sk_buff *message, void *header,
			struct ringlog_stream *stream)
{
	/* An empty message has room for all of it. */
	WARN_ON(ringlog_netlink_put_stream(message, stream));
	genlmsg_end(message, header);
	return genlmsg_reply(message, info);
}

static int refuse_name(struct genl_info *info)
{
	const struct nlattr *name = info->attrs[RINGLOG_A_STREAM_NAME];

	if (GENL_REQ_ATTR_CHECK(info, RINGLOG_A_STREAM_NAME)) {
		GENL_SET_ERR_MSG(info, "the name of a stream is missing");
		return -EINVAL;
	}
	/* While the module is being loaded it is not there yet, and yet nobody else's. */
	if (!strcmp(nla_data(name), RINGLOG_DEFAULT_NAME)) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "there is a stream of this name already");
		return -EEXIST;
	}
	return 0;
}

int ringlog_netlink_stream_new(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream_config config = {
		.partitions = 1,
		.policy = RINGLOG_POLICY_OVERWRITE,
		.ring_bytes = SZ_1M,
		.max_record = SZ_64K,
		.partitioner = RINGLOG_PARTITIONER_KEY,
		.node = NUMA_NO_NODE,
		.uid = NETLINK_CREDS(request)->uid,
		.gid = NETLINK_CREDS(request)->gid,
		.mode = 0600,
	};
	struct ringlog_fault fault = {};
	struct ringlog_stream *stream;
	struct sk_buff *message;
	void *header;
	int ret;

	ret = refuse_name(info);
	if (ret)
		return ret;
	ret = ringlog_netlink_parse(info, &config);
	if (ret)
		goto out_offsets;
	message = begin_reply(info, &header);
	if (!message) {
		ret = -ENOMEM;
		goto out_offsets;
	}
	stream = ringlog_registry_add(&config, &fault);
	if (IS_ERR(stream)) {
		nlmsg_free(message);
		ret = ringlog_netlink_refuse(info, PTR_ERR(stream), &fault);
		goto out_offsets;
	}
	ret = reply_stream(info, message, header, stream);
	ringlog_stream_put(stream);
out_offsets:
	kvfree(config.first_offsets);
	return ret;
}

/* It was found, and deleted by somebody else before anything was done with it. */
static void refuse_deleted(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RINGLOG_A_STREAM_NAME],
			    "there is no such stream");
}

int ringlog_netlink_stream_delete(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream *stream = find_life(request, info);
	int ret;

	if (IS_ERR(stream))
		return PTR_ERR(stream);
	if (!strcmp(stream->name, RINGLOG_DEFAULT_NAME)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RINGLOG_A_STREAM_NAME],
				    "the default stream is there while the module is loaded: purge it, or unload");
		ret = -EBUSY;
	} else {
		ret = ringlog_registry_remove(stream);
		if (ret)
			refuse_deleted(info);
	}
	ringlog_stream_put(stream);
	return ret;
}

/* What a stream was made with stays. */
static int refuse_fixed(struct genl_info *info)
{
	static const int fixed[] = {
		RINGLOG_A_STREAM_PARTITIONS, RINGLOG_A_STREAM_RING_BYTES, RINGLOG_A_STREAM_POLICY,
		RINGLOG_A_STREAM_MAX_RECORD, RINGLOG_A_STREAM_NUMA_NODE,
		RINGLOG_A_STREAM_FIRST_OFFSET,
	};
	static const int nodes[] = {
		RINGLOG_A_STREAM_UID, RINGLOG_A_STREAM_GID, RINGLOG_A_STREAM_MODE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		if (info->attrs[fixed[i]]) {
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[fixed[i]],
					    "this is fixed for life: delete the stream and make it anew");
			return -EOPNOTSUPP;
		}
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		if (info->attrs[nodes[i]]) {
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[nodes[i]],
					    "owner and mode are the node's: use chown and chmod");
			return -EOPNOTSUPP;
		}
	return 0;
}

/* What is in @age and the like is pointed to by @changes. */
static int parse_changes(struct genl_info *info, struct ringlog_stream_changes *changes,
			 u64 *age, u64 *budget, u32 *partitioner)
{
	struct nlattr **attrs = info->attrs;
	struct ringlog_fault fault;

	if (attrs[RINGLOG_A_STREAM_AGE]) {
		*age = nla_get_u64(attrs[RINGLOG_A_STREAM_AGE]);
		changes->age = age;
		if (ringlog_config_check_age(*age, &fault))
			return ringlog_netlink_refuse(info, -EINVAL, &fault);
	}
	if (attrs[RINGLOG_A_STREAM_BUDGET]) {
		*budget = nla_get_u64(attrs[RINGLOG_A_STREAM_BUDGET]);
		changes->budget = budget;
	}
	if (attrs[RINGLOG_A_STREAM_PARTITIONER]) {
		*partitioner = nla_get_u32(attrs[RINGLOG_A_STREAM_PARTITIONER]);
		changes->partitioner = partitioner;
		if (*partitioner > RINGLOG_PARTITIONER_KEY) {
			NL_SET_ERR_MSG_ATTR(info->extack, attrs[RINGLOG_A_STREAM_PARTITIONER],
					    "the partitioner must be turn or key");
			return -EINVAL;
		}
	}
	if (changes->age || changes->budget || changes->partitioner)
		return 0;
	GENL_SET_ERR_MSG(info, "nothing to change: give an age, a budget or a partitioner");
	return -EINVAL;
}

int ringlog_netlink_stream_set(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream_changes changes = {};
	struct ringlog_stream *stream;
	struct sk_buff *message;
	u32 partitioner;
	u64 age, budget;
	void *header;
	int ret;

	ret = refuse_fixed(info);
	if (ret)
		return ret;
	ret = parse_changes(info, &changes, &age, &budget, &partitioner);
	if (ret)
		return ret;
	stream = find_life(request, info);
	if (IS_ERR(stream))
		return PTR_ERR(stream);
	message = begin_reply(info, &header);
	if (!message) {
		ringlog_stream_put(stream);
		return -ENOMEM;
	}
	ret = ringlog_registry_set(stream, &changes);
	if (ret) {
		nlmsg_free(message);
		refuse_deleted(info);
	} else {
		ret = reply_stream(info, message, header, stream);
	}
	ringlog_stream_put(stream);
	return ret;
}

int ringlog_netlink_stream_get(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream *stream = ringlog_netlink_find(request, info, RINGLOG_A_STREAM_NAME);
	struct sk_buff *message;
	void *header;
	int ret = -ENOMEM;

	if (IS_ERR(stream))
		return PTR_ERR(stream);
	message = begin_reply(info, &header);
	if (message)
		ret = reply_stream(info, message, header, stream);
	ringlog_stream_put(stream);
	return ret;
}

static int find_partition(struct genl_info *info, int attribute,
			  const struct ringlog_stream *stream, u32 *index)
{
	*index = nla_get_u32(info->attrs[attribute]);
	if (*index < stream->partitions)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute],
			    "the stream has no such partition: they count from 0");
	return -EINVAL;
}

int ringlog_netlink_stream_purge(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream *stream = find_life(request, info);
	u32 first = 0, end;
	int ret = 0;

	if (IS_ERR(stream))
		return PTR_ERR(stream);
	end = stream->partitions;
	if (info->attrs[RINGLOG_A_STREAM_PARTITION]) {
		ret = find_partition(info, RINGLOG_A_STREAM_PARTITION, stream, &first);
		end = first + 1;
	}
	if (!ret) {
		ret = ringlog_registry_purge(stream, first, end);
		if (ret)
			refuse_deleted(info);
	}
	ringlog_stream_put(stream);
	return ret;
}

int ringlog_netlink_partition_get(struct sk_buff *request, struct genl_info *info)
{
	struct ringlog_stream *stream;
	struct sk_buff *message;
	void *header;
	u32 index;
	int ret;

	stream = ringlog_netlink_find(request, info, RINGLOG_A_PARTITION_STREAM);
	if (IS_ERR(stream))
		return PTR_ERR(stream);
	ret = -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, RINGLOG_A_PARTITION_INDEX)) {
		GENL_SET_ERR_MSG(info, "the index of a partition is missing");
		goto out;
	}
	ret = find_partition(info, RINGLOG_A_PARTITION_INDEX, stream, &index);
	if (ret)
		goto out;
	ret = -ENOMEM;
	message = begin_reply(info, &header);
	if (!message)
		goto out;
	/* An empty message has room for all of it. */
	WARN_ON(ringlog_netlink_put_partition(message, stream, index));
	genlmsg_end(message, header);
	ret = genlmsg_reply(message, info);
out:
	ringlog_stream_put(stream);
	return ret;
}
