// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Extended acknowledgements: libnl 3.7 leaves their attributes alone. They come
 * after the errno, and after the request if the kernel repeats it.
 */
#include "extack.h"
#include "attributes.h"
#include "handle.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the answer's own before its attributes; -1 if it has none. */
static int bytes_before(const struct nlmsghdr *answer)
{
	const struct nlmsgerr *error = nlmsg_data(answer);
	int bytes = nlmsg_datalen(answer), repeated = 0;

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return -1;
	if (answer->nlmsg_type == NLMSG_DONE)
		return sizeof(int);
	if (bytes < (int)sizeof(*error))
		return -1;
	if (!(answer->nlmsg_flags & NLM_F_CAPPED)) {
		if (error->msg.nlmsg_len < NLMSG_HDRLEN || error->msg.nlmsg_len > (__u32)bytes)
			return -1;
		repeated = error->msg.nlmsg_len - NLMSG_HDRLEN;
	}
	return sizeof(*error) + repeated;
}

static const struct attribute_set *set_of(const struct nlmsghdr *request)
{
	const struct genlmsghdr *header = nlmsg_data(request);

	if (request->nlmsg_type == GENL_ID_CTRL)
		return NULL;
	return header->cmd == RINGLOG_CMD_PARTITION_GET ? &partition_attributes :
							  &stream_attributes;
}

/* A name that has no room is cut off, which no name of the tables needs. */
static void add_name(char *to, size_t size, const struct attribute_set *set, int type)
{
	const char *name = attribute_name(set, type);
	size_t used = strlen(to);

	snprintf(to + used, size - used, "%s%s", used ? "." : "", name ? name : "?");
}

/*
 * Go from the top of the request down to the byte @offset of it, by way of those
 * attributes that hold it. Returns the set that those within the last one belong to.
 */
static const struct attribute_set *descend(char *to, size_t size, const struct nlmsghdr *request,
					   __u32 offset)
{
	const struct attribute_set *set = set_of(request);
	const struct nlattr *at = nlmsg_attrdata(request, GENL_HDRLEN);
	int left = nlmsg_attrlen(request, GENL_HDRLEN);

	while (set && nla_ok(at, left)) {
		__u32 begin = (const char *)at - (const char *)request;

		if (offset >= begin + nla_total_size(nla_len(at))) {
			at = nla_next(at, &left);
			continue;
		}
		if (offset < begin)
			break;
		add_name(to, size, set, nla_type(at));
		set = attribute_nested(set, nla_type(at));
		if (offset == begin)
			break;
		left = nla_len(at);
		at = nla_data(at);
	}
	return set;
}

static void take_words(char *to, size_t size, const struct nlattr *from)
{
	const char *text = nla_data(from);

	snprintf(to, size, "%.*s", (int)strnlen(text, nla_len(from)), text);
	/* One line is what users are promised. */
	for (; *to; to++)
		if ((unsigned char)*to < ' ')
			*to = ' ';
}

void extack_read(struct ringlog_ctl *ctl, const struct nlmsghdr *answer,
		 const struct nlmsghdr *request)
{
	const struct nlattr *told[NLMSGERR_ATTR_MAX + 1] = { }, *at;
	const struct nlattr *nest, *missing, *blamed;
	int left, before = bytes_before(answer);
	const struct attribute_set *set;

	if (before < 0)
		return;
	nlmsg_for_each_attr(at, answer, before, left)
		if (nla_type(at) <= NLMSGERR_ATTR_MAX)
			told[nla_type(at)] = at;

	if (told[NLMSGERR_ATTR_MSG])
		take_words(ctl->words, sizeof(ctl->words), told[NLMSGERR_ATTR_MSG]);

	/* One that is wrong is in the request, one that is missing is not. */
	blamed = told[NLMSGERR_ATTR_OFFS];
	missing = told[NLMSGERR_ATTR_MISS_TYPE];
	nest = told[NLMSGERR_ATTR_MISS_NEST];
	if (blamed && nla_len(blamed) >= (int)sizeof(__u32)) {
		descend(ctl->attribute, sizeof(ctl->attribute), request, nla_get_u32(blamed));
	} else if (missing && nla_len(missing) >= (int)sizeof(__u32)) {
		set = set_of(request);
		if (nest && nla_len(nest) >= (int)sizeof(__u32))
			set = descend(ctl->attribute, sizeof(ctl->attribute), request,
				      nla_get_u32(nest));
		add_name(ctl->attribute, sizeof(ctl->attribute), set, nla_get_u32(missing));
	}
}
