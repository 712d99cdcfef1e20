// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of account.c: limits are exact, and what is given back is free again.
 */
#include <kunit/test.h>

#define ALICE	KUIDT_INIT(4000001)
#define BOB	KUIDT_INIT(4000002)

static int charge(kuid_t uid, u64 bytes, enum ringlog_setting *blamed)
{
	struct ringlog_fault fault = {};
	int ret = ringlog_account_charge(uid, bytes, &fault);

	if (ret && !fault.words)
		return -EPROTO;
	*blamed = fault.setting;
	return ret;
}

static void the_limit_of_all_is_exact(struct kunit *test)
{
	u64 before = total_bytes;
	enum ringlog_setting blamed;

	ringlog_limits.memory = before + 1000;
	KUNIT_EXPECT_EQ(test, charge(ALICE, 1001, &blamed), -ENOSPC);
	KUNIT_EXPECT_EQ(test, blamed, RINGLOG_SETTING_MEMORY);
	KUNIT_EXPECT_EQ(test, charge(ALICE, ~0ULL, &blamed), -ENOSPC);
	KUNIT_ASSERT_EQ(test, charge(ALICE, 600, &blamed), 0);
	KUNIT_EXPECT_EQ(test, charge(BOB, 401, &blamed), -ENOSPC);
	KUNIT_ASSERT_EQ(test, charge(BOB, 400, &blamed), 0);
	KUNIT_EXPECT_EQ(test, charge(BOB, 1, &blamed), -ENOSPC);
	ringlog_account_uncharge(ALICE, 600);
	KUNIT_EXPECT_EQ(test, charge(BOB, 600, &blamed), 0);
	ringlog_account_uncharge(BOB, 600);
	ringlog_account_uncharge(BOB, 400);
	KUNIT_EXPECT_EQ(test, total_bytes, before);
}

static void each_owner_has_a_limit(struct kunit *test)
{
	enum ringlog_setting blamed;

	ringlog_limits.memory = ~0ULL;
	ringlog_limits.uid_memory = 1000;
	KUNIT_ASSERT_EQ(test, charge(ALICE, 1000, &blamed), 0);
	KUNIT_EXPECT_EQ(test, charge(ALICE, 1, &blamed), -EDQUOT);
	KUNIT_EXPECT_EQ(test, blamed, RINGLOG_SETTING_UID);
	KUNIT_EXPECT_EQ(test, charge(BOB, 1001, &blamed), -EDQUOT);
	KUNIT_ASSERT_EQ(test, charge(BOB, 1000, &blamed), 0);
	ringlog_limits.uid_memory = 0;
	KUNIT_ASSERT_EQ(test, charge(ALICE, 1, &blamed), 0);
	ringlog_account_uncharge(ALICE, 1);
	ringlog_account_uncharge(ALICE, 1000);
	ringlog_account_uncharge(BOB, 1000);
}

static void streams_are_counted(struct kunit *test)
{
	enum ringlog_setting blamed;

	ringlog_limits.streams = total_streams + 2;
	KUNIT_ASSERT_EQ(test, charge(ALICE, 0, &blamed), 0);
	KUNIT_ASSERT_EQ(test, charge(BOB, 0, &blamed), 0);
	KUNIT_EXPECT_EQ(test, charge(BOB, 0, &blamed), -ENOSPC);
	KUNIT_EXPECT_EQ(test, blamed, RINGLOG_SETTING_NONE);
	ringlog_account_uncharge(ALICE, 0);
	KUNIT_EXPECT_EQ(test, charge(BOB, 0, &blamed), 0);
	ringlog_account_uncharge(BOB, 0);
	ringlog_account_uncharge(BOB, 0);
}

/* Nothing stays of an owner without streams, refused ones included. */
static void owners_are_forgotten(struct kunit *test)
{
	enum ringlog_setting blamed;

	ringlog_limits.uid_memory = 10;
	KUNIT_EXPECT_EQ(test, charge(ALICE, 11, &blamed), -EDQUOT);
	KUNIT_EXPECT_NULL(test, xa_load(&shares, __kuid_val(ALICE)));
	KUNIT_ASSERT_EQ(test, charge(ALICE, 10, &blamed), 0);
	KUNIT_EXPECT_NOT_NULL(test, xa_load(&shares, __kuid_val(ALICE)));
	ringlog_account_uncharge(ALICE, 10);
	KUNIT_EXPECT_NULL(test, xa_load(&shares, __kuid_val(ALICE)));
}

static int account_save(struct kunit *test)
{
	struct ringlog_limits *saved = kunit_kzalloc(test, sizeof(*saved), GFP_KERNEL);

	if (!saved)
		return -ENOMEM;
	*saved = ringlog_limits;
	test->priv = saved;
	return 0;
}

static void account_restore(struct kunit *test)
{
	if (test->priv)
		ringlog_limits = *(struct ringlog_limits *)test->priv;
}

static struct kunit_case account_cases[] = {
	KUNIT_CASE(the_limit_of_all_is_exact),
	KUNIT_CASE(each_owner_has_a_limit),
	KUNIT_CASE(streams_are_counted),
	KUNIT_CASE(owners_are_forgotten),
	{}
};

static struct kunit_suite account_suite = {
	.name = "ringlog_account",
	.init = account_save,
	.exit = account_restore,
	.test_cases = account_cases,
};

kunit_test_suite(account_suite);
