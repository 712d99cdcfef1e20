// SPDX-License-Identifier: GPL-2.0-only
/* Open files: what their modes allow, and who shares a cursor. */
#include <stdio.h>

#include "device.h"
#include "proc.h"
#include "test.h"

static void test_modes(void)
{
	char byte[8] = {};
	int reader = dev_open_newest(O_RDONLY), writer = dev_open(O_WRONLY);

	CHECK_ERR(write(reader, byte, 8), EBADF);
	CHECK_ERR(write(reader, byte, 0), EBADF);
	CHECK_ERR(read(writer, byte, 8), EBADF);
	CHECK_EQ(CHECK_OK(write(writer, byte, 8)), 8);
	CHECK_EQ(CHECK_OK(read(reader, byte, 8)), 8);
}

static void test_open_flags(void)
{
	int writer = dev_open(O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
	int reader = dev_open_newest(O_RDONLY | O_NOCTTY);

	write_number(writer, 1);
	CHECK_EQ(read_number(reader), 1);
	CHECK_ERR(open(DEVICE, O_RDONLY | O_DIRECTORY), ENOTDIR);
}

/* Opening to truncate empties nothing. */
static void test_truncate_empties_nothing(void)
{
	int reader = dev_open_newest(O_RDONLY);

	write_number(dev_open(O_WRONLY), 2);
	dev_open(O_WRONLY | O_TRUNC);
	CHECK_EQ(read_number(reader), 2);
}

static void test_dup_shares_the_cursor(void)
{
	int fd = dev_open_newest(O_RDWR), copy = CHECK_OK(dup(fd));
	uint64_t i;

	for (i = 0; i < 10; i++)
		append_number(fd, 0, i);
	for (i = 0; i < 10; i++)
		CHECK_EQ(read_number(i % 2 ? fd : copy), i);
	CHECK_OK(close(fd));
	append_number(copy, 0, 10);
	CHECK_EQ(read_number(copy), 10);
}

struct child {
	int fd;
	uint64_t want;
};

static void read_in_child(void *argument)
{
	struct child *child = argument;

	CHECK_EQ(read_number(child->fd), child->want);
}

static void test_fork_shares_the_cursor(void)
{
	struct child child = { .fd = dev_open_newest(O_RDWR) };
	uint64_t i;

	for (i = 0; i < 6; i++)
		append_number(child.fd, 0, i);
	for (i = 0; i < 6; i += 2) {
		CHECK_EQ(read_number(child.fd), i);
		child.want = i + 1;
		reap(spawn(read_in_child, &child));
	}
	no_more(child.fd);
}

static void test_reopening_gives_a_new_cursor(void)
{
	int fd = dev_open_newest(O_RDWR), other;
	char path[64];

	write_number(fd, 1);
	CHECK_EQ(read_number(fd), 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = CHECK_OK(open(path, O_RDONLY));
	CHECK_EQ(lseek(other, 0, SEEK_END), 0);
	write_number(fd, 2);
	CHECK_EQ(read_number(other), 2);
	CHECK_EQ(read_number(fd), 2);
}

#define MANY	300

static void test_many_open_files(void)
{
	static int fds[MANY];
	int i, writer = dev_open(O_WRONLY);

	for (i = 0; i < MANY; i++)
		fds[i] = dev_open_newest(O_RDONLY);
	write_number(writer, 77);
	for (i = 0; i < MANY; i++)
		CHECK_EQ(read_number(fds[i]), 77);
	for (i = 0; i < MANY; i += 2)
		CHECK_OK(close(fds[i]));
	write_number(writer, 78);
	for (i = 1; i < MANY; i += 2)
		CHECK_EQ(read_number(fds[i]), 78);
}

static void test_opening_again_and_again(void)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int i;

	for (i = 0; i < 3000; i++)
		CHECK_OK(close(dev_open(modes[i % 3])));
}

static void test_ids_differ(void)
{
	unsigned int ids[64];
	int i, j;

	for (i = 0; i < 64; i++) {
		ids[i] = dev_info(dev_open(O_WRONLY), 0).producer;
		for (j = 0; j < i; j++)
			CHECK(ids[i] != ids[j]);
	}
}

static void open_and_close(void *argument)
{
	int i, fd;

	(void)argument;
	for (i = 0; i < 500; i++) {
		fd = dev_open(i % 2 ? O_RDWR : O_RDONLY);
		if (i % 2)
			write_number(fd, i);
		CHECK_OK(close(fd));
	}
}

static void test_opening_at_the_same_time(void)
{
	pid_t pids[4];
	int i;

	for (i = 0; i < 4; i++)
		pids[i] = spawn(open_and_close, NULL);
	for (i = 0; i < 4; i++)
		reap(pids[i]);
}

static const struct test tests[] = {
	{ "modes", test_modes },
	{ "open flags", test_open_flags },
	{ "O_TRUNC empties nothing", test_truncate_empties_nothing },
	{ "dup shares the cursor", test_dup_shares_the_cursor },
	{ "fork shares the cursor", test_fork_shares_the_cursor },
	{ "reopening gives a new cursor", test_reopening_gives_a_new_cursor },
	{ "many open files", test_many_open_files },
	{ "opening again and again", test_opening_again_and_again },
	{ "ids differ", test_ids_differ },
	{ "opening at the same time", test_opening_at_the_same_time },
};

TEST_MAIN(tests)
