// SPDX-License-Identifier: GPL-2.0-only
/* Points in time: as clocks have them, and as people write and read them. */
#include "moment.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

__u64 moment_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

char *moment_text(char text[MOMENT_TEXT], __u64 realtime)
{
	time_t seconds = realtime / NS_PER_SEC;
	char day[32], zone[8];
	struct tm parts;

	localtime_r(&seconds, &parts);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
	strftime(zone, sizeof(zone), "%z", &parts);
	snprintf(text, MOMENT_TEXT, "%s.%06u%s", day,
		 (unsigned int)(realtime % NS_PER_SEC / 1000), zone);
	return text;
}

/* As @pattern says, in which 9 is any digit and all else itself. What follows; or NULL. */
static const char *match(const char *text, const char *pattern)
{
	for (; *pattern; text++, pattern++)
		if (*pattern == '9' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return NULL;
	return text;
}

static int number(const char *digits, int count)
{
	int value = 0;

	while (count--)
		value = value * 10 + (*digits++ - '0');
	return value;
}

/* Behind the day. Nothing there is midnight. */
static const char *parse_time(const char *text, struct tm *parts)
{
	const char *rest;

	if (*text != 'T' && *text != ' ')
		return text;
	text++;
	rest = match(text, "99:99");
	if (!rest)
		return NULL;
	parts->tm_hour = number(text, 2);
	parts->tm_min = number(text + 3, 2);
	text = rest;
	rest = match(text, ":99");
	if (!rest)
		return text;
	parts->tm_sec = number(text + 1, 2);
	return rest;
}

/* Up to nine digits. */
static const char *parse_fraction(const char *text, __u64 *ns)
{
	__u64 unit = NS_PER_SEC / 10;

	*ns = 0;
	if (*text != '.')
		return text;
	if (!isdigit((unsigned char)*++text))
		return NULL;
	for (; isdigit((unsigned char)*text); text++, unit /= 10)
		*ns += unit * (*text - '0');
	return text;
}

/* Seconds east of Greenwich. */
static const char *parse_zone(const char *text, bool *local, long *east)
{
	const char *minutes, *rest;

	*local = !*text;
	*east = 0;
	if (*text == 'Z')
		return text + 1;
	if (*text != '+' && *text != '-')
		return text;
	minutes = match(text + 1, "99:");
	if (!minutes)
		minutes = match(text + 1, "99");
	rest = minutes ? match(minutes, "99") : NULL;
	if (!rest)
		return NULL;
	*east = number(text + 1, 2) * 3600L + number(minutes, 2) * 60L;
	if (*text == '-')
		*east = -*east;
	return rest;
}

/* Neither the 30th of February nor 24:61 is put right silently. */
static bool exists(const struct tm *parts, const struct tm *normal)
{
	return parts->tm_mday == normal->tm_mday && parts->tm_mon == normal->tm_mon &&
	       parts->tm_hour < 24 && parts->tm_min < 60 && parts->tm_sec < 60;
}

int moment_parse(const char *text, __u64 *realtime)
{
	const char *at = match(text, "9999-99-99");
	struct tm parts = { .tm_isdst = -1 }, normal;
	time_t seconds;
	bool local;
	long east;
	__u64 ns;

	if (!at)
		return -EINVAL;
	parts.tm_year = number(text, 4) - 1900;
	parts.tm_mon = number(text + 5, 2) - 1;
	parts.tm_mday = number(text + 8, 2);
	at = parse_time(at, &parts);
	at = at ? parse_fraction(at, &ns) : NULL;
	at = at ? parse_zone(at, &local, &east) : NULL;
	if (!at || *at)
		return -EINVAL;
	normal = parts;
	seconds = (local ? mktime(&normal) : timegm(&normal)) - east;
	if (!exists(&parts, &normal) || seconds < 0)
		return -EINVAL;
	*realtime = seconds * NS_PER_SEC + ns;
	return 0;
}
