/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, sizes and times as people write and read them. */
#ifndef QUANTITY_H
#define QUANTITY_H

#include <linux/types.h>

/* Of the longest text that one is written as, with its zero. */
#define QUANTITY_TEXT	48

/*
 * The parsers take all of @text or nothing: 0, -EINVAL if it is not what they
 * take, -ERANGE if it is more than @most or than 64 bits hold.
 */

/* Decimal digits. */
int parse_number(const char *text, __u64 most, __u64 *value);

/* Octal digits. */
int parse_octal(const char *text, __u64 most, __u64 *value);

/* Bytes: a number, with K, M, G or T or without. */
int parse_size(const char *text, __u64 *bytes);

/* A number and ns, us, ms, s, m, h or d. Without a unit only 0 is clear. */
int parse_duration(const char *text, __u64 *ns);

/*
 * The rest write into @text and return it. The exact ones write what is parsed
 * as the same number; the others about three digits and a unit.
 */

char *exact_size(char text[QUANTITY_TEXT], __u64 bytes);
char *exact_duration(char text[QUANTITY_TEXT], __u64 ns);
char *rough_size(char text[QUANTITY_TEXT], __u64 bytes);
char *rough_duration(char text[QUANTITY_TEXT], __u64 ns);
/* Up to seven digits as they are. */
char *rough_count(char text[QUANTITY_TEXT], __u64 count);

#endif /* QUANTITY_H */
