// SPDX-License-Identifier: GPL-2.0-only
/* inspect [FIELD]: prints what INFO says about the stream, a field a line. */
#include <stdio.h>

#include "device.h"
#include "test.h"

static void show(const char *wanted, const char *field, unsigned long long value)
{
	if (!wanted)
		printf("%s=%llu\n", field, value);
	else if (!strcmp(wanted, field))
		printf("%llu\n", value);
}

int main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : NULL;
	struct ringlog_info info = { .partition = 0 };
	int fd = open(DEVICE, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RINGLOG_IOC_INFO, &info)) {
		perror(DEVICE);
		return 1;
	}
#define SHOW(field)	show(wanted, #field, info.field)
	SHOW(partitions);
	SHOW(policy);
	SHOW(max_record);
	SHOW(ring_bytes);
	SHOW(incarnation);
	SHOW(records);
	SHOW(bytes);
	SHOW(appends);
	SHOW(next_offset);
	SHOW(oldest_offset);
	SHOW(age_ns);
	return 0;
}
