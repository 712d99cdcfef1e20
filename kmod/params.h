/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_PARAMS_H
#define RINGLOG_PARAMS_H

#include "config.h"

int ringlog_params_check(struct ringlog_stream_config *config);
void ringlog_params_blame(const struct ringlog_fault *fault);

#endif /* RINGLOG_PARAMS_H */
