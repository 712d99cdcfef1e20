// SPDX-License-Identifier: GPL-2.0-only
/*
 * streams-many COUNT [PERCENT]
 *
 * So many streams at once, of which each works. With PERCENT, making the last
 * ones takes at most that much of what making the first ones takes: for a clock
 * that counts instructions, as others tell too little.
 */
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

#define SAMPLE		256
#define SAMPLES_MAX	64

static unsigned int wanted, percent;

static const char *name_of(unsigned int number)
{
	static char name[RINGLOG_NAME_MAX + 1];

	snprintf(name, sizeof(name), "stream-%u", number);
	return name;
}

/* Every one is made before one is asked for, so that nothing but making is measured. */
static uint64_t make_one(unsigned int number, struct ringlog_ctl *handle)
{
	struct ringlog_ctl_config config = stream_config(name_of(number));
	uint64_t since = now_ns(CLOCK_MONOTONIC);
	int ret = ringlog_ctl_stream_new(handle, &config, NULL);
	uint64_t ns = now_ns(CLOCK_MONOTONIC) - since;

	if (ret)
		test_fail(__FILE__, __LINE__, "stream %u: %s", number, ringlog_ctl_error(handle));
	return ns;
}

static void make_all(void)
{
	unsigned int i, samples = wanted / SAMPLE;
	static uint64_t sums[SAMPLES_MAX];

	CHECK(samples && samples <= SAMPLES_MAX);
	/* What is allocated for the first one of all and stays. */
	make_one(~0U, ctl());
	stream_delete(name_of(~0U));
	for (i = 0; i < wanted; i++)
		sums[i / SAMPLE] += make_one(i, ctl());
	for (i = 0; i < samples; i++)
		dprintf(STDOUT_FILENO, "# streams %u to %u: %llu ns each\n", i * SAMPLE,
			(i + 1) * SAMPLE - 1, (unsigned long long)sums[i] / SAMPLE);
	if (percent)
		CHECK_LE(100 * sums[samples - 1], percent * sums[0]);
}

/* Many are open at the same time. */
static void use_all(void)
{
	static int fds[SAMPLE];
	unsigned int i, j;

	for (i = 0; i < wanted; i += SAMPLE) {
		for (j = 0; j < SAMPLE; j++) {
			fds[j] = stream_open(name_of(i + j), O_RDWR | O_NONBLOCK);
			write_number(fds[j], i + j);
		}
		for (j = 0; j < SAMPLE; j++) {
			CHECK_EQ(read_number(fds[j]), i + j);
			no_more(fds[j]);
			CHECK_OK(close(fds[j]));
		}
	}
}

static unsigned char *listed;

static int list_one(const struct ringlog_ctl_stream *stream, void *data)
{
	unsigned int number;

	(void)data;
	if (!strcmp(stream->name, "default"))
		return 0;
	number = strtoul(stream->name + strlen("stream-"), NULL, 10);
	CHECK(number < wanted && !listed[number]);
	CHECK_EQ(strcmp(stream->name, name_of(number)), 0);
	CHECK_EQ(stream->retained, 1);
	listed[number] = 1;
	return 0;
}

/* Each once, though they are more than a message holds. */
static void list_all(void)
{
	unsigned int i;

	listed = calloc(wanted, 1);
	CHECK(listed);
	CHECK_EQ(ringlog_ctl_streams_list(ctl(), list_one, NULL), 0);
	for (i = 0; i < wanted; i++)
		CHECK(listed[i]);
}

static void test_many(void)
{
	unsigned int i;

	make_all();
	CHECK_EQ(streams_count(), wanted + 1);
	use_all();
	list_all();
	for (i = 0; i < wanted; i++)
		stream_delete(name_of(i));
	CHECK_EQ(streams_count(), 1);
	CHECK_ERR(access(STREAMS, F_OK), ENOENT);
}

static const struct test tests[] = {
	{ "many streams", test_many },
};

int main(int argc, char **argv)
{
	wanted = argc > 1 ? atoi(argv[1]) : 0;
	percent = argc > 2 ? atoi(argv[2]) : 0;
	if (wanted < 2 * SAMPLE || wanted % SAMPLE || argc > 3) {
		fprintf(stderr, "usage: streams-many COUNT [PERCENT], COUNT 512, 768, 1024 ...\n");
		return 2;
	}
	return test_main(1, argv, tests, 1);
}
