// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define EXIT_SKIP	77

void test_fail(const char *file, int line, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(STDOUT_FILENO, "# %s:%d: %s\n", file, line, text);
	_exit(EXIT_FAILURE);
}

void test_skip(const char *why)
{
	dprintf(STDOUT_FILENO, "# skipped: %s\n", why);
	_exit(EXIT_SKIP);
}

unsigned int test_seconds(void)
{
	const char *set = getenv("TEST_SECONDS");

	return set && atoi(set) > 0 ? atoi(set) : TEST_SECONDS;
}

static int run_alone(const struct test *test)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		setpgid(0, 0);
		alarm(test_seconds());
		test->run();
		_exit(EXIT_SUCCESS);
	}
	setpgid(pid, pid);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	/* What the test started and did not wait for. */
	kill(-pid, SIGKILL);
	return status;
}

static bool report(int number, const struct test *test, int status)
{
	bool ok = WIFEXITED(status) && !WEXITSTATUS(status);
	bool skip = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;

	if (WIFSIGNALED(status))
		dprintf(STDOUT_FILENO, "# ended by signal %d%s\n",
			WTERMSIG(status),
			WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
	dprintf(STDOUT_FILENO, "%s %d - %s%s\n", ok || skip ? "ok" : "not ok",
		number, test->name, skip ? " # SKIP" : "");
	return ok || skip;
}

static bool chosen(const struct test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(test->name, argv[i]))
			return true;
	return argc < 2;
}

int test_main(int argc, char **argv, const struct test *tests, int count)
{
	bool fast = getenv("FAIL_FAST");
	int i, number = 0, failed = 0;

	for (i = 0; i < count && !(failed && fast); i++)
		if (chosen(&tests[i], argc, argv) &&
		    !report(++number, &tests[i], run_alone(&tests[i])))
			failed++;
	dprintf(STDOUT_FILENO, "1..%d\n", number);
	/* A name that chooses nothing must not look like success. */
	return failed || !number ? EXIT_FAILURE : EXIT_SUCCESS;
}
