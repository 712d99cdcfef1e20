/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between a ring and user memory.
 *
 * The kernel's checked copies look the ring's address up among all vmalloc
 * areas, under a lock that the whole host shares, at each call; the bounds are
 * ours and were checked, so these use the unchecked ones. A plain buffer, which
 * is what read(2) and write(2) bring, is copied without the iterator's detour.
 *
 * As in the iterator's own copies there is no barrier_nospec() after access_ok(): a
 * processor that guesses past it may copy what it should not, but nothing here goes
 * by what was copied. Who does, as a batch's stamping, brings the barrier.
 */
#ifndef RINGLOG_COPY_H
#define RINGLOG_COPY_H

#include <linux/fault-inject-usercopy.h>
#include <linux/instrumented.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

/**
 * ringlog_copy_in() - copy into a ring
 * @to: in the ring
 * @bytes: to copy; the iterator has them
 * @from: moved on by what was copied
 *
 * Context: any; page faults are not handled, but cut the copy short.
 * Return: bytes copied.
 */
static __always_inline size_t ringlog_copy_in(void *to, size_t bytes, struct iov_iter *from)
{
	size_t copied;

	pagefault_disable();
	if (likely(iter_is_ubuf(from))) {
		const void __user *address = from->ubuf + from->iov_offset;

		copied = 0;
		if (likely(!should_fail_usercopy() && access_ok(address, bytes))) {
			instrument_copy_from_user_before(to, address, bytes);
			copied = bytes - raw_copy_from_user(to, address, bytes);
			instrument_copy_from_user_after(to, address, bytes, bytes - copied);
		}
		iov_iter_advance(from, copied);
	} else {
		copied = _copy_from_iter(to, bytes, from);
	}
	pagefault_enable();
	return copied;
}

/**
 * ringlog_copy_out() - copy out of a ring
 * @from: in the ring
 * @bytes: to copy; the iterator has room
 * @to: moved on by what was copied
 *
 * Context: process; sleeps in a fault.
 * Return: bytes copied.
 */
static __always_inline size_t ringlog_copy_out(const void *from, size_t bytes,
					       struct iov_iter *to)
{
	void __user *address;
	size_t copied;

	if (unlikely(!iter_is_ubuf(to)))
		return _copy_to_iter(from, bytes, to);
	address = to->ubuf + to->iov_offset;
	if (unlikely(should_fail_usercopy() || !access_ok(address, bytes)))
		return 0;
	instrument_copy_to_user(address, from, bytes);
	copied = bytes - raw_copy_to_user(address, from, bytes);
	iov_iter_advance(to, copied);
	return copied;
}

#endif /* RINGLOG_COPY_H */
