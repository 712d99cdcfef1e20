// SPDX-License-Identifier: GPL-2.0-only
/*
 * producer [STREAM]
 *
 * Appends each line of its input as a record, and prints where it went. What is before
 * a tab is the record's key: lines of one key stay in order, for they go to one partition.
 */
#define _GNU_SOURCE
#include <err.h>
#include <ringlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_line(struct ringlog_producer *producer, const char *line, size_t bytes)
{
	const char *tab = memchr(line, '\t', bytes);
	/* What is NULL is not there: such a record has no key, which is not an empty one. */
	struct ringlog_content content = { .value = line, .value_len = bytes };
	struct ringlog_sent sent;
	int ret;

	if (tab) {
		content.key = line;
		content.key_len = tab - line;
		content.value = tab + 1;
		content.value_len = bytes - content.key_len - 1;
	}
	/* One system call. When it returns 0, whoever reads the stream can see the record. */
	ret = ringlog_send(producer, RINGLOG_PARTITION_KEY, &content, &sent);
	if (ret)
		errx(1, "send: %s", strerror(-ret));
	printf("partition %u offset %llu\n", sent.partition, sent.offset);
}

int main(int argc, char **argv)
{
	/* "default" is /dev/stream; other streams are made by "ringlog stream add NAME". */
	const char *stream = argc > 1 ? argv[1] : "default";
	struct ringlog_producer *producer;
	char *line = NULL;
	size_t room = 0;
	ssize_t bytes;
	int ret;

	/* Whoever reads our output is to see each line at once. */
	setlinebuf(stdout);
	ret = ringlog_producer_open(&producer, stream, 0);
	if (ret)
		errx(1, "%s: %s", stream, strerror(-ret));
	while ((bytes = getline(&line, &room, stdin)) > 0)
		send_line(producer, line, bytes - (line[bytes - 1] == '\n'));
	free(line);
	/* Nothing is left to be flushed. */
	ringlog_producer_close(producer);
	return 0;
}
