// SPDX-License-Identifier: GPL-2.0-only
/*
 * cycle MODULE ROUNDS [PARAMETERS]: loads the module, writes and reads, and
 * unloads it, so often.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device.h"
#include "test.h"

static const char *module, *parameters;
static unsigned int rounds;

static void load(int fd)
{
	int i;

	CHECK_OK(syscall(SYS_finit_module, fd, parameters, 0));
	/* devtmpfs makes the node before the call returns; udev may chmod it. */
	for (i = 0; i < 1000 && access(DEVICE, F_OK); i++)
		sched_yield();
	CHECK_OK(access(DEVICE, F_OK));
}

static void use(uint64_t round)
{
	int fd = dev_open(O_RDWR), other = dev_open(O_RDONLY);
	struct ringlog_info info = dev_info(fd, 0);
	uint64_t i;

	CHECK_EQ(info.records, 0);
	CHECK_EQ(info.next_offset, 0);
	for (i = 0; i < 5; i++) {
		append_number(fd, 0, round + i);
		CHECK_EQ(read_number(fd), round + i);
		CHECK_EQ(read_number(other), round + i);
	}
	/* Mostly leave something behind, sometimes more than a lap of it. */
	write_number(fd, round);
	if (round % 50 == 0)
		lap(fd, 0);
	CHECK_OK(close(other));
	CHECK_OK(close(fd));
}

static void unload(void)
{
	CHECK_OK(syscall(SYS_delete_module, "ringlog", O_NONBLOCK));
	CHECK_ERR(access(DEVICE, F_OK), ENOENT);
}

static void test_cycles(void)
{
	int fd = CHECK_OK(open(module, O_RDONLY | O_CLOEXEC));
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		/* It is one round that hangs; many may take long, on a busy machine. */
		alarm(test_seconds());
		load(fd);
		use(i);
		unload();
	}
}

static const struct test tests[] = {
	{ "load, use, unload", test_cycles },
};

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: cycle MODULE ROUNDS [PARAMETERS]\n");
		return 2;
	}
	module = argv[1];
	rounds = atoi(argv[2]);
	parameters = argc > 3 ? argv[3] : "";
	return test_main(1, argv, tests, 1);
}
