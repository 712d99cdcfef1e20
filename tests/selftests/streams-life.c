// SPDX-License-Identifier: GPL-2.0-only
/* Streams come and go: nodes, names, incarnations, first offsets. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "device.h"
#include "streams.h"
#include "test.h"

#define LONGEST		"0123456789-abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXY"

static const char too_long[] = LONGEST "Z";
static const char far_too_long[] = LONGEST LONGEST LONGEST LONGEST LONGEST;

static struct stat node_of(const char *name)
{
	char path[sizeof(STREAMS) + RINGLOG_NAME_MAX + 1];
	struct stat stat;

	snprintf(path, sizeof(path), STREAMS "/%s", name);
	CHECK_OK(lstat(path, &stat));
	CHECK(S_ISCHR(stat.st_mode));
	return stat;
}

static void no_node(const char *name)
{
	int fd;

	CHECK_EQ(stream_try_open(name, O_RDONLY, &fd), ENOENT);
}

static void write_and_read(const char *name, uint64_t number)
{
	int fd = stream_open(name, O_RDWR);

	write_number(fd, number);
	CHECK_EQ(read_number(fd), number);
	CHECK_OK(close(fd));
}

static void test_node(void)
{
	struct ringlog_ctl_config config = stream_config("node");
	struct ringlog_ctl_stream stream;
	struct stat stat;

	streams_clear();
	config.has |= RINGLOG_CTL_UID | RINGLOG_CTL_GID | RINGLOG_CTL_MODE;
	config.uid = 1234;
	config.gid = 567;
	config.mode = 0642;
	stream = stream_make_as(&config);
	stat = node_of("node");
	CHECK_EQ(stat.st_mode & 07777, 0642);
	CHECK_EQ(stat.st_uid, 1234);
	CHECK_EQ(stat.st_gid, 567);
	CHECK_EQ(minor(stat.st_rdev), stream.id);
	write_and_read("node", 1);
	stream_delete("node");
	no_node("node");
}

/* Not what others gave to their own, nor the module's parameters. */
static void test_node_of_who_says_nothing(void)
{
	struct stat stat;

	streams_clear();
	stream_make("plain");
	stat = node_of("plain");
	CHECK_EQ(stat.st_mode & 07777, 0600);
	CHECK_EQ(stat.st_uid, geteuid());
	CHECK_EQ(stat.st_gid, getegid());
}

static void test_directory_goes_with_the_last(void)
{
	struct stat stat;

	streams_clear();
	CHECK_ERR(lstat(STREAMS, &stat), ENOENT);
	stream_make("one");
	stream_make("two");
	stream_delete("one");
	no_node("one");
	node_of("two");
	stream_delete("two");
	CHECK_ERR(lstat(STREAMS, &stat), ENOENT);
	stream_make("three");
	node_of("three");
}

static void test_good_names(void)
{
	static const char * const names[] = {
		"a", "0", "-", "_", "stream", "a..b", "...", ".a", "A-Z_0.9", "default.",
		"Default", "streams", LONGEST,
	};
	size_t i;

	streams_clear();
	CHECK_EQ(strlen(LONGEST), RINGLOG_NAME_MAX);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		stream_make(names[i]);
		CHECK(!strcmp(stream_get(names[i]).name, names[i]));
		node_of(names[i]);
	}
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		write_and_read(names[i], i);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		stream_delete(names[i]);
		no_node(names[i]);
	}
	/* They were no other streams' nodes. */
	CHECK_OK(close(dev_open(O_RDONLY)));
}

static void test_bad_names(void)
{
	static const char * const names[] = {
		"", ".", "..", "a/b", "/", "/a", "../stream", "a b", " ", "a!b", "!", "a\n", "a\t",
		"\x7f", "\xc3\xa4", "\xff", "a:b", "a*", "a\\b", "a%s", too_long, far_too_long,
	};
	struct ringlog_ctl_config config;
	struct stat stat;
	size_t i;

	streams_clear();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		config = stream_config(names[i]);
		stream_refused(&config, EINVAL);
		CHECK_ERR(lstat(STREAMS, &stat), ENOENT);
	}
}

static void test_taken_names(void)
{
	struct ringlog_ctl_config config = stream_config("taken");
	struct ringlog_ctl_stream stream;

	streams_clear();
	stream = stream_make_as(&config);
	stream_refused(&config, EEXIST);
	CHECK(stream_get("taken").incarnation == stream.incarnation);
	config.name = "default";
	stream_refused(&config, EEXIST);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "default", 0), -EBUSY);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "taken", stream.incarnation + 1), -ESTALE);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "missing", 0), -ENOENT);
	CHECK_EQ(streams_count(), 2);
	write_and_read("taken", 1);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "taken", stream.incarnation), 0);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "taken", 0), -ENOENT);
}

/* A node that somebody kept opens no other stream. */
static void check_old_minor(unsigned int major, unsigned int minor)
{
	static const char path[] = "/dev/ringlog-test-old";

	CHECK_OK(mknod(path, S_IFCHR | 0600, makedev(major, minor)));
	errno = 0;
	if (open(path, O_RDWR) >= 0 || errno != ENODEV) {
		unlink(path);
		test_fail(__FILE__, __LINE__, "the old minor opens: %s", strerror(errno));
	}
	CHECK_OK(unlink(path));
}

static void test_same_name_again(void)
{
	struct ringlog_ctl_stream first, second;
	struct stat old_node, new_node;
	int fd, old, new;

	streams_clear();
	first = stream_make("again");
	old_node = node_of("again");
	fd = stream_open("again", O_RDWR);
	old = stream_open("again", O_RDONLY);
	write_number(fd, 1);
	/* What was retained is not there any more either. */
	stream_delete("again");
	check_gone(old);
	second = stream_make("again");
	new_node = node_of("again");
	CHECK(first.incarnation && second.incarnation);
	CHECK(first.incarnation != second.incarnation);
	CHECK(first.id != second.id);
	CHECK(minor(old_node.st_rdev) != minor(new_node.st_rdev));
	new = stream_open("again", O_RDWR | O_NONBLOCK);
	CHECK(dev_info(new, 0).incarnation == second.incarnation);
	CHECK_EQ(dev_info(new, 0).next_offset, 0);
	check_gone(fd);
	check_gone(old);
	no_more(new);
	CHECK_OK(close(old));
	CHECK_OK(close(fd));
	check_old_minor(major(old_node.st_rdev), minor(old_node.st_rdev));
	write_number(new, 2);
	CHECK_EQ(read_number(new), 2);
}

static void test_same_name_again_and_again(void)
{
	struct ringlog_ctl_stream before = stream_make("turn"), now;
	int i;

	for (i = 0; i < 50; i++) {
		stream_delete("turn");
		now = stream_make("turn");
		CHECK(now.id != before.id);
		CHECK(now.incarnation != before.incarnation);
		write_and_read("turn", i);
		before = now;
	}
}

/* Who looks at a stream in sysfs does not keep its name. */
static void test_sysfs_is_held_open(void)
{
	char text[32];
	int fd;

	streams_clear();
	stream_make("held");
	fd = CHECK_OK(open("/sys/class/ringlog/streams!held/dev", O_RDONLY | O_CLOEXEC));
	stream_delete("held");
	stream_make("held");
	CHECK_ERR(pread(fd, text, sizeof(text), 0), ENODEV);
	write_and_read("held", 1);
}

/* --- first offsets */

static struct ringlog_ctl_config with_first_offsets(const char *name,
						    const struct ringlog_ctl_first_offset *first,
						    size_t count)
{
	struct ringlog_ctl_config config = stream_config(name);

	config.has |= RINGLOG_CTL_PARTITIONS;
	config.partitions = 3;
	config.first_offsets = first;
	config.first_offsets_count = count;
	return config;
}

static const uint64_t begins[] = { 0, 1000, (1ULL << 62) - 5 };

static int make_with_first_offsets(void)
{
	static const struct ringlog_ctl_first_offset first[] = {
		{ .partition = 2, .offset = (1ULL << 62) - 5 },
		{ .partition = 1, .offset = 1000 },
	};
	struct ringlog_ctl_config config = with_first_offsets("first", first, 2);

	streams_clear();
	stream_make_as(&config);
	return stream_open("first", O_RDWR);
}

static void test_partitions_begin_where_told(void)
{
	int fd = make_with_first_offsets();
	unsigned int p;

	for (p = 0; p < 3; p++) {
		CHECK_EQ(dev_info(fd, p).next_offset, begins[p]);
		CHECK_EQ(dev_info(fd, p).oldest_offset, begins[p]);
		CHECK_EQ(dev_info(fd, p).cursor_offset, begins[p]);
		CHECK_EQ(dev_info(fd, p).head, 0);
		/* Empty, there is one place to be. */
		CHECK_EQ(dev_attach(fd, p, 0, RINGLOG_START_OFFSET, begins[p]).offset, begins[p]);
		CHECK_ERR(try_attach(fd, p, 0, RINGLOG_START_OFFSET, begins[p] + 1), ERANGE);
		CHECK_ERR(try_attach(fd, p, 0, RINGLOG_START_OFFSET, begins[p] - 1), ERANGE);
	}
	no_more(fd);
}

/* A batch from one partition: ten records, and their offsets. */
static void check_batch(int fd, unsigned int partition)
{
	static unsigned char buffer[4096] __attribute__((aligned(32)));
	const struct ringlog_run *run = (const void *)buffer;
	const unsigned char *at = (const void *)(run + 1);
	const struct ringlog_record *record;
	uint64_t i;

	CHECK_LE(sizeof(*run), CHECK_OK(read(fd, buffer, sizeof(buffer))));
	CHECK_EQ(run->partition, partition);
	CHECK_EQ(run->records, 10);
	CHECK_EQ(run->lost, 0);
	for (i = 0; i < 10; i++) {
		record = (const void *)at;
		CHECK_EQ(record->offset, begins[partition] + i);
		at += record_size(record);
	}
}

static void test_seeking_from_first_offsets(void)
{
	int fd = make_with_first_offsets();
	struct ringlog_ctl_partition partition;
	unsigned int i, p;

	for (i = 0; i < 10; i++)
		for (p = 0; p < 3; p++)
			append_number(fd, p, 100 * p + i);
	for (p = 0; p < 3; p++) {
		for (i = 0; i < 10; i++) {
			dev_attach(fd, p, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OFFSET,
				   begins[p] + i);
			CHECK_EQ(read_number(fd), 100 * p + i);
		}
		CHECK_ERR(try_attach(fd, p, 0, RINGLOG_START_OFFSET, begins[p] - 1), ERANGE);
		CHECK_ERR(try_attach(fd, p, 0, RINGLOG_START_OFFSET, begins[p] + 11), ERANGE);
		dev_attach(fd, p, RINGLOG_ATTACH_REPLACE | RINGLOG_ATTACH_BATCH,
			   RINGLOG_START_OLDEST, 0);
		check_batch(fd, p);
		CHECK_EQ(ringlog_ctl_partition_get(ctl(), "first", p, &partition), 0);
		CHECK_EQ(partition.oldest_offset, begins[p]);
		CHECK_EQ(partition.next_offset, begins[p] + 10);
	}
}

/* The index too counts from there. */
static void test_first_offsets_and_a_lap(void)
{
	int fd = make_with_first_offsets();
	struct ringlog_info info;
	unsigned int p;
	uint64_t i;

	for (p = 0; p < 3; p++) {
		dev_attach(fd, p, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OLDEST, 0);
		for (i = 0; i < 3 * SMALL_RING / 64; i++)
			append_number(fd, p, begins[p] + i);
		info = dev_info(fd, p);
		CHECK(info.oldest_offset > begins[p]);
		CHECK_EQ(info.next_offset, begins[p] + i);
		CHECK_EQ(info.lost, info.oldest_offset - begins[p]);
		for (i = info.oldest_offset; i < info.next_offset; i += 101) {
			dev_attach(fd, p, RINGLOG_ATTACH_REPLACE, RINGLOG_START_OFFSET, i);
			CHECK_EQ(read_number(fd), i);
		}
		CHECK_ERR(try_attach(fd, p, 0, RINGLOG_START_OFFSET, info.oldest_offset - 1),
			  ERANGE);
	}
}

static void test_bad_first_offsets(void)
{
	static const struct ringlog_ctl_first_offset bad[] = {
		{ .partition = 0, .offset = 1ULL << 62 },
		{ .partition = 1, .offset = ~0ULL },
		{ .partition = 3, .offset = 1 },
		{ .partition = ~0U, .offset = 1 },
	};
	struct ringlog_ctl_config config;
	size_t i;

	streams_clear();
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		config = with_first_offsets("bad", &bad[i], 1);
		stream_refused(&config, EINVAL);
	}
}

static const struct test tests[] = {
	{ "owner, group and mode of the node", test_node },
	{ "owner, group and mode unless told", test_node_of_who_says_nothing },
	{ "the directory goes with the last node", test_directory_goes_with_the_last },
	{ "good names", test_good_names },
	{ "bad names", test_bad_names },
	{ "taken names", test_taken_names },
	{ "the same name again", test_same_name_again },
	{ "the same name again and again", test_same_name_again_and_again },
	{ "sysfs is held open", test_sysfs_is_held_open },
	{ "first offsets: where partitions begin", test_partitions_begin_where_told },
	{ "first offsets: seeking", test_seeking_from_first_offsets },
	{ "first offsets: after a lap", test_first_offsets_and_a_lap },
	{ "first offsets: bad ones", test_bad_first_offsets },
};

TEST_MAIN(tests)
