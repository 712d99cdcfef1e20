/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of `stream add` and `stream set`. */
#ifndef SETTINGS_OPTIONS_H
#define SETTINGS_OPTIONS_H

#include "command.h"

/* What --help says of them. */
extern const char settings_add_help[], settings_set_help[];

/* Take all options and the one name after them. Ends the program for mistakes. */
void settings_options(struct invocation *invocation, int argc, char **argv,
		      struct ringlog_ctl_config *config);

#endif /* SETTINGS_OPTIONS_H */
