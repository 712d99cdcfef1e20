// SPDX-License-Identifier: GPL-2.0-only
/* tools/ringlog: records out of a file's bytes, in whatever pieces; and their pace. */
#include "framing.h"
#include "moment.h"
#include "pace.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST	1000

/* All that is known of a file's records, in a text: each in brackets, then how it ended. */
static char seen[8192];

static void see(const char *text, size_t bytes)
{
	size_t at = strlen(seen);

	if (CHECK(at + bytes < sizeof(seen)))
		memcpy(seen + at, text, bytes);
}

static const char *ending(int result)
{
	switch (result) {
	case -ENODATA: return "end";
	case -EMSGSIZE: return "long";
	case -EBADMSG: return "cut";
	default: return "?";
	}
}

static int next(struct framing *framing, struct frame *frame)
{
	int result = framing_next(framing, frame);

	if (result == 1) {
		see("[", 1);
		see(frame->bytes, frame->length);
		see("]", 1);
	} else if (result < 0) {
		see(ending(result), strlen(ending(result)));
	}
	return result;
}

/* Reads @input through a pipe, of which it gets @piece bytes at a time. */
static const char *all_of(enum framing_kind kind, const char *input, size_t bytes, size_t piece)
{
	struct framing framing;
	struct frame frame;
	int ends[2], result;

	memset(seen, 0, sizeof(seen));
	if (!CHECK(framing_init(&framing, kind, LONGEST)) || !CHECK(!pipe(ends)))
		return seen;
	framing_open(&framing, ends[0]);
	while ((result = next(&framing, &frame)) >= 0) {
		size_t now = bytes < piece ? bytes : piece;

		if (result)
			continue;
		if (now)
			CHECK(write(ends[1], input, now) == (ssize_t)now);
		else
			close(ends[1]);
		input += now;
		bytes -= now;
		CHECK(!framing_read(&framing));
	}
	close(ends[0]);
	free(framing.buffer);
	return seen;
}

/* The same, whatever the pieces. */
static bool gives(enum framing_kind kind, const char *input, size_t bytes, const char *expected)
{
	for (size_t piece = 1; piece <= bytes + 1; piece++)
		if (strcmp(all_of(kind, input, bytes, piece), expected) != 0)
			return false;
	return true;
}

#define GIVES(kind, input, expected)	CHECK(gives(kind, input, sizeof(input) - 1, expected))

static void test_lines(void)
{
	GIVES(FRAMING_LINE, "", "end");
	GIVES(FRAMING_LINE, "a", "[a]end");
	GIVES(FRAMING_LINE, "a\n", "[a]end");
	GIVES(FRAMING_LINE, "a\n\nbc\nd", "[a][][bc][d]end");
	GIVES(FRAMING_LINE, "\n", "[]end");
	GIVES(FRAMING_NUL, "a\nb\0\0c", "[a\nb][][c]end");
}

static void test_lengths(void)
{
	GIVES(FRAMING_LENGTH, "", "end");
	GIVES(FRAMING_LENGTH, "\2\0\0\0ab\0\0\0\0\1\0\0\0c", "[ab][][c]end");
	GIVES(FRAMING_LENGTH, "\2\0\0\0a", "cut");
	GIVES(FRAMING_LENGTH, "\1\0\0\0a\1\0\0", "[a]cut");
	GIVES(FRAMING_LENGTH, "\1\0\0\0a\0\0\0\1a", "[a]long");
	GIVES(FRAMING_LENGTH, "\377\377\377\377", "long");
}

static void test_files(void)
{
	GIVES(FRAMING_FILE, "", "[]end");
	GIVES(FRAMING_FILE, "a\nb", "[a\nb]end");
}

/* Up to the longest that it is made for, and what is known of one that is too long. */
static void test_longest(void)
{
	static const enum framing_kind kinds[] = { FRAMING_LINE, FRAMING_FILE };
	struct framing framing;
	struct frame frame;
	int ends[2], result;
	size_t given = 0;
	char *text;

	for (size_t i = 0; i < 2; i++) {
		if (!CHECK(framing_init(&framing, kinds[i], LONGEST)) || !CHECK(!pipe(ends)))
			return;
		text = malloc(framing.size);
		memset(text, 'x', framing.size);
		framing_open(&framing, ends[0]);
		given = 0;
		while (!(result = framing_next(&framing, &frame))) {
			size_t now = framing.size - given < 4096 ? framing.size - given : 4096;

			CHECK(write(ends[1], text, now) == (ssize_t)now);
			CHECK(!framing_read(&framing));
			given += now;
		}
		CHECK(result == -EMSGSIZE && given == framing.size);
		CHECK(frame.length == given && given >= LONGEST && !frame.exact);
		free(text);
		free(framing.buffer);
		close(ends[0]);
		close(ends[1]);
	}
}

/* A file after another begins anew. */
static void test_next_file(void)
{
	struct framing framing;
	struct frame frame;
	int ends[2];

	if (!CHECK(framing_init(&framing, FRAMING_FILE, LONGEST)))
		return;
	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < 2; i++) {
		if (!CHECK(!pipe(ends)) || !CHECK(write(ends[1], "ab", 2) == 2))
			return;
		close(ends[1]);
		framing_open(&framing, ends[0]);
		while (next(&framing, &frame) >= 0)
			if (!framing.ended)
				CHECK(!framing_read(&framing));
		close(ends[0]);
	}
	CHECK(!strcmp(seen, "[ab]end[ab]end"));
	free(framing.buffer);
}

/* Breaks when the time between two is rounded, and the error adds up; or when 64 bits wrap. */
static void test_pace(void)
{
	static const __u64 rates[] = { 1, 3, 7, 1000, 999999937, PACE_MAX };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct pace pace = { .rate = rates[i], .start = 5 };

		CHECK(pace_due(&pace) == 5);
		pace.count = rates[i];
		CHECK(pace_due(&pace) == 5 + NS_PER_SEC);
		pace.count = rates[i] * 86400 + rates[i] / 3;
		CHECK(pace_due(&pace) ==
		      5 + 86400 * NS_PER_SEC + rates[i] / 3 * NS_PER_SEC / rates[i]);
	}
}

/* Waiting for input makes nothing due at once, and what was late before is still as late. */
static void test_pause(void)
{
	__u64 now = moment_now(CLOCK_MONOTONIC), due;
	struct pace pace = { .rate = 1, .start = now - 100 * NS_PER_SEC, .count = 40 };

	pace_pause(&pace);
	pace.paused -= 50 * NS_PER_SEC;
	pace_resume(&pace);
	/* It was late by 10 s when it paused. */
	due = pace_due(&pace) + 10 * NS_PER_SEC;
	CHECK(due >= now && due <= moment_now(CLOCK_MONOTONIC));
	CHECK(!pace_early(&pace));

	pace = (struct pace) { .rate = 1, .start = now, .count = 1000, .paused = now };
	pace_resume(&pace);
	CHECK(pace.start == now && pace_early(&pace));
}

static const struct tap_test tests[] = {
	{ "framing: lines, and zero bytes", test_lines },
	{ "framing: lengths", test_lengths },
	{ "framing: whole files", test_files },
	{ "framing: too long", test_longest },
	{ "framing: one file after another", test_next_file },
	{ "pace: when records are due", test_pace },
	{ "pace: without input", test_pause },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
