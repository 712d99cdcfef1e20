// SPDX-License-Identifier: GPL-2.0-only
/* consume: records of a stream on stdout. */
#include "consume-options.h"
#include "moment.h"
#include "progress.h"
#include "reading.h"
#include "resume.h"
#include "stop.h"
#include "stream-words.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The exit status if records were lost. */
#define LOST		3
/* ns from one state to the next, while it changes. */
#define STATE_EVERY	(5 * NS_PER_SEC)

/**
 * struct consuming - one run of the command
 * @invocation: of it
 * @options: of it
 * @stream: its name
 * @reading: of the stream
 * @sink: where to
 * @progress: what went through
 * @resume: what --state remembers: all that is surely written, and no more
 * @saved: ns; when @resume was last, or what it says changed first since then
 * @stale: @resume says more than its file
 * @lost: were records
 * @failed: and it was said why
 */
struct consuming {
	struct invocation	*invocation;
	struct consume_options	options;
	const char		*stream;
	struct reading		reading;
	struct sink		sink;
	struct progress		progress;
	struct resume		resume;
	__u64			saved;
	bool			stale;
	bool			lost;
	bool			failed;
};

static const char *plural(__u64 count)
{
	return count == 1 ? "" : "s";
}

static void tell_loss(void *data, __u32 partition, __u64 lost, __u64 expired)
{
	struct consuming *consuming = data;

	consuming->lost = true;
	progress_clear(&consuming->progress);
	if (expired)
		complain(consuming->invocation,
			 "partition %u: lost %llu record%s (%llu of them expired)", partition,
			 (unsigned long long)lost, plural(lost), (unsigned long long)expired);
	else
		complain(consuming->invocation, "partition %u: lost %llu record%s", partition,
			 (unsigned long long)lost, plural(lost));
}

static void fail(struct consuming *consuming, const char *what, const char *why)
{
	consuming->failed = true;
	progress_clear(&consuming->progress);
	complain(consuming->invocation, "%s: %s", what, why);
}

static void save(struct consuming *consuming)
{
	int result;

	if (!consuming->stale)
		return;
	result = resume_save(&consuming->resume);
	if (result)
		fail(consuming, consuming->options.state, strerror(-result));
	consuming->stale = false;
	consuming->saved = moment_now(CLOCK_MONOTONIC);
}

/* All records so far are written, so that nobody needs them again. */
static void note_places(struct consuming *consuming)
{
	struct resume *resume = &consuming->resume;

	for (__u32 i = 0; i < resume->partitions; i++) {
		const struct reading_part *part = &consuming->reading.parts[i];

		if (!part->begun || (resume->known[i] && resume->offsets[i] == part->next))
			continue;
		resume->known[i] = true;
		resume->offsets[i] = part->next;
		consuming->stale = true;
	}
}

/* False: nobody takes it. That whoever reads us has had enough, as head(1) does, is no failure. */
static bool flush(struct consuming *consuming)
{
	int result = sink_flush(&consuming->sink);

	if (result == -EINTR && !consuming->failed)
		fail(consuming, "output", "not all of it was taken in time");
	else if (result && result != -EPIPE && !consuming->failed)
		fail(consuming, "output", strerror(-result));
	if (result)
		return false;
	note_places(consuming);
	progress_tell(&consuming->progress);
	return true;
}

static bool show(struct consuming *consuming, struct shown *shown)
{
	shown->realtime = shown->view.timestamp + moment_now(CLOCK_REALTIME) -
			  moment_now(CLOCK_MONOTONIC);
	if (format_put(&consuming->options.format, &consuming->sink, shown)) {
		fail(consuming, "output", "no memory");
		return false;
	}
	consuming->progress.records++;
	consuming->progress.bytes += shown->view.content.value_len;
	return true;
}

/* ms until the state is to be saved; -1: it need not be. */
static int until_save(const struct consuming *consuming)
{
	__u64 due = consuming->saved + STATE_EVERY, now = moment_now(CLOCK_MONOTONIC);

	if (!consuming->stale)
		return -1;
	return now < due ? (due - now) / 1000000 + 1 : 0;
}

/* False: there will be no more, or nobody would take it. */
static bool wait_for_more(struct consuming *consuming)
{
	struct pollfd watched[] = {
		{ .fd = ringlog_consumer_fd(consuming->reading.consumer), .events = POLLIN },
		/* Nothing is asked of it, but that nobody reads it any more is told. */
		{ .fd = STDOUT_FILENO },
	};
	int result = ringlog_consumer_arm(consuming->reading.consumer);

	if (result > 0)
		return true;
	if (result == -EINTR)
		return !stopped();
	if (result < 0) {
		fail(consuming, consuming->stream, read_words(result));
		return false;
	}
	if (!poll(watched, 2, until_save(consuming)))
		save(consuming);
	return !stopped() && !watched[1].revents;
}

static bool nothing_there(struct consuming *consuming)
{
	return flush(consuming) && consuming->reading.wanted && wait_for_more(consuming);
}

static bool next(struct consuming *consuming)
{
	struct shown shown;
	int result = reading_next(&consuming->reading, &shown.view, &shown.partition);

	if (!result)
		return consuming->options.follow && nothing_there(consuming);
	if (result < 0) {
		fail(consuming, consuming->stream, read_words(result));
		return false;
	}
	if (!show(consuming, &shown))
		return false;
	if (!sink_is_full(&consuming->sink))
		return true;
	if (!flush(consuming))
		return false;
	if (!until_save(consuming))
		save(consuming);
	return true;
}

static _Noreturn void die_start(const struct consuming *consuming, __u32 partition, int error)
{
	struct ringlog_info info = { };
	int fd = ringlog_consumer_fd(consuming->reading.consumer);

	if (error != -ERANGE || ringlog_info(fd, partition, &info))
		die(consuming->invocation, "%s: partition %u: %s", consuming->stream, partition,
		    read_words(error));
	die(consuming->invocation,
	    "partition %u of %s has no offset %llu: it has from %llu to %llu, which is next",
	    partition, consuming->stream,
	    (unsigned long long)consuming->options.from.start.value,
	    (unsigned long long)info.oldest_offset, (unsigned long long)info.next_offset);
}

/* Where the state says is no longer retained: all up to the oldest record is lost. */
static void begin_late(struct consuming *consuming, __u32 partition)
{
	const struct starting_point oldest = { .start.from = RINGLOG_START_OLDEST };
	struct reading_part *part = &consuming->reading.parts[partition];
	__u64 offset = consuming->resume.offsets[partition];
	int result = reading_begin(&consuming->reading, partition, &oldest,
				   consuming->options.follow);

	if (result)
		die_start(consuming, partition, result);
	if (offset > part->next)
		die(consuming->invocation,
		    "%s: partition %u has no offset %llu yet: the next one is %llu",
		    consuming->options.state, partition, (unsigned long long)offset,
		    (unsigned long long)part->next);
	consuming->lost = true;
	complain(consuming->invocation,
		 "partition %u: lost %llu record%s: offset %llu, which %s says, is no longer retained",
		 partition, (unsigned long long)(part->next - offset), plural(part->next - offset),
		 (unsigned long long)offset, consuming->options.state);
}

static void begin(struct consuming *consuming, __u32 partition)
{
	const struct starting_point resumed = {
		.start.from = RINGLOG_START_OFFSET,
		.start.value = consuming->options.state ? consuming->resume.offsets[partition] : 0,
	};
	bool resumes = consuming->options.state && consuming->resume.known[partition];
	int result = reading_begin(&consuming->reading, partition,
				   resumes ? &resumed : &consuming->options.from,
				   consuming->options.follow);

	if (resumes && result == -ERANGE)
		begin_late(consuming, partition);
	else if (result)
		die_start(consuming, partition, result);
}

static void begin_all(struct consuming *consuming)
{
	const struct consume_options *options = &consuming->options;
	__u32 partitions = consuming->reading.info.partitions;

	for (size_t i = 0; i < options->partition_count; i++)
		if (options->partitions[i] >= partitions)
			die(consuming->invocation, "%s has no partition %u, but %u from 0",
			    consuming->stream, options->partitions[i], partitions);
	for (size_t i = 0; i < options->partition_count; i++)
		begin(consuming, options->partitions[i]);
	for (__u32 i = 0; !options->partition_count && i < partitions; i++)
		begin(consuming, i);
}

static void load(struct consuming *consuming)
{
	const struct ringlog_info *info = &consuming->reading.info;
	struct resume *resume = &consuming->resume;
	const char *why;

	if (!consuming->options.state)
		return;
	if (!resume_init(resume, consuming->options.state, info->partitions))
		die(consuming->invocation, "no memory");
	if (resume_load(resume, &why))
		die(consuming->invocation, "%s: %s", consuming->options.state, why);
	if (resume->incarnation && resume->incarnation != info->incarnation)
		complain(consuming->invocation,
			 "%s is another stream than that of %s: beginning at %s", consuming->stream,
			 consuming->options.state, consuming->options.from_text);
	if (resume->incarnation != info->incarnation) {
		resume_forget(resume, info->incarnation);
		consuming->stale = true;
	}
	consuming->saved = moment_now(CLOCK_MONOTONIC);
}

static void open_all(struct consuming *consuming)
{
	int result = reading_open(&consuming->reading, consuming->stream);

	if (result)
		die(consuming->invocation, "%s: %s", consuming->stream, open_words(result));
	consuming->reading.on_loss = tell_loss;
	consuming->reading.data = consuming;
	if (sink_init(&consuming->sink, STDOUT_FILENO))
		die(consuming->invocation, "no memory");
	load(consuming);
	begin_all(consuming);
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct consuming consuming = { .invocation = invocation };

	consume_parse(invocation, argc, argv, &consuming.options);
	consuming.stream = argv[optind];
	stop_on_signals();
	open_all(&consuming);
	progress_begin(&consuming.progress, consuming.options.verbose, "consumed");
	while (!stopped() && consuming.progress.records < consuming.options.count &&
	       next(&consuming))
		;
	if (stopped())
		reading_look_for_losses(&consuming.reading);
	flush(&consuming);
	save(&consuming);
	progress_end(&consuming.progress);
	reading_close(&consuming.reading);
	return consuming.failed ? EXIT_FAILURE : consuming.lost ? LOST : EXIT_SUCCESS;
}

const struct command consume_command = {
	.name = "consume",
	.arguments = "STREAM [OPTION]...",
	.purpose = "Write the records of a stream",
	.details = consume_help,
	.run = run,
};
