// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, sizes and times as people write and read them. */
#include "quantity.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest first. */
struct unit {
	const char	*name;
	__u64		value;
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "K", 1ULL << 10 },
	{ "M", 1ULL << 20 },
	{ "G", 1ULL << 30 },
	{ "T", 1ULL << 40 },
	{ "P", 1ULL << 50 },
	{ "E", 1ULL << 60 },
	{ }
};

static const struct unit durations[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000 * 1000 },
	{ "s", 1000 * 1000 * 1000 },
	{ "m", 60ULL * 1000 * 1000 * 1000 },
	{ "h", 3600ULL * 1000 * 1000 * 1000 },
	{ "d", 86400ULL * 1000 * 1000 * 1000 },
	{ }
};

static const struct unit counts[] = {
	{ "", 1 },
	{ "k", 1000 },
	{ "M", 1000 * 1000 },
	{ "G", 1000 * 1000 * 1000 },
	{ "T", 1000ULL * 1000 * 1000 * 1000 },
	{ "P", 1000ULL * 1000 * 1000 * 1000 * 1000 },
	{ "E", 1000ULL * 1000 * 1000 * 1000 * 1000 * 1000 },
	{ }
};

/* strtoull() takes signs and leading spaces too, which are no part of these. */
static int digits(const char *text, int base, const char **end, __u64 *value)
{
	char *after;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &after, base);
	*end = after;
	return errno ? -errno : 0;
}

static int whole(const char *text, int base, __u64 most, __u64 *value)
{
	const char *end;
	int result = digits(text, base, &end, value);

	if (result == -EINVAL || *end)
		return -EINVAL;
	return result || *value > most ? -ERANGE : 0;
}

int parse_number(const char *text, __u64 most, __u64 *value)
{
	return whole(text, 10, most, value);
}

int parse_octal(const char *text, __u64 most, __u64 *value)
{
	return whole(text, 8, most, value);
}

static int multiply(__u64 number, __u64 unit, __u64 *value)
{
	return __builtin_mul_overflow(number, unit, value) ? -ERANGE : 0;
}

int parse_size(const char *text, __u64 *bytes)
{
	const char *end;
	__u64 number;
	int result = digits(text, 10, &end, &number);

	if (result)
		return result;
	for (const struct unit *unit = sizes; unit->name; unit++)
		if (!strcasecmp(end, unit->name))
			return multiply(number, unit->value, bytes);
	return -EINVAL;
}

int parse_duration(const char *text, __u64 *ns)
{
	const char *end;
	__u64 number;
	int result = digits(text, 10, &end, &number);

	if (result)
		return result;
	for (const struct unit *unit = durations; unit->name; unit++)
		if (!strcmp(end, unit->name))
			return multiply(number, unit->value, ns);
	*ns = 0;
	return number || *end ? -EINVAL : 0;
}

/* Of whatever. */
static char *zero(char text[QUANTITY_TEXT])
{
	snprintf(text, QUANTITY_TEXT, "0");
	return text;
}

/* The largest unit of which @value is a multiple. */
static char *exact(char text[QUANTITY_TEXT], __u64 value, const struct unit *units)
{
	const struct unit *best = units;

	if (!value)
		return zero(text);
	for (const struct unit *unit = units; unit->name; unit++)
		if (value % unit->value == 0)
			best = unit;
	snprintf(text, QUANTITY_TEXT, "%llu%s", (unsigned long long)(value / best->value),
		 best->name);
	return text;
}

char *exact_size(char text[QUANTITY_TEXT], __u64 bytes)
{
	return exact(text, bytes, sizes);
}

char *exact_duration(char text[QUANTITY_TEXT], __u64 ns)
{
	return exact(text, ns, durations);
}

/*
 * In the largest unit that it has at least one of, cut off after a tenth, never
 * rounded up: what is not full must not look full.
 */
static char *rough(char text[QUANTITY_TEXT], __u64 value, const struct unit *units)
{
	const struct unit *unit = units;
	unsigned int tenths;

	while (unit[1].name && value >= unit[1].value)
		unit++;
	/* Ten times the largest unit is less than 2^64. */
	tenths = value % unit->value * 10 / unit->value;
	value /= unit->value;
	if (tenths)
		snprintf(text, QUANTITY_TEXT, "%llu.%u%s", (unsigned long long)value, tenths,
			 unit->name);
	else
		snprintf(text, QUANTITY_TEXT, "%llu%s", (unsigned long long)value, unit->name);
	return text;
}

char *rough_size(char text[QUANTITY_TEXT], __u64 bytes)
{
	return rough(text, bytes, sizes);
}

char *rough_duration(char text[QUANTITY_TEXT], __u64 ns)
{
	return ns ? rough(text, ns, durations) : zero(text);
}

char *rough_count(char text[QUANTITY_TEXT], __u64 count)
{
	if (count > 9999999)
		return rough(text, count, counts);
	snprintf(text, QUANTITY_TEXT, "%llu", (unsigned long long)count);
	return text;
}
