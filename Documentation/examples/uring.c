// SPDX-License-Identifier: GPL-2.0-only
/*
 * uring [STREAM [COUNT]]
 *
 * Reads a stream through io_uring, many records at a time, and prints them. No thread waits
 * for them: the kernel completes the read when there is a record. Ends after COUNT records.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <liburing.h>
#include <ringlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char buffer[256 << 10];

/* In batch mode a read gives whole records as they lie in the ring, with keys and offsets. */
static int open_batch(const char *stream)
{
	struct ringlog_attach attach = {
		.partition = RINGLOG_PARTITION_ALL,
		.flags = RINGLOG_ATTACH_BATCH,
		.start = RINGLOG_START_OLDEST,
	};
	int fd = ringlog_open(stream, O_RDONLY);

	if (fd < 0)
		errx(1, "%s: %s", stream, strerror(-fd));
	if (ioctl(fd, RINGLOG_IOC_ATTACH, &attach))
		err(1, "%s", stream);
	return fd;
}

/* Returns how many records there were. */
static unsigned long print_batch(size_t bytes)
{
	struct ringlog_records records;
	struct ringlog_view view;
	struct ringlog_runs runs;
	unsigned long count = 0;

	ringlog_runs_init(&runs, buffer, bytes);
	while (ringlog_next_run(&runs, &records) == 1) {
		/* The stream keeps its newest records only, and what we missed it counts. */
		if (records.lost)
			warnx("%llu records were lost", records.lost);
		while (ringlog_next_record(&records, &view) == 1) {
			printf("partition %u offset %llu: %.*s\n", records.partition, view.offset,
			       (int)view.content.value_len, (const char *)view.content.value);
			count++;
		}
	}
	return count;
}

static int read_by(struct io_uring *uring, int fd)
{
	struct io_uring_cqe *cqe;
	int ret;

	/* -1: a stream has no file position. */
	io_uring_prep_read(io_uring_get_sqe(uring), fd, buffer, sizeof(buffer), -1);
	ret = io_uring_submit_and_wait(uring, 1);
	if (ret < 0)
		return ret;
	ret = io_uring_wait_cqe(uring, &cqe);
	if (ret)
		return ret;
	ret = cqe->res;
	io_uring_cqe_seen(uring, cqe);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : ~0UL, got;
	int fd = open_batch(argc > 1 ? argv[1] : "default"), bytes;
	struct io_uring uring;

	setlinebuf(stdout);
	if (io_uring_queue_init(8, &uring, 0))
		errx(1, "no io_uring");
	while (count) {
		bytes = read_by(&uring, fd);
		if (bytes < 0)
			errx(1, "read: %s", strerror(-bytes));
		got = print_batch(bytes);
		count -= got < count ? got : count;
	}
	io_uring_queue_exit(&uring);
	close(fd);
	return 0;
}
