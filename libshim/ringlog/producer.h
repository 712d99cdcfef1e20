/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Producers: records into a stream.
 */
#ifndef RINGLOG_PRODUCER_H
#define RINGLOG_PRODUCER_H

#include <ringlog/batch.h>
#include <ringlog/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct ringlog_producer;

/* Flags of ringlog_producer_open() */
/* what would wait for room gives -EAGAIN */
#define RINGLOG_PRODUCER_NONBLOCK	(1U << 0)

/*
 * Where to, beside a partition's number and %RINGLOG_PARTITION_TURN. By key: records
 * of one key go to one partition, the same that Kafka's default partitioner chooses
 * for that key and number of partitions; one without a key takes its turn.
 */
#define RINGLOG_PARTITION_KEY		0xfffffffeU
/* as the stream's partitioner says, when the producer was opened */
#define RINGLOG_PARTITION_DEFAULT	0xfffffffdU

/**
 * ringlog_producer_open - make a producer
 * @producer: out; to be closed by ringlog_producer_close()
 * @stream: as for ringlog_open()
 * @flags: RINGLOG_PRODUCER_*
 *
 * Return: 0; -EINVAL for an unknown flag; -ENOMEM; or as ringlog_open().
 */
int ringlog_producer_open(struct ringlog_producer **producer, const char *stream,
			  unsigned int flags);

/**
 * ringlog_producer_close - close a producer and its file
 * @producer: may be NULL. What was sent is in the stream
 */
void ringlog_producer_close(struct ringlog_producer *producer);

/**
 * ringlog_producer_fd - the producer's open file
 * @producer: which
 *
 * To poll for room, and for ringlog_batch_append(). It stays the producer's.
 *
 * Return: a descriptor.
 */
int ringlog_producer_fd(const struct ringlog_producer *producer);

/**
 * struct ringlog_sent - where a record went
 * @offset: its number in the partition
 * @partition: number
 */
struct ringlog_sent {
	__u64	offset;
	__u32	partition;
};

/**
 * ringlog_send - append one record
 * @producer: which
 * @partition: number, or one of RINGLOG_PARTITION_TURN, _KEY and _DEFAULT
 * @content: of the record
 * @sent: out, may be NULL: where it went
 *
 * One system call. On a stream that blocks it waits for room, unless the producer
 * is one that does not.
 *
 * Return: 0: it is in the stream, and everybody can read it; -EMSGSIZE: larger than
 * ringlog_info.max_record; or the errors of RINGLOG_IOC_APPEND, negated. When it
 * fails nothing was appended.
 */
int ringlog_send(struct ringlog_producer *producer, __u32 partition,
		 const struct ringlog_content *content, struct ringlog_sent *sent);

/**
 * ringlog_producer_partition - where ringlog_send() would send a key to
 * @producer: which
 * @key: or NULL
 * @key_len: bytes of it
 *
 * For those who batch: records of one batch go to one partition.
 *
 * Return: a partition by the key; %RINGLOG_PARTITION_TURN if there is no key.
 */
__u32 ringlog_producer_partition(const struct ringlog_producer *producer, const void *key,
				 size_t key_len);

/**
 * ringlog_key_partition - the partition that a key belongs to
 * @key: bytes
 * @key_len: of it
 * @partitions: of the stream, at least 1
 *
 * As Kafka's default partitioner: the 32-bit MurmurHash2 of the key with the seed
 * 0x9747b28c, its uppermost bit cleared, modulo the number of partitions.
 *
 * Return: the partition's number.
 */
__u32 ringlog_key_partition(const void *key, size_t key_len, __u32 partitions);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_PRODUCER_H */
