// SPDX-License-Identifier: GPL-2.0-only
/* tools/ringlog: sizes, times and numbers as people write them, and globs. */
#include "pattern.h"
#include "quantity.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool size_is(const char *text, __u64 expected)
{
	__u64 value;

	return !parse_size(text, &value) && value == expected;
}

static bool duration_is(const char *text, __u64 expected)
{
	__u64 value;

	return !parse_duration(text, &value) && value == expected;
}

static void test_sizes(void)
{
	CHECK(size_is("0", 0));
	CHECK(size_is("65536", 65536));
	CHECK(size_is("64K", 65536));
	CHECK(size_is("64k", 65536));
	CHECK(size_is("1M", 1 << 20));
	CHECK(size_is("1G", 1 << 30));
	CHECK(size_is("3T", 3ULL << 40));
	CHECK(size_is("15E", 15ULL << 60));
	CHECK(size_is("18446744073709551615", ~0ULL));
}

/* Breaks when strtoull() decides what a number is: signs, spaces, hexadecimal. */
static void test_no_sizes(void)
{
	static const char *const bad[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1 K", "1KB", "1KK", "0x10", "1.5M", "ten", "64Q",
	};
	__u64 value;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(parse_size(bad[i], &value) == -EINVAL);
}

/* Breaks when a product wraps to something small. */
static void test_size_overflow(void)
{
	__u64 value;

	CHECK(parse_size("18446744073709551616", &value) == -ERANGE);
	CHECK(parse_size("16E", &value) == -ERANGE);
	CHECK(parse_size("18014398509481984K", &value) == -ERANGE);
	CHECK(size_is("18014398509481983K", 18014398509481983ULL << 10));
}

static void test_durations(void)
{
	CHECK(duration_is("0", 0));
	CHECK(duration_is("0s", 0));
	CHECK(duration_is("7ns", 7));
	CHECK(duration_is("10us", 10000));
	CHECK(duration_is("100ms", 100000000));
	CHECK(duration_is("5s", 5000000000ULL));
	CHECK(duration_is("3m", 180000000000ULL));
	CHECK(duration_is("1h", 3600000000000ULL));
	CHECK(duration_is("7d", 604800000000000ULL));
}

/* Of a bare number nobody knows the unit; and a minute is no month, nor a megasecond. */
static void test_no_durations(void)
{
	static const char *const bad[] = {
		"", "s", "5", "5 s", "-5s", "5S", "5M", "1h30m", "1.5s", "5sec", "5w", "00x",
	};
	__u64 value;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(parse_duration(bad[i], &value) == -EINVAL);
	CHECK(parse_duration("300000d", &value) == -ERANGE);
}

static void test_numbers(void)
{
	__u64 value;

	CHECK(!parse_number("1024", 1024, &value) && value == 1024);
	CHECK(parse_number("1025", 1024, &value) == -ERANGE);
	CHECK(parse_number("99999999999999999999", ~0ULL, &value) == -ERANGE);
	CHECK(parse_number("12a", ~0ULL, &value) == -EINVAL);
	CHECK(!parse_octal("0640", 07777, &value) && value == 0640);
	CHECK(parse_octal("0680", 07777, &value) == -EINVAL);
	CHECK(parse_octal("10000", 07777, &value) == -ERANGE);
}

/* What is saved must come back as the same number, whatever it is. */
static void test_round_trip(void)
{
	char text[QUANTITY_TEXT];
	__u64 value;

	for (unsigned int bit = 0; bit < 64; bit++) {
		for (__u64 factor = 1; factor < 10 && factor << bit >> bit == factor; factor++) {
			value = factor << bit;
			CHECK(size_is(exact_size(text, value), value));
			CHECK(size_is(exact_size(text, value - 1), value - 1));
			CHECK(duration_is(exact_duration(text, value), value));
			CHECK(duration_is(exact_duration(text, value - 1), value - 1));
		}
	}
	CHECK(!strcmp(exact_size(text, 1 << 20), "1M"));
	CHECK(!strcmp(exact_size(text, 96 << 10), "96K"));
	CHECK(!strcmp(exact_duration(text, 5400000000000ULL), "90m"));
	CHECK(!strcmp(exact_duration(text, 86400000000000ULL), "1d"));
}

/* Breaks when a value that is almost the next unit is rounded up to 1024 of the last. */
static void test_rough(void)
{
	char text[QUANTITY_TEXT];

	CHECK(!strcmp(rough_size(text, 0), "0"));
	CHECK(!strcmp(rough_size(text, 1023), "1023"));
	CHECK(!strcmp(rough_size(text, 1024), "1K"));
	CHECK(!strcmp(rough_size(text, 1536), "1.5K"));
	CHECK(!strcmp(rough_size(text, (1 << 20) - 1), "1023.9K"));
	CHECK(!strcmp(rough_size(text, ~0ULL), "15.9E"));
	CHECK(!strcmp(rough_count(text, 9999999), "9999999"));
	CHECK(!strcmp(rough_count(text, 10000000), "10M"));
	CHECK(!strcmp(rough_count(text, 12345678), "12.3M"));
	CHECK(!strcmp(rough_duration(text, 0), "0"));
	CHECK(!strcmp(rough_duration(text, 5400000000000ULL), "1.5h"));
}

static void test_patterns(void)
{
	static char *const words[] = { "orders", "log-*", "[ab]?" };
	struct patterns patterns;
	int at = 0;

	if (!CHECK(patterns_init(&patterns, words, 3)))
		return;
	CHECK(patterns_match(&patterns, "orders"));
	CHECK(!patterns_match(&patterns, "orders2"));
	CHECK(!patterns_match(&patterns, "c1"));
	CHECK(patterns_match(&patterns, "b1"));
	CHECK(!strcmp(patterns_unmet(&patterns, &at), "log-*"));
	CHECK(!patterns_unmet(&patterns, &at));
	CHECK(patterns_match(&patterns, "log-"));
	free(patterns.met);
}

static void test_no_patterns(void)
{
	struct patterns patterns;
	int at = 0;

	if (!CHECK(patterns_init(&patterns, NULL, 0)))
		return;
	CHECK(patterns_match(&patterns, "anything"));
	CHECK(!patterns_unmet(&patterns, &at));
	free(patterns.met);
}

static const struct tap_test tests[] = {
	{ "quantity: sizes", test_sizes },
	{ "quantity: what is no size", test_no_sizes },
	{ "quantity: sizes that 64 bits do not hold", test_size_overflow },
	{ "quantity: times", test_durations },
	{ "quantity: what is no time", test_no_durations },
	{ "quantity: numbers", test_numbers },
	{ "quantity: exact ones are parsed as the same", test_round_trip },
	{ "quantity: rough ones", test_rough },
	{ "pattern: names and globs, and which matched nothing", test_patterns },
	{ "pattern: none matches everything", test_no_patterns },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
