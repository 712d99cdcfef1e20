// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "streams.h"
#include "test.h"

struct ringlog_ctl *ctl(void)
{
	static struct ringlog_ctl *handle;
	static pid_t owner;

	if (owner != getpid()) {
		CHECK_EQ(ringlog_ctl_open(&handle), 0);
		owner = getpid();
	}
	return handle;
}

struct ringlog_ctl_config stream_config(const char *name)
{
	return (struct ringlog_ctl_config){
		.name = name,
		.has = RINGLOG_CTL_RING_BYTES,
		.ring_bytes = SMALL_RING,
	};
}

struct ringlog_ctl_stream stream_make_as(const struct ringlog_ctl_config *config)
{
	struct ringlog_ctl_stream stream;
	int ret = ringlog_ctl_stream_new(ctl(), config, &stream);

	if (ret)
		test_fail(__FILE__, __LINE__, "stream %s: %s", config->name,
			  ringlog_ctl_error(ctl()));
	CHECK(!strcmp(stream.name, config->name));
	return stream;
}

struct ringlog_ctl_stream stream_make(const char *name)
{
	struct ringlog_ctl_config config = stream_config(name);

	return stream_make_as(&config);
}

struct count {
	unsigned int streams;
	char name[RINGLOG_NAME_MAX + 1];
};

static int count_one(const struct ringlog_ctl_stream *stream, void *data)
{
	struct count *count = data;

	count->streams++;
	if (strcmp(stream->name, "default") != 0)
		memcpy(count->name, stream->name, sizeof(count->name));
	return 0;
}

static struct count count(void)
{
	struct count count = {};

	CHECK_EQ(ringlog_ctl_streams_list(ctl(), count_one, &count), 0);
	return count;
}

unsigned int streams_count(void)
{
	return count().streams;
}

void stream_refused(const struct ringlog_ctl_config *config, int error)
{
	unsigned int before = streams_count();
	struct ringlog_ctl_stream stream;

	CHECK_EQ(ringlog_ctl_stream_new(ctl(), config, &stream), -error);
	CHECK(*ringlog_ctl_error(ctl()));
	CHECK_EQ(streams_count(), before);
}

struct ringlog_ctl_stream stream_get(const char *name)
{
	struct ringlog_ctl_stream stream;

	CHECK_EQ(ringlog_ctl_stream_get(ctl(), name, &stream), 0);
	return stream;
}

void stream_delete(const char *name)
{
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), name, 0), 0);
}

void streams_clear(void)
{
	struct count left;

	while (left = count(), *left.name)
		stream_delete(left.name);
	CHECK_EQ(left.streams, 1);
}

int stream_try_open(const char *name, int flags, int *fd)
{
	char path[sizeof(STREAMS) + RINGLOG_NAME_MAX + 1];

	snprintf(path, sizeof(path), STREAMS "/%s", name);
	*fd = open(path, flags | O_CLOEXEC);
	return *fd < 0 ? errno : 0;
}

int stream_open(const char *name, int flags)
{
	int fd, error = stream_try_open(name, flags, &fd);

	if (error)
		test_fail(__FILE__, __LINE__, "%s: %s", name, strerror(error));
	return fd;
}

static void check_gone_for_reading(int fd)
{
	struct ringlog_attach attach = { .partition = ALL };
	struct ringlog_wait wait = { .timeout_ns = RINGLOG_WAIT_FOREVER };
	char byte[8];

	CHECK_ERR(read(fd, byte, sizeof(byte)), ENODEV);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_ATTACH, &attach), ENODEV);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_WAIT, &wait), ENODEV);
	CHECK_ERR(lseek(fd, 0, SEEK_SET), ENODEV);
	CHECK_ERR(lseek(fd, 0, SEEK_END), ENODEV);
}

static void check_gone_for_writing(int fd)
{
	CHECK_ERR(write(fd, "x", 1), ENODEV);
	CHECK_ERR(try_append_value(fd, TURN, "x", 1), ENODEV);
}

void check_gone(int fd)
{
	struct ringlog_info info = { .partition = 0 };
	struct pollfd poll_fd = { .fd = fd };
	int mode = CHECK_OK(fcntl(fd, F_GETFL)) & O_ACCMODE;

	if (mode != O_WRONLY)
		check_gone_for_reading(fd);
	if (mode != O_RDONLY)
		check_gone_for_writing(fd);
	CHECK_ERR(ioctl(fd, RINGLOG_IOC_INFO, &info), ENODEV);
	CHECK_EQ(CHECK_OK(poll(&poll_fd, 1, 0)), 1);
	CHECK_EQ(poll_fd.revents, POLLERR | POLLHUP);
}

static int open_limit(const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/ringlog/parameters/%s", name);
	return CHECK_OK(open(path, flags | O_CLOEXEC));
}

void set_limit(const char *name, uint64_t value)
{
	int fd = open_limit(name, O_WRONLY);
	char text[32];
	int length = snprintf(text, sizeof(text), "%" PRIu64, value);

	CHECK_EQ(CHECK_OK(write(fd, text, length)), length);
	close(fd);
	CHECK_EQ(get_limit(name), value);
}

uint64_t get_limit(const char *name)
{
	int fd = open_limit(name, O_RDONLY);
	char text[32] = "";

	CHECK_OK(read(fd, text, sizeof(text) - 1));
	close(fd);
	return strtoull(text, NULL, 10);
}
