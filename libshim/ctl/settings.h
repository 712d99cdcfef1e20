/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stream is to be like, as attributes of a request. */
#ifndef RINGLOG_CTL_SETTINGS_H
#define RINGLOG_CTL_SETTINGS_H

#include <stddef.h>

struct nl_msg;
struct ringlog_ctl_config;

/**
 * settings_bytes - how much settings_put() may put
 * @config: what it will be given
 *
 * Return: bytes of attributes.
 */
size_t settings_bytes(const struct ringlog_ctl_config *config);

/**
 * settings_put - put what was set into a request
 * @request: to put it into, with room for it
 * @config: what was set
 *
 * Return: 0; -EINVAL: @config holds what this library does not know; -ENOMEM: no
 * room.
 */
int settings_put(struct nl_msg *request, const struct ringlog_ctl_config *config);

#endif /* RINGLOG_CTL_SETTINGS_H */
