// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "account.h"

struct ringlog_limits ringlog_limits = { .streams = 16384 };

/* What the streams of one uid take; there while there is one. */
struct share {
	u64 bytes;
	u32 streams;
};

/* Protects everything below. Nothing but allocations happens under it. */
static DEFINE_MUTEX(account_lock);
static DEFINE_XARRAY(shares);
static u64 total_bytes;
static u32 total_streams;

static u64 memory_limit(void)
{
	return READ_ONCE(ringlog_limits.memory) ?: (u64)totalram_pages() << (PAGE_SHIFT - 1);
}

static bool exceeds(u64 limit, u64 taken, u64 more)
{
	return more > limit || taken > limit - more;
}

static int check_limits(const struct share *share, u64 bytes, struct ringlog_fault *fault)
{
	u64 limit = memory_limit();
	u64 mine = READ_ONCE(ringlog_limits.uid_memory);

	if (total_streams >= READ_ONCE(ringlog_limits.streams))
		return ringlog_refuse(fault, -ENOSPC, RINGLOG_SETTING_NONE,
				      "there are streams_limit streams: delete one or raise that parameter of the module");
	if (exceeds(limit, total_bytes, bytes))
		return ringlog_refuse(fault, -ENOSPC, RINGLOG_SETTING_MEMORY,
				      "all streams would take more than memory_limit: make smaller rings or raise that parameter of the module");
	if (mine && exceeds(mine, share->bytes, bytes))
		return ringlog_refuse(fault, -EDQUOT, RINGLOG_SETTING_UID,
				      "the owner's streams would take more than uid_memory_limit: make smaller rings or raise that parameter of the module");
	return 0;
}

static struct share *share_of(kuid_t uid)
{
	unsigned long index = __kuid_val(uid);
	struct share *share = xa_load(&shares, index);

	lockdep_assert_held(&account_lock);
	if (share)
		return share;
	share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (share && xa_err(xa_store(&shares, index, share, GFP_KERNEL))) {
		kfree(share);
		share = NULL;
	}
	return share;
}

static void drop_if_unused(kuid_t uid, struct share *share)
{
	lockdep_assert_held(&account_lock);
	if (share->streams)
		return;
	xa_erase(&shares, __kuid_val(uid));
	kfree(share);
}

/**
 * ringlog_account_charge() - count a stream before it is made
 * @uid: that it is given to
 * @bytes: that its rings will take
 * @fault: out: the limit that is in the way
 *
 * Context: process; sleeps.
 * Return: 0; %-ENOSPC: beyond the limits of all; %-EDQUOT: beyond that of @uid;
 * %-ENOMEM.
 */
int ringlog_account_charge(kuid_t uid, u64 bytes, struct ringlog_fault *fault)
{
	struct share *share;
	int ret;

	mutex_lock(&account_lock);
	share = share_of(uid);
	if (!share) {
		ret = ringlog_refuse(fault, -ENOMEM, RINGLOG_SETTING_NONE, "no memory");
		goto out;
	}
	ret = check_limits(share, bytes, fault);
	if (ret) {
		drop_if_unused(uid, share);
		goto out;
	}
	share->bytes += bytes;
	share->streams++;
	total_bytes += bytes;
	total_streams++;
out:
	mutex_unlock(&account_lock);
	return ret;
}

/**
 * ringlog_account_uncharge() - undo ringlog_account_charge()
 * @uid: as charged
 * @bytes: as charged
 *
 * Context: process; sleeps. Not before the memory is free again.
 */
void ringlog_account_uncharge(kuid_t uid, u64 bytes)
{
	struct share *share;

	mutex_lock(&account_lock);
	share = xa_load(&shares, __kuid_val(uid));
	share->bytes -= bytes;
	share->streams--;
	total_bytes -= bytes;
	total_streams--;
	drop_if_unused(uid, share);
	mutex_unlock(&account_lock);
}

#ifdef CONFIG_RINGLOG_KUNIT_TEST
#include "account_kunit.c"
#endif
