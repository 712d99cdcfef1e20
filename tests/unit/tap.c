// SPDX-License-Identifier: GPL-2.0-only
#include <stdatomic.h>
#include <stdio.h>

#include "tap.h"

#define TOLD_AT_MOST 5

static atomic_uint failed;

bool tap_check(bool good, const char *file, int line, const char *what)
{
	if (!good && atomic_fetch_add(&failed, 1) < TOLD_AT_MOST)
		printf("# %s:%d: not so: %s\n", file, line, what);
	return good;
}

bool tap_failed(void)
{
	return atomic_load(&failed);
}

int tap_run(const struct tap_test *tests, size_t count)
{
	bool good = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		atomic_store(&failed, 0);
		tests[i].run();
		printf("%sok %zu - %s\n", tap_failed() ? "not " : "", i + 1, tests[i].name);
		good &= !tap_failed();
	}
	return good ? 0 : 1;
}
