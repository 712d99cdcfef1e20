/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file says that there are to be: streams and their settings. */
#ifndef DECLARATION_H
#define DECLARATION_H

#include "ringlog-ctl.h"

#include <stdbool.h>
#include <stddef.h>

/* Of the words about what is wrong with a file. */
#define FAULT	512

/**
 * struct declared - a stream that there is to be
 * @name: where @config.name points
 * @config: what the file says of it
 */
struct declared {
	char				name[RINGLOG_NAME_MAX + 1];
	struct ringlog_ctl_config	config;
};

struct declaration {
	struct declared	*streams;
	size_t		count;
};

/*
 * Read it from the text of a file. False, with words in @fault that begin with the
 * line or the place in it, if it is not right; all that can be told without the
 * kernel is checked.
 */
bool declaration_parse(struct declaration *declaration, const char *text, size_t bytes,
		       char fault[FAULT]);

/*
 * Are the settings of a stream in their ranges? False, with words in @fault that
 * begin with the setting's key, if not: a file is refused before a stream of it is
 * made, and so before the kernel sees the rest.
 */
bool declared_check(const struct declared *declared, char fault[FAULT]);

void declaration_free(struct declaration *declaration);

#endif /* DECLARATION_H */
