/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests that say TAP. A test is a function that checks; the first failures of
 * each are told with their place.
 */
#ifndef UNIT_TAP_H
#define UNIT_TAP_H

#include <stdbool.h>
#include <stddef.h>

struct tap_test {
	const char *name;
	void (*run)(void);
};

/*
 * True if @condition is; a failed one fails the test and goes on. The condition
 * is the value, so that who analyses the caller knows what follows from it.
 */
#define CHECK(condition) ({						\
	bool good_ = (condition);					\
	tap_check(good_, __FILE__, __LINE__, #condition);		\
	good_;								\
})

bool tap_check(bool good, const char *file, int line, const char *what);

/* Did the test that runs now fail already; for loops that need not go on. */
bool tap_failed(void);

/* Run all of @tests. Returns the exit status. */
int tap_run(const struct tap_test *tests, size_t count);

#endif /* UNIT_TAP_H */
