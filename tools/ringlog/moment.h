/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time: as clocks have them, and as people write and read them. */
#ifndef MOMENT_H
#define MOMENT_H

#include <linux/types.h>
#include <time.h>

#define NS_PER_SEC	1000000000ULL

/* In ns. */
__u64 moment_now(clockid_t clock);

/* Of the longest text of a time, with its zero. */
#define MOMENT_TEXT	48

/* CLOCK_REALTIME, as a local time to the microsecond: 2026-11-25T10:00:00.123456+0100. */
char *moment_text(char text[MOMENT_TEXT], __u64 realtime);

/*
 * The same read: a date, maybe with 'T' or a space and a time behind it, of which seconds and
 * their fraction may be left out, and maybe a zone (Z, +01:00, -0530), without which it is a
 * local one. 0 or -EINVAL.
 */
int moment_parse(const char *text, __u64 *realtime);

#endif /* MOMENT_H */
