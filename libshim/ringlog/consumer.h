/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Consumers: the records of a stream, read where they lie.
 *
 * A consumer maps the partitions that it is attached to. While there are records,
 * looking at them takes no system call and no copy:
 *
 *	while ((ret = ringlog_peek(consumer, &peek)) == 1) {
 *		... use peek ...
 *		if (ringlog_release(consumer) < 0)
 *			... forget what was made of it: it was overwritten meanwhile ...
 *	}
 *	if (!ret)
 *		ret = ringlog_consumer_wait(consumer, NULL);
 *
 * Records are overwritten by those who append, whether or not somebody looks at them.
 * So what is seen of a record counts only once ringlog_release() has said that it was
 * good all the time, or ringlog_check() that it is good still: whoever acts on it
 * before must be able to take that back. ringlog_read() copies, and hands out only
 * what is good.
 *
 * Records that a consumer did not get to before they were retired are lost to it. It
 * is told so once, by -EPIPE, with the count in ringlog_place.lost; then it goes on
 * at the oldest record that there is, or further on, if that was overwritten too before
 * it was released, and again.
 */
#ifndef RINGLOG_CONSUMER_H
#define RINGLOG_CONSUMER_H

#include <ringlog/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct ringlog_consumer;

/* Flags of ringlog_consumer_open() */
/*
 * Writers wait for this consumer, on a stream of %RINGLOG_POLICY_BLOCK or _REJECT. The
 * file is opened for writing too, for who may stop the writers must be their equal.
 */
#define RINGLOG_CONSUMER_GATE	(1U << 0)

/**
 * ringlog_consumer_open - make a consumer, attached to nothing yet
 * @consumer: out; to be closed by ringlog_consumer_close()
 * @stream: as for ringlog_open()
 * @flags: RINGLOG_CONSUMER_*
 *
 * Return: 0; -EINVAL for an unknown flag; -ENOMEM; or as ringlog_open().
 */
int ringlog_consumer_open(struct ringlog_consumer **consumer, const char *stream,
			  unsigned int flags);

/**
 * ringlog_consumer_close - close a consumer, its file and its mappings
 * @consumer: may be NULL
 *
 * Not in a child of fork(2): it has no mappings, and something of its own may be where
 * they would be. It may close(2) ringlog_consumer_fd().
 */
void ringlog_consumer_close(struct ringlog_consumer *consumer);

/**
 * struct ringlog_start - where to begin to read
 * @from: RINGLOG_START_OLDEST, _NEWEST, _OFFSET, _MONOTONIC or _REALTIME
 * @value: offset or ns, as @from says; else zero
 * @incarnation: of the stream that an offset was saved from; zero: do not check
 */
struct ringlog_start {
	__u32	from;
	__u64	value;
	__u64	incarnation;
};

/**
 * ringlog_consumer_attach - read a partition, or all
 * @consumer: which
 * @partition: number, or %RINGLOG_PARTITION_ALL
 * @start: NULL for the oldest record
 *
 * Maps it. What is attached already is moved. All or nothing.
 *
 * Return: 0; -EINVAL: no such partition or start, or an offset for all at once;
 * -ERANGE: the offset is not retained; -ESTALE: another incarnation; -EPROTO: a window
 * that this library cannot read; or what mmap(2) or RINGLOG_IOC_ATTACH fails with, negated.
 */
int ringlog_consumer_attach(struct ringlog_consumer *consumer, __u32 partition,
			    const struct ringlog_start *start);

/**
 * ringlog_consumer_detach - read a partition no more, and unmap it
 * @consumer: which
 * @partition: number
 *
 * A record of it that is peeked at is let go of. The gates of the other partitions are
 * put up again: for a moment in between nothing holds writers there. What cannot be put up
 * again is detached too: ringlog_consumer_place() tells which.
 *
 * Return: 0; -EINVAL: it is not attached; or what RINGLOG_IOC_ATTACH fails with, negated:
 * it stays attached with the others, or is detached with those that could not stay.
 */
int ringlog_consumer_detach(struct ringlog_consumer *consumer, __u32 partition);

/**
 * ringlog_consumer_seek - go to another record
 * @consumer: which
 * @partition: number of an attached one, or %RINGLOG_PARTITION_ALL
 * @start: where to; NULL for the oldest record
 *
 * Done in the mapping, by its index: no system call, unless the consumer is a gate.
 * What is passed over is not lost. A record that is peeked at is let go of. What is too
 * old for the stream's age cannot be gone to.
 *
 * Return: 0; -ERANGE; -ESTALE; -EINVAL; -EAGAIN: overwritten while it was looked for,
 * again and again; -EBADMSG: damaged. It stays where it was, if it failed; but with
 * %RINGLOG_PARTITION_ALL a gate may have moved in some partitions by then.
 */
int ringlog_consumer_seek(struct ringlog_consumer *consumer, __u32 partition,
			  const struct ringlog_start *start);

/**
 * struct ringlog_peek - a record in the ring
 * @record: its header
 * @value: its value; with ringlog_record.flags & RINGLOG_RECORD_NULL_VALUE none
 * @value_len: bytes of @value
 * @partition: that it is in
 *
 * Points into the mapping, and stays good to follow until the consumer is detached
 * from the partition, whatever becomes of the record.
 */
struct ringlog_peek {
	const struct ringlog_record	*record;
	const void			*value;
	__u32				value_len;
	__u32				partition;
};

/**
 * ringlog_peek - look at the next record
 * @consumer: which
 * @peek: out
 *
 * Takes from the attached partitions in turn, in order within each, up to 64 KiB and a
 * record at a time from one of several. Does not wait. The same record again, until it is
 * released. A gate also tells here, once in a block of the ring, what it has released, if a
 * writer waits for it.
 *
 * Return: 1; 0: there is none; -EPIPE: records were lost, told once; -EBADMSG: the
 * partition's contents are damaged; -ENODEV: the stream is gone.
 */
int ringlog_peek(struct ringlog_consumer *consumer, struct ringlog_peek *peek);

/**
 * ringlog_peek_content - the parts of a record that is peeked at
 * @peek: from ringlog_peek()
 * @view: out: its parts lie in the ring
 *
 * Whatever is in the ring by now, the parts lie within the record as it was.
 *
 * Return: 0; -EPIPE: it was overwritten, or its header contradicts itself.
 */
int ringlog_peek_content(const struct ringlog_peek *peek, struct ringlog_view *view);

/**
 * ringlog_check - is what was peeked at good still
 * @consumer: which
 *
 * Return: 0: all that was read of it so far is what was appended; -EPIPE: it was
 * overwritten, and nothing of it counts; -EINVAL: nothing is peeked at.
 */
int ringlog_check(const struct ringlog_consumer *consumer);

/**
 * ringlog_release - done with what was peeked at; on to the next
 * @consumer: which
 *
 * Return: 0: all that was read of it is what was appended; -EPIPE: it was overwritten
 * in between, so nothing of it counts, and it is lost (this tells of the loss; the next
 * record is the oldest that there is then); -EINVAL: nothing is peeked at.
 */
int ringlog_release(struct ringlog_consumer *consumer);

/**
 * ringlog_read - copy the next record
 * @consumer: which
 * @buffer: where to; needs no alignment
 * @size: of it
 * @view: out: the record; its parts lie in @buffer
 * @partition: out, may be NULL: that it is from
 *
 * As ringlog_peek(), a copy and ringlog_release() in one. Does not wait.
 *
 * Return: 1; -EMSGSIZE: @size is less than ringlog_record.length, and the record
 * stays; else as ringlog_peek().
 */
int ringlog_read(struct ringlog_consumer *consumer, void *buffer, size_t size,
		 struct ringlog_view *view, __u32 *partition);

/* ringlog_patience.spin_ns: never sleep */
#define RINGLOG_SPIN_ALWAYS	(~(__u64)0)

/**
 * struct ringlog_patience - how to wait, and for what
 * @min_records: for so many records, over all attached partitions
 * @min_bytes: for so many bytes of ring, headers and padding counted
 * @spin_ns: spin for so long, in the mapping, before going to sleep in the kernel.
 *	Zero: sleep at once; %RINGLOG_SPIN_ALWAYS: never. A gate that waits for more than
 *	is there asks the kernel now and then, with no sleep, whether writers wait
 * @timeout_ns: for so long at most, the spinning counted; zero looks once;
 *	%RINGLOG_WAIT_FOREVER: for ever
 *
 * With both minima zero, for one record; with both set, for whichever is first.
 */
struct ringlog_patience {
	__u64	min_records;
	__u64	min_bytes;
	__u64	spin_ns;
	__u64	timeout_ns;
};

/**
 * ringlog_consumer_wait - wait for records
 * @consumer: which
 * @patience: NULL: sleep until there is a record
 *
 * Returns at once if there is enough, with no system call. A record that is peeked at
 * counts as there. Ends early when records were lost, and for a gate when a writer
 * waits.
 *
 * Return: 0; -ETIMEDOUT; -EINTR: a signal came while it slept; -ENODEV: the stream is
 * gone; -EINVAL: nothing is attached.
 */
int ringlog_consumer_wait(struct ringlog_consumer *consumer,
			  const struct ringlog_patience *patience);

/**
 * ringlog_consumer_fd - the consumer's open file, for poll(2) and its like
 * @consumer: which
 *
 * It stays the consumer's. Call ringlog_consumer_arm() before each sleep on it.
 *
 * Return: a descriptor.
 */
int ringlog_consumer_fd(const struct ringlog_consumer *consumer);

/**
 * ringlog_consumer_arm - about to sleep on the consumer's file
 * @consumer: which
 *
 * The file becomes readable with the next record. Until the next call it stays so,
 * whatever was read since: the kernel does not see that.
 *
 * Return: 1: there is a record, so do not sleep; 0: armed; -ENODEV: the stream is gone.
 */
int ringlog_consumer_arm(struct ringlog_consumer *consumer);

/**
 * struct ringlog_place - where a consumer is in a partition
 * @incarnation: of the stream; @offset is only good together with it
 * @offset: of the record that it reads next
 * @oldest: offset of the oldest record that may be read
 * @end: the offset that the next record will get; @end - @offset is the lag
 * @lost: records that it lost, those it was told of and the others
 * @expired: of those, how many age took or would have taken
 */
struct ringlog_place {
	__u64	incarnation;
	__u64	offset;
	__u64	oldest;
	__u64	end;
	__u64	lost;
	__u64	expired;
};

/**
 * ringlog_consumer_place - where the consumer is
 * @consumer: which
 * @partition: number of an attached one
 * @place: out
 *
 * No system call. A record that is peeked at has not been read yet.
 *
 * Return: 0; -EINVAL: it is not attached.
 */
int ringlog_consumer_place(const struct ringlog_consumer *consumer, __u32 partition,
			   struct ringlog_place *place);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RINGLOG_CONSUMER_H */
