// SPDX-License-Identifier: GPL-2.0-only
/* What streams may take of the machine, to the byte; and whom it is counted to. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

#define OWNER	1234
#define OTHER	1235
/* As good as none. */
#define NO_LIMIT	0x1000000000000000ULL

/* What a stream of one small ring takes, and what is taken before any test's. */
static uint64_t cost, base;

static void begin(void)
{
	streams_clear();
	set_limit("memory_limit", NO_LIMIT);
	set_limit("uid_memory_limit", 0);
	set_limit("streams_limit", 1000);
	base = stream_get("default").memory;
	cost = stream_make("measure").memory;
	CHECK_LE(SMALL_RING, cost);
	stream_delete("measure");
}

static void refused_and_no_node(const struct ringlog_ctl_config *config, int error)
{
	int fd;

	stream_refused(config, error);
	CHECK_EQ(stream_try_open(config->name, O_RDONLY, &fd), ENOENT);
}

static void refused(const char *name, int error)
{
	struct ringlog_ctl_config config = stream_config(name);

	refused_and_no_node(&config, error);
}

static struct ringlog_ctl_config owned(const char *name, unsigned int uid)
{
	struct ringlog_ctl_config config = stream_config(name);

	config.has |= RINGLOG_CTL_UID;
	config.uid = uid;
	return config;
}

static void make_owned(const char *name, unsigned int uid)
{
	struct ringlog_ctl_config config = owned(name, uid);

	CHECK_EQ(stream_make_as(&config).memory, cost);
}

static void refused_owned(const char *name, unsigned int uid, int error)
{
	struct ringlog_ctl_config config = owned(name, uid);

	refused_and_no_node(&config, error);
}

static void test_memory(void)
{
	begin();
	set_limit("memory_limit", base + cost - 1);
	refused("one", ENOSPC);
	set_limit("memory_limit", base + cost);
	stream_make("one");
	refused("two", ENOSPC);
	set_limit("memory_limit", base + 2 * cost - 1);
	refused("two", ENOSPC);
	set_limit("memory_limit", base + 2 * cost);
	stream_make("two");
	refused("three", ENOSPC);
	stream_delete("one");
	stream_make("three");
	refused("four", ENOSPC);
}

static void test_memory_of_partitions(void)
{
	struct ringlog_ctl_config config = stream_config("wide");

	begin();
	config.has |= RINGLOG_CTL_PARTITIONS;
	config.partitions = 5;
	set_limit("memory_limit", base + 5 * cost - 1);
	refused_and_no_node(&config, ENOSPC);
	set_limit("memory_limit", base + 5 * cost);
	CHECK_EQ(stream_make_as(&config).memory, 5 * cost);
}

/* What is there stays when the limit falls below it. */
static void test_a_limit_that_falls(void)
{
	int fd;

	begin();
	stream_make("there");
	set_limit("memory_limit", 1);
	set_limit("uid_memory_limit", 1);
	set_limit("streams_limit", 1);
	fd = stream_open("there", O_RDWR);
	write_number(fd, 1);
	CHECK_EQ(read_number(fd), 1);
	refused("more", ENOSPC);
	set_limit("streams_limit", 1000);
	refused("more", ENOSPC);
	set_limit("memory_limit", NO_LIMIT);
	refused("more", EDQUOT);
	set_limit("uid_memory_limit", 0);
	stream_make("more");
}

/* More than 64 bits hold, and more than the machine has. */
static void test_far_too_much(void)
{
	struct ringlog_ctl_config config = stream_config("vast");

	begin();
	config.has |= RINGLOG_CTL_PARTITIONS;
	config.partitions = RINGLOG_PARTITIONS_MAX;
	config.ring_bytes = 1 << 30;
	refused_and_no_node(&config, ENOMEM);
	set_limit("memory_limit", ~0ULL);
	set_limit("uid_memory_limit", ~0ULL);
	refused_and_no_node(&config, ENOMEM);
	set_limit("memory_limit", 1ULL << 40);
	refused_and_no_node(&config, ENOSPC);
	set_limit("memory_limit", NO_LIMIT);
	set_limit("uid_memory_limit", 1ULL << 40);
	refused_and_no_node(&config, EDQUOT);
	/* None of them left a charge. */
	set_limit("uid_memory_limit", 0);
	set_limit("memory_limit", base + cost);
	stream_make("one");
}

static void test_uid_memory(void)
{
	begin();
	set_limit("uid_memory_limit", cost - 1);
	refused_owned("a", OWNER, EDQUOT);
	set_limit("uid_memory_limit", cost);
	make_owned("a", OWNER);
	refused_owned("b", OWNER, EDQUOT);
	make_owned("other", OTHER);
	refused_owned("b", OTHER, EDQUOT);
	set_limit("uid_memory_limit", 2 * cost - 1);
	refused_owned("b", OWNER, EDQUOT);
	set_limit("uid_memory_limit", 2 * cost);
	make_owned("b", OWNER);
	refused_owned("c", OWNER, EDQUOT);
	stream_delete("a");
	make_owned("c", OWNER);
	refused_owned("d", OWNER, EDQUOT);
	make_owned("d", OTHER);
}

/* The creator is root, who has the default stream; what he gives away is not his. */
static void test_the_owner_is_charged(void)
{
	begin();
	set_limit("uid_memory_limit", base + cost - 1);
	refused("mine", EDQUOT);
	make_owned("a", OWNER);
	refused("mine", EDQUOT);
	set_limit("uid_memory_limit", base + cost);
	stream_make("mine");
	refused("more", EDQUOT);
}

/* A uid that has no stream any more is as one that never had any. */
static void test_owners_are_forgotten(void)
{
	unsigned int uid;

	begin();
	set_limit("uid_memory_limit", cost);
	for (uid = 2000; uid < 2100; uid++) {
		make_owned("a", uid);
		refused_owned("b", uid, EDQUOT);
		stream_delete("a");
	}
	make_owned("a", 2000);
}

static void test_number_of_streams(void)
{
	begin();
	set_limit("streams_limit", 1);
	refused("a", ENOSPC);
	set_limit("streams_limit", 3);
	stream_make("a");
	make_owned("b", OWNER);
	refused("c", ENOSPC);
	refused_owned("c", OTHER, ENOSPC);
	stream_delete("a");
	stream_make("c");
	refused("d", ENOSPC);
}

static void test_half_of_the_memory(void)
{
	struct ringlog_ctl_config config = stream_config("half");
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	begin();
	set_limit("memory_limit", 0);
	config.has |= RINGLOG_CTL_PARTITIONS;
	config.ring_bytes = 16 << 20;
	config.partitions = memory / 2 / config.ring_bytes + 1;
	refused_and_no_node(&config, ENOSPC);
	config.ring_bytes = SMALL_RING;
	stream_make_as(&config);
}

/* A limit that is no number changes nothing. */
static void test_limits_that_are_no_numbers(void)
{
	static const char * const limits[] = {
		"memory_limit", "uid_memory_limit", "streams_limit",
	};
	static const char * const bad[] = { "much", "1Q", "-1", "1K1" };
	char path[128];
	size_t i, j;
	int fd;

	begin();
	for (i = 0; i < 3; i++) {
		set_limit(limits[i], 77777);
		snprintf(path, sizeof(path), "/sys/module/ringlog/parameters/%s", limits[i]);
		fd = CHECK_OK(open(path, O_WRONLY));
		for (j = 0; j < sizeof(bad) / sizeof(*bad); j++)
			CHECK_ERR(write(fd, bad[j], strlen(bad[j])), EINVAL);
		CHECK_EQ(get_limit(limits[i]), 77777);
	}
}

/* Whoever has a deleted stream open keeps its memory, and the last one gives it back. */
static void test_memory_goes_with_the_last_file(void)
{
	int first, second, copy;

	begin();
	set_limit("memory_limit", base + cost);
	set_limit("uid_memory_limit", cost);
	set_limit("streams_limit", 2);
	make_owned("held", OWNER);
	first = stream_open("held", O_RDONLY);
	second = stream_open("held", O_RDWR);
	copy = CHECK_OK(dup(second));
	stream_delete("held");
	refused_owned("next", OWNER, ENOSPC);
	CHECK_OK(close(first));
	CHECK_OK(close(second));
	refused_owned("next", OWNER, ENOSPC);
	set_limit("streams_limit", 1000);
	refused_owned("next", OWNER, ENOSPC);
	set_limit("memory_limit", NO_LIMIT);
	refused_owned("next", OWNER, EDQUOT);
	make_owned("other", OTHER);
	stream_delete("other");
	set_limit("memory_limit", base + cost);
	set_limit("streams_limit", 2);
	check_gone(copy);
	CHECK_OK(close(copy));
	make_owned("next", OWNER);
}

/* --- a creator that is killed */

#define BLOCK	(64ULL << 20)

static uint64_t meminfo(const char *field)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	size_t length = strlen(field);
	uint64_t kb = 0;

	CHECK(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, length) && line[length] == ':')
			kb = strtoull(line + length + 1, NULL, 10);
	fclose(file);
	CHECK(kb);
	return kb << 10;
}

/* What one ring takes. */
static uint64_t ring_cost(uint64_t bytes)
{
	struct ringlog_ctl_config config = stream_config("ring");
	struct ringlog_ctl_stream stream;

	config.ring_bytes = bytes;
	stream = stream_make_as(&config);
	stream_delete("ring");
	return stream.memory;
}

/* A GiB, or what the machine has of it, in rings of 64 MiB. */
static struct ringlog_ctl_config vast(void)
{
	struct ringlog_ctl_config config = stream_config("vast");
	uint64_t rings = (meminfo("MemAvailable") - (128ULL << 20)) / (BLOCK + BLOCK / 32);

	config.has |= RINGLOG_CTL_PARTITIONS;
	config.ring_bytes = BLOCK;
	config.partitions = rings < 16 ? rings : 16;
	CHECK_LE(4, config.partitions);
	return config;
}

static void create_vast(void *argument)
{
	stream_make_as(argument);
}

static void wait_for_less_free(uint64_t free)
{
	int i;

	for (i = 0; i < SOON_MS && meminfo("MemFree") > free; i++)
		usleep(1000);
	CHECK_LE(meminfo("MemFree"), free);
}

static void kill_in_the_middle(struct ringlog_ctl_config *config)
{
	uint64_t bytes = config->partitions * config->ring_bytes;
	uint64_t free = meminfo("MemFree");
	pid_t pid = spawn(create_vast, config);
	int fd;

	wait_for_less_free(free - bytes / 4);
	CHECK_OK(kill(pid, SIGKILL));
	/* It would end by itself, and not so. */
	reap_killed(pid);
	CHECK_EQ(stream_try_open(config->name, O_RDONLY, &fd), ENOENT);
	CHECK_EQ(streams_count(), 1);
	/* All of it is back, but for what the machine itself took meanwhile. */
	CHECK_LE(free - bytes / 8, meminfo("MemFree"));
}

static void test_a_creator_is_killed(void)
{
	struct ringlog_ctl_config config;
	uint64_t bytes;
	int i;

	begin();
	/* What others can give back is free before it is looked at. */
	i = CHECK_OK(open("/proc/sys/vm/drop_caches", O_WRONLY));
	CHECK_OK(write(i, "3", 1));
	config = vast();
	dprintf(STDOUT_FILENO, "# %u rings of 64 MiB\n", config.partitions);
	bytes = config.partitions * ring_cost(BLOCK);
	set_limit("memory_limit", base + bytes);
	for (i = 0; i < 3; i++)
		kill_in_the_middle(&config);
	/* Nothing is charged: there is room for as much, to the byte. */
	set_limit("memory_limit", base + bytes - 1);
	refused_and_no_node(&config, ENOSPC);
	set_limit("memory_limit", base + bytes);
	CHECK_EQ(stream_make_as(&config).memory, bytes);
	stream_delete("vast");
}

static const struct test tests[] = {
	{ "memory of all", test_memory },
	{ "memory of partitions", test_memory_of_partitions },
	{ "a limit that falls", test_a_limit_that_falls },
	{ "far too much", test_far_too_much },
	{ "memory of a uid", test_uid_memory },
	{ "the owner is charged", test_the_owner_is_charged },
	{ "owners are forgotten", test_owners_are_forgotten },
	{ "number of streams", test_number_of_streams },
	{ "half of the memory unless told", test_half_of_the_memory },
	{ "limits that are no numbers", test_limits_that_are_no_numbers },
	{ "memory goes with the last file", test_memory_goes_with_the_last_file },
	{ "a creator is killed", test_a_creator_is_killed },
};

TEST_MAIN(tests)
