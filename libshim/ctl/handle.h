/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a handle holds, and how the functions of it fail. */
#ifndef RINGLOG_CTL_HANDLE_H
#define RINGLOG_CTL_HANDLE_H

#include "../ringlog-ctl.h"

struct nl_sock;

/**
 * struct ringlog_ctl - a socket to the kernel, and what the kernel said last
 * @sock: the socket
 * @family: number of the module's family in this kernel's life; another one when
 *	the module was loaded again
 * @group: number of its multicast group for events
 * @words: the kernel's, about the last call; "" if it had none
 * @attribute: name of the one that the kernel blamed; "" if none
 * @error: what users are told of the last call
 */
struct ringlog_ctl {
	struct nl_sock	*sock;
	__u16		family;
	__u32		group;
	char		words[256];
	char		attribute[64];
	char		error[384];
};

/**
 * begin - forget what the last call failed for
 * @ctl: handle
 */
void begin(struct ringlog_ctl *ctl);

/**
 * fail - make an errno a failure with something to say
 * @ctl: handle. What the kernel said is in it already
 * @error: negative errno
 * @words: for the user; NULL for what the kernel said, or else what @error means
 *
 * Return: @error.
 */
int fail(struct ringlog_ctl *ctl, int error, const char *words);

/**
 * socket_open - open a netlink socket as all of them are here
 * @sock: out
 *
 * Return: 0 or a negative errno.
 */
int socket_open(struct nl_sock **sock);

/**
 * libnl_error - the errno of a failure of libnl
 * @code: that libnl returned, negative, right after it did
 *
 * libnl makes one number of several errnos, but leaves errno itself alone where
 * a system call failed. It is to be zeroed before libnl is called.
 *
 * Return: a negative errno.
 */
int libnl_error(int code);

#endif /* RINGLOG_CTL_HANDLE_H */
