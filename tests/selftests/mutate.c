// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "mutate.h"
#include "netlink.h"
#include "proc.h"
#include "test.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Left at the end of a datagram for what mutations add. */
#define MUTATION_MAX	(96 << 10)
#define MUTATIONS_MAX	4

static uint64_t *state;

static uint32_t below(uint32_t end)
{
	return (random_next(state) >> 16) % end;
}

static bool chance(unsigned int percent)
{
	return below(100) < percent;
}

/* --- values ---------------------------------------------------------------------------- */

static uint64_t number(void)
{
	static const uint64_t interesting[] = {
		0, 1, 2, 3, 7, 16, 31, 32, 64, 0600, 0666, 0777, 1000, 1023, 1024, 1025,
		4096, 8192, 65535, 65536, 65537, 131072, 1 << 20, 1 << 30, 1ULL << 31,
		0x7fffffff, 0xffffffff, 1ULL << 32, (1ULL << 62) - 1, 1ULL << 62, 1ULL << 63,
		UINT64_MAX - 1, UINT64_MAX,
	};

	switch (below(4)) {
	case 0:
		return random_next(state);
	case 1:
		return below(1 << below(20));
	default:
		return interesting[below(COUNT(interesting))];
	}
}

/* As a rule one of a few, so that streams are found, made twice and deleted. */
static void put_name(struct request *request, int type)
{
	static const char * const odd[] = {
		"", ".", "..", "a/b", "a b", "a\n", "\xc3\xa9", "-", "_", "...", DEFAULT_STREAM,
	};
	char name[80];

	if (chance(93)) {
		sprintf(name, "fuzz%u", below(10));
		request_put_text(request, type, name);
	} else if (chance(60)) {
		request_put_text(request, type, odd[below(COUNT(odd))]);
	} else {
		memset(name, 'n', sizeof(name));
		/* With its end or without. */
		request_put(request, type, name, below(sizeof(name)));
	}
}

/* --- valid messages -------------------------------------------------------------------- */

static void put_first_offset(struct request *request)
{
	struct nlattr *nest = request_begin_nest(request, RINGLOG_A_STREAM_FIRST_OFFSET);

	request_put_u32(request, RINGLOG_A_FIRST_OFFSET_PARTITION, below(3));
	request_put_u64(request, RINGLOG_A_FIRST_OFFSET_OFFSET, below(1 << 30));
	request_end_nest(request, nest);
}

static void build_new(struct request *request)
{
	unsigned int i;

	put_name(request, RINGLOG_A_STREAM_NAME);
	request_put_u64(request, RINGLOG_A_STREAM_RING_BYTES, 65536 << chance(10));
	if (chance(50))
		request_put_u32(request, RINGLOG_A_STREAM_PARTITIONS,
				chance(95) ? 1 + below(4) : below(80));
	if (chance(30))
		request_put_u32(request, RINGLOG_A_STREAM_POLICY, below(3));
	if (chance(20))
		request_put_u32(request, RINGLOG_A_STREAM_MAX_RECORD, 32 * (1 + below(256)));
	if (chance(20))
		request_put_u64(request, RINGLOG_A_STREAM_AGE, number());
	if (chance(20))
		request_put_u64(request, RINGLOG_A_STREAM_BUDGET, number());
	if (chance(20))
		request_put_u32(request, RINGLOG_A_STREAM_PARTITIONER, below(2));
	if (chance(10))
		request_put_u32(request, RINGLOG_A_STREAM_NUMA_NODE, below(2));
	if (chance(30))
		request_put_u32(request, RINGLOG_A_STREAM_UID, chance(80) ? below(3) : number());
	if (chance(30))
		request_put_u32(request, RINGLOG_A_STREAM_GID, chance(80) ? below(3) : number());
	if (chance(30))
		request_put_u32(request, RINGLOG_A_STREAM_MODE, chance(80) ? 0644 : number());
	for (i = chance(20) ? 1 + below(4) : 0; i; i--)
		put_first_offset(request);
}

static void put_life(struct request *request)
{
	put_name(request, RINGLOG_A_STREAM_NAME);
	/* As good as never that of the stream. */
	if (chance(5))
		request_put_u64(request, RINGLOG_A_STREAM_INCARNATION, number());
}

static void build_set(struct request *request)
{
	put_life(request);
	if (chance(60))
		request_put_u64(request, RINGLOG_A_STREAM_AGE, number());
	if (chance(60))
		request_put_u64(request, RINGLOG_A_STREAM_BUDGET, number());
	if (chance(30))
		request_put_u32(request, RINGLOG_A_STREAM_PARTITIONER, below(2));
	if (chance(5))
		request_put_u32(request, RINGLOG_A_STREAM_PARTITIONS + below(10), number());
}

static void build_purge(struct request *request)
{
	put_life(request);
	if (chance(40))
		request_put_u32(request, RINGLOG_A_STREAM_PARTITION, below(3));
}

static void build_partition(struct request *request)
{
	if (!(request->header.nlmsg_flags & NLM_F_DUMP)) {
		put_name(request, RINGLOG_A_PARTITION_STREAM);
		request_put_u32(request, RINGLOG_A_PARTITION_INDEX, below(3));
	} else if (chance(50)) {
		put_name(request, RINGLOG_A_PARTITION_STREAM);
	}
}

static void build_valid(const struct netlink *netlink, struct request *request)
{
	static const unsigned char commands[] = {
		RINGLOG_CMD_STREAM_NEW, RINGLOG_CMD_STREAM_NEW, RINGLOG_CMD_STREAM_NEW,
		RINGLOG_CMD_STREAM_DELETE, RINGLOG_CMD_STREAM_DELETE, RINGLOG_CMD_STREAM_SET,
		RINGLOG_CMD_STREAM_SET, RINGLOG_CMD_STREAM_GET, RINGLOG_CMD_STREAM_GET,
		RINGLOG_CMD_STREAM_PURGE, RINGLOG_CMD_PARTITION_GET, RINGLOG_CMD_PARTITION_GET,
	};
	unsigned int command = commands[below(COUNT(commands))];
	int flags = chance(60) ? NLM_F_ACK : 0;

	if (command == RINGLOG_CMD_STREAM_GET || command == RINGLOG_CMD_PARTITION_GET)
		flags |= chance(30) ? NLM_F_DUMP : 0;
	request_begin(netlink, request, command, flags);
	switch (command) {
	case RINGLOG_CMD_STREAM_NEW:
		build_new(request);
		break;
	case RINGLOG_CMD_STREAM_DELETE:
		put_life(request);
		break;
	case RINGLOG_CMD_STREAM_SET:
		build_set(request);
		break;
	case RINGLOG_CMD_STREAM_GET:
		if (!(flags & NLM_F_DUMP))
			put_name(request, RINGLOG_A_STREAM_NAME);
		break;
	case RINGLOG_CMD_STREAM_PURGE:
		build_purge(request);
		break;
	default:
		build_partition(request);
	}
}

/* --- noise ----------------------------------------------------------------------------- */

static void put_noise(struct request *request, unsigned int depth)
{
	char bytes[128];
	int type = below(RINGLOG_A_STREAM_MAX + 4);
	struct nlattr *nest;
	unsigned int i;

	if (chance(5))
		type = below(0x4000);
	if (depth < 5 && chance(25)) {
		nest = request_begin_nest(request, type);
		for (i = below(4); i; i--)
			put_noise(request, depth + 1);
		request_end_nest(request, nest);
		return;
	}
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = chance(50) ? 0 : below(256);
	request_put(request, type, bytes, chance(80) ? 4 * below(4) : below(sizeof(bytes)));
}

static void build_noise(const struct netlink *netlink, struct request *request)
{
	unsigned int i;

	request_begin(netlink, request, below(RINGLOG_CMD_MAX + 3), chance(50) ? NLM_F_ACK : 0);
	if (chance(50))
		put_name(request, RINGLOG_A_STREAM_NAME);
	for (i = below(8); i; i--)
		put_noise(request, 0);
}

/* --- mutations ------------------------------------------------------------------------- */

/* A message at the end of a datagram. */
struct target {
	struct nlmsghdr *header;
	struct genlmsghdr *generic;
	char *begin, *end;
};

/* One of the attributes, which are still whole or not; NULL: there is none. */
static struct nlattr *some_attribute(const struct target *target)
{
	char *at = target->begin + NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlattr *attribute = NULL;
	unsigned int steps = 1 + below(10);

	while (steps-- && at + NLA_HDRLEN <= target->end) {
		attribute = (void *)at;
		/* Into those of a nest as well. */
		if ((attribute->nla_type & NLA_F_NESTED) && chance(50))
			at += NLA_HDRLEN;
		else if (attribute->nla_len >= NLA_HDRLEN)
			at += NLA_ALIGN(attribute->nla_len);
		else
			break;
	}
	return attribute;
}

static void set_end(struct target *target, char *end)
{
	target->end = end;
	target->header->nlmsg_len = end - target->begin;
}

/* Any byte but those that the answer is found by. */
static void flip_byte(struct target *target)
{
	size_t at = below(target->end - target->begin);

	if (at >= offsetof(struct nlmsghdr, nlmsg_flags) && at < NLMSG_HDRLEN)
		at = NLMSG_HDRLEN;
	if (at >= NLMSG_HDRLEN && target->begin + at < target->end)
		target->begin[at] ^= 1 << below(8);
}

static void change_length(struct target *target)
{
	struct nlattr *attribute = some_attribute(target);

	if (!attribute)
		return;
	switch (below(3)) {
	case 0:
		attribute->nla_len = below(1 << 16);
		break;
	case 1:
		attribute->nla_len += below(9) - 4;
		break;
	default:
		attribute->nla_len = below(NLA_HDRLEN + 1);
	}
}

static void change_type(struct target *target)
{
	struct nlattr *attribute = some_attribute(target);

	if (!attribute)
		return;
	if (chance(50))
		attribute->nla_type ^= chance(50) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
	else
		attribute->nla_type = chance(70) ? below(30) : below(1 << 16);
}

static void change_value(struct target *target)
{
	struct nlattr *attribute = some_attribute(target);
	uint64_t value = number();
	size_t bytes;

	if (!attribute || attribute->nla_len <= NLA_HDRLEN)
		return;
	bytes = attribute->nla_len - NLA_HDRLEN;
	if (bytes > sizeof(value))
		bytes = sizeof(value);
	if ((char *)attribute + NLA_HDRLEN + bytes <= target->end)
		memcpy((char *)attribute + NLA_HDRLEN, &value, bytes);
}

static void add_attribute(struct target *target, const void *data, size_t bytes, int type)
{
	struct nlattr *attribute = (void *)target->end;

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + bytes;
	memset((char *)attribute + NLA_HDRLEN, 'x', NLA_ALIGN(bytes));
	if (data)
		memcpy((char *)attribute + NLA_HDRLEN, data, bytes);
	set_end(target, target->end + NLA_HDRLEN + NLA_ALIGN(bytes));
}

static void repeat_attribute(struct target *target)
{
	const struct nlattr *attribute = some_attribute(target);
	char copy[256];
	size_t bytes;

	if (!attribute || attribute->nla_len < NLA_HDRLEN)
		return;
	bytes = attribute->nla_len - NLA_HDRLEN;
	if (bytes > sizeof(copy) || (const char *)attribute + attribute->nla_len > target->end)
		return;
	memcpy(copy, (const char *)attribute + NLA_HDRLEN, bytes);
	add_attribute(target, copy, bytes, attribute->nla_type);
}

static void add_large(struct target *target)
{
	add_attribute(target, NULL, chance(50) ? UINT16_MAX - NLA_HDRLEN - below(8) : below(30000),
		      below(RINGLOG_A_STREAM_MAX + 3));
}

static void truncate_message(struct target *target)
{
	size_t bytes = target->end - target->begin;

	if (bytes > NLMSG_HDRLEN)
		set_end(target, target->begin + NLMSG_HDRLEN + below(bytes - NLMSG_HDRLEN));
}

/* More or less than there is: what comes after it is then taken for something else. */
static void lie_about_length(struct target *target)
{
	target->header->nlmsg_len = chance(80) ? target->header->nlmsg_len + below(64) - 32 :
						 number();
}

static void change_flags(struct target *target)
{
	if (chance(60))
		target->header->nlmsg_flags ^= 1 << below(16);
	else if (chance(50))
		target->header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP | below(16);
	else
		target->header->nlmsg_flags = below(1 << 16);
}

static void change_headers(struct target *target)
{
	switch (below(5)) {
	case 0:
		target->header->nlmsg_pid = number();
		break;
	case 1:
		target->generic->cmd = chance(50) ? below(20) : below(256);
		break;
	case 2:
		target->generic->version = below(256);
		break;
	case 3:
		target->generic->reserved = 1 + below(0xffff);
		break;
	default:
		/* Messages that control netlink itself, and those of no family. */
		target->header->nlmsg_type = chance(50) ? below(NLMSG_MIN_TYPE) :
							  0xff00 + below(0x100);
	}
}

static void mutate(struct target *target)
{
	static void (*const mutations[])(struct target *target) = {
		flip_byte, flip_byte, change_length, change_length, change_type, change_type,
		change_value, change_value, repeat_attribute, truncate_message, change_flags,
		change_headers, change_headers,
	};
	unsigned int i;

	for (i = 1 + below(MUTATIONS_MAX); i; i--)
		mutations[below(COUNT(mutations))](target);
	if (chance(1))
		add_large(target);
	if (chance(3))
		lie_about_length(target);
}

/* --- datagrams ------------------------------------------------------------------------- */

static void add_message(struct datagram *datagram, const struct netlink *netlink,
			uint32_t sequence)
{
	static struct request request;
	struct target target;

	if (chance(15))
		build_noise(netlink, &request);
	else
		build_valid(netlink, &request);
	request.header.nlmsg_seq = sequence;
	target.begin = datagram->data + datagram->bytes;
	memcpy(target.begin, &request, request.header.nlmsg_len);
	target.end = target.begin + request.header.nlmsg_len;
	target.header = (void *)target.begin;
	target.generic = (void *)(target.begin + NLMSG_HDRLEN);
	if (chance(60))
		mutate(&target);
	datagram->messages++;
	memset(target.end, 0, NLMSG_ALIGNTO);
	datagram->bytes += NLMSG_ALIGN(target.end - target.begin);
}

void mutate_datagram(struct datagram *datagram, uint64_t *random, unsigned int family,
		     uint32_t sequence)
{
	const struct netlink netlink = { .family = family };
	unsigned int i, messages;

	state = random;
	datagram->bytes = 0;
	datagram->messages = 0;
	messages = chance(40) ? 1 : 1 + below(MESSAGES_MAX);
	for (i = 0; i < messages && datagram->bytes + MUTATION_MAX < DATAGRAM_MAX; i++)
		add_message(datagram, &netlink, sequence + i);
	if (chance(3))
		datagram->bytes -= below(datagram->bytes < 16 ? datagram->bytes : 16);
}
