// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes that follow all partitions. They write down what arrives and
 * when; whether that is right is for the audit to say.
 */
#include "demo.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BATCH_BYTES	262144
/* Values taken from one partition before the others are looked at. */
#define VALUES_A_TURN	64

const struct reader_kind reader_kinds[READERS] = {
	{ .name = "batch", .title = "batch: blocking batch reads, gates", .gate = true },
	{ .name = "epoll", .title = "epoll: one value a read, gates", .gate = true, .plain = true },
	{ .name = "bystander", .title = "bystander: blocking batch reads, no gate" },
};

struct consumer {
	struct demo			*demo;
	struct reader_state		*state;
	const struct reader_kind	*kind;
	const struct ledger		*ledger;
	char				*buffer;
	size_t				size;
	__u64				expected[PARTITIONS_MAX];
	unsigned int			ended;		/* partitions of which the end was seen */
};

static int open_stream(const struct consumer *consumer)
{
	/* Who may hold writers up has to be allowed to write, too. */
	int flags = (consumer->kind->gate ? O_RDWR : O_RDONLY) |
		    (consumer->kind->plain ? O_NONBLOCK : 0) | O_CLOEXEC;
	int fd = open(consumer->demo->plan.device, flags);

	if (fd < 0)
		err(EXIT_FAILURE, "%s", consumer->demo->plan.device);
	return fd;
}

static void attach(const struct consumer *consumer, int fd, unsigned int partition, __u32 flags)
{
	const struct plan *plan = &consumer->demo->plan;
	struct ringlog_attach request = {
		.partition = partition,
		.flags = flags,
		.start = RINGLOG_START_OFFSET,
		.value = plan->first_offset[partition],
		.incarnation = plan->incarnation,
	};

	if (consumer->kind->gate && plan->policy == RINGLOG_POLICY_BLOCK)
		request.flags |= RINGLOG_ATTACH_GATE;
	if (ioctl(fd, RINGLOG_IOC_ATTACH, &request) < 0)
		err(EXIT_FAILURE, "attaching to partition %u", partition);
}

static struct ringlog_info info_of(int fd, unsigned int partition)
{
	struct ringlog_info info = { .partition = partition };

	if (ioctl(fd, RINGLOG_IOC_INFO, &info) < 0)
		err(EXIT_FAILURE, "information on partition %u", partition);
	return info;
}

static void tell_ready(int ready)
{
	if (write(ready, "", 1) != 1)
		err(EXIT_FAILURE, "cannot tell the parent");
	close(ready);
}

/* Only this process writes its counters; the parent shows them. */
static void add_to(_Atomic __u64 *counter, __u64 number)
{
	atomic_store_explicit(counter, *counter + number, memory_order_relaxed);
}

/* Write a record down. @now: when the read that brought it returned. */
static void take(struct consumer *consumer, unsigned int partition, __u64 offset,
		 const void *value, size_t length, __u64 now)
{
	const struct plan *plan = &consumer->demo->plan;
	struct reader_state *state = consumer->state;
	struct entry *entry;

	if (partition >= plan->partitions)
		errx(EXIT_FAILURE, "a record of partition %u, which does not exist", partition);
	if (offset < consumer->expected[partition]) {
		state->disorder++;
		return;
	}
	state->skipped += offset - consumer->expected[partition];
	consumer->expected[partition] = offset + 1;
	/* Set before the record that marks the end was appended, so it is seen with it. */
	if (offset == consumer->demo->shared->end_offset[partition]) {
		consumer->ended++;
		return;
	}
	entry = ledger_entry(consumer->ledger, partition, offset - plan->first_offset[partition]);
	if (!entry)
		errx(EXIT_FAILURE, "partition %u, offset %llu: beyond all that is sent",
		     partition, (unsigned long long)offset);
	*entry = (struct entry) { .time = now, .crc = checksum(value, length), .length = length };
	add_to(&state->records, 1);
	add_to(&state->bytes, length);
}

static void take_batch(struct consumer *consumer, size_t bytes, __u64 now)
{
	struct ringlog_runs runs;
	struct ringlog_records records;
	struct ringlog_view view;
	int more;

	ringlog_runs_init(&runs, consumer->buffer, bytes);
	while ((more = ringlog_next_run(&runs, &records)) > 0) {
		add_to(&consumer->state->lost, records.lost);
		while ((more = ringlog_next_record(&records, &view)) > 0)
			take(consumer, records.partition, view.offset, view.content.value,
			     view.content.value_len, now);
		if (more < 0)
			break;
	}
	if (more < 0)
		errx(EXIT_FAILURE, "a batch read gave what is no run");
}

static void follow_batches(struct consumer *consumer, int ready)
{
	unsigned int partitions = consumer->demo->plan.partitions;
	int fd = open_stream(consumer);

	for (unsigned int i = 0; i < partitions; i++)
		attach(consumer, fd, i, RINGLOG_ATTACH_BATCH);
	tell_ready(ready);
	while (consumer->ended < partitions) {
		ssize_t got = read(fd, consumer->buffer, consumer->size);

		if (got <= 0)
			err(EXIT_FAILURE, "read");
		take_batch(consumer, got, clock_now());
	}
	for (unsigned int i = 0; i < partitions; i++)
		consumer->state->lost_by_info += info_of(fd, i).lost;
	close(fd);
}

/*
 * A plain read gives the value alone. With an open file for each partition its
 * offset is known all the same: by counting, and from RINGLOG_IOC_INFO after
 * records were lost.
 */
struct plain_file {
	int	fd;
	bool	lapped;		/* the offset of the next record is not known */
	__u64	lost;		/* that was told so far */
};

static void note_loss(struct consumer *consumer, struct plain_file *file, unsigned int partition)
{
	struct ringlog_info info = info_of(file->fd, partition);

	add_to(&consumer->state->lost, info.lost - file->lost);
	file->lost = info.lost;
	file->lapped = true;
}

static __u64 offset_of_last(struct consumer *consumer, struct plain_file *file,
			    unsigned int partition)
{
	if (!file->lapped)
		return consumer->expected[partition];
	file->lapped = false;
	return info_of(file->fd, partition).cursor_offset - 1;
}

static void take_values(struct consumer *consumer, struct plain_file *file,
			unsigned int partition)
{
	for (int i = 0; i < VALUES_A_TURN; i++) {
		ssize_t got = read(file->fd, consumer->buffer, consumer->size);
		__u64 now = clock_now();

		if (got < 0 && errno == EAGAIN)
			return;
		if (got > 0)
			take(consumer, partition, offset_of_last(consumer, file, partition),
			     consumer->buffer, got, now);
		else if (got < 0 && errno == EPIPE)
			note_loss(consumer, file, partition);
		else
			err(EXIT_FAILURE, "read");
	}
}

static void follow_values(struct consumer *consumer, int ready)
{
	unsigned int partitions = consumer->demo->plan.partitions;
	struct plain_file files[PARTITIONS_MAX] = { 0 };
	struct epoll_event events[PARTITIONS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (unsigned int i = 0; i < partitions; i++) {
		struct epoll_event wanted = { .events = EPOLLIN, .data.u32 = i };

		files[i].fd = open_stream(consumer);
		attach(consumer, files[i].fd, i, RINGLOG_ATTACH_REPLACE);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, files[i].fd, &wanted) < 0)
			err(EXIT_FAILURE, "epoll");
	}
	tell_ready(ready);
	while (consumer->ended < partitions) {
		int found = epoll_wait(epoll, events, partitions, -1);

		if (found < 0)
			err(EXIT_FAILURE, "epoll");
		for (int i = 0; i < found; i++)
			take_values(consumer, &files[events[i].data.u32], events[i].data.u32);
	}
	for (unsigned int i = 0; i < partitions; i++) {
		consumer->state->lost_by_info += info_of(files[i].fd, i).lost;
		close(files[i].fd);
	}
	close(epoll);
}

int reader_main(struct demo *demo, unsigned int index, int ready)
{
	size_t least = sizeof(struct ringlog_run) + sizeof(struct ringlog_record) +
		       demo->plan.max_record + RINGLOG_ALIGN;
	struct consumer consumer = {
		.demo = demo,
		.state = &demo->shared->readers[index],
		.kind = &reader_kinds[index],
		.ledger = &demo->received[index],
		.size = least > BATCH_BYTES ? least : BATCH_BYTES,
	};

	consumer.buffer = malloc(consumer.size);
	if (!consumer.buffer)
		err(EXIT_FAILURE, "memory to read into");
	memset(consumer.buffer, 0, consumer.size);
	memcpy(consumer.expected, demo->plan.first_offset, sizeof(consumer.expected));
	ledger_prefault(consumer.ledger);
	if (consumer.kind->plain)
		follow_values(&consumer, ready);
	else
		follow_batches(&consumer, ready);
	free(consumer.buffer);
	return EXIT_SUCCESS;
}
