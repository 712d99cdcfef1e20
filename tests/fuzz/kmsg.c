// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmsg.h"

/* As in tests/vm/run, which has the last word. */
static const char * const complaints[] = {
	"WARNING:", "BUG:", "Oops", "general protection", "unable to handle", "possible recursive",
	"suspicious RCU", "inconsistent lock", "possible circular", "possible irq lock",
	"bad unlock balance", "lock held when returning", "held lock freed", "soft lockup",
	"hard LOCKUP", "self-detected stall", "detected stalls", "Call Trace:", "Kernel panic",
	"UBSAN", "KASAN", "KCSAN", "KFENCE", "unreferenced object", "refcount_t:",
	"scheduling while atomic", "sleeping function called", "blocked for more than",
};

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

bool kmsg_complains(int fd, char *line, size_t size)
{
	char record[8192];
	ssize_t got;

	while (fd >= 0) {
		got = read(fd, record, sizeof(record) - 1);
		/* Some were overwritten: the next read goes on with those that are left. */
		if (got < 0 && errno == EPIPE)
			continue;
		if (got <= 0)
			return false;
		record[got] = '\0';
		for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
			const char *words = strchr(record, ';');

			if (!words || !strstr(words, complaints[i]))
				continue;
			snprintf(line, size, "%.*s", (int)strcspn(words + 1, "\n"), words + 1);
			return true;
		}
	}
	return false;
}
