// SPDX-License-Identifier: GPL-2.0-only
/* Records on their way into a stream. */
#include "appender.h"
#include "stop.h"

#include <errno.h>
#include <linux/ringlog_netlink.h>
#include <stdbool.h>
#include <stdlib.h>

/* The longer an append, the longer others wait for it; and beyond this little is gained. */
#define BATCH_BYTES	(64U << 10)

int appender_open(struct appender *appender, const char *stream, __u32 partition)
{
	size_t size;
	void *buffer;
	int result;

	*appender = (struct appender) { .partition = partition };
	result = ringlog_producer_open(&appender->producer, stream, 0);
	if (result)
		return result;
	result = ringlog_info(ringlog_producer_fd(appender->producer), 0, &appender->info);
	if (result)
		goto err_close;
	/* Part of a batch may fit where all of it does not, and what fits is to be sent. */
	appender->most = appender->info.policy == RINGLOG_POLICY_REJECT ? 1 : RINGLOG_BATCH_MAX;
	size = sizeof(struct ringlog_record) + appender->info.max_record;
	buffer = malloc(size);
	result = buffer ? ringlog_batch_init(&appender->batch, buffer, size) : -ENOMEM;
	if (!result)
		return 0;

err_close:
	ringlog_producer_close(appender->producer);
	return result;
}

void appender_close(struct appender *appender)
{
	free(appender->batch.buffer);
	ringlog_producer_close(appender->producer);
}

static size_t pad8(size_t bytes)
{
	return (bytes + 7) / 8 * 8;
}

size_t appender_length(const struct ringlog_content *content)
{
	return pad8(content->key_len) + pad8(content->headers_len) + content->value_len;
}

static __u32 destination(const struct appender *appender, const struct ringlog_content *content)
{
	if (appender->partition != RINGLOG_PARTITION_DEFAULT)
		return appender->partition;
	if (appender->info.partitions == 1)
		return 0;
	if (appender->info.partitioner != RINGLOG_PARTITIONER_KEY)
		return RINGLOG_PARTITION_TURN;
	return ringlog_producer_partition(appender->producer, content->key, content->key_len);
}

/* A signal that asks for nothing, as when the terminal is given back, is no reason to fail. */
static bool again(int result)
{
	return result == -EINTR && !stopped();
}

int appender_flush(struct appender *appender)
{
	int fd = ringlog_producer_fd(appender->producer), result;

	do {
		result = ringlog_batch_append(&appender->batch, fd, appender->destination, NULL,
					      NULL);
	} while (again(result));
	if (result < 0)
		return result;
	appender->appended += result;
	appender->bytes += appender->batch_bytes;
	appender->batch_bytes = 0;
	return 0;
}

static int send_alone(struct appender *appender, const struct ringlog_content *content)
{
	int result;

	do {
		result = ringlog_send(appender->producer, RINGLOG_PARTITION_TURN, content, NULL);
	} while (again(result));
	if (result)
		return result;
	appender->appended++;
	appender->bytes += content->value_len;
	return 0;
}

static bool joins(const struct appender *appender, const struct ringlog_content *content,
		  __u32 partition)
{
	size_t total = sizeof(struct ringlog_record) + appender_length(content);

	return !appender->batch.count ||
	       (appender->destination == partition && appender->batch.count < appender->most &&
		appender->batch.used + total <= BATCH_BYTES);
}

int appender_add(struct appender *appender, const struct ringlog_content *content)
{
	__u32 partition = destination(appender, content);
	int result;

	if (partition == RINGLOG_PARTITION_TURN || !joins(appender, content, partition)) {
		result = appender_flush(appender);
		if (result)
			return result;
	}
	if (partition == RINGLOG_PARTITION_TURN)
		return send_alone(appender, content);
	appender->destination = partition;
	result = ringlog_batch_add(&appender->batch, content);
	if (result == -ENOSPC)
		result = appender_flush(appender) ?: ringlog_batch_add(&appender->batch, content);
	if (result)
		return result;
	appender->batch_bytes += content->value_len;
	return 0;
}
