/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to the kernel, and their answers. */
#ifndef RINGLOG_CTL_REQUEST_H
#define RINGLOG_CTL_REQUEST_H

#include <linux/types.h>
#include <stddef.h>

struct nl_msg;
struct nlmsghdr;
struct ringlog_ctl;

/**
 * typedef answer_fn - is shown a message that answers a request
 * @message: good until it returns
 * @data: of the caller
 *
 * Return: 0, or what ends the request: it is shown nothing more then.
 */
typedef int (*answer_fn)(const struct nlmsghdr *message, void *data);

/**
 * request_find_family - ask for the numbers of the module's family
 * @ctl: handle: gets them
 *
 * Return: 0; -EPROTONOSUPPORT: there is no such family; or a negative errno.
 */
int request_find_family(struct ringlog_ctl *ctl);

/**
 * request_new - begin a request to the module
 * @ctl: handle
 * @command: RINGLOG_CMD_*
 * @flags: NLM_F_ACK, or NLM_F_DUMP for a list
 * @bytes: that the attributes to be put into it may take
 *
 * Return: a message, or NULL if there is no memory.
 */
struct nl_msg *request_new(struct ringlog_ctl *ctl, int command, int flags, size_t bytes);

/**
 * request_run - send a request and wait for all of its answer
 * @ctl: handle: gets the kernel's words
 * @request: is freed; NULL is no memory
 * @answered: is shown the messages; NULL if there are none of interest
 * @data: handed to it
 *
 * Return: 0; what @answered ended it with; or a negative errno, with words to it.
 * -EAGAIN for a list that changed while it was given.
 */
int request_run(struct ringlog_ctl *ctl, struct nl_msg *request, answer_fn answered, void *data);

/**
 * fail_nonsense - fail for a message that is not as ringlog.yaml says
 * @ctl: handle
 *
 * Return: -EBADMSG.
 */
int fail_nonsense(struct ringlog_ctl *ctl);

#endif /* RINGLOG_CTL_REQUEST_H */
