/* SPDX-License-Identifier: GPL-2.0-only */
/* Which streams a user means. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct patterns - names and globs, as *, ? and [a-z] make them
 * @words: of the command line
 * @count: of them; 0 means every stream
 * @met: for each word, whether a name matched it
 */
struct patterns {
	char *const	*words;
	int		count;
	bool		*met;
};

/* @met is allocated, and is left to the end of the program. False: no memory. */
bool patterns_init(struct patterns *patterns, char *const *words, int count);

/* Does a word match? All words that do are noted. */
bool patterns_match(struct patterns *patterns, const char *name);

/* A word that nothing matched, the first from *@at on, which moves past it; NULL if none. */
const char *patterns_unmet(const struct patterns *patterns, int *at);

#endif /* PATTERN_H */
