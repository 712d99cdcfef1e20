/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's messages as structs. */
#ifndef RINGLOG_CTL_DECODE_H
#define RINGLOG_CTL_DECODE_H

struct nlmsghdr;
struct ringlog_ctl_loss;
struct ringlog_ctl_partition;
struct ringlog_ctl_stream;

/**
 * decode_stream - read what a message says of a stream
 * @message: of the attribute set "stream"
 * @stream: out. What @message does not say is zero, and attributes that are not
 *	known are passed over
 *
 * Return: 0; -EBADMSG: an attribute has the wrong size, or there is no name.
 */
int decode_stream(const struct nlmsghdr *message, struct ringlog_ctl_stream *stream);

/**
 * decode_partition - read what a message says of a partition
 * @message: of the attribute set "partition"
 * @partition: out, as for decode_stream()
 *
 * Return: as decode_stream().
 */
int decode_partition(const struct nlmsghdr *message, struct ringlog_ctl_partition *partition);

/**
 * decode_loss - read what a message says of a loss
 * @message: of the attribute set "loss"
 * @loss: out, as for decode_stream()
 *
 * Return: as decode_stream().
 */
int decode_loss(const struct nlmsghdr *message, struct ringlog_ctl_loss *loss);

#endif /* RINGLOG_CTL_DECODE_H */
