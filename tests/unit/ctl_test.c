// SPDX-License-Identifier: GPL-2.0-only
/* libringlog-ctl: messages of the kernel, also such as it never sends. */
#include "../../libshim/ctl/decode.h"
#include "../../libshim/ctl/extack.h"
#include "../../libshim/ctl/handle.h"
#include "../../libshim/ctl/settings.h"
#include "tap.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

static struct nl_msg *message_of(int command)
{
	struct nl_msg *message = nlmsg_alloc();

	genlmsg_put(message, 1, 1, 40, 0, 0, command, 1);
	return message;
}

static void test_stream(void)
{
	struct nl_msg *message = message_of(RINGLOG_CMD_STREAM_GET);
	struct ringlog_ctl_stream stream;
	struct nlattr *nest;

	nla_put_string(message, RINGLOG_A_STREAM_NAME, "orders");
	nla_put_u64(message, RINGLOG_A_STREAM_INCARNATION, 0x0123456789abcdefULL);
	nla_put_u32(message, RINGLOG_A_STREAM_WAITERS, 3);
	nest = nla_nest_start(message, RINGLOG_A_STREAM_COUNTERS);
	nla_put_u64(message, RINGLOG_A_COUNTERS_RECORDS, 11);
	nla_put_u64(message, RINGLOG_A_COUNTERS_REJECTS, 12);
	nla_nest_end(message, nest);
	/* Of a kernel that is newer. */
	nla_put_u64(message, RINGLOG_A_STREAM_MAX + 1, 99);
	CHECK(!decode_stream(nlmsg_hdr(message), &stream));
	CHECK(!strcmp(stream.name, "orders"));
	CHECK(stream.incarnation == 0x0123456789abcdefULL && stream.waiters == 3);
	CHECK(stream.counters.records == 11 && stream.counters.rejects == 12);
	CHECK(stream.numa_node == -1 && stream.age == 0);
	nlmsg_free(message);
}

static void test_nonsense(void)
{
	struct ringlog_ctl_stream stream;
	struct nl_msg *message;
	char name[80];

	message = message_of(RINGLOG_CMD_STREAM_GET);
	CHECK(decode_stream(nlmsg_hdr(message), &stream) == -EBADMSG);
	nla_put_string(message, RINGLOG_A_STREAM_NAME, "a");
	CHECK(!decode_stream(nlmsg_hdr(message), &stream));
	nla_put_u32(message, RINGLOG_A_STREAM_AGE, 1);
	CHECK(decode_stream(nlmsg_hdr(message), &stream) == -EBADMSG);
	nlmsg_free(message);

	memset(name, 'n', sizeof(name));
	message = message_of(RINGLOG_CMD_STREAM_GET);
	nla_put(message, RINGLOG_A_STREAM_NAME, RINGLOG_NAME_MAX, name);
	CHECK(!decode_stream(nlmsg_hdr(message), &stream));
	nla_put(message, RINGLOG_A_STREAM_NAME, RINGLOG_NAME_MAX + 1, name);
	CHECK(decode_stream(nlmsg_hdr(message), &stream) == -EBADMSG);
	nlmsg_free(message);
}

static void test_partition(void)
{
	struct nl_msg *message = message_of(RINGLOG_CMD_PARTITION_GET);
	struct ringlog_ctl_partition partition;

	nla_put_string(message, RINGLOG_A_PARTITION_STREAM, "orders");
	nla_put_u32(message, RINGLOG_A_PARTITION_INDEX, 7);
	nla_put_u64(message, RINGLOG_A_PARTITION_ROOM, ~0ULL);
	CHECK(!decode_partition(nlmsg_hdr(message), &partition));
	CHECK(!strcmp(partition.stream, "orders") && partition.index == 7);
	CHECK(partition.room == ~0ULL);
	nlmsg_free(message);
}

static void test_settings(void)
{
	struct ringlog_ctl_first_offset first[1024];
	struct ringlog_ctl_config config = {
		.name = "a",
		.has = RINGLOG_CTL_AGE | RINGLOG_CTL_MODE,
		.age = 5,
		.mode = 0640,
		.first_offsets = first,
		.first_offsets_count = 1024,
	};
	struct nl_msg *message = nlmsg_alloc_size(NLMSG_HDRLEN + settings_bytes(&config));
	struct nlattr *at;
	int left, count = 0;

	for (__u32 i = 0; i < 1024; i++)
		first[i] = (struct ringlog_ctl_first_offset) { .partition = i, .offset = i };
	nlmsg_put(message, 1, 1, 40, 0, 0);
	CHECK(!settings_put(message, &config));
	nlmsg_for_each_attr(at, nlmsg_hdr(message), 0, left)
		count += nla_type(at) == RINGLOG_A_STREAM_FIRST_OFFSET &&
			 at->nla_type & NLA_F_NESTED;
	CHECK(count == 1024);
	CHECK(nlmsg_find_attr(nlmsg_hdr(message), 0, RINGLOG_A_STREAM_AGE));
	CHECK(!nlmsg_find_attr(nlmsg_hdr(message), 0, RINGLOG_A_STREAM_PARTITIONS));
	nlmsg_free(message);
}

/* Of a program that is newer than the library. */
static void test_settings_unknown(void)
{
	struct ringlog_ctl_config config = { .name = "a", .has = RINGLOG_CTL_MODE << 1 };
	struct nl_msg *message = nlmsg_alloc();

	nlmsg_put(message, 1, 1, 40, 0, 0);
	CHECK(settings_put(message, &config) == -EINVAL);
	config.has = 0;
	config.reserved[3] = 1;
	CHECK(settings_put(message, &config) == -EINVAL);
	nlmsg_free(message);
}

/* A request with a name, and a first offset within which partition is to blame. */
static struct nl_msg *request(void)
{
	struct nl_msg *message = message_of(RINGLOG_CMD_STREAM_NEW);
	struct nlattr *nest;

	nla_put_string(message, RINGLOG_A_STREAM_NAME, "orders");
	nla_put_u64(message, RINGLOG_A_STREAM_RING_BYTES, 5);
	nest = nla_nest_start(message, RINGLOG_A_STREAM_FIRST_OFFSET);
	nla_put_u32(message, RINGLOG_A_FIRST_OFFSET_PARTITION, 9);
	nla_put_u64(message, RINGLOG_A_FIRST_OFFSET_OFFSET, 9);
	nla_nest_end(message, nest);
	return message;
}

static __u32 offset_of(struct nl_msg *message, int type, int bytes_further)
{
	struct nlattr *at = nlmsg_find_attr(nlmsg_hdr(message), GENL_HDRLEN, type);

	return (char *)at - (char *)nlmsg_hdr(message) + bytes_further;
}

/* What the kernel answers: with the request in it, or not, or as the end of a list. */
static struct nl_msg *answer(struct nl_msg *request, int type, bool capped)
{
	struct nl_msg *message = nlmsg_alloc();
	struct nlmsgerr error = { .error = -EINVAL, .msg = *nlmsg_hdr(request) };
	int flags = NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0);

	nlmsg_put(message, 1, 1, type, 0, flags);
	if (type == NLMSG_DONE) {
		nlmsg_append(message, &error.error, sizeof(int), NLMSG_ALIGNTO);
		return message;
	}
	nlmsg_append(message, &error, sizeof(error), NLMSG_ALIGNTO);
	if (!capped)
		nlmsg_append(message, nlmsg_data(nlmsg_hdr(request)),
			     nlmsg_datalen(nlmsg_hdr(request)), NLMSG_ALIGNTO);
	return message;
}

static void test_words(void)
{
	struct nl_msg *asked = request();

	for (int i = 0; i < 3; i++) {
		struct nl_msg *told = answer(asked, i < 2 ? NLMSG_ERROR : NLMSG_DONE, i == 1);
		struct ringlog_ctl ctl = { };

		nla_put_string(told, NLMSGERR_ATTR_MSG, "the ring is\ntoo small");
		nla_put_u32(told, NLMSGERR_ATTR_OFFS, offset_of(asked, RINGLOG_A_STREAM_RING_BYTES,
								0));
		extack_read(&ctl, nlmsg_hdr(told), nlmsg_hdr(asked));
		CHECK(fail(&ctl, -EINVAL, NULL) == -EINVAL);
		CHECK(!strcmp(ringlog_ctl_error(&ctl), "the ring is too small (ring-bytes)"));
		CHECK(!strcmp(ringlog_ctl_error_attribute(&ctl), "ring-bytes"));
		nlmsg_free(told);
	}
	nlmsg_free(asked);
}

static void blames(int type, int further, int attribute, const char *expected)
{
	struct nl_msg *asked = request(), *told = answer(asked, NLMSG_ERROR, true);
	struct ringlog_ctl ctl = { };

	nla_put_u32(told, attribute, offset_of(asked, type, further));
	if (attribute == NLMSGERR_ATTR_MISS_NEST)
		nla_put_u32(told, NLMSGERR_ATTR_MISS_TYPE, RINGLOG_A_FIRST_OFFSET_OFFSET);
	extack_read(&ctl, nlmsg_hdr(told), nlmsg_hdr(asked));
	CHECK(!strcmp(ctl.attribute, expected));
	nlmsg_free(told);
	nlmsg_free(asked);
}

static void test_nested(void)
{
	blames(RINGLOG_A_STREAM_FIRST_OFFSET, 0, NLMSGERR_ATTR_OFFS, "first-offset");
	blames(RINGLOG_A_STREAM_FIRST_OFFSET, NLA_HDRLEN, NLMSGERR_ATTR_OFFS,
	       "first-offset.partition");
	blames(RINGLOG_A_STREAM_FIRST_OFFSET, NLA_HDRLEN + 8, NLMSGERR_ATTR_OFFS,
	       "first-offset.offset");
	blames(RINGLOG_A_STREAM_FIRST_OFFSET, 0, NLMSGERR_ATTR_MISS_NEST, "first-offset.offset");
	blames(RINGLOG_A_STREAM_NAME, 100000, NLMSGERR_ATTR_OFFS, "");
}

static void test_missing(void)
{
	struct nl_msg *asked = message_of(RINGLOG_CMD_STREAM_NEW);
	struct nl_msg *told = answer(asked, NLMSG_ERROR, true);
	struct ringlog_ctl ctl = { };

	nla_put_u32(told, NLMSGERR_ATTR_MISS_TYPE, RINGLOG_A_STREAM_NAME);
	extack_read(&ctl, nlmsg_hdr(told), nlmsg_hdr(asked));
	fail(&ctl, -EINVAL, NULL);
	CHECK(!strcmp(ringlog_ctl_error(&ctl), "Invalid argument (name)"));
	nlmsg_free(told);
	nlmsg_free(asked);
}

/* An answer that claims to repeat more than there is of it. */
static void test_bad_answer(void)
{
	struct nl_msg *asked = request(), *told = nlmsg_alloc();
	struct nlmsgerr error = { .error = -EINVAL, .msg.nlmsg_len = 5000 };
	struct ringlog_ctl ctl = { };

	nlmsg_put(told, 1, 1, NLMSG_ERROR, 0, NLM_F_ACK_TLVS);
	nlmsg_append(told, &error, sizeof(error), NLMSG_ALIGNTO);
	extack_read(&ctl, nlmsg_hdr(told), nlmsg_hdr(asked));
	nlmsg_hdr(told)->nlmsg_len = NLMSG_HDRLEN + 4;
	extack_read(&ctl, nlmsg_hdr(told), nlmsg_hdr(asked));
	CHECK(!ctl.words[0] && !ctl.attribute[0]);
	CHECK(!ringlog_ctl_error_attribute(&ctl));
	CHECK(!strcmp(ringlog_ctl_error(NULL), "Cannot allocate memory"));
	nlmsg_free(told);
	nlmsg_free(asked);
}

/* libnl has one number for two errnos that could not be more different here. */
static void test_libnl(void)
{
	errno = ENOBUFS;
	CHECK(libnl_error(-NLE_NOMEM) == -ENOBUFS);
	errno = 0;
	CHECK(libnl_error(-NLE_NOMEM) == -ENOMEM);
	CHECK(libnl_error(-NLE_FAILURE) == -EIO);
}

static const struct tap_test tests[] = {
	{ "ctl: a stream", test_stream },
	{ "ctl: messages that make no sense", test_nonsense },
	{ "ctl: a partition", test_partition },
	{ "ctl: settings, as many as there may be", test_settings },
	{ "ctl: settings that are not known are not passed over", test_settings_unknown },
	{ "ctl: the kernel's words and the attribute to blame", test_words },
	{ "ctl: an attribute within another", test_nested },
	{ "ctl: an attribute that is missing", test_missing },
	{ "ctl: answers that make no sense", test_bad_answer },
	{ "ctl: events that were lost are not memory that is short", test_libnl },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
