/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RINGLOG_DEMO_OPTIONS_H
#define RINGLOG_DEMO_OPTIONS_H

#include "demo.h"

/* Fills in what the command line can say; exits when it makes no sense. */
void options_parse(struct plan *plan, int argc, char **argv);

#endif
