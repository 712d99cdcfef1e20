/* SPDX-License-Identifier: GPL-2.0-only */
/* Being asked to end by SIGINT or SIGTERM. */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

/* From now on these signals end no program, but interrupt its calls; and SIGPIPE nothing. */
void stop_on_signals(void);

/* Did one come? */
bool stopped(void);

#endif /* STOP_H */
