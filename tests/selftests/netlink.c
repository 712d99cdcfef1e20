// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"
#include "test.h"

#define RECEIVE_BYTES	(4 << 20)

/* --- requests -------------------------------------------------------------------------- */

void request_begin(const struct netlink *netlink, struct request *request, int command, int flags)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	request->header.nlmsg_type = netlink->family;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
	request->generic.cmd = command;
	request->generic.version = RINGLOG_FAMILY_VERSION;
}

struct nlattr *request_put(struct request *request, int type, const void *data, size_t bytes)
{
	struct nlattr *attribute = (void *)(request->bytes + request->header.nlmsg_len);

	CHECK_LE(request->header.nlmsg_len + NLA_HDRLEN + NLA_ALIGN(bytes), REQUEST_MAX);
	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + bytes;
	if (bytes)
		memcpy((char *)attribute + NLA_HDRLEN, data, bytes);
	request->header.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(bytes);
	return attribute;
}

void request_put_u32(struct request *request, int type, uint32_t value)
{
	request_put(request, type, &value, sizeof(value));
}

void request_put_u64(struct request *request, int type, uint64_t value)
{
	request_put(request, type, &value, sizeof(value));
}

void request_put_text(struct request *request, int type, const char *text)
{
	request_put(request, type, text, strlen(text) + 1);
}

struct nlattr *request_begin_nest(struct request *request, int type)
{
	return request_put(request, type | NLA_F_NESTED, NULL, 0);
}

void request_end_nest(struct request *request, struct nlattr *nest)
{
	nest->nla_len = request->bytes + request->header.nlmsg_len - (char *)nest;
}

void request_send(struct netlink *netlink, struct request *request)
{
	request->header.nlmsg_seq = ++netlink->sequence;
	CHECK_EQ(send(netlink->fd, request, request->header.nlmsg_len, 0),
		 request->header.nlmsg_len);
}

/* --- answers --------------------------------------------------------------------------- */

/* Finds one of the attributes from @from on. */
static const struct nlattr *find(const void *from, const void *end, unsigned int type)
{
	while ((const char *)from + NLA_HDRLEN <= (const char *)end) {
		const struct nlattr *attribute = from;

		CHECK_LE(NLA_HDRLEN, attribute->nla_len);
		CHECK_LE((const char *)from + attribute->nla_len - (const char *)end, 0);
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		from = (const char *)from + NLA_ALIGN(attribute->nla_len);
	}
	return NULL;
}

const struct nlattr *find_attribute(const struct nlmsghdr *message, unsigned int type)
{
	return find((const char *)message + NLMSG_HDRLEN + GENL_HDRLEN,
		    (const char *)message + message->nlmsg_len, type);
}

static uint32_t u32_of(const struct nlattr *attribute)
{
	uint32_t value;

	CHECK_EQ(attribute->nla_len, NLA_HDRLEN + sizeof(value));
	memcpy(&value, (const char *)attribute + NLA_HDRLEN, sizeof(value));
	return value;
}

/* After its errno, and the request's header. */
static const char *begin_told(const struct nlmsghdr *message)
{
	if (message->nlmsg_type == NLMSG_DONE)
		return (const char *)NLMSG_DATA(message) + sizeof(int);
	CHECK(message->nlmsg_flags & NLM_F_CAPPED);
	return (const char *)NLMSG_DATA(message) + sizeof(struct nlmsgerr);
}

struct answer answer_read(const struct nlmsghdr *message, const struct nlmsghdr *request)
{
	const char *from, *end = (const char *)message + message->nlmsg_len;
	const struct nlattr *words, *blamed, *missing;
	struct answer answer = {};
	int error;

	CHECK(message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE);
	CHECK_LE(NLMSG_HDRLEN + sizeof(error), message->nlmsg_len);
	memcpy(&error, NLMSG_DATA(message), sizeof(error));
	CHECK_LE(error, 0);
	answer.error = -error;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return answer;
	from = begin_told(message);
	words = find(from, end, NLMSGERR_ATTR_MSG);
	if (words)
		snprintf(answer.words, sizeof(answer.words), "%.*s", words->nla_len - NLA_HDRLEN,
			 (const char *)words + NLA_HDRLEN);
	blamed = find(from, end, NLMSGERR_ATTR_OFFS);
	if (blamed && request) {
		const struct nlattr *at;

		CHECK_LE(u32_of(blamed) + NLA_HDRLEN, request->nlmsg_len);
		at = (const void *)((const char *)request + u32_of(blamed));
		answer.blamed = at->nla_type & NLA_TYPE_MASK;
	}
	missing = find(from, end, NLMSGERR_ATTR_MISS_TYPE);
	if (missing)
		answer.missing = u32_of(missing);
	return answer;
}

static bool is_end(const struct nlmsghdr *message)
{
	return message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE;
}

struct answer request_ask(struct netlink *netlink, struct request *request, message_fn *seen,
			  void *data)
{
	static char part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message;
	ssize_t left;

	request_send(netlink, request);
	for (;;) {
		left = CHECK_OK(recv(netlink->fd, part, sizeof(part), MSG_TRUNC));
		CHECK_LE(left, (ssize_t)sizeof(part));
		for (message = (void *)part; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left)) {
			CHECK_EQ(message->nlmsg_seq, netlink->sequence);
			if (is_end(message))
				return answer_read(message, &request->header);
			if (seen)
				seen(message, data);
		}
	}
}

/* --- streams --------------------------------------------------------------------------- */

struct field {
	unsigned int type;
	size_t offset, bytes;
};

#define FIELD(set, attribute, member, bytes) \
	{ RINGLOG_A_##set##_##attribute, offsetof(struct listed, member), bytes }

static const struct field stream_fields[] = {
	FIELD(STREAM, ID, id, 4),
	FIELD(STREAM, INCARNATION, incarnation, 8),
	FIELD(STREAM, PARTITIONS, partitions, 4),
	FIELD(STREAM, RING_BYTES, ring_bytes, 8),
	FIELD(STREAM, POLICY, policy, 4),
	FIELD(STREAM, MAX_RECORD, max_record, 4),
	FIELD(STREAM, AGE, age, 8),
	FIELD(STREAM, BUDGET, budget, 8),
	FIELD(STREAM, PARTITIONER, partitioner, 4),
	FIELD(STREAM, UID, uid, 4),
	FIELD(STREAM, GID, gid, 4),
	FIELD(STREAM, MODE, mode, 4),
	FIELD(STREAM, MEMORY, memory, 8),
	FIELD(STREAM, RETAINED, retained, 8),
};

static const struct field partition_fields[] = {
	FIELD(PARTITION, INDEX, index, 4),
	FIELD(PARTITION, NEXT_OFFSET, next_offset, 8),
};

static void read_fields(const struct nlmsghdr *message, struct listed *listed, unsigned int name,
			const struct field *fields, size_t count)
{
	const struct nlattr *attribute = find_attribute(message, name);
	size_t i;

	memset(listed, 0, sizeof(*listed));
	CHECK(attribute);
	CHECK_LE(attribute->nla_len, NLA_HDRLEN + sizeof(listed->name));
	memcpy(listed->name, (const char *)attribute + NLA_HDRLEN,
	       attribute->nla_len - NLA_HDRLEN);
	for (i = 0; i < count; i++) {
		attribute = find_attribute(message, fields[i].type);
		CHECK(attribute);
		CHECK_EQ(attribute->nla_len, NLA_HDRLEN + fields[i].bytes);
		memcpy((char *)listed + fields[i].offset, (const char *)attribute + NLA_HDRLEN,
		       fields[i].bytes);
	}
}

void stream_read(const struct nlmsghdr *message, struct listed *stream)
{
	read_fields(message, stream, RINGLOG_A_STREAM_NAME, stream_fields,
		    sizeof(stream_fields) / sizeof(stream_fields[0]));
}

void partition_read(const struct nlmsghdr *message, struct listed *partition)
{
	read_fields(message, partition, RINGLOG_A_PARTITION_STREAM, partition_fields,
		    sizeof(partition_fields) / sizeof(partition_fields[0]));
}

static void see_stream(const struct nlmsghdr *message, void *data)
{
	stream_read(message, data);
}

void request_do(struct netlink *netlink, struct request *request, struct listed *stream)
{
	struct answer answer = request_ask(netlink, request, stream ? see_stream : NULL, stream);

	if (answer.error)
		test_fail(__FILE__, __LINE__, "command %u: %s (%s)", request->generic.cmd,
			  strerror(answer.error), answer.words);
}

void make_stream(struct netlink *netlink, const char *name, unsigned int partitions)
{
	struct request request;

	request_begin(netlink, &request, RINGLOG_CMD_STREAM_NEW, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, name);
	request_put_u32(&request, RINGLOG_A_STREAM_PARTITIONS, partitions);
	request_put_u64(&request, RINGLOG_A_STREAM_RING_BYTES, 64 << 10);
	request_do(netlink, &request, NULL);
}

void delete_stream(struct netlink *netlink, const char *name)
{
	struct request request;

	request_begin(netlink, &request, RINGLOG_CMD_STREAM_DELETE, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, name);
	request_do(netlink, &request, NULL);
}

struct list {
	struct listed *streams;
	unsigned int room, count;
};

static void see_one_of_a_list(const struct nlmsghdr *message, void *data)
{
	struct list *list = data;

	CHECK_LE(list->count + 1, list->room);
	stream_read(message, &list->streams[list->count++]);
}

unsigned int list_streams(struct netlink *netlink, struct listed *streams, unsigned int room)
{
	struct list list = { streams, room, 0 };
	struct request request;

	request_begin(netlink, &request, RINGLOG_CMD_STREAM_GET, NLM_F_DUMP);
	CHECK_EQ(request_ask(netlink, &request, see_one_of_a_list, &list).error, 0);
	return list.count;
}

/* --- the socket ------------------------------------------------------------------------ */

static void see_group(struct netlink *netlink, const struct nlattr *group)
{
	const char *from = (const char *)group + NLA_HDRLEN;
	const char *end = (const char *)group + group->nla_len;
	const struct nlattr *name = find(from, end, CTRL_ATTR_MCAST_GRP_NAME);

	if (!strcmp((const char *)name + NLA_HDRLEN, RINGLOG_MCGRP_EVENTS))
		netlink->events = u32_of(find(from, end, CTRL_ATTR_MCAST_GRP_ID));
}

static void see_family(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *id = find_attribute(message, CTRL_ATTR_FAMILY_ID);
	const struct nlattr *groups = find_attribute(message, CTRL_ATTR_MCAST_GROUPS);
	struct netlink *netlink = data;
	uint16_t family;

	CHECK(id && groups);
	memcpy(&family, (const char *)id + NLA_HDRLEN, sizeof(family));
	netlink->family = family;
	/* The module has but one. */
	see_group(netlink, (const void *)((const char *)groups + NLA_HDRLEN));
}

static void find_family(struct netlink *netlink)
{
	struct request request;

	netlink->family = GENL_ID_CTRL;
	request_begin(netlink, &request, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	request_put_text(&request, CTRL_ATTR_FAMILY_NAME, RINGLOG_FAMILY_NAME);
	CHECK_EQ(request_ask(netlink, &request, see_family, netlink).error, 0);
	CHECK_LE(GENL_MIN_ID, netlink->family);
	CHECK_LE(1, netlink->events);
}

void netlink_open_like(struct netlink *netlink, const struct netlink *other)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	const int on = 1, bytes = RECEIVE_BYTES;

	netlink->fd = CHECK_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
	netlink->family = other->family;
	netlink->events = other->events;
	netlink->sequence = 0;
	/* One that has no number yet hears of nothing. */
	CHECK_OK(bind(netlink->fd, (const struct sockaddr *)&any, sizeof(any)));
	CHECK_OK(setsockopt(netlink->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)));
	CHECK_OK(setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)));
	/* Only who may have more than others can have so much, and only the fuzzer needs it. */
	setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

void netlink_open(struct netlink *netlink)
{
	const struct netlink unknown = {};

	netlink_open_like(netlink, &unknown);
	find_family(netlink);
}

void netlink_close(struct netlink *netlink)
{
	CHECK_OK(close(netlink->fd));
	netlink->fd = -1;
}
