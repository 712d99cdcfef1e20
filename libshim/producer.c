// SPDX-License-Identifier: LGPL-2.1-or-later
/* Producers. */
#include "ringlog.h"
#include "round.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ringlog_netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * struct ringlog_producer - a producer
 * @fd: of the stream
 * @partitions: of the stream
 * @max_record: of the stream
 * @by_key: its partitioner is %RINGLOG_PARTITIONER_KEY
 * @size: bytes of @buffer
 * @buffer: for one record of @max_record bytes, laid out
 */
struct ringlog_producer {
	int	fd;
	__u32	partitions;
	__u32	max_record;
	bool	by_key;
	size_t	size;
	char	buffer[];
};

static int make(struct ringlog_producer **producer, int fd)
{
	struct ringlog_producer *made;
	struct ringlog_info info;
	size_t size;
	int result = ringlog_info(fd, 0, &info);

	if (result)
		return result;
	size = round_up(sizeof(struct ringlog_record) + info.max_record, RINGLOG_ALIGN);
	made = malloc(sizeof(*made) + size);
	if (!made)
		return -ENOMEM;
	made->fd = fd;
	made->partitions = info.partitions;
	made->max_record = info.max_record;
	made->by_key = info.partitioner == RINGLOG_PARTITIONER_KEY;
	made->size = size;
	/* Its pages are to be there before anything is sent. */
	memset(made->buffer, 0, size);
	*producer = made;
	return 0;
}

int ringlog_producer_open(struct ringlog_producer **producer, const char *stream,
			  unsigned int flags)
{
	int fd, result;

	if (flags & ~RINGLOG_PRODUCER_NONBLOCK)
		return -EINVAL;
	fd = ringlog_open(stream, O_WRONLY | (flags ? O_NONBLOCK : 0));
	if (fd < 0)
		return fd;
	result = make(producer, fd);
	if (result)
		close(fd);
	return result;
}

void ringlog_producer_close(struct ringlog_producer *producer)
{
	if (!producer)
		return;
	close(producer->fd);
	free(producer);
}

int ringlog_producer_fd(const struct ringlog_producer *producer)
{
	return producer->fd;
}

__u32 ringlog_producer_partition(const struct ringlog_producer *producer, const void *key,
				 size_t key_len)
{
	return key ? ringlog_key_partition(key, key_len, producer->partitions) :
		     RINGLOG_PARTITION_TURN;
}

/* A number that the kernel knows. */
static __u32 choose(const struct ringlog_producer *producer, __u32 partition,
		    const struct ringlog_content *content)
{
	if (partition == RINGLOG_PARTITION_DEFAULT)
		partition = producer->by_key ? RINGLOG_PARTITION_KEY : RINGLOG_PARTITION_TURN;
	if (partition != RINGLOG_PARTITION_KEY)
		return partition;
	return ringlog_producer_partition(producer, content->key, content->key_len);
}

/* What write(2) makes such a record of; of no bytes it makes none. */
static bool is_plain(const struct ringlog_content *content)
{
	return !content->key && !content->key_len && !content->headers_len && content->value &&
	       content->value_len;
}

static int send_plain(const struct ringlog_producer *producer,
		      const struct ringlog_content *content)
{
	if (content->value_len > producer->max_record)
		return -EMSGSIZE;
	return write(producer->fd, content->value, content->value_len) < 0 ? -errno : 0;
}

int ringlog_send(struct ringlog_producer *producer, __u32 partition,
		 const struct ringlog_content *content, struct ringlog_sent *sent)
{
	struct ringlog_batch batch;
	__u32 appended_to;
	__u64 offset;
	int result;

	partition = choose(producer, partition, content);
	if (partition == RINGLOG_PARTITION_TURN && !sent && is_plain(content))
		return send_plain(producer, content);

	result = ringlog_batch_init(&batch, producer->buffer, producer->size) ?:
		 ringlog_batch_add(&batch, content);
	if (result)
		return result;
	result = ringlog_batch_append(&batch, producer->fd, partition, &appended_to, &offset);
	if (result < 0)
		return result;
	if (sent)
		*sent = (struct ringlog_sent) { .offset = offset, .partition = appended_to };
	return 0;
}
