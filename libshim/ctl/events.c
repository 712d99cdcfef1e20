// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events, on a socket of their own: answers to requests do not come between them. */
#include "decode.h"
#include "handle.h"
#include "request.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Events that come while nobody looks, a few hundred bytes each, before some are lost. */
#define BACKLOG	(1 << 20)

/**
 * struct ringlog_ctl_events - a subscription
 * @sock: the socket
 * @family: number of the module's family
 * @gone: the module was unloaded
 * @buffer: what was received last; NULL if nothing is left of it
 * @next: the next message in it
 * @left: bytes from there to its end
 */
struct ringlog_ctl_events {
	struct nl_sock	*sock;
	__u16		family;
	int		gone;
	unsigned char	*buffer;
	struct nlmsghdr	*next;
	int		left;
};

static int join(struct nl_sock *sock, __u32 group)
{
	int fd = nl_socket_get_fd(sock), number = group;

	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, sizeof(number)) < 0 ?
		-errno : 0;
}

static void make_room(struct nl_sock *sock)
{
	int fd = nl_socket_get_fd(sock), bytes = BACKLOG;

	/* Beyond what is otherwise the most, which who may have events may do too. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int listen_to(struct ringlog_ctl *ctl, struct ringlog_ctl_events *events)
{
	int result = socket_open(&events->sock);

	if (result)
		return fail(ctl, result, NULL);
	make_room(events->sock);
	/*
	 * netlink's own group says when a family goes, and nothing else would. Its number is
	 * that of its family by definition. It is joined first, to miss no end of the other.
	 */
	result = join(events->sock, GENL_ID_CTRL);
	if (!result)
		result = join(events->sock, ctl->group);
	if (!result && nl_socket_set_nonblocking(events->sock) < 0)
		result = -errno;
	if (result == -EPERM)
		return fail(ctl, result, "this needs CAP_NET_ADMIN");
	return result ? fail(ctl, result, NULL) : 0;
}

int ringlog_ctl_subscribe(struct ringlog_ctl *ctl, struct ringlog_ctl_events **events)
{
	struct ringlog_ctl_events *made;
	int result;

	*events = NULL;
	begin(ctl);
	/* Its number may be another one by now. */
	result = request_find_family(ctl);
	if (result)
		return result;
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail(ctl, -ENOMEM, NULL);
	made->family = ctl->family;
	result = listen_to(ctl, made);
	if (result) {
		ringlog_ctl_unsubscribe(made);
		return result;
	}
	*events = made;
	return 0;
}

void ringlog_ctl_unsubscribe(struct ringlog_ctl_events *events)
{
	if (!events)
		return;
	if (events->sock)
		nl_socket_free(events->sock);
	free(events->buffer);
	free(events);
}

int ringlog_ctl_events_fd(const struct ringlog_ctl_events *events)
{
	return nl_socket_get_fd(events->sock);
}

/* 1 if something was received, 0 if nothing is there. */
static int receive(struct ringlog_ctl_events *events)
{
	struct sockaddr_nl from;
	int bytes;

	do {
		free(events->buffer);
		events->buffer = NULL;
		errno = 0;
		bytes = nl_recv(events->sock, &from, &events->buffer, NULL);
		if (bytes <= 0) {
			events->buffer = NULL;
			if (!bytes || errno == EAGAIN)
				return 0;
			/* Which libnl takes for a want of memory. */
			return errno == ENOBUFS ? -ENOBUFS : libnl_error(bytes);
		}
		/* Any process may send to the socket. */
	} while (from.nl_pid);
	events->next = (void *)events->buffer;
	events->left = bytes;
	return 1;
}

static int take_stream(const struct nlmsghdr *message, struct ringlog_ctl_event *event, int kind)
{
	event->kind = kind;
	return decode_stream(message, &event->stream) ? -EBADMSG : 1;
}

static int take_end_of_family(struct ringlog_ctl_events *events, const struct nlmsghdr *message)
{
	const struct genlmsghdr *header = nlmsg_data(message);
	const struct nlattr *id;

	if (header->cmd != CTRL_CMD_DELFAMILY)
		return 0;
	id = nlmsg_find_attr((struct nlmsghdr *)message, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	if (!id || nla_len(id) != sizeof(__u16) || nla_get_u16(id) != events->family)
		return 0;
	events->gone = 1;
	return -ENODEV;
}

/* 1 if it is an event, 0 if it is to be passed over. */
static int take(struct ringlog_ctl_events *events, const struct nlmsghdr *message,
		struct ringlog_ctl_event *event)
{
	const struct genlmsghdr *header = nlmsg_data(message);

	if (nlmsg_datalen(message) < (int)GENL_HDRLEN)
		return 0;
	if (message->nlmsg_type == GENL_ID_CTRL)
		return take_end_of_family(events, message);
	if (message->nlmsg_type != events->family)
		return 0;
	memset(event, 0, sizeof(*event));
	switch (header->cmd) {
	case RINGLOG_CMD_STREAM_NEW_NTF:
		return take_stream(message, event, RINGLOG_CTL_EVENT_NEW);
	case RINGLOG_CMD_STREAM_DELETE_NTF:
		return take_stream(message, event, RINGLOG_CTL_EVENT_DELETE);
	case RINGLOG_CMD_STREAM_SET_NTF:
		return take_stream(message, event, RINGLOG_CTL_EVENT_SET);
	case RINGLOG_CMD_STREAM_PURGE_NTF:
		return take_stream(message, event, RINGLOG_CTL_EVENT_PURGE);
	case RINGLOG_CMD_LOSS_NTF:
		event->kind = RINGLOG_CTL_EVENT_LOSS;
		return decode_loss(message, &event->loss) ? -EBADMSG : 1;
	default:
		return 0;
	}
}

int ringlog_ctl_next_event(struct ringlog_ctl_events *events, struct ringlog_ctl_event *event)
{
	const struct nlmsghdr *message;
	int result;

	if (events->gone)
		return -ENODEV;
	for (;;) {
		if (!events->buffer || !nlmsg_ok(events->next, events->left)) {
			result = receive(events);
			if (result <= 0)
				return result;
			continue;
		}
		message = events->next;
		events->next = nlmsg_next(events->next, &events->left);
		result = take(events, message, event);
		if (result)
			return result;
	}
}
