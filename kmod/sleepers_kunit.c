// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sleepers.c: who is woken, when, and what the words say meanwhile.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#define DOZERS 24

/* An open file that would sleep. */
struct dozer {
	wait_queue_head_t queue;
	struct wait_queue_entry entry;
	struct ringlog_sleeper sleeper;
	unsigned int woken;
	__poll_t key;
};

struct sleepers_rig {
	struct ringlog_sleepers sleepers;
	struct ringlog_wake_words words;
	struct ringlog_ring ring;
	struct ringlog_counters __percpu *counters;
	struct dozer dozers[DOZERS];
};

static int dozer_woken(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct dozer *dozer = container_of(entry, struct dozer, entry);

	dozer->woken++;
	dozer->key = key_to_poll(key);
	return 1;
}

static void arm(struct sleepers_rig *rig, unsigned int i, u64 position, u64 offset)
{
	ringlog_sleepers_arm(&rig->sleepers, &rig->dozers[i].sleeper, position, offset);
}

/* The irq_work starts itself again as often as it takes. */
static void wait_for_the_rest(struct sleepers_rig *rig)
{
	unsigned int i;

	for (i = 0; i < DOZERS; i++)
		irq_work_sync(&rig->sleepers.rest);
}

/* Let the ring grow, as an append does. */
static void grow(struct sleepers_rig *rig, u64 head, u64 next_offset)
{
	rig->ring.head = head;
	rig->ring.next_offset = next_offset;
	ringlog_sleepers_grown(&rig->sleepers, head, next_offset);
	wait_for_the_rest(rig);
}

static unsigned int all_woken(const struct sleepers_rig *rig)
{
	unsigned int i, woken = 0;

	for (i = 0; i < DOZERS; i++)
		woken += rig->dozers[i].woken;
	return woken;
}

static void expect_words(struct kunit *test, u64 position, u64 offset)
{
	const struct sleepers_rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, rig->words.position, position);
	KUNIT_EXPECT_EQ(test, rig->words.offset, offset);
}

static void words_are_the_lowest_marks(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;

	expect_words(test, RINGLOG_NEVER, RINGLOG_NEVER);
	arm(rig, 0, 500, RINGLOG_NEVER);
	expect_words(test, 500, RINGLOG_NEVER);
	arm(rig, 1, 300, 9);
	expect_words(test, 300, 9);
	arm(rig, 2, 400, 7);
	expect_words(test, 300, 7);
	arm(rig, 3, RINGLOG_NEVER, RINGLOG_NEVER);
	expect_words(test, 300, 7);
	ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[1].sleeper);
	expect_words(test, 400, 7);
	ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[2].sleeper);
	expect_words(test, 500, RINGLOG_NEVER);
	/* Those that are not armed may be disarmed. */
	ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[2].sleeper);
	ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[3].sleeper);
	expect_words(test, 500, RINGLOG_NEVER);
	ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[0].sleeper);
	expect_words(test, RINGLOG_NEVER, RINGLOG_NEVER);
}

/* Another thread of the same file may wait for the lower one. */
static void mark_is_lowered_and_never_raised(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;

	arm(rig, 0, 500, 50);
	arm(rig, 0, 600, 40);
	expect_words(test, 500, 40);
	arm(rig, 0, 400, 60);
	expect_words(test, 400, 40);
	arm(rig, 0, RINGLOG_NEVER, RINGLOG_NEVER);
	expect_words(test, 400, 40);
	grow(rig, 400, 1);
	KUNIT_EXPECT_EQ(test, rig->dozers[0].woken, 1U);
	/* After it was reached, any mark goes. */
	arm(rig, 0, 900, 90);
	expect_words(test, 900, 90);
}

static void due_ones_are_woken_and_no_others(struct kunit *test)
{
	/* Dozer by dozer: its mark, and whether growth to 1000 and 10 reaches it. */
	static const struct {
		u64 position;
		u64 offset;
		unsigned int woken;
	} rows[] = {
		{ 1000, RINGLOG_NEVER, 1 },
		{ 1001, RINGLOG_NEVER, 0 },
		{ RINGLOG_NEVER, 10, 1 },
		{ RINGLOG_NEVER, 11, 0 },
		{ 2000, 5, 1 },
		{ 5, 2000, 1 },
		{ 1, 1, 1 },
		{ 3000, 3000, 0 },
	};
	struct sleepers_rig *rig = test->priv;
	struct ringlog_counters sum;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		arm(rig, i, rows[i].position, rows[i].offset);
	grow(rig, 0, 0);
	KUNIT_EXPECT_EQ(test, all_woken(rig), 0U);
	grow(rig, 1000, 10);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rig->dozers[i].woken, rows[i].woken, "dozer %u", i);
	KUNIT_EXPECT_TRUE(test, rig->dozers[0].key == (__force __poll_t)RINGLOG_POLL_READ);
	expect_words(test, 1001, 11);
	ringlog_counters_sum(rig->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.wakeups, 5ULL);
	KUNIT_EXPECT_EQ(test, sum.wakes, 1ULL);
	/* A mark is gone when it was reached. */
	grow(rig, 1000, 10);
	KUNIT_EXPECT_EQ(test, all_woken(rig), 5U);
}

/* An append wakes a few itself; an irq_work that it starts wakes the rest. */
static void many_are_woken_a_few_at_a_time(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;
	unsigned int i, at_once;
	u64 lowest;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "locks that sleep cannot be taken with interrupts off");
	for (i = 0; i < DOZERS; i++)
		arm(rig, i, 100 + i, RINGLOG_NEVER);
	rig->ring.head = 100 + DOZERS;
	/* So that the irq_work cannot come before the count is read. */
	local_irq_disable();
	ringlog_sleepers_wake(&rig->sleepers, rig->ring.head, 0);
	at_once = all_woken(rig);
	lowest = rig->words.position;
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, at_once, (unsigned int)WAKE_AT_ONCE);
	/* Whoever is left is not forgotten, should another append come first. */
	KUNIT_EXPECT_EQ(test, lowest, 100ULL + WAKE_AT_ONCE);

	wait_for_the_rest(rig);
	for (i = 0; i < DOZERS; i++)
		KUNIT_EXPECT_EQ_MSG(test, rig->dozers[i].woken, 1U, "dozer %u", i);
	expect_words(test, RINGLOG_NEVER, RINGLOG_NEVER);
}

/* A mark whose file nobody waits on is taken out, and does not count as a wakeup. */
static void empty_queue_is_no_wakeup(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;
	struct ringlog_counters sum;

	remove_wait_queue(&rig->dozers[0].queue, &rig->dozers[0].entry);
	arm(rig, 0, 10, 1);
	grow(rig, 10, 1);
	ringlog_counters_sum(rig->counters, &sum);
	KUNIT_EXPECT_EQ(test, sum.wakeups, 0ULL);
	KUNIT_EXPECT_EQ(test, sum.wakes, 1ULL);
	expect_words(test, RINGLOG_NEVER, RINGLOG_NEVER);
	add_wait_queue(&rig->dozers[0].queue, &rig->dozers[0].entry);
}

static void everyone_is_woken_when_the_stream_goes(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;
	unsigned int i;

	for (i = 0; i < DOZERS - 1; i++)
		arm(rig, i, i % 3 ? 1ULL << (40 + i) : RINGLOG_NEVER,
		    i % 3 != 1 ? RINGLOG_NEVER - 1 - i : RINGLOG_NEVER);
	ringlog_sleepers_wake_all(&rig->sleepers);
	for (i = 0; i < DOZERS - 1; i++)
		KUNIT_EXPECT_EQ_MSG(test, rig->dozers[i].woken, 1U, "dozer %u", i);
	KUNIT_EXPECT_EQ(test, rig->dozers[i].woken, 0U);
	expect_words(test, RINGLOG_NEVER, RINGLOG_NEVER);
}

/* What the trees should hold, as plain arrays. */
struct marks {
	u64 position[DOZERS];
	u64 offset[DOZERS];
};

static void check_marks(struct kunit *test, const struct marks *marks)
{
	struct sleepers_rig *rig = test->priv;
	u64 position = RINGLOG_NEVER, offset = RINGLOG_NEVER;
	unsigned int i;

	for (i = 0; i < DOZERS; i++) {
		position = min(position, marks->position[i]);
		offset = min(offset, marks->offset[i]);
	}
	KUNIT_ASSERT_EQ(test, rig->words.position, position);
	KUNIT_ASSERT_EQ(test, rig->words.offset, offset);
}

static void forget(struct marks *marks, unsigned int i)
{
	marks->position[i] = RINGLOG_NEVER;
	marks->offset[i] = RINGLOG_NEVER;
}

static void grow_and_check(struct kunit *test, struct marks *marks, u64 head, u64 next_offset)
{
	struct sleepers_rig *rig = test->priv;
	unsigned int i;

	for (i = 0; i < DOZERS; i++)
		rig->dozers[i].woken = 0;
	grow(rig, head, next_offset);
	for (i = 0; i < DOZERS; i++) {
		bool due = marks->position[i] <= head || marks->offset[i] <= next_offset;

		KUNIT_ASSERT_EQ(test, rig->dozers[i].woken, (unsigned int)due);
		if (due)
			forget(marks, i);
	}
}

static void random_marks_agree_with_a_list(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;
	struct rnd_state rnd;
	struct marks marks;
	unsigned int i, step;
	u64 head = 0, next_offset = 0;

	prandom_seed_state(&rnd, 20);
	for (i = 0; i < DOZERS; i++)
		forget(&marks, i);
	for (step = 0; step < 5000; step++) {
		u32 dice = prandom_u32_state(&rnd);

		i = (dice >> 8) % DOZERS;
		if (dice % 8 < 5) {
			u64 position = head + 1 + (dice >> 20) % 99;
			u64 offset = next_offset + 1 + (dice >> 16) % 9;

			if (dice & BIT(30))
				position = RINGLOG_NEVER;
			if (dice & BIT(31))
				offset = RINGLOG_NEVER;
			arm(rig, i, position, offset);
			marks.position[i] = min(marks.position[i], position);
			marks.offset[i] = min(marks.offset[i], offset);
		} else if (dice % 8 < 7) {
			ringlog_sleepers_disarm(&rig->sleepers, &rig->dozers[i].sleeper);
			forget(&marks, i);
		} else {
			head += dice >> 27;
			next_offset += dice >> 30;
			grow_and_check(test, &marks, head, next_offset);
		}
		check_marks(test, &marks);
	}
}

static int sleepers_rig_init(struct kunit *test)
{
	struct sleepers_rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);
	unsigned int i;

	if (!rig)
		return -ENOMEM;
	rig->counters = alloc_percpu(struct ringlog_counters);
	if (!rig->counters) {
		kvfree(rig);
		return -ENOMEM;
	}
	ringlog_sleepers_init(&rig->sleepers, &rig->words, &rig->ring, rig->counters);
	for (i = 0; i < DOZERS; i++) {
		struct dozer *dozer = &rig->dozers[i];

		init_waitqueue_head(&dozer->queue);
		init_waitqueue_func_entry(&dozer->entry, dozer_woken);
		add_wait_queue(&dozer->queue, &dozer->entry);
		ringlog_sleeper_init(&dozer->sleeper, &dozer->queue);
	}
	test->priv = rig;
	return 0;
}

static void sleepers_rig_exit(struct kunit *test)
{
	struct sleepers_rig *rig = test->priv;

	if (!rig)
		return;
	ringlog_sleepers_exit(&rig->sleepers);
	free_percpu(rig->counters);
	kvfree(rig);
}

static struct kunit_case sleepers_cases[] = {
	KUNIT_CASE(words_are_the_lowest_marks),
	KUNIT_CASE(mark_is_lowered_and_never_raised),
	KUNIT_CASE(due_ones_are_woken_and_no_others),
	KUNIT_CASE(many_are_woken_a_few_at_a_time),
	KUNIT_CASE(empty_queue_is_no_wakeup),
	KUNIT_CASE(everyone_is_woken_when_the_stream_goes),
	KUNIT_CASE(random_marks_agree_with_a_list),
	{}
};

static struct kunit_suite sleepers_suite = {
	.name = "ringlog_sleepers",
	.init = sleepers_rig_init,
	.exit = sleepers_rig_exit,
	.test_cases = sleepers_cases,
};

kunit_test_suite(sleepers_suite);
