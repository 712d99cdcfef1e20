// SPDX-License-Identifier: GPL-2.0-only
/*
 * `batch_append` and `batch_read` as datagram sockets do them: 64 messages of
 * 64 bytes by one sendmmsg(2) and one recvmmsg(2), per message.
 */
#define _GNU_SOURCE
#include <err.h>
#include <sys/socket.h>

#include "bench.h"

#define RECORDS		64
#define BYTES		64
#define ROUNDS		256
#define WARM_UP		16

static struct mmsghdr messages[RECORDS];
static struct iovec vectors[RECORDS];

static void set_messages(char *data)
{
	unsigned int i;

	for (i = 0; i < RECORDS; i++) {
		vectors[i].iov_base = data + i * BYTES;
		vectors[i].iov_len = BYTES;
		messages[i] = (struct mmsghdr){
			.msg_hdr = { .msg_iov = &vectors[i], .msg_iovlen = 1 },
		};
	}
}

static void send_batch(int fd, struct series *series)
{
	uint64_t begin, end;
	int done;

	set_messages(bench_data);
	begin = clock_now();
	done = sendmmsg(fd, messages, RECORDS, 0);
	end = clock_now();
	if (done != RECORDS)
		err(1, "sendmmsg gave %d", done);
	if (series)
		series_add(series, end - begin);
}

static void receive_batch(int fd, struct series *series)
{
	uint64_t begin, end;
	int done;

	set_messages(bench_answer);
	begin = clock_now();
	done = recvmmsg(fd, messages, RECORDS, 0, NULL);
	end = clock_now();
	if (done != RECORDS)
		err(1, "recvmmsg gave %d", done);
	if (series)
		series_add(series, end - begin);
}

void case_batch_uds(void)
{
	struct series sends, receives;
	struct channel channel;
	unsigned int i;

	if (!channel_open(&channel, &system_uds, BYTES))
		return;
	series_init(&sends, ROUNDS);
	series_init(&receives, ROUNDS);
	for (i = 0; i < WARM_UP + ROUNDS; i++) {
		send_batch(channel.writer, i < WARM_UP ? NULL : &sends);
		receive_batch(channel.reader, i < WARM_UP ? NULL : &receives);
	}
	report("batch_append", BYTES, 1, "uds",
	       (series_mean(&sends) - bench_clock_cost) / RECORDS);
	report("batch_read", BYTES, 1, "uds",
	       (series_mean(&receives) - bench_clock_cost) / RECORDS);
	series_free(&sends);
	series_free(&receives);
	channel_close(&channel);
}
