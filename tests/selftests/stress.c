// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress MODE PRODUCERS CONSUMERS RECORDS
 *
 * Producers and consumers, each a process. Every record tells who made it, its
 * place among those that its producer put into its partition, and whether it is
 * whole.
 *
 * exact	every record once and in order, at every consumer: a stream that
 *		blocks, whose consumers are gates
 * holes	records are missing only where a loss was told
 * kill		as exact, while producers and further consumers are killed again
 *		and again, until there are about so many records: what a
 *		producer was told is in is there
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "device.h"
#include "payload.h"
#include "proc.h"
#include "test.h"

#define SLOTS		64	/* producers, with those that took over */
#define BATCH_MAX	3
#define VICTIMS		2
#define KILLS		20

static struct {
	bool gates, kills;
	unsigned int producers, consumers, records;
} plan;

struct shared {
	int ready, stop, progress;
	/* What each producer was told is in the partition. */
	uint64_t told[SLOTS][PARTITIONS_MAX];
};

static struct shared *shared;

/* --- producers */

struct producer {
	unsigned int slot;
	uint64_t state, next[PARTITIONS_MAX];
	int fds[PARTITIONS_MAX];
};

static size_t next_payload(struct producer *producer, unsigned int partition,
			   unsigned int ahead, struct payload *payload)
{
	size_t length = sizeof(*payload) + random_next(&producer->state) % 400;

	*payload = (struct payload){
		.producer = producer->slot,
		.partition = partition,
		.sequence = producer->next[partition] + ahead,
		.seed = random_next(&producer->state),
	};
	return payload_make(payload, length);
}

static void count_told(struct producer *producer, unsigned int partition,
		       unsigned int records)
{
	producer->next[partition] += records;
	__atomic_store_n(&shared->told[producer->slot][partition],
			 producer->next[partition], __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&shared->progress, records, __ATOMIC_SEQ_CST);
}

static void produce_write(struct producer *producer, unsigned int partition)
{
	static uint64_t buffer[512];
	size_t length = next_payload(producer, partition, 0, (void *)buffer);

	CHECK_EQ(CHECK_OK(write(producer->fds[partition], buffer, length)),
		 length);
	count_told(producer, partition, 1);
}

static void produce_batch(struct producer *producer, unsigned int partition)
{
	static uint64_t buffer[512], batch[BATCH_MAX * 512];
	unsigned int i, records = 1 + random_next(&producer->state) % BATCH_MAX;
	size_t size = 0;

	for (i = 0; i < records; i++) {
		struct parts parts = {
			.flags = RINGLOG_RECORD_HAS_KEY,
			.key = "stress", .key_len = i,
			.value = buffer,
			.value_len = next_payload(producer, partition, i,
						  (void *)buffer),
		};

		size += record_put((char *)batch + size, &parts);
	}
	CHECK_EQ(dev_append(producer->fds[0], partition, batch, size).count,
		 records);
	count_told(producer, partition, records);
}

static void produce(void *argument)
{
	struct producer producer = {
		.slot = *(unsigned int *)argument,
		.state = *(unsigned int *)argument,
	};
	unsigned int i, p;

	for (p = 0; p < dev_partitions(); p++) {
		producer.fds[p] = dev_open(O_WRONLY);
		dev_attach(producer.fds[p], p, RINGLOG_ATTACH_WRITES, 0, 0);
	}
	for (i = 0; plan.kills ? !heard(&shared->stop) : i < plan.records; i++) {
		p = random_next(&producer.state) % dev_partitions();
		if (random_next(&producer.state) % 3)
			produce_write(&producer, p);
		else
			produce_batch(&producer, p);
	}
}

/* --- consumers */

struct consumer {
	int fd;
	bool victim, holes;
	unsigned int ended;
	uint64_t start[PARTITIONS_MAX], delivered[PARTITIONS_MAX];
	uint64_t lost[PARTITIONS_MAX], next[SLOTS][PARTITIONS_MAX];
	const struct ringlog_run *run;
};

static void take(struct consumer *consumer, const void *value, size_t length)
{
	static uint64_t copy[512];
	const struct payload *payload = (const void *)copy;
	uint64_t *next;

	CHECK_LE(length, sizeof(copy));
	memcpy(copy, value, length);
	payload_check(payload, length);
	CHECK(payload->partition < dev_partitions());
	consumer->delivered[payload->partition]++;
	if (payload->end) {
		consumer->ended++;
		return;
	}
	CHECK(payload->producer < SLOTS);
	next = &consumer->next[payload->producer][payload->partition];
	if (consumer->holes)
		CHECK_LE(*next, payload->sequence);
	else
		CHECK_EQ(payload->sequence, *next);
	*next = payload->sequence + 1;
}

static void take_record(const struct ringlog_run *run,
			const struct ringlog_record *record, void *argument)
{
	struct consumer *consumer = argument;
	unsigned int p = run->partition;

	if (run != consumer->run)
		consumer->lost[p] += run->lost;
	consumer->run = run;
	/* The offsets leave no hole but those that the run tells. */
	CHECK_EQ(record->offset, consumer->start[p] + consumer->delivered[p] +
		 consumer->lost[p]);
	take(consumer, record_value(record), record_value_len(record));
}

static void consume_batch(struct consumer *consumer)
{
	static unsigned char buffer[1 << 16] __attribute__((aligned(32)));

	consumer->run = NULL;
	walk_runs(buffer, CHECK_OK(read(consumer->fd, buffer, sizeof(buffer))),
		  take_record, consumer);
}

static void consume_plain(struct consumer *consumer)
{
	static unsigned char buffer[1 << 16];
	ssize_t got = read(consumer->fd, buffer, sizeof(buffer));

	if (got < 0) {
		CHECK_EQ(errno, EPIPE);
		CHECK(consumer->holes);
		return;
	}
	take(consumer, buffer, got);
}

static void check_accounts(struct consumer *consumer)
{
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++) {
		struct ringlog_info info = dev_info(consumer->fd, p);

		CHECK_EQ(info.lost + consumer->delivered[p],
			 info.next_offset - consumer->start[p]);
		if (!consumer->holes)
			CHECK_EQ(info.lost, 0);
	}
}

/* All that a producer was told is in came, and at most one call's more. */
static void check_told(struct consumer *consumer)
{
	unsigned int slot, p;

	for (slot = 0; !consumer->holes && slot < SLOTS; slot++)
		for (p = 0; p < dev_partitions(); p++) {
			CHECK_LE(shared->told[slot][p],
				 consumer->next[slot][p]);
			CHECK_LE(consumer->next[slot][p],
				 shared->told[slot][p] + BATCH_MAX);
		}
}

static void consume(void *argument)
{
	static struct consumer consumer;
	unsigned int p, batch = *(unsigned int *)argument % 2;

	consumer.fd = dev_open(O_RDWR);
	consumer.victim = *(unsigned int *)argument >= plan.consumers;
	consumer.holes = !plan.gates || consumer.victim;
	dev_attach(consumer.fd, ALL, (batch ? RINGLOG_ATTACH_BATCH : 0) |
		   (plan.gates ? RINGLOG_ATTACH_GATE : 0),
		   RINGLOG_START_NEWEST, 0);
	for (p = 0; p < dev_partitions(); p++)
		consumer.start[p] = dev_info(consumer.fd, p).cursor_offset;
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (consumer.ended < dev_partitions())
		if (batch)
			consume_batch(&consumer);
		else
			consume_plain(&consumer);
	check_accounts(&consumer);
	if (!consumer.victim)
		check_told(&consumer);
}

/* --- the whole */

static pid_t start(void (*run)(void *), unsigned int number)
{
	return spawn(run, &number);
}

static void append_ends(void)
{
	uint64_t buffer[64];
	struct payload *payload = (void *)buffer;
	int fd = dev_open(O_WRONLY);
	unsigned int p;

	for (p = 0; p < dev_partitions(); p++) {
		*payload = (struct payload){ .partition = p, .end = 1 };
		append_value(fd, p, buffer,
			     payload_make(payload, sizeof(*payload)));
	}
}

static void kill_one(pid_t *pid)
{
	CHECK_OK(kill(*pid, SIGKILL));
	reap_killed(*pid);
}

/*
 * A producer and a further consumer die at a time that is random enough, and
 * others take over.
 */
static void kill_again_and_again(pid_t *producers, pid_t *victims)
{
	unsigned int i, next = plan.producers;
	uint64_t state = 11;

	for (i = 0; i < KILLS; i++) {
		int until = heard(&shared->progress) +
			random_next(&state) % (2 * plan.records / KILLS);
		pid_t *producer = &producers[i % plan.producers];
		pid_t *victim = &victims[i % VICTIMS];

		while (heard(&shared->progress) < until)
			sched_yield();
		kill_one(producer);
		*producer = start(produce, next++);
		kill_one(victim);
		*victim = start(consume, plan.consumers + i);
	}
	CHECK_LE(next, SLOTS);
	say(&shared->stop, 1);
}

static void run_plan(void)
{
	pid_t producers[SLOTS] = {}, consumers[SLOTS] = {}, victims[VICTIMS] = {};
	unsigned int i;

	shared = shared_memory(sizeof(*shared));
	dev_partitions();
	for (i = 0; i < plan.consumers; i++)
		consumers[i] = start(consume, i);
	for (i = 0; plan.kills && i < VICTIMS; i++)
		victims[i] = start(consume, plan.consumers + i);
	wait_until(&shared->ready,
		   plan.consumers + (plan.kills ? VICTIMS : 0));
	for (i = 0; i < plan.producers; i++)
		producers[i] = start(produce, i);
	if (plan.kills)
		kill_again_and_again(producers, victims);
	for (i = 0; i < plan.producers; i++)
		reap(producers[i]);
	for (i = 0; plan.kills && i < VICTIMS; i++)
		kill_one(&victims[i]);
	append_ends();
	for (i = 0; i < plan.consumers; i++)
		reap(consumers[i]);
}

static bool set_plan(const char *mode, const char *producers,
		     const char *consumers, const char *records)
{
	plan.kills = !strcmp(mode, "kill");
	plan.gates = plan.kills || !strcmp(mode, "exact");
	plan.producers = atoi(producers);
	plan.consumers = atoi(consumers);
	plan.records = atoi(records);
	return (plan.gates || !strcmp(mode, "holes")) && plan.records >= KILLS &&
		plan.producers && plan.producers + KILLS < SLOTS &&
		plan.consumers && plan.consumers < SLOTS;
}

int main(int argc, char **argv)
{
	struct test test = { .run = run_plan };

	if (argc != 5 || !set_plan(argv[1], argv[2], argv[3], argv[4])) {
		fprintf(stderr, "usage: stress exact|holes|kill PRODUCERS CONSUMERS RECORDS\n");
		return 2;
	}
	test.name = argv[1];
	return test_main(1, argv, &test, 1);
}
