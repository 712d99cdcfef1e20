// SPDX-License-Identifier: GPL-2.0-only
/* libringlog: user headers, as they are laid out and as they are gone through. */
#include "ringlog.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct ringlog_header header(const char *name, const char *value)
{
	return (struct ringlog_header) {
		.name = name,
		.value = value,
		.name_len = strlen(name),
		.value_len = value ? strlen(value) : 0,
	};
}

static bool is(const struct ringlog_header *found, const char *name, const char *value)
{
	if (found->name_len != strlen(name) || memcmp(found->name, name, found->name_len) != 0)
		return false;
	if (!value)
		return !found->value && !found->value_len;
	return found->value && found->value_len == strlen(value) &&
	       !memcmp(found->value, value, found->value_len);
}

static void add(void *buffer, size_t size, size_t *used, const char *name, const char *value)
{
	struct ringlog_header added = header(name, value);

	CHECK(!ringlog_headers_add(buffer, size, used, &added));
}

/* In the order in which they were put, names twice, and nothing is not an empty text. */
static void test_round_trip(void)
{
	static const char *const put[][2] = {
		{ "trace", "abc" }, { "", "" }, { "trace", "" }, { "none", NULL }, { "z", "1" },
	};
	struct ringlog_header found;
	size_t used = 0, at = 0;
	char buffer[64];

	for (size_t i = 0; i < 5; i++)
		add(buffer, sizeof(buffer), &used, put[i][0], put[i][1]);
	CHECK(used == 5 * 4 + 5 + 3 + 5 + 4 + 1 + 1);
	for (size_t i = 0; i < 5; i++) {
		CHECK(ringlog_headers_next(buffer, used, &at, &found) == 1);
		CHECK(is(&found, put[i][0], put[i][1]));
	}
	CHECK(!ringlog_headers_next(buffer, used, &at, &found));
	CHECK(!ringlog_headers_next(buffer, used, &at, &found) && at == used);
}

/* Others read them by the words in header.h alone. */
static void test_layout(void)
{
	struct { __u16 name_len, value_len; char bytes[3]; } expected = { 1, 2, "abc" };
	size_t used = 0;
	char buffer[16];

	memcpy(expected.bytes, "nvw", 3);
	add(buffer, sizeof(buffer), &used, "n", "vw");
	CHECK(used == 7 && !memcmp(buffer, &expected, used));
	add(buffer, sizeof(buffer), &used, "m", NULL);
	expected.name_len = 1;
	expected.value_len = 0xffff;
	CHECK(used == 12 && !memcmp(buffer + 7, &expected, 4) && buffer[11] == 'm');
}

static void test_none(void)
{
	struct ringlog_header found;
	size_t at = 0;

	CHECK(!ringlog_headers_next(NULL, 0, &at, &found) && !at);
}

/* To the byte; and what does not fit leaves no trace. */
static void test_room(void)
{
	struct ringlog_header pair = header("name", "value");
	char buffer[14];
	size_t used = 0;

	memset(buffer, 'x', sizeof(buffer));
	CHECK(ringlog_headers_add(buffer, 12, &used, &pair) == -ENOSPC && !used);
	CHECK(buffer[0] == 'x');
	CHECK(!ringlog_headers_add(buffer, 13, &used, &pair) && used == 13);
	CHECK(buffer[13] == 'x');
	CHECK(ringlog_headers_add(buffer, 13, &used, &pair) == -ENOSPC && used == 13);
	used = 20;
	CHECK(ringlog_headers_add(buffer, 13, &used, &pair) == -ENOSPC && used == 20);
}

/* More than a record has lengths for, however large the buffer. */
static void test_most(void)
{
	size_t size = 3 * 65536, used = 0, at = 0;
	char *buffer = malloc(size), *value = calloc(1, 65536);
	struct ringlog_header longest = { .value = value, .value_len = 65531 }, found;

	CHECK(!ringlog_headers_add(buffer, size, &used, &longest));
	CHECK(used == RINGLOG_HEADERS_MAX);
	CHECK(ringlog_headers_next(buffer, used, &at, &found) == 1 && found.value_len == 65531);
	longest.value_len = 65532;
	used = 0;
	CHECK(ringlog_headers_add(buffer, size, &used, &longest) == -ENOSPC && !used);
	free(buffer);
	free(value);
}

static void test_bad(void)
{
	struct ringlog_header bad[] = {
		{ .name_len = 1 },
		{ .value_len = 1 },
		{ .name = "a", .name_len = 65536 },
		{ .value = "a", .value_len = RINGLOG_HEADER_VALUE_MAX + 1 },
		{ .name = "a", .name_len = 1, .value = "b", .value_len = ~(size_t)0 },
	};
	size_t used = 0;
	char buffer[8];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(ringlog_headers_add(buffer, sizeof(buffer), &used, &bad[i]) == -EINVAL &&
		      !used);
}

/* Every length a record's headers can be cut to: nothing beyond it is read, or ASan says so. */
static void test_cut(void)
{
	struct ringlog_header found;
	size_t whole = 0;
	char buffer[64];

	add(buffer, sizeof(buffer), &whole, "name", "value");
	add(buffer, sizeof(buffer), &whole, "other", NULL);
	for (size_t cut = 0; cut <= whole; cut++) {
		char *copy = malloc(cut ?: 1);
		size_t at = 0, seen = 0;
		int more;

		memcpy(copy, buffer, cut);
		while ((more = ringlog_headers_next(copy, cut, &at, &found)) == 1)
			seen += 4 + found.name_len + found.value_len;
		CHECK(at == seen && at <= cut);
		CHECK(more == (cut == 0 || cut == 13 || cut == whole ? 0 : -EBADMSG));
		free(copy);
	}
}

/* Whatever it is. A walk gets on with every step, and stays within. */
static void test_noise(void)
{
	unsigned char bytes[48];
	__u64 state = 1;

	for (int round = 0; round < 20000 && !tap_failed(); round++) {
		struct ringlog_header found;
		size_t at = 0, last = 0;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			bytes[i] = state >> 62 ? state >> 60 & 7 : 0xff;
		}
		while (ringlog_headers_next(bytes, sizeof(bytes), &at, &found) == 1) {
			CHECK(at > last && at <= sizeof(bytes));
			CHECK((const unsigned char *)found.name + found.name_len <= bytes + at);
			CHECK(!found.value || (const unsigned char *)found.value +
			      found.value_len == bytes + at);
			last = at;
		}
		CHECK(at == last);
	}
}

static void test_beyond(void)
{
	struct ringlog_header found;
	size_t at = 5;

	CHECK(ringlog_headers_next("abcd", 4, &at, &found) == -EBADMSG && at == 5);
}

static const struct tap_test tests[] = {
	{ "header: what is put is found", test_round_trip },
	{ "header: the layout", test_layout },
	{ "header: none", test_none },
	{ "header: room for all of it or none", test_room },
	{ "header: the longest", test_most },
	{ "header: what cannot be one", test_bad },
	{ "header: cut anywhere", test_cut },
	{ "header: any bytes", test_noise },
	{ "header: a walk from beyond the end", test_beyond },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
