// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device.h"
#include "module.h"
#include "test.h"

static void *image;
static size_t image_bytes;

void module_read(const char *path)
{
	int fd = CHECK_OK(open(path, O_RDONLY | O_CLOEXEC));
	struct stat stat;
	ssize_t got;

	CHECK_OK(fstat(fd, &stat));
	image_bytes = stat.st_size;
	image = mmap(NULL, image_bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(image != MAP_FAILED);
	for (size_t done = 0; done < image_bytes; done += got) {
		got = CHECK_OK(read(fd, image + done, image_bytes - done));
		CHECK(got);
	}
	close(fd);
}

long module_try_load(const char *parameters)
{
	return syscall(SYS_init_module, image, image_bytes, parameters);
}

void module_load(const char *parameters)
{
	int i;

	/* A test that failed may have left it. */
	if (!access("/sys/module/ringlog", F_OK))
		module_unload();
	CHECK_OK(module_try_load(parameters));
	/* devtmpfs makes the node before the call returns; udev may chmod it. */
	for (i = 0; i < 1000 && access(DEVICE, F_OK); i++)
		sched_yield();
	CHECK_OK(access(DEVICE, F_OK));
}

void module_unload(void)
{
	CHECK_OK(syscall(SYS_delete_module, "ringlog", O_NONBLOCK));
	module_check_gone();
}

static void check_no_major(void)
{
	FILE *devices = fopen("/proc/devices", "re");
	char line[128];

	CHECK(devices);
	while (fgets(line, sizeof(line), devices))
		CHECK(!strstr(line, "ringlog"));
	fclose(devices);
}

void module_check_gone(void)
{
	CHECK_ERR(access(DEVICE, F_OK), ENOENT);
	CHECK_ERR(access("/sys/module/ringlog", F_OK), ENOENT);
	CHECK_ERR(access("/sys/class/ringlog", F_OK), ENOENT);
	CHECK_ERR(access("/sys/devices/virtual/ringlog", F_OK), ENOENT);
	check_no_major();
}
