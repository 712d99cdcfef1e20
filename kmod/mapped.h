/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_MAPPED_H
#define RINGLOG_MAPPED_H

#include "handle.h"

int ringlog_mapped_tell(struct ringlog_handle *handle, const struct ringlog_wait *wait);

#endif /* RINGLOG_MAPPED_H */
