/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel says of a refusal, beyond its errno. */
#ifndef RINGLOG_CTL_EXTACK_H
#define RINGLOG_CTL_EXTACK_H

struct nlmsghdr;
struct ringlog_ctl;

/**
 * extack_read - take the words and the blamed attribute out of an answer
 * @ctl: handle: gets them
 * @answer: NLMSG_ERROR or NLMSG_DONE
 * @request: that it answers
 */
void extack_read(struct ringlog_ctl *ctl, const struct nlmsghdr *answer,
		 const struct nlmsghdr *request);

#endif /* RINGLOG_CTL_EXTACK_H */
