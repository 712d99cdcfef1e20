// SPDX-License-Identifier: GPL-2.0-only
/* Windows of streams that are changed and deleted while they are mapped. */
#include <sys/mman.h>
#include <time.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"
#include "window.h"

#define NAME		"mapped"
#define HOUR_NS		(3600ULL * 1000000000)
#define AGE_NS		1000000ULL	/* the least that there is */

static struct window make_and_map(int *fd)
{
	streams_clear();
	stream_make(NAME);
	*fd = stream_open(NAME, O_RDWR);
	return window_map(*fd, 0);
}

/* What is there stays to be looked at; the first page says that nothing comes any more. */
static void test_deleted(void)
{
	int fd;
	struct window window = make_and_map(&fd);
	struct ringlog_mapped_cursor cursor = window_at(0, 0, 0);

	write_number(fd, 42);
	dev_attach(fd, ALL, RINGLOG_ATTACH_MAPPED, RINGLOG_START_OLDEST, 0);
	CHECK_EQ(window.kernel->state, 0);
	stream_delete(NAME);
	CHECK_EQ(window.kernel->state, RINGLOG_STATE_GONE);
	CHECK_EQ(window_count(&window, window_tail(&window)), 1);
	CHECK_EQ(*(const uint64_t *)record_value(window_record(&window, 0)), 42);
	CHECK_ERR(try_tell(fd, &cursor, 1), ENODEV);
	CHECK(mmap(NULL, window.bytes, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(errno, ENODEV);
	CHECK_OK(close(fd));
	CHECK_EQ(*(const uint64_t *)record_value(window_record(&window, 0)), 42);
}

/* A reader that sleeps in WAIT with its cursors hears of the end. */
struct sleeper {
	int about_to;
	int fd;
};

static void sleep_to_the_end(void *argument)
{
	struct sleeper *sleeper = argument;
	struct ringlog_mapped_cursor cursor = window_at(0, 0, 0);
	struct ringlog_wait wait = {
		.timeout_ns = RINGLOG_WAIT_FOREVER,
		.cursors = (uintptr_t)&cursor,
		.cursor_count = 1,
	};

	say(&sleeper->about_to, 1);
	CHECK_ERR(ioctl(sleeper->fd, RINGLOG_IOC_WAIT, &wait), ENODEV);
}

static void test_sleeper_hears_of_the_end(void)
{
	struct sleeper *sleeper = shared_memory(sizeof(*sleeper));
	pid_t pid;

	make_and_map(&sleeper->fd);
	dev_attach(sleeper->fd, ALL, RINGLOG_ATTACH_MAPPED, RINGLOG_START_OLDEST, 0);
	pid = spawn(sleep_to_the_end, sleeper);
	wait_asleep(pid, &sleeper->about_to);
	stream_delete(NAME);
	CHECK_EQ(reap_soon(pid), 0);
}

/* The memory is somebody's until the last window is gone. */
static void test_memory_goes_with_the_last_window(void)
{
	int fd;
	struct window window = make_and_map(&fd);
	struct ringlog_ctl_config config = stream_config("next");
	uint64_t limit = get_limit("memory_limit");

	set_limit("memory_limit", stream_get("default").memory + stream_get(NAME).memory);
	stream_delete(NAME);
	CHECK_OK(close(fd));
	stream_refused(&config, ENOSPC);
	window_unmap(&window);
	stream_make_as(&config);
	set_limit("memory_limit", limit);
}

static void set_age(uint64_t age)
{
	struct ringlog_ctl_config config = {
		.name = NAME,
		.has = RINGLOG_CTL_AGE,
		.age = age,
	};
	struct ringlog_ctl_stream stream;

	CHECK_EQ(ringlog_ctl_stream_set(ctl(), &config, &stream), 0);
}

/* The first page has the age as it is now, and how far age got. */
static void test_age(void)
{
	int fd;
	struct window window = make_and_map(&fd);
	struct timespec at = { .tv_nsec = 2 * AGE_NS };

	CHECK_EQ(window.kernel->age_ns, 0);
	set_age(HOUR_NS);
	CHECK_EQ(window.kernel->age_ns, HOUR_NS);
	write_number(fd, 1);
	write_number(fd, 2);
	CHECK_EQ(dev_info(fd, 0).oldest_offset, 0);
	CHECK_EQ(window.kernel->expired_end, 0);
	/* Records grow old by themselves, and by nothing else. */
	CHECK_OK(clock_nanosleep(CLOCK_MONOTONIC, 0, &at, NULL));
	set_age(AGE_NS);
	CHECK_EQ(window.kernel->age_ns, AGE_NS);
	CHECK_EQ(window.kernel->expired_end, 2);
	CHECK_EQ(window_tail(&window), window_head(&window));
	set_age(0);
	CHECK_EQ(window.kernel->age_ns, 0);
	CHECK_EQ(window.kernel->expired_end, 2);
}

/* What a reader passed by for its age counts as that, though tail was not there yet. */
static void test_losses_by_age(void)
{
	int fd;
	struct window window = make_and_map(&fd);
	struct ringlog_mapped_cursor cursor = window_at(0, 0, 0);
	struct timespec at = { .tv_nsec = 2 * AGE_NS };

	set_age(AGE_NS);
	dev_attach(fd, ALL, RINGLOG_ATTACH_MAPPED, RINGLOG_START_OLDEST, 0);
	write_number(fd, 1);
	cursor.position = window_head(&window);
	cursor.offset = 1;
	cursor.lost = 1;
	cursor.expired = 1;
	CHECK_OK(clock_nanosleep(CLOCK_MONOTONIC, 0, &at, NULL));
	tell(fd, cursor);
	CHECK_EQ(dev_info(fd, 0).lost_records, 1);
	CHECK_EQ(dev_info(fd, 0).expired_records, 1);
}

static const struct test tests[] = {
	{ "deleted", test_deleted },
	{ "who sleeps hears of the end", test_sleeper_hears_of_the_end },
	{ "memory goes with the last window", test_memory_goes_with_the_last_window },
	{ "age", test_age },
	{ "losses by age", test_losses_by_age },
};

TEST_MAIN(tests)
