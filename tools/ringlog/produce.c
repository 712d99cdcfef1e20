// SPDX-License-Identifier: GPL-2.0-only
/* produce: records from files into a stream. */
#include "appender.h"
#include "pace.h"
#include "produce-options.h"
#include "progress.h"
#include "stop.h"
#include "stream-words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * struct producing - one run of the command
 * @invocation: of it
 * @options: of it
 * @stream: its name
 * @appender: that the records go to
 * @framing: that they come from
 * @pace: at which they do
 * @progress: what went through
 * @taken: records that were added to @appender
 */
struct producing {
	struct invocation	*invocation;
	struct produce_options	options;
	const char		*stream;
	struct appender		appender;
	struct framing		framing;
	struct pace		pace;
	struct progress		progress;
	__u64			taken;
};

/* The number of a record is its place in the input, from 1. */
static _Noreturn void die_unsent(struct producing *producing, int error)
{
	progress_clear(&producing->progress);
	die(producing->invocation, "%s: record %llu was not sent, nor what follows it: %s",
	    producing->stream, (unsigned long long)producing->appender.appended + 1,
	    append_words(error));
}

static void flush(struct producing *producing)
{
	int result = appender_flush(&producing->appender);

	if (result)
		die_unsent(producing, result);
	producing->progress.records = producing->appender.appended;
	producing->progress.bytes = producing->appender.bytes;
	progress_tell(&producing->progress);
}

/* Before the program ends for a record that cannot be sent: those before it are. */
static void make_way(struct producing *producing)
{
	flush(producing);
	progress_clear(&producing->progress);
}

static _Noreturn void die_long(struct producing *producing, size_t bytes, bool exact)
{
	make_way(producing);
	die(producing->invocation, "record %llu has %s%zu bytes; max_record of %s is %u",
	    (unsigned long long)producing->taken + 1, exact ? "" : "more than ", bytes,
	    producing->stream, producing->appender.info.max_record);
}

static _Noreturn void die_cut(struct producing *producing, const struct frame *frame)
{
	make_way(producing);
	if (!frame->exact)
		die(producing->invocation, "the input ends within the length of record %llu",
		    (unsigned long long)producing->taken + 1);
	die(producing->invocation, "the input ends within record %llu, which is to have %zu bytes",
	    (unsigned long long)producing->taken + 1, frame->length);
}

/* What is in @frame, with what the options add. */
static void fill(struct producing *producing, const struct frame *frame,
		 struct ringlog_content *content)
{
	const struct produce_options *options = &producing->options;
	const char *end = NULL;

	*content = (struct ringlog_content) {
		.key = options->key,
		.key_len = options->key ? strlen(options->key) : 0,
		.headers = options->headers,
		.headers_len = options->headers_len,
		.value = frame->bytes,
		.value_len = frame->length,
	};
	if (options->separator)
		end = memmem(frame->bytes, frame->length, options->separator,
			     options->separator_len);
	if (end) {
		content->key = frame->bytes;
		content->key_len = end - frame->bytes;
		content->value = end + options->separator_len;
		content->value_len = frame->bytes + frame->length - (const char *)content->value;
	}
	if (options->null && !content->value_len)
		content->value = NULL;
}

static void check(struct producing *producing, const struct ringlog_content *content)
{
	size_t length = appender_length(content);

	if (length > producing->appender.info.max_record)
		die_long(producing, length, true);
	if (content->key_len > UINT16_MAX) {
		make_way(producing);
		die(producing->invocation, "record %llu has a key of %zu bytes; the most is %d",
		    (unsigned long long)producing->taken + 1, content->key_len, UINT16_MAX);
	}
}

/* False: asked to end before it was due. */
static bool put(struct producing *producing, const struct frame *frame)
{
	struct ringlog_content content;
	int result;

	fill(producing, frame, &content);
	check(producing, &content);
	if (pace_early(&producing->pace)) {
		flush(producing);
		if (!pace_wait(&producing->pace))
			return false;
	}
	result = appender_add(&producing->appender, &content);
	if (result)
		die_unsent(producing, result);
	pace_count(&producing->pace);
	producing->taken++;
	return true;
}

/* All records that were read whole. False: enough. */
static bool put_all(struct producing *producing)
{
	struct frame frame;
	int more;

	while (producing->taken < producing->options.count) {
		more = framing_next(&producing->framing, &frame);
		if (more == -EMSGSIZE)
			die_long(producing, frame.length, frame.exact);
		if (more == -EBADMSG)
			die_cut(producing, &frame);
		if (more <= 0)
			return !more;
		if (!put(producing, &frame))
			return false;
	}
	return false;
}

/* What is there is sent before there is a wait for more. */
static void feed(struct producing *producing, const char *name, int fd)
{
	int result;

	framing_open(&producing->framing, fd);
	while (put_all(producing)) {
		flush(producing);
		pace_pause(&producing->pace);
		result = stopped() ? -EINTR : framing_read(&producing->framing);
		/* What was read whole is sent, even if the signal came just then. */
		if (result == -EINTR && stopped())
			return;
		if (result < 0 && result != -EINTR) {
			progress_clear(&producing->progress);
			die(producing->invocation, "%s: %s", name, strerror(-result));
		}
		pace_resume(&producing->pace);
	}
	flush(producing);
}

static void feed_file(struct producing *producing, const char *path)
{
	int fd;

	if (!strcmp(path, "-")) {
		feed(producing, "standard input", STDIN_FILENO);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && stopped())
		return;
	if (fd < 0)
		die(producing->invocation, "%s: %m", path);
	feed(producing, path, fd);
	close(fd);
}

static void open_all(struct producing *producing)
{
	const struct produce_options *options = &producing->options;
	struct invocation *invocation = producing->invocation;
	int result = appender_open(&producing->appender, producing->stream, options->partition);
	const struct ringlog_info *info = &producing->appender.info;

	if (result)
		die(invocation, "%s: %s", producing->stream, open_words(result));
	if (options->partition != RINGLOG_PARTITION_DEFAULT &&
	    options->partition >= info->partitions)
		die(invocation, "%s has no partition %u, but %u from 0", producing->stream,
		    options->partition, info->partitions);
	/* So that a record which is a little too long can be told how long it is. */
	if (!framing_init(&producing->framing, options->framing,
			  2UL * info->max_record + UINT16_MAX + options->separator_len))
		die(invocation, "no memory");
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct producing producing = { .invocation = invocation };

	produce_parse(invocation, argc, argv, &producing.options);
	producing.stream = argv[optind++];
	open_all(&producing);
	stop_on_signals();
	progress_begin(&producing.progress, producing.options.verbose, "produced");
	pace_begin(&producing.pace, producing.options.rate);
	if (optind == argc)
		feed_file(&producing, "-");
	while (optind < argc && !stopped() && producing.taken < producing.options.count)
		feed_file(&producing, argv[optind++]);
	progress_end(&producing.progress);
	appender_close(&producing.appender);
	free(producing.framing.buffer);
	return EXIT_SUCCESS;
}

const struct command produce_command = {
	.name = "produce",
	.arguments = "STREAM [OPTION]... [FILE]...",
	.purpose = "Append records from files to a stream",
	.details = produce_help,
	.run = run,
};
