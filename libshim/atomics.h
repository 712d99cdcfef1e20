/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loads of words that others write, and the two barriers of a reader. No other file
 * of the library has any. Not a part of the public API.
 *
 * Each use of a barrier has a label, LMM(name:letter), and names its pair, which is in
 * the kernel: see Documentation/barriers.rst, which has all of them.
 */
#ifndef RINGLOG_ATOMICS_H
#define RINGLOG_ATOMICS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* A word as it is now: whole, read once, in no order. */
#define load_once(p)	__atomic_load_n((p), __ATOMIC_RELAXED)
/* ... and what is read after it was there no later than it. */
#define load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
/* What is loaded after this is loaded after what was loaded before it. */
#define fence_acquire()	__atomic_thread_fence(__ATOMIC_ACQUIRE)

/* Two __u16 that are read as one word. */
typedef __u32 __attribute__((__may_alias__)) ringlog_pair;

/* Between two looks of one who spins. */
static inline void cpu_pause(void)
{
#if __has_builtin(__builtin_ia32_pause)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

#if defined(__SANITIZE_THREAD__)
#define RINGLOG_COPY_BY_WORDS
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RINGLOG_COPY_BY_WORDS
#endif
#endif

/*
 * Copy out of a ring that may be written meanwhile. What comes of it means nothing
 * before the second look, so any copy will do; a race detector is to know that.
 */
#ifdef RINGLOG_COPY_BY_WORDS
static inline void ringlog_copy(void *to, const void *from, size_t bytes)
{
	typedef __u64 __attribute__((__may_alias__)) word;
	const char *at = from;
	char *out = to;

	for (; bytes >= sizeof(word) && !((uintptr_t)at % sizeof(word)); bytes -= sizeof(word)) {
		__u64 copy = load_once((const word *)at);

		memcpy(out, &copy, sizeof(copy));
		at += sizeof(word);
		out += sizeof(word);
	}
	while (bytes--)
		*out++ = load_once(at++);
}
#else
static inline void ringlog_copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
#endif

#endif /* RINGLOG_ATOMICS_H */
