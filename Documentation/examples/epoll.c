// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll COUNT STREAM...
 *
 * Follows several streams in one loop, from now on, and prints each record with the name of
 * its stream. Ends after COUNT records.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <ringlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* The default of a stream's max_record; "ringlog stream add --max-record" may say more. */
static char buffer[128 << 10];

struct follower {
	const char *stream;
	struct ringlog_consumer *consumer;
};

static void check(const struct follower *follower, int ret)
{
	if (ret < 0)
		errx(1, "%s: %s", follower->stream, strerror(-ret));
}

static void follow(struct follower *follower, int epoll)
{
	struct ringlog_start newest = { .from = RINGLOG_START_NEWEST };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = follower };

	check(follower, ringlog_consumer_open(&follower->consumer, follower->stream, 0));
	check(follower,
	      ringlog_consumer_attach(follower->consumer, RINGLOG_PARTITION_ALL, &newest));
	/* The kernel does not see what we read: this tells it where we are, before we sleep. */
	check(follower, ringlog_consumer_arm(follower->consumer));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, ringlog_consumer_fd(follower->consumer), &event))
		err(1, "%s", follower->stream);
}

/* Print what is there, and arm again. Returns how many records that were, at most @most. */
static unsigned long drain(struct follower *follower, unsigned long most)
{
	struct ringlog_view view;
	unsigned long count = 0;
	int ret = 1;

	while (count < most && ret) {
		/* This copies, so it need not be released, and stays what it is. */
		ret = ringlog_read(follower->consumer, buffer, sizeof(buffer), &view, NULL);
		if (ret == 1) {
			printf("%s: %.*s\n", follower->stream, (int)view.content.value_len,
			       (const char *)view.content.value);
			count++;
		} else if (ret == -EPIPE) {
			warnx("%s: records were lost", follower->stream);
		} else if (!ret) {
			/* 1: a record came in between, and nobody would wake us for it. */
			ret = ringlog_consumer_arm(follower->consumer);
		}
		if (ret != -EPIPE)
			check(follower, ret);
	}
	return count;
}

int main(int argc, char **argv)
{
	struct follower *followers = calloc(argc, sizeof(*followers));
	unsigned long count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct epoll_event event;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (!count)
		errx(2, "usage: epoll COUNT STREAM...");
	setlinebuf(stdout);
	if (!followers || epoll < 0)
		err(1, "epoll");
	for (int i = 2; i < argc; i++) {
		followers[i].stream = argv[i];
		follow(&followers[i], epoll);
	}
	printf("ready\n");
	while (count) {
		if (epoll_wait(epoll, &event, 1, -1) == 1)
			count -= drain(event.data.ptr, count);
	}
	for (int i = 2; i < argc; i++)
		ringlog_consumer_close(followers[i].consumer);
	free(followers);
	return 0;
}
