// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of registry.c, beside the streams that there are, with unlikely names and
 * without nodes. As a module they run before it is initialised, and then bring
 * their own table.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

static struct ringlog_stream *add(const char *name, struct ringlog_fault *fault)
{
	struct ringlog_stream_config config = {
		.partitions = 2,
		.ring_bytes = SZ_64K,
		.max_record = SZ_4K,
		.node = NUMA_NO_NODE,
		.mode = 0600,
	};

	strscpy(config.name, name, sizeof(config.name));
	return ringlog_registry_add(&config, fault);
}

static void streams_are_found_until_they_are_removed(struct kunit *test)
{
	const u64 budget = 7;
	const struct ringlog_stream_changes changes = { .budget = &budget };
	u32 before = ringlog_registry_generation();
	struct ringlog_stream *stream, *found;
	struct ringlog_fault fault;

	stream = add("kunit.one", &fault);
	KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
	KUNIT_EXPECT_NE(test, ringlog_registry_generation(), before);

	found = ringlog_registry_find("kunit.one");
	KUNIT_EXPECT_PTR_EQ(test, found, stream);
	ringlog_stream_put(found);
	found = ringlog_registry_open(stream->id);
	KUNIT_EXPECT_PTR_EQ(test, found, stream);
	ringlog_stream_put(found);
	KUNIT_EXPECT_NULL(test, ringlog_registry_find("kunit.on"));
	KUNIT_EXPECT_NULL(test, ringlog_registry_find("kunit.one."));

	KUNIT_EXPECT_EQ(test, ringlog_registry_remove(stream), 0);
	KUNIT_EXPECT_TRUE(test, ringlog_stream_gone(stream));
	KUNIT_EXPECT_NULL(test, ringlog_registry_find("kunit.one"));
	KUNIT_EXPECT_NULL(test, ringlog_registry_open(stream->id));
	KUNIT_EXPECT_EQ(test, ringlog_registry_remove(stream), -ENOENT);

	/* Whoever found it before is too late to change it, and nothing is told of it. */
	before = ringlog_registry_generation();
	KUNIT_EXPECT_EQ(test, ringlog_registry_set(stream, &changes), -ENOENT);
	KUNIT_EXPECT_EQ(test, stream->budget, 0ULL);
	KUNIT_EXPECT_EQ(test, ringlog_registry_purge(stream, 0, 2), -ENOENT);
	KUNIT_EXPECT_EQ(test, ringlog_registry_generation(), before);
	ringlog_stream_put(stream);
}

static void a_name_is_had_once(struct kunit *test)
{
	struct ringlog_stream *one, *two;
	struct ringlog_fault fault = {};

	one = add("kunit.one", &fault);
	KUNIT_ASSERT_FALSE(test, IS_ERR(one));
	KUNIT_EXPECT_EQ(test, PTR_ERR(add("kunit.one", &fault)), -EEXIST);
	KUNIT_EXPECT_EQ(test, fault.setting, RINGLOG_SETTING_NAME);
	ringlog_registry_remove(one);

	/* Again, while the first is still there for who holds it; and it gets another id. */
	two = add("kunit.one", &fault);
	KUNIT_ASSERT_FALSE(test, IS_ERR(two));
	KUNIT_EXPECT_NE(test, two->id, one->id);
	KUNIT_EXPECT_NE(test, two->incarnation, one->incarnation);
	KUNIT_EXPECT_EQ(test, ringlog_registry_remove(one), -ENOENT);
	KUNIT_EXPECT_FALSE(test, ringlog_stream_gone(two));
	ringlog_registry_remove(two);
	ringlog_stream_put(one);
	ringlog_stream_put(two);
}

static void all_are_met_in_order(struct kunit *test)
{
	struct ringlog_stream *streams[8], *stream;
	struct ringlog_fault fault;
	unsigned int i, met = 0;
	unsigned long id;
	char name[32];

	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		snprintf(name, sizeof(name), "kunit.%u", i);
		streams[i] = add(name, &fault);
		KUNIT_ASSERT_FALSE(test, IS_ERR(streams[i]));
	}
	ringlog_registry_remove(streams[3]);
	for (id = 0; (stream = ringlog_registry_next(&id)); id++) {
		for (i = 0; i < ARRAY_SIZE(streams); i++)
			if (streams[i] == stream)
				met |= 1U << i;
		KUNIT_EXPECT_EQ(test, (unsigned long)stream->id, id);
		ringlog_stream_put(stream);
	}
	KUNIT_EXPECT_EQ(test, met, 0xffU & ~(1U << 3));
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		ringlog_registry_remove(streams[i]);
		ringlog_stream_put(streams[i]);
	}
}

static int no_node(struct ringlog_stream *stream)
{
	return -ENOSPC;
}

/* Nothing stays of a stream whose node cannot be made. */
static void without_a_node_there_is_nothing(struct kunit *test)
{
	static const struct ringlog_nodes none = { .add = no_node };
	const struct ringlog_nodes *fake = nodes;
	struct ringlog_fault fault = {};
	struct ringlog_stream *stream;

	nodes = &none;
	KUNIT_EXPECT_EQ(test, PTR_ERR(add("kunit.one", &fault)), -ENOSPC);
	nodes = fake;
	KUNIT_EXPECT_NULL(test, ringlog_registry_find("kunit.one"));
	stream = add("kunit.one", &fault);
	KUNIT_ASSERT_FALSE(test, IS_ERR(stream));
	ringlog_registry_remove(stream);
	ringlog_stream_put(stream);
}

/* Before the default stream there is no other. */
static void nothing_is_made_before_the_default(struct kunit *test)
{
	struct ringlog_fault fault = {};

	ready = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR(add("kunit.one", &fault)), -EAGAIN);
	KUNIT_EXPECT_NOT_NULL(test, fault.words);
	ready = true;
}

static int add_no_node(struct ringlog_stream *stream)
{
	return 0;
}

static void remove_no_node(struct ringlog_stream *stream)
{
}

/* As it was before a test. */
struct registry_rig {
	const struct ringlog_nodes *nodes;
	bool ready;
	u32 next_id;
};

static int registry_prepare(struct kunit *test)
{
	static const struct ringlog_nodes fake = { .add = add_no_node, .remove = remove_no_node };
	struct registry_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	if (!rig)
		return -ENOMEM;
	*rig = (struct registry_rig){ nodes, ready, next_id };
	if (!ready && rhashtable_init(&names, &by_name))
		return -ENOMEM;
	test->priv = rig;
	nodes = &fake;
	ready = true;
	return 0;
}

static void registry_restore(struct kunit *test)
{
	const struct registry_rig *rig = test->priv;

	if (!rig)
		return;
	nodes = rig->nodes;
	ready = rig->ready;
	next_id = rig->next_id;
	if (!ready)
		rhashtable_destroy(&names);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(streams_are_found_until_they_are_removed),
	KUNIT_CASE(a_name_is_had_once),
	KUNIT_CASE(all_are_met_in_order),
	KUNIT_CASE(without_a_node_there_is_nothing),
	KUNIT_CASE(nothing_is_made_before_the_default),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "ringlog_registry",
	.init = registry_prepare,
	.exit = registry_restore,
	.test_cases = registry_cases,
};

kunit_test_suite(registry_suite);
