// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests to the kernel, and their answers. */
#include "request.h"
#include "extack.h"
#include "handle.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * @ended: what @answered returned, unless it was 0
 * @error: of the request, as the kernel says
 * @interrupted: a list changed while it was given
 * @complete: nothing more is to come
 */
struct exchange {
	struct ringlog_ctl	*ctl;
	const struct nlmsghdr	*request;
	answer_fn		answered;
	void			*data;
	int			ended;
	int			error;
	bool			interrupted;
	bool			complete;
};

/* The end of an answer has an errno, zero if all is well. */
static void take_end(struct exchange *exchange, const struct nlmsghdr *message)
{
	exchange->complete = true;
	if (nlmsg_datalen(message) >= (int)sizeof(int))
		memcpy(&exchange->error, nlmsg_data(message), sizeof(int));
	if (exchange->error)
		extack_read(exchange->ctl, message, exchange->request);
}

static void take_message(struct exchange *exchange, const struct nlmsghdr *message)
{
	/* Of an earlier request, that was given up. */
	if (message->nlmsg_seq != exchange->request->nlmsg_seq)
		return;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->interrupted = true;
	switch (message->nlmsg_type) {
	case NLMSG_NOOP:
		break;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		take_end(exchange, message);
		break;
	default:
		/* What is left is still received, or the next answer would begin with it. */
		if (exchange->answered && !exchange->ended)
			exchange->ended = exchange->answered(message, exchange->data);
	}
}

static int receive(struct exchange *exchange)
{
	struct sockaddr_nl from;
	struct nlmsghdr *message;
	unsigned char *buffer;
	int left;

	errno = 0;
	left = nl_recv(exchange->ctl->sock, &from, &buffer, NULL);
	if (left < 0)
		return libnl_error(left);
	if (!left)
		return -EIO;
	/* Any process may send to the socket, so what is not the kernel's is left alone. */
	if (!from.nl_pid)
		for (message = (void *)buffer; nlmsg_ok(message, left) && !exchange->complete;
		     message = nlmsg_next(message, &left))
			take_message(exchange, message);
	free(buffer);
	return 0;
}

static int judge(struct exchange *exchange)
{
	/* netlink itself refuses this before the module is asked, without a word. */
	if (exchange->error == -EPERM && !exchange->ctl->words[0])
		return fail(exchange->ctl, -EPERM, "this needs CAP_NET_ADMIN");
	if (exchange->error)
		return fail(exchange->ctl, exchange->error, NULL);
	/* Who ended it knows why, and has said so if there is something to say. */
	if (exchange->ended)
		return exchange->ended;
	if (exchange->interrupted)
		return fail(exchange->ctl, -EAGAIN, "streams were made or deleted meanwhile");
	return 0;
}

static int run_once(struct ringlog_ctl *ctl, struct nl_msg *request, answer_fn answered,
		    void *data)
{
	struct exchange exchange = {
		.ctl = ctl,
		.request = nlmsg_hdr(request),
		.answered = answered,
		.data = data,
	};
	int result;

	begin(ctl);
	nlmsg_hdr(request)->nlmsg_seq = nl_socket_use_seq(ctl->sock);
	errno = 0;
	result = nl_send_auto(ctl->sock, request);
	if (result < 0)
		return fail(ctl, libnl_error(result), NULL);
	while (!exchange.complete) {
		result = receive(&exchange);
		if (result)
			return fail(ctl, result, NULL);
	}
	return judge(&exchange);
}

int fail_nonsense(struct ringlog_ctl *ctl)
{
	return fail(ctl, -EBADMSG, "the kernel's answer makes no sense");
}

static void take_group(struct ringlog_ctl *ctl, const struct nlattr *group)
{
	const struct nlattr *name = NULL, *id = NULL, *at;
	int left;

	nla_for_each_nested(at, group, left) {
		if (nla_type(at) == CTRL_ATTR_MCAST_GRP_NAME)
			name = at;
		if (nla_type(at) == CTRL_ATTR_MCAST_GRP_ID)
			id = at;
	}
	if (name && id && nla_len(id) == sizeof(__u32) && !nla_strcmp(name, RINGLOG_MCGRP_EVENTS))
		ctl->group = nla_get_u32(id);
}

static int take_family(const struct nlmsghdr *message, void *data)
{
	struct ringlog_ctl *ctl = data;
	struct nlattr *at, *group;
	int left, left_within;

	nlmsg_for_each_attr(at, message, GENL_HDRLEN, left) {
		if (nla_type(at) == CTRL_ATTR_FAMILY_ID && nla_len(at) == sizeof(__u16))
			ctl->family = nla_get_u16(at);
		if (nla_type(at) == CTRL_ATTR_MCAST_GROUPS)
			nla_for_each_nested(group, at, left_within)
				take_group(ctl, group);
	}
	return ctl->family ? 0 : fail_nonsense(ctl);
}

/* libnl's genl_ctrl_resolve() asks twice for the two numbers, and loses the errno. */
int request_find_family(struct ringlog_ctl *ctl)
{
	struct nl_msg *request = nlmsg_alloc();
	int result;

	ctl->family = 0;
	ctl->group = 0;
	if (!request || !genlmsg_put(request, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0,
				     NLM_F_ACK, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(request, CTRL_ATTR_FAMILY_NAME, RINGLOG_FAMILY_NAME) < 0)
		result = fail(ctl, -ENOMEM, NULL);
	else
		result = run_once(ctl, request, take_family, ctl);
	nlmsg_free(request);
	if (result == -ENOENT)
		result = fail(ctl, -EPROTONOSUPPORT, "the ringlog module is not loaded");
	return result;
}

struct nl_msg *request_new(struct ringlog_ctl *ctl, int command, int flags, size_t bytes)
{
	struct nl_msg *request = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + bytes);

	if (request && !genlmsg_put(request, NL_AUTO_PORT, NL_AUTO_SEQ, ctl->family, 0, flags,
				    command, RINGLOG_FAMILY_VERSION)) {
		nlmsg_free(request);
		return NULL;
	}
	return request;
}

/*
 * A module that was loaded again has another number, and the old one is nobody's:
 * that gives -ENOENT without a word, while the module itself always has words.
 */
static bool has_moved(struct ringlog_ctl *ctl, struct nl_msg *request, int *result)
{
	__u16 before = ctl->family;
	int found;

	if (*result != -ENOENT || ctl->words[0])
		return false;
	found = request_find_family(ctl);
	if (found)
		*result = found;
	else if (ctl->family == before)
		fail(ctl, *result, NULL);
	nlmsg_hdr(request)->nlmsg_type = ctl->family;
	return !found && ctl->family != before;
}

int request_run(struct ringlog_ctl *ctl, struct nl_msg *request, answer_fn answered, void *data)
{
	int result = 0;

	begin(ctl);
	if (!request)
		return fail(ctl, -ENOMEM, NULL);
	/* It was not loaded the last time. */
	if (!ctl->family) {
		result = request_find_family(ctl);
		nlmsg_hdr(request)->nlmsg_type = ctl->family;
	}
	if (result)
		goto out;
	do
		result = run_once(ctl, request, answered, data);
	while (has_moved(ctl, request, &result));
out:
	nlmsg_free(request);
	return result;
}
