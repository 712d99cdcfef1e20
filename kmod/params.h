/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_PARAMS_H
#define RINGLOG_PARAMS_H

#include <linux/types.h>

#include "stream.h"

int ringlog_params_check(struct ringlog_stream_config *config, umode_t *mode);

#endif /* RINGLOG_PARAMS_H */
