// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles: opening and closing them, and what they say of failures. */
#include "handle.h"
#include "request.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * The kernel puts no more of a list into one message than this, and not even
 * that unless it was offered room for it. So nothing is gained by asking how
 * long a message is before it is received, which libnl does otherwise.
 */
#define MESSAGE_MAX	32768

int libnl_error(int code)
{
	/* First, for one of its numbers is both ENOMEM and ENOBUFS. */
	if (errno)
		return -errno;
	switch (-code) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_MSG_TRUNC:
		return -EMSGSIZE;
	default:
		return -EIO;
	}
}

/* Words and the blamed attribute come with an error, and the request is not repeated in it. */
static int ask_for_words(struct nl_sock *sock)
{
	int fd = nl_socket_get_fd(sock), on = 1;

	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	return 0;
}

int socket_open(struct nl_sock **sock)
{
	struct nl_sock *made = nl_socket_alloc();
	int result;

	if (!made)
		return -ENOMEM;
	errno = 0;
	result = nl_connect(made, NETLINK_GENERIC);
	if (result < 0) {
		result = libnl_error(result);
		goto err_free;
	}
	result = ask_for_words(made);
	if (result)
		goto err_free;
	nl_socket_disable_auto_ack(made);
	nl_socket_disable_msg_peek(made);
	nl_socket_set_msg_buf_size(made, MESSAGE_MAX);
	*sock = made;
	return 0;

err_free:
	nl_socket_free(made);
	return result;
}

int ringlog_ctl_open(struct ringlog_ctl **ctl)
{
	struct ringlog_ctl *made = calloc(1, sizeof(*made));
	int result;

	*ctl = made;
	if (!made)
		return -ENOMEM;
	result = socket_open(&made->sock);
	if (result)
		return fail(made, result, NULL);
	return request_find_family(made);
}

void ringlog_ctl_close(struct ringlog_ctl *ctl)
{
	if (!ctl)
		return;
	if (ctl->sock)
		nl_socket_free(ctl->sock);
	free(ctl);
}

void begin(struct ringlog_ctl *ctl)
{
	ctl->words[0] = 0;
	ctl->attribute[0] = 0;
	ctl->error[0] = 0;
}

int fail(struct ringlog_ctl *ctl, int error, const char *words)
{
	char meaning[128];

	if (!words && ctl->words[0])
		words = ctl->words;
	/* The GNU function, which need not write to the buffer. */
	if (!words)
		words = strerror_r(-error, meaning, sizeof(meaning));
	if (ctl->attribute[0])
		snprintf(ctl->error, sizeof(ctl->error), "%s (%s)", words, ctl->attribute);
	else
		snprintf(ctl->error, sizeof(ctl->error), "%s", words);
	return error;
}

const char *ringlog_ctl_error(const struct ringlog_ctl *ctl)
{
	return ctl ? ctl->error : "Cannot allocate memory";
}

const char *ringlog_ctl_error_attribute(const struct ringlog_ctl *ctl)
{
	return ctl && ctl->attribute[0] ? ctl->attribute : NULL;
}
