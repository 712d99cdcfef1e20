// SPDX-License-Identifier: GPL-2.0-only
/*
 * consumer [STREAM [COUNT]]
 *
 * Counts the words of each record of a stream, from the oldest on, where it lies: no copy
 * is made, and no system call while there are records. Ends after COUNT records.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <ringlog.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int count_words(const char *text, size_t bytes)
{
	unsigned int words = 0;
	bool inside = false;

	for (size_t i = 0; i < bytes; i++) {
		bool space = isspace((unsigned char)text[i]);

		words += !space && !inside;
		inside = !space;
	}
	return words;
}

/* Returns whether there was a record. */
static bool consume(struct ringlog_consumer *consumer)
{
	struct ringlog_place place;
	struct ringlog_peek peek;
	unsigned int words;
	int ret;

	ret = ringlog_peek(consumer, &peek);
	if (!ret)
		ret = ringlog_consumer_wait(consumer, NULL);
	if (ret == 1) {
		/* This is the ring itself, and nobody waits for us to have read it ... */
		words = count_words(peek.value, peek.value_len);
		ringlog_consumer_place(consumer, peek.partition, &place);
		/* ... so what we made of it counts only if it was not overwritten meanwhile. */
		ret = ringlog_release(consumer);
		if (!ret) {
			printf("partition %u offset %llu: %u words\n", peek.partition,
			       place.offset, words);
			return true;
		}
	}
	/* The stream keeps its newest records only: we were too slow for some. */
	if (ret == -EPIPE)
		warnx("records were lost");
	else if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return false;
}

int main(int argc, char **argv)
{
	const char *stream = argc > 1 ? argv[1] : "default";
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : ~0UL;
	struct ringlog_consumer *consumer;
	int ret;

	setlinebuf(stdout);
	ret = ringlog_consumer_open(&consumer, stream, 0);
	if (ret)
		errx(1, "%s: %s", stream, strerror(-ret));
	/* NULL: from the oldest record on. All memory that is ever needed is taken here. */
	ret = ringlog_consumer_attach(consumer, RINGLOG_PARTITION_ALL, NULL);
	if (ret)
		errx(1, "%s: %s", stream, strerror(-ret));
	while (count)
		count -= consume(consumer);
	ringlog_consumer_close(consumer);
	return 0;
}
