// SPDX-License-Identifier: GPL-2.0-only
/* monitor: a line for each thing that happens to streams. */
#include "output.h"
#include "setting.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const char *const kinds[] = {
	[RINGLOG_CTL_EVENT_NEW] = "new",
	[RINGLOG_CTL_EVENT_DELETE] = "delete",
	[RINGLOG_CTL_EVENT_SET] = "set",
	[RINGLOG_CTL_EVENT_PURGE] = "purge",
	[RINGLOG_CTL_EVENT_LOSS] = "loss",
};

/* Events in a row, before signals have their turn. */
#define BURST	256

enum { EVENTS, SIGNALS, OUTPUT, WATCHED };

static __u64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* What makes a line of it: a stream's settings that may be of interest then. */
static void put_settings(const struct ringlog_ctl_stream *stream, bool fixed)
{
	char text[SETTING_TEXT];

	for (unsigned int i = 0; i < settings_count; i++) {
		if (settings[i].fixed && !fixed)
			continue;
		if (settings[i].kind == SETTING_NODE && stream->numa_node < 0)
			continue;
		printf(" %s %s", settings[i].key,
		       setting_text(&settings[i], setting_of_stream(&settings[i], stream), text));
	}
}

/* The kernel gives an event no time, so it is when it was received. */
static void put_time(__u64 time)
{
	time_t seconds = time / 1000000000;
	char text[32], zone[16];
	struct tm parts;

	localtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	strftime(zone, sizeof(zone), "%z", &parts);
	printf("%s.%06llu%s", text, (unsigned long long)(time / 1000 % 1000000), zone);
}

static void put_line(const struct ringlog_ctl_event *event)
{
	put_time(now());
	if (!event) {
		puts(" overrun: events were lost");
		return;
	}
	printf(" %s ", kinds[event->kind]);
	if (event->kind == RINGLOG_CTL_EVENT_LOSS) {
		printf("%s lost %llu expired %llu\n", event->loss.stream,
		       (unsigned long long)event->loss.lost,
		       (unsigned long long)event->loss.expired);
		return;
	}
	fputs(event->stream.name, stdout);
	if (event->kind == RINGLOG_CTL_EVENT_NEW || event->kind == RINGLOG_CTL_EVENT_SET)
		put_settings(&event->stream, event->kind == RINGLOG_CTL_EVENT_NEW);
	putchar('\n');
}

static void put_event(struct shape *shape, const struct ringlog_ctl_event *event)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "time", json_object_new_uint64(now()));
	json_object_object_add(object, "event",
			       json_object_new_string(event ? kinds[event->kind] : "overrun"));
	if (event && event->kind == RINGLOG_CTL_EVENT_LOSS) {
		json_object_object_add(object, "name", json_object_new_string(event->loss.stream));
		json_object_object_add(object, "lost", json_object_new_uint64(event->loss.lost));
		json_object_object_add(object, "expired",
				       json_object_new_uint64(event->loss.expired));
	} else if (event) {
		json_object_object_add(object, "name", json_object_new_string(event->stream.name));
		json_object_object_add(object, "stream",
				       json_object_get(shape_of(shape, &event->stream)));
	}
	put_json(object);
}

/* Whoever reads this wants to see each as it happens. */
static void put(const struct invocation *invocation, struct shape *shape,
		const struct ringlog_ctl_event *event)
{
	if (invocation->json)
		put_event(shape, event);
	else
		put_line(event);
	if (fflush(stdout))
		die(invocation, "output: %m");
}

/* Those that are there by now. */
static void drain(const struct invocation *invocation, struct ringlog_ctl_events *events,
		  struct shape *shape)
{
	struct ringlog_ctl_event event;
	int result;

	for (int i = 0; i < BURST; i++) {
		result = ringlog_ctl_next_event(events, &event);
		if (!result)
			return;
		if (result == -ENODEV)
			die(invocation, "the ringlog module was unloaded");
		if (result < 0 && result != -ENOBUFS)
			die(invocation, "%s", strerror(-result));
		put(invocation, shape, result > 0 ? &event : NULL);
	}
}

/* As a file, for signals that come between a look and a wait would be missed otherwise. */
static int open_signals(const struct invocation *invocation)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_CLOEXEC);
	if (fd < 0)
		die(invocation, "signalfd: %m");
	return fd;
}

static void follow(const struct invocation *invocation, struct ringlog_ctl_events *events)
{
	struct shape *shape = shape_new(stream_fields);
	struct pollfd watched[WATCHED] = {
		[EVENTS] = { .fd = ringlog_ctl_events_fd(events), .events = POLLIN },
		[SIGNALS] = { .fd = open_signals(invocation), .events = POLLIN },
		/* Nothing is asked of it, but that nobody reads it any more is told. */
		[OUTPUT] = { .fd = STDOUT_FILENO },
	};

	for (;;) {
		if (poll(watched, WATCHED, -1) < 0)
			continue;
		if (watched[EVENTS].revents)
			drain(invocation, events, shape);
		if (watched[SIGNALS].revents || watched[OUTPUT].revents)
			return;
	}
}

static int run(struct invocation *invocation, int argc, char **argv)
{
	struct ringlog_ctl_events *events;

	no_options(invocation, argc, argv);
	want_arguments(invocation, argc, 0, 0);
	connect_or_die(invocation);
	if (ringlog_ctl_subscribe(invocation->ctl, &events))
		die(invocation, "%s", ringlog_ctl_error(invocation->ctl));
	follow(invocation, events);
	ringlog_ctl_unsubscribe(events);
	return EXIT_SUCCESS;
}

const struct command monitor_command = {
	.name = "monitor",
	.arguments = "",
	.purpose = "Follow what happens to streams",
	.details =
		"A line for each stream that is made, set, purged or deleted, and for records\n"
		"that readers were told they lost, at most one a second and stream. It says\n"
		"overrun where events came faster than they were written. SIGINT ends it. Needs\n"
		"CAP_NET_ADMIN.\n",
	.run = run,
};
