// SPDX-License-Identifier: GPL-2.0-only
/* Who may open, see and change which streams: every mode, and every way to belong to it. */
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

#define OWNER	1234
#define GROUP	5678
/* The numbers up to here, of which those of read and write bits are modes. */
#define MODES	0777

/* Who somebody is, and whose bits of a mode are his. */
struct person {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t groups[3];
	int groups_count;
	unsigned int bits;
};

#define OWNERS_BITS	6
#define GROUPS_BITS	3
#define OTHERS_BITS	0

static const struct person people[] = {
	{ "owner", OWNER, 99, {}, 0, OWNERS_BITS },
	{ "owner, in the group", OWNER, GROUP, { GROUP }, 1, OWNERS_BITS },
	{ "group", 77, GROUP, {}, 0, GROUPS_BITS },
	{ "one of the groups, first", 77, 99, { GROUP, 6000, 7000 }, 3, GROUPS_BITS },
	{ "one of the groups, middle", 77, 99, { 7000, GROUP, 1 }, 3, GROUPS_BITS },
	{ "one of the groups, last", 77, 99, { 1, 2, GROUP }, 3, GROUPS_BITS },
	{ "other", 77, 99, {}, 0, OTHERS_BITS },
	{ "other, with groups", GROUP, OWNER, { OWNER, GROUP - 1, GROUP + 1 }, 3, OTHERS_BITS },
};

#define PEOPLE	((int)(sizeof(people) / sizeof(*people)))

static bool is_mode(unsigned int mode)
{
	return mode && !(mode & ~0666);
}

static const char *name_of(unsigned int mode)
{
	static char name[16];

	snprintf(name, sizeof(name), "mode-%03o", mode);
	return name;
}

static void make_all_modes(void)
{
	struct ringlog_ctl_config config;
	unsigned int mode;

	streams_clear();
	for (mode = 0; mode <= MODES; mode++) {
		config = stream_config(name_of(mode));
		config.has |= RINGLOG_CTL_UID | RINGLOG_CTL_GID | RINGLOG_CTL_MODE;
		config.uid = OWNER;
		config.gid = GROUP;
		config.mode = mode;
		if (is_mode(mode))
			stream_make_as(&config);
		else
			stream_refused(&config, EINVAL);
	}
}

static void become(const struct person *person)
{
	CHECK_OK(setgroups(person->groups_count, person->groups));
	CHECK_OK(setresgid(person->gid, person->gid, person->gid));
	CHECK_OK(setresuid(person->uid, person->uid, person->uid));
}

static void check_open(const char *name, int flags, bool may)
{
	int fd, error = stream_try_open(name, flags, &fd);

	if (error != (may ? 0 : EACCES))
		test_fail(__FILE__, __LINE__, "%s, %d: %s", name, flags, strerror(error));
	if (!error)
		CHECK_OK(close(fd));
}

static void check_get(const char *name, bool sees)
{
	struct ringlog_ctl_partition partition;
	struct ringlog_ctl_stream stream;
	int want = sees ? 0 : -ENOENT;

	CHECK_EQ(ringlog_ctl_stream_get(ctl(), name, &stream), want);
	CHECK_EQ(ringlog_ctl_partition_get(ctl(), name, 0, &partition), want);
}

struct list {
	unsigned int bits, seen;
	bool all;
};

static bool reads(const struct list *list, unsigned int mode)
{
	return list->all || (mode >> list->bits & 4);
}

static int check_listed(const struct ringlog_ctl_stream *stream, void *data)
{
	struct list *list = data;

	if (!strcmp(stream->name, "default")) {
		CHECK(list->all);
		return 0;
	}
	CHECK(!strcmp(stream->name, name_of(stream->mode)));
	if (!reads(list, stream->mode))
		test_fail(__FILE__, __LINE__, "%s is listed", stream->name);
	list->seen++;
	return 0;
}

static int check_listed_partition(const struct ringlog_ctl_partition *partition, void *data)
{
	struct list *list = data;
	unsigned int mode;

	if (!strcmp(partition->stream, "default")) {
		CHECK(list->all);
		return 0;
	}
	mode = strtoul(partition->stream + strlen("mode-"), NULL, 8);
	CHECK_EQ(strcmp(partition->stream, name_of(mode)), 0);
	CHECK(reads(list, mode));
	list->seen++;
	return 0;
}

static int count_partition(const struct ringlog_ctl_partition *partition, void *data)
{
	(void)partition;
	++*(unsigned int *)data;
	return 0;
}

static void check_lists(struct list *list)
{
	unsigned int mode, want = 0, count;

	for (mode = 0; mode <= MODES; mode++) {
		if (!is_mode(mode))
			continue;
		count = 0;
		CHECK_EQ(ringlog_ctl_partitions_list(ctl(), name_of(mode), count_partition, &count),
			 reads(list, mode) ? 0 : -ENOENT);
		CHECK_EQ(count, reads(list, mode));
		want += reads(list, mode);
	}
	list->seen = 0;
	CHECK_EQ(ringlog_ctl_streams_list(ctl(), check_listed, list), 0);
	CHECK_EQ(list->seen, want);
	list->seen = 0;
	CHECK_EQ(ringlog_ctl_partitions_list(ctl(), NULL, check_listed_partition, list), 0);
	CHECK_EQ(list->seen, want);
}

static void be_person(void *argument)
{
	const struct person *person = argument;
	struct list list = { .bits = person->bits };
	unsigned int mode;

	become(person);
	for (mode = 0; mode <= MODES; mode++) {
		bool may_read = mode >> person->bits & 4, may_write = mode >> person->bits & 2;

		if (!is_mode(mode))
			continue;
		check_open(name_of(mode), O_RDONLY, may_read);
		check_open(name_of(mode), O_WRONLY, may_write);
		check_open(name_of(mode), O_RDWR, may_read && may_write);
		check_get(name_of(mode), may_read);
	}
	check_get("default", false);
	check_get("missing", false);
	check_lists(&list);
}

static void test_every_mode_and_everyone(void)
{
	int i;

	make_all_modes();
	for (i = 0; i < PEOPLE; i++) {
		int status = reap_soon(spawn(be_person, (void *)&people[i]));

		if (status)
			test_fail(__FILE__, __LINE__, "%s", people[i].name);
	}
}

static void test_root_sees_everything(void)
{
	struct list list = { .all = true };
	unsigned int mode;

	make_all_modes();
	for (mode = 0; mode <= MODES; mode++) {
		if (!is_mode(mode))
			continue;
		check_open(name_of(mode), O_RDWR, true);
		check_get(name_of(mode), true);
	}
	check_get("default", true);
	check_lists(&list);
}

/* What a node was changed to later is the node's, and shows nothing. */
static void look_after_chmod(void *argument)
{
	(void)argument;
	become(&people[PEOPLE - 1]);
	check_open("later", O_RDWR, true);
	check_get("later", false);
}

static void test_chmod(void)
{
	streams_clear();
	stream_make("later");
	CHECK_OK(chmod(STREAMS "/later", 0666));
	CHECK_EQ(reap_soon(spawn(look_after_chmod, NULL)), 0);
	CHECK_EQ(stream_get("later").mode, 0600);
}

/* --- changes */

static void check_no_changes(void)
{
	struct ringlog_ctl_config config = stream_config("new");
	struct ringlog_ctl_config change = { .name = "mine", .has = RINGLOG_CTL_AGE, .age = 1 };
	struct ringlog_ctl_events *events;

	CHECK_EQ(ringlog_ctl_stream_new(ctl(), &config, NULL), -EPERM);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "mine", 0), -EPERM);
	CHECK_EQ(ringlog_ctl_stream_set(ctl(), &change, NULL), -EPERM);
	CHECK_EQ(ringlog_ctl_stream_purge(ctl(), "mine", 0, RINGLOG_CTL_ALL_PARTITIONS), -EPERM);
	CHECK_EQ(ringlog_ctl_subscribe(ctl(), &events), -EPERM);
	/* Nor does a change tell what there is. */
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "missing", 0), -EPERM);
}

static void be_unprivileged(void *argument)
{
	become(argument);
	check_no_changes();
}

/* All the capabilities that one can have in a namespace of one's own. */
static void be_root_at_home(void *argument)
{
	become(argument);
	CHECK_OK(unshare(CLONE_NEWUSER));
	check_no_changes();
}

/* A socket that root opened. */
static void use_roots_socket(void *argument)
{
	struct ringlog_ctl *root = ctl();
	struct ringlog_ctl_config config = stream_config("new");

	become(argument);
	CHECK_EQ(ringlog_ctl_stream_new(root, &config, NULL), -EPERM);
	CHECK_EQ(ringlog_ctl_stream_delete(root, "mine", 0), -EPERM);
}

static void make_mine(void)
{
	struct ringlog_ctl_config config = stream_config("mine");

	streams_clear();
	config.has |= RINGLOG_CTL_UID | RINGLOG_CTL_MODE;
	config.uid = OWNER;
	config.mode = 0666;
	stream_make_as(&config);
	write_number(stream_open("mine", O_WRONLY), 1);
}

static void check_unchanged(void)
{
	struct ringlog_ctl_stream stream = stream_get("mine");

	CHECK_EQ(streams_count(), 2);
	CHECK_EQ(stream.retained, 1);
	CHECK_EQ(stream.age, 0);
}

static void nobody_changes(void (*run)(void *argument))
{
	int i;

	make_mine();
	for (i = 0; i < PEOPLE; i++)
		CHECK_EQ(reap_soon(spawn(run, (void *)&people[i])), 0);
	check_unchanged();
}

static void test_nobody_changes(void)
{
	nobody_changes(be_unprivileged);
}

static void test_nobody_changes_from_a_namespace(void)
{
	nobody_changes(be_root_at_home);
}

static void test_nobody_changes_by_a_socket_of_roots(void)
{
	nobody_changes(use_roots_socket);
}

static const struct test tests[] = {
	{ "every mode and everyone", test_every_mode_and_everyone },
	{ "root sees everything", test_root_sees_everything },
	{ "chmod is for the node", test_chmod },
	{ "nobody changes anything", test_nobody_changes },
	{ "nobody changes anything from a namespace", test_nobody_changes_from_a_namespace },
	{ "nobody changes anything by a socket of root's",
	  test_nobody_changes_by_a_socket_of_roots },
};

TEST_MAIN(tests)
