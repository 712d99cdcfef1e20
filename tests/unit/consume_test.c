// SPDX-License-Identifier: GPL-2.0-only
/* tools/ringlog: where to begin, how records are written, and what is remembered of them. */
#include "escape.h"
#include "format.h"
#include "json-bytes.h"
#include "moment.h"
#include "resume.h"
#include "starting-point.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool begins(const char *text, __u32 from, __u64 value, bool last)
{
	struct starting_point point;

	return !starting_point_parse(text, &point) && point.start.from == from &&
	       point.start.value == value && point.last == last && !point.start.incarnation;
}

static void test_starts(void)
{
	CHECK(begins("oldest", RINGLOG_START_OLDEST, 0, false));
	CHECK(begins("newest", RINGLOG_START_NEWEST, 0, false));
	CHECK(begins("0", RINGLOG_START_OFFSET, 0, false));
	CHECK(begins("4611686018427387904", RINGLOG_START_OFFSET, 1ULL << 62, false));
	CHECK(begins("-17", RINGLOG_START_OFFSET, 17, true));
	CHECK(begins("@1000000000", RINGLOG_START_REALTIME, 1000000000 * NS_PER_SEC, false));
	CHECK(begins("1970-01-02T00:00:00.5Z", RINGLOG_START_REALTIME,
		     86400 * NS_PER_SEC + NS_PER_SEC / 2, false));
	/* Before the clock began. */
	CHECK(begins("200000d", RINGLOG_START_MONOTONIC, 0, false));
}

static void test_ago(void)
{
	__u64 before = moment_now(CLOCK_MONOTONIC), value;
	struct starting_point point;

	CHECK(!starting_point_parse("1ms", &point));
	value = point.start.value + 1000000;
	CHECK(point.start.from == RINGLOG_START_MONOTONIC && !point.last);
	CHECK(value >= before && value <= moment_now(CLOCK_MONOTONIC));
}

static void test_no_starts(void)
{
	static const char *const bad[] = {
		"", "old", "Newest", "+5", "-", "--5", "-x", "5x", "m", "@", "@-1", "@1s",
		"99999999999999999999", "@99999999999999999999", "oldest ", " 5",
	};
	struct starting_point point;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(starting_point_parse(bad[i], &point) == -EINVAL);
}

static bool moment_is(const char *text, __u64 seconds, __u64 ns)
{
	__u64 moment;

	return !moment_parse(text, &moment) && moment == seconds * NS_PER_SEC + ns;
}

/* 2026-11-25 is 20782 days after the first. */
#define DAY	(20782 * 86400ULL)

static void test_moments(void)
{
	setenv("TZ", "XYZ-2", 1);
	tzset();
	CHECK(moment_is("2026-11-25T10:20:30Z", DAY + 37230, 0));
	CHECK(moment_is("2026-11-25 10:20:30.25Z", DAY + 37230, 250000000));
	CHECK(moment_is("2026-11-25T10:20:30.123456789Z", DAY + 37230, 123456789));
	CHECK(moment_is("2026-11-25T10:20:30+01:30", DAY + 37230 - 5400, 0));
	CHECK(moment_is("2026-11-25T10:20-0100", DAY + 37200 + 3600, 0));
	CHECK(moment_is("2026-11-25T10:20:30", DAY + 37230 - 7200, 0));
	CHECK(moment_is("2026-11-25", DAY - 7200, 0));
	CHECK(moment_is("2024-02-29T00:00Z", 1709164800, 0));
}

static void test_no_moments(void)
{
	static const char *const bad[] = {
		"", "2026", "2026-1-1", "2026-00-01", "2026-13-01", "2026-02-29", "2026-04-31",
		"2026-01-00", "2026-01-01T", "2026-01-01T10", "2026-01-01T24:00",
		"2026-01-01T10:60", "2026-01-01T10:00:60", "2026-01-01T10:00:00.",
		"2026-01-01T10:00:00.5x", "2026-01-01T10:00+1", "2026-01-01T10:00+0x:00",
		"2026-01-01T10:00ZZ", "2026-01-01x", "1960-01-01", "0000-01-01",
	};
	__u64 moment;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(moment_parse(bad[i], &moment) == -EINVAL);
}

/* What is written is read as the same, to the microsecond. */
static void test_moment_text(void)
{
	__u64 moment = (DAY + 12345) * NS_PER_SEC + 678901234, back;
	char text[MOMENT_TEXT];

	setenv("TZ", "XYZ-2", 1);
	tzset();
	CHECK(!strcmp(moment_text(text, moment), "2026-11-25T05:25:45.678901+0200"));
	CHECK(!moment_parse(text, &back) && back == moment - 234);
}

static void test_escapes(void)
{
	char bytes[32];

	CHECK(escape_all("a\\n\\t\\r\\0\\\\\\x41\\xfF", bytes) == 8);
	CHECK(!memcmp(bytes, "a\n\t\r\0\\A\377", 8));
	CHECK(escape_all("\352", bytes) == 1 && bytes[0] == (char)0xea);
	CHECK(escape_all("", bytes) == 0);
	CHECK(escape_all("\\", bytes) == -EINVAL);
	CHECK(escape_all("\\q", bytes) == -EINVAL);
	CHECK(escape_all("\\x4", bytes) == -EINVAL);
	CHECK(escape_all("\\xg0", bytes) == -EINVAL);
}

/* Of the record below, as @format says; in memory as in a file. */
static const char *written(const char *format_text, const struct shown *shown)
{
	static char text[4096];
	struct format format;
	struct sink sink;
	const char *bad;
	ssize_t got;
	FILE *file = tmpfile();

	memset(text, 0, sizeof(text));
	CHECK(!sink_init(&sink, fileno(file)));
	CHECK(!format_parse(&format, format_text, &bad));
	CHECK(!format_put(&format, &sink, shown) && !sink_flush(&sink));
	got = pread(fileno(file), text, sizeof(text) - 1, 0);
	CHECK(got >= 0);
	for (ssize_t i = 0; i < got; i++)
		if (!text[i])
			text[i] = '~';
	for (size_t i = 0; i < format.count; i++)
		free(format.steps[i].text);
	free(format.steps);
	free(sink.buffer);
	fclose(file);
	return text;
}

static char headers[64];

static struct shown record(void)
{
	struct ringlog_header with = { .name = "n", .name_len = 1, .value = "v", .value_len = 1 };
	struct ringlog_header without = { .name = "m", .name_len = 1 };
	size_t used = 0;

	CHECK(!ringlog_headers_add(headers, sizeof(headers), &used, &with));
	CHECK(!ringlog_headers_add(headers, sizeof(headers), &used, &without));
	return (struct shown) {
		.partition = 3,
		.realtime = NS_PER_SEC,
		.view = {
			.offset = 18446744073709551615ULL,
			.timestamp = 5,
			.content = {
				.key = "ke", .key_len = 2,
				.headers = headers, .headers_len = used,
				.value = "a\nb", .value_len = 3,
			},
		},
	};
}

/* All of it, in this order. */
static const char *const in_json[] = {
	"{\"partition\":3,\"offset\":18446744073709551615,\"timestamp\":5,",
	"\"realtime\":\"1970-01-01T00:00:01.000000+0000\",\"key\":\"ke\",\"value\":\"a\\nb\",",
	"\"headers\":[{\"name\":\"n\",\"value\":\"v\"},{\"name\":\"m\",\"value\":null}]}\n",
};

static bool is_json(const char *at)
{
	for (size_t i = 0; i < sizeof(in_json) / sizeof(in_json[0]); i++) {
		if (strncmp(at, in_json[i], strlen(in_json[i])) != 0)
			return false;
		at += strlen(in_json[i]);
	}
	return !*at;
}

static void test_formats(void)
{
	struct shown shown = record();

	setenv("TZ", "UTC0", 1);
	tzset();
	CHECK(!strcmp(written("raw", &shown), "a\nb"));
	CHECK(!strcmp(written("hex", &shown), "610a62\n"));
	CHECK(!strcmp(written("%p/%o/%k/%s/%S/%K/%T/%h/%%", &shown),
		      "3/18446744073709551615/ke/a\nb/3/2/5/n=v,m/%"));
	CHECK(!strcmp(written("\\x41\\0\\n%t", &shown), "A~\n1970-01-01T00:00:01.000000+0000"));
	CHECK(is_json(written("json", &shown)));
}

/* None is not empty; and what is no text, or laid out in another way, is there too. */
static void test_odd_records(void)
{
	struct shown shown = { .view.content = { .value = "\377", .value_len = 1 } };

	CHECK(!strcmp(written("%K|%k|%S|%h", &shown), "-1||1|"));
	CHECK(strstr(written("json", &shown),
		     "\"key\":null,\"value_base64\":\"/w==\",\"headers\":[]"));
	shown.view.content = (struct ringlog_content) {
		.key = "", .headers = "abc", .headers_len = 3,
	};
	CHECK(!strcmp(written("%K|%S|%s|%h", &shown), "0|-1||"));
	CHECK(!strcmp(written("hex", &shown), "\n"));
	CHECK(strstr(written("json", &shown),
		     "\"key\":\"\",\"value\":null,\"headers_base64\":\"YWJj\""));
}

static void test_no_formats(void)
{
	static const char *const bad[] = { "", "Raw", "%", "%q", "%j", "%x", "\\q", "a", "%s%" };
	struct format format;
	const char *where;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(format_parse(&format, bad[i], &where) == -EINVAL);
		for (size_t j = 0; j < format.count; j++)
			free(format.steps[j].text);
		free(format.steps);
	}
}

/* More than the buffer, at once and bit by bit, in the right order. */
static void test_sink(void)
{
	char file[] = "/tmp/sink-XXXXXX", *bytes = malloc(500000), *back = malloc(1000001);
	int fd = mkstemp(file);
	struct sink sink;

	for (int i = 0; i < 500000; i++)
		bytes[i] = i * 7919U >> 3;
	unlink(file);
	CHECK(!sink_init(&sink, fd));
	sink_put(&sink, bytes, 500000);
	for (size_t at = 0; at < 500000; at += 1000)
		sink_put(&sink, bytes + at, 1000);
	CHECK(!sink_flush(&sink));
	CHECK(pread(fd, back, 1000001, 0) == 1000000);
	CHECK(!memcmp(back, bytes, 500000) && !memcmp(back + 500000, bytes, 500000));
	close(fd);
	sink_put(&sink, "x", 1);
	CHECK(sink_flush(&sink) == -EBADF && sink_flush(&sink) == -EBADF);
	free(sink.buffer);
	free(bytes);
	free(back);
}

static bool text(const char *bytes)
{
	return is_utf8(bytes, strlen(bytes));
}

static void test_utf8(void)
{
	CHECK(text("") && text("abc") && is_utf8("\0", 1));
	CHECK(text("\303\244\342\202\254\360\237\230\200") && text("\364\217\277\277"));
	CHECK(text("\355\237\277") && text("\356\200\200"));
	/* Too long forms, halves of pairs, beyond the last one, cut, and stray bytes. */
	CHECK(!text("\300\200") && !text("\301\277") && !text("\340\237\277"));
	CHECK(!text("\360\217\277\277") && !text("\355\240\200") && !text("\364\220\200\200"));
	CHECK(!text("\365\200\200\200") && !text("\303") && !text("\342\202") && !text("\200"));
	CHECK(!text("\303a") && !text("a\360\237\230"));
}

/* The vectors of RFC 4648. */
static void test_base64(void)
{
	static const char *const vectors[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	char encoded[BASE64_TEXT(6)];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t count = strlen(vectors[i][0]);

		CHECK(base64(encoded, vectors[i][0], count) == BASE64_TEXT(count) - 1);
		CHECK(!strcmp(encoded, vectors[i][1]));
	}
	base64(encoded, "\373\377", 2);
	CHECK(!strcmp(encoded, "+/8="));
}

static bool loads(const char *path, struct resume *resume, int expected)
{
	const char *why;

	return resume_init(resume, path, 4) && resume_load(resume, &why) == expected;
}

static void drop(struct resume *resume)
{
	free(resume->offsets);
	free(resume->known);
}

static void test_resume(void)
{
	char directory[] = "/tmp/resume-XXXXXX", path[64];
	struct resume resume, back;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/state", directory);
	CHECK(loads(path, &resume, 0) && !resume.incarnation);
	resume_forget(&resume, 0xfedcba9876543210ULL);
	resume.known[1] = true;
	resume.known[3] = true;
	resume.offsets[1] = 7;
	resume.offsets[3] = (1ULL << 62) + 1;
	CHECK(!resume_save(&resume));
	CHECK(loads(path, &back, 0) && back.incarnation == 0xfedcba9876543210ULL);
	CHECK(!back.known[0] && back.known[1] && !back.known[2] && back.known[3]);
	CHECK(back.offsets[1] == 7 && back.offsets[3] == (1ULL << 62) + 1);
	resume_forget(&back, 1);
	CHECK(back.incarnation == 1 && !back.known[1]);
	drop(&back);
	/* Nothing but the file is left behind. */
	unlink(path);
	CHECK(!rmdir(directory));
	CHECK(resume_save(&resume) == -ENOENT);
	drop(&resume);
}

static void test_no_resume(void)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"offsets\":{}}", "{\"incarnation\":\"0123456789abcdef\"}",
		"{\"incarnation\":\"0123456789abcde\",\"offsets\":{}}",
		"{\"incarnation\":\"0123456789abcdeg\",\"offsets\":{}}",
		"{\"incarnation\":\"0000000000000000\",\"offsets\":{}}",
		"{\"incarnation\":81985529216486895,\"offsets\":{}}",
		"{\"incarnation\":\"0123456789abcdef\",\"offsets\":[]}",
		"{\"incarnation\":\"0123456789abcdef\",\"offsets\":{\"0\":\"1\"}}",
		"{\"incarnation\":\"0123456789abcdef\",\"offsets\":{\"0\":1.5}}",
		"{\"incarnation\":\"0123456789abcdef\",\"offsets\":{\"0\":-1}}",
		"{\"incarnation\":\"0123456789abcdef\",\"offsets\":{\"a\":1}}",
	};
	char path[] = "/tmp/resume-XXXXXX";
	int fd = mkstemp(path);
	struct resume resume;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!ftruncate(fd, 0));
		CHECK(pwrite(fd, bad[i], strlen(bad[i]), 0) == (ssize_t)strlen(bad[i]));
		CHECK(loads(path, &resume, -EBADMSG));
		drop(&resume);
	}
	close(fd);
	unlink(path);
}

static const struct tap_test tests[] = {
	{ "consume: where to begin", test_starts },
	{ "consume: so long ago", test_ago },
	{ "consume: nowhere to begin", test_no_starts },
	{ "moment: dates and times", test_moments },
	{ "moment: what is none", test_no_moments },
	{ "moment: what is written is read", test_moment_text },
	{ "escape: bytes", test_escapes },
	{ "format: of a record", test_formats },
	{ "format: of what has no key, no value or other headers", test_odd_records },
	{ "format: what is none", test_no_formats },
	{ "sink: all of it, in order", test_sink },
	{ "json: what is text", test_utf8 },
	{ "json: base64", test_base64 },
	{ "resume: what is saved is loaded", test_resume },
	{ "resume: what is no file of it", test_no_resume },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
