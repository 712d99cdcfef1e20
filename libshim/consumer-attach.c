// SPDX-License-Identifier: LGPL-2.1-or-later
/* Making consumers, and which partitions they read from where. */
#include "consumer-parts.h"

#include <errno.h>
#include <stdlib.h>

#include "kernel.h"

static const struct ringlog_start oldest = { .from = RINGLOG_START_OLDEST };
static const struct ringlog_record no_record;

/**
 * ringlog_consumer_make - make a consumer of a stream that is open
 * @consumer: out
 * @fd: of the stream; the consumer's from now on. -1: none
 * @partitions: of the stream
 * @flags: RINGLOG_CONSUMER_*
 *
 * Return: 0 or -ENOMEM: then @fd is the caller's still.
 */
int ringlog_consumer_make(struct ringlog_consumer **consumer, int fd, __u32 partitions,
			  unsigned int flags)
{
	struct ringlog_consumer *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->readers = calloc(partitions, sizeof(*made->readers));
	made->attached = calloc(partitions, sizeof(struct ringlog_reader *));
	made->cursors = calloc(partitions, sizeof(*made->cursors));
	if (!made->readers || !made->attached || !made->cursors) {
		made->fd = -1;
		ringlog_consumer_close(made);
		return -ENOMEM;
	}
	made->fd = fd;
	made->partitions = partitions;
	made->gate = flags & RINGLOG_CONSUMER_GATE;
	/* An empty record that ends beyond the limit. */
	made->nobody.at = (const char *)&no_record;
	made->nobody.limit = made->nobody.at;
	made->nobody.next = made->nobody.at;
	made->current = &made->nobody;
	*consumer = made;
	return 0;
}

/**
 * ringlog_consumer_make_mapped - make a consumer of windows that are mapped, with no stream
 * @consumer: out: attached to all of them at their oldest records
 * @windows: which; they stay the caller's
 * @count: of them; the number of each is its place
 * @flags: RINGLOG_CONSUMER_*
 *
 * Return: 0, -ENOMEM, or as ringlog_consumer_seek().
 */
int ringlog_consumer_make_mapped(struct ringlog_consumer **consumer,
				 const struct ringlog_window *windows, __u32 count,
				 unsigned int flags)
{
	struct ringlog_consumer *made;
	int ret = ringlog_consumer_make(&made, -1, count, flags);
	__u32 i;

	for (i = 0; i < count && !ret; i++) {
		struct ringlog_reader *reader = &made->readers[i];

		reader->window = windows[i];
		reader->window.partition = i;
		reader->gate = made->gate;
		ret = ringlog_reader_find(reader, &oldest, &reader->sought,
					  &reader->sought_bearing);
		if (ret)
			ringlog_consumer_close(made);
		else
			ringlog_reader_init(reader, &reader->sought, reader->sought_bearing);
	}
	if (ret)
		return ret;
	ringlog_consumer_settle(made);
	*consumer = made;
	return 0;
}

static void unmap(const struct ringlog_consumer *consumer, struct ringlog_reader *reader)
{
	if (consumer->fd >= 0)
		ringlog_window_unmap(&reader->window);
	*reader = (struct ringlog_reader){ 0 };
}

void ringlog_consumer_close(struct ringlog_consumer *consumer)
{
	__u32 i;

	if (!consumer)
		return;
	for (i = 0; i < consumer->partitions; i++)
		unmap(consumer, &consumer->readers[i]);
	if (consumer->fd >= 0)
		ringlog_kernel_close(consumer->fd);
	free(consumer->cursors);
	free(consumer->attached);
	free(consumer->readers);
	free(consumer);
}

/**
 * ringlog_consumer_reader - the reader of a partition
 * @consumer: which
 * @partition: number
 *
 * Return: it, or NULL if the partition is not attached.
 */
struct ringlog_reader *ringlog_consumer_reader(const struct ringlog_consumer *consumer,
					       __u32 partition)
{
	if (partition >= consumer->partitions || !consumer->readers[partition].window.base)
		return NULL;
	return &consumer->readers[partition];
}

/* The readers that @partition names, from @first to before @end; -EINVAL: none. */
static int range_of(const struct ringlog_consumer *consumer, __u32 partition, __u32 *first,
		    __u32 *end)
{
	if (partition != RINGLOG_PARTITION_ALL && partition >= consumer->partitions)
		return -EINVAL;
	*first = partition == RINGLOG_PARTITION_ALL ? 0 : partition;
	*end = partition == RINGLOG_PARTITION_ALL ? consumer->partitions : partition + 1;
	return 0;
}

/* Map those of the range that are not mapped; they are told by having no place in it yet. */
static int map_range(struct ringlog_consumer *consumer, __u32 first, __u32 end)
{
	__u32 i;
	int ret = 0;

	for (i = first; i < end && !ret; i++)
		if (!consumer->readers[i].window.base)
			ret = ringlog_window_map(&consumer->readers[i].window, consumer->fd, i);
	return ret;
}

/* Those that were only mapped are unmapped again. */
static void unmap_new(struct ringlog_consumer *consumer, __u32 first, __u32 end)
{
	__u32 i;

	for (i = first; i < end; i++)
		if (consumer->readers[i].window.base && !consumer->readers[i].published)
			unmap(consumer, &consumer->readers[i]);
}

/* The kernel has attached a partition: begin to read it where it says. */
static int begin(struct ringlog_consumer *consumer, __u32 partition)
{
	struct ringlog_reader *reader = &consumer->readers[partition];
	struct ringlog_info info = { .partition = partition };
	struct ringlog_target target;
	int ret = ringlog_kernel_info(consumer->fd, &info);

	if (ret)
		return ret;
	target.position = info.cursor_position;
	target.offset = info.cursor_offset;
	reader->gate = consumer->gate;
	if (reader->published)
		ringlog_reader_move(reader, &target, RINGLOG_SETTLED);
	else
		ringlog_reader_init(reader, &target, RINGLOG_SETTLED);
	reader->reported_position = target.position;
	return 0;
}

/* RINGLOG_IOC_ATTACH; the first lets go of all that an open file begins with. */
static int attach_in_kernel(struct ringlog_consumer *consumer, __u32 partition, __u32 flags,
			    const struct ringlog_start *start)
{
	struct ringlog_attach attach = {
		.partition = partition,
		.flags = RINGLOG_ATTACH_MAPPED | flags,
		.start = start->from,
		.value = start->value,
		.incarnation = start->incarnation,
	};

	return ringlog_kernel_attach(consumer->fd, &attach);
}

/* ATTACH begins to count anew: what was lost before is told before. */
static void tell_losses(struct ringlog_consumer *consumer, __u32 first, __u32 end)
{
	__u32 i;

	for (i = first; i < end; i++) {
		struct ringlog_reader *reader = &consumer->readers[i];

		if (!reader->published)
			continue;
		if (reader->bearing == RINGLOG_LAPPED)
			ringlog_reader_count_lost(reader);
		if (reader->lost != reader->reported_lost)
			ringlog_consumer_tell(consumer, reader);
	}
}

/* RINGLOG_IOC_ATTACH of one that is attached already; where it is, it knows itself. */
static int attach_one_again(struct ringlog_consumer *consumer, const struct ringlog_reader *reader,
			    bool replace)
{
	__u32 flags = (consumer->gate ? RINGLOG_ATTACH_GATE : 0) |
		      (replace ? RINGLOG_ATTACH_REPLACE : 0);
	int ret;

	/* A signal is not to cost half of the partitions. */
	do
		ret = attach_in_kernel(consumer, reader->partition, flags, &oldest);
	while (ret == -EINTR);
	return ret;
}

/*
 * The kernel has no call to let go of one partition. So all are let go of but one, and the
 * others are attached again, at the oldest record, where a gate holds enough; then the
 * kernel is told where they are. If the first call fails, nothing has changed. After that
 * there is no way back: what cannot be attached again is not read any more either.
 */
static int attach_all_but(struct ringlog_consumer *consumer, struct ringlog_reader *leaving)
{
	bool replace = true;
	__u32 i;
	int ret = 0;

	tell_losses(consumer, 0, consumer->partitions);
	for (i = 0; i < consumer->attached_count; i++) {
		if (consumer->attached[i] == leaving)
			continue;
		ret = attach_one_again(consumer, consumer->attached[i], replace);
		if (ret)
			break;
		replace = false;
	}
	if (ret && replace)
		return ret;
	for (; i < consumer->attached_count; i++)
		unmap(consumer, consumer->attached[i]);
	if (leaving)
		unmap(consumer, leaving);
	ringlog_consumer_settle(consumer);
	for (i = 0; i < consumer->attached_count; i++)
		ringlog_consumer_tell(consumer, consumer->attached[i]);
	return ret;
}

int ringlog_consumer_attach(struct ringlog_consumer *consumer, __u32 partition,
			    const struct ringlog_start *start)
{
	__u32 flags = (consumer->gate ? RINGLOG_ATTACH_GATE : 0) |
		      (consumer->began ? 0 : RINGLOG_ATTACH_REPLACE);
	__u32 i, first, end;
	bool granted;
	int ret = range_of(consumer, partition, &first, &end);

	if (ret)
		return ret;
	ret = map_range(consumer, first, end);
	tell_losses(consumer, first, end);
	if (!ret)
		ret = attach_in_kernel(consumer, partition, flags, start ? start : &oldest);
	granted = !ret;
	for (i = first; i < end && !ret; i++)
		ret = begin(consumer, i);
	unmap_new(consumer, first, end);
	ringlog_consumer_settle(consumer);
	if (granted)
		consumer->began = consumer->attached_count;
	/* The kernel is to go by no more than what is read. */
	if (granted && ret && consumer->began)
		attach_all_but(consumer, NULL);
	return ret;
}

int ringlog_consumer_detach(struct ringlog_consumer *consumer, __u32 partition)
{
	struct ringlog_reader *reader = ringlog_consumer_reader(consumer, partition);
	int ret = 0;

	if (!reader)
		return -EINVAL;
	if (consumer->fd >= 0 && consumer->attached_count > 1)
		return attach_all_but(consumer, reader);
	/* There is no way to be attached to none; but nothing is held any more. */
	if (consumer->fd >= 0)
		ret = attach_in_kernel(consumer, partition, RINGLOG_ATTACH_REPLACE, &oldest);
	if (ret)
		return ret;
	unmap(consumer, reader);
	ringlog_consumer_settle(consumer);
	/* ... and what is attached next replaces it. */
	consumer->began = consumer->attached_count;
	return 0;
}

/* Where all of the range are to go; none moves. */
static int find_range(struct ringlog_consumer *consumer, const struct ringlog_start *start)
{
	__u32 i;
	int ret = 0;

	for (i = 0; i < consumer->attached_count && !ret; i++) {
		struct ringlog_reader *reader = consumer->attached[i];

		ret = ringlog_reader_find(reader, start, &reader->sought, &reader->sought_bearing);
	}
	return ret;
}

static int seek_all(struct ringlog_consumer *consumer, const struct ringlog_start *start)
{
	__u32 i;
	int ret;

	if (start->from == RINGLOG_START_OFFSET)
		return -EINVAL;
	ret = find_range(consumer, start);
	for (i = 0; i < consumer->attached_count && !ret; i++) {
		struct ringlog_reader *reader = consumer->attached[i];

		ringlog_reader_move(reader, &reader->sought, reader->sought_bearing);
	}
	return ret;
}

static int seek_one(struct ringlog_reader *reader, const struct ringlog_start *start)
{
	struct ringlog_target target;
	enum ringlog_bearing bearing;
	int ret = ringlog_reader_find(reader, start, &target, &bearing);

	if (!ret)
		ringlog_reader_move(reader, &target, bearing);
	return ret;
}

/* A gate moves under the partition's lock, so that nothing is overwritten on the way. */
static int seek_gates(struct ringlog_consumer *consumer, __u32 partition,
		      const struct ringlog_start *start)
{
	__u32 i;
	int ret = 0;

	if (partition != RINGLOG_PARTITION_ALL ||
	    consumer->attached_count == consumer->partitions)
		return ringlog_consumer_attach(consumer, partition, start);
	if (start->from == RINGLOG_START_OFFSET)
		return -EINVAL;
	ret = find_range(consumer, start);
	for (i = 0; i < consumer->attached_count && !ret; i++)
		ret = ringlog_consumer_attach(consumer, consumer->attached[i]->partition, start);
	return ret;
}

int ringlog_consumer_seek(struct ringlog_consumer *consumer, __u32 partition,
			  const struct ringlog_start *start)
{
	struct ringlog_reader *reader = ringlog_consumer_reader(consumer, partition);

	if (!reader && (partition != RINGLOG_PARTITION_ALL || !consumer->attached_count))
		return -EINVAL;
	if (!start)
		start = &oldest;
	if (consumer->gate && consumer->fd >= 0)
		return seek_gates(consumer, partition, start);
	return reader ? seek_one(reader, start) : seek_all(consumer, start);
}

int ringlog_consumer_place(const struct ringlog_consumer *consumer, __u32 partition,
			   struct ringlog_place *place)
{
	const struct ringlog_reader *reader = ringlog_consumer_reader(consumer, partition);

	if (!reader)
		return -EINVAL;
	ringlog_reader_place(reader, place);
	return 0;
}
