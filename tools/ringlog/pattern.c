// SPDX-License-Identifier: GPL-2.0-only
/* Which streams a user means. */
#include "pattern.h"

#include <fnmatch.h>
#include <stdlib.h>

bool patterns_init(struct patterns *patterns, char *const *words, int count)
{
	*patterns = (struct patterns) {
		.words = words,
		.count = count,
		.met = calloc(count + 1, sizeof(*patterns->met)),
	};
	return patterns->met;
}

bool patterns_match(struct patterns *patterns, const char *name)
{
	bool any = !patterns->count;

	for (int i = 0; i < patterns->count; i++) {
		if (fnmatch(patterns->words[i], name, 0))
			continue;
		patterns->met[i] = true;
		any = true;
	}
	return any;
}

const char *patterns_unmet(const struct patterns *patterns, int *at)
{
	while (*at < patterns->count) {
		int i = (*at)++;

		if (!patterns->met[i])
			return patterns->words[i];
	}
	return NULL;
}
