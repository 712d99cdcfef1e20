// SPDX-License-Identifier: GPL-2.0-only
/*
 * process RUNS FILE COMMAND [ARGUMENT]...
 *
 * Runs COMMAND with its output in FILE, RUNS times and a few before that count
 * for nothing, and prints what the cheapest took from fork to exit, kernel and
 * all, and how many bytes it wrote. In the counting guest a nanosecond is an
 * instruction.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* So that the command, its libraries and FILE are in memory. */
#define WARM_UP	2

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void become(const char *file, char **command)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		err(1, "%s", file);
	execvp(command[0], command);
	err(1, "%s", command[0]);
}

static uint64_t run(const char *file, char **command)
{
	uint64_t begin = clock_now(), end;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		become(file, command);
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	end = clock_now();
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		errx(1, "%s failed", command[0]);
	return end - begin;
}

int main(int argc, char **argv)
{
	uint64_t least = UINT64_MAX, took;
	int i, runs = argc > 3 ? atoi(argv[1]) : 0;
	struct stat stat;

	if (runs < 1)
		errx(2, "usage: process RUNS FILE COMMAND [ARGUMENT]...");
	for (i = 0; i < WARM_UP + runs; i++) {
		took = run(argv[2], argv + 3);
		if (i >= WARM_UP && took < least)
			least = took;
	}
	if (lstat(argv[2], &stat))
		err(1, "%s", argv[2]);
	printf("%" PRIu64 "\t%jd\n", least, (intmax_t)stat.st_size);
	return 0;
}
