/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_ATTACH_H
#define RINGLOG_ATTACH_H

#include "handle.h"

int ringlog_attach(struct ringlog_handle *handle, fmode_t mode, struct ringlog_attach *attach);
int ringlog_seek_ends(struct ringlog_handle *handle, bool newest);

#endif /* RINGLOG_ATTACH_H */
