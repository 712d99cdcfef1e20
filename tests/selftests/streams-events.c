// SPDX-License-Identifier: GPL-2.0-only
/* What happens to streams is told to those who listen, in its order. */
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#include "device.h"
#include "proc.h"
#include "streams.h"
#include "test.h"

static struct ringlog_ctl_events *subscribe(void)
{
	struct ringlog_ctl_events *events;

	CHECK_EQ(ringlog_ctl_subscribe(ctl(), &events), 0);
	return events;
}

static bool readable(const struct ringlog_ctl_events *events, int timeout)
{
	struct pollfd poll_fd = { .fd = ringlog_ctl_events_fd(events), .events = POLLIN };

	return CHECK_OK(poll(&poll_fd, 1, timeout));
}

static struct ringlog_ctl_event next(struct ringlog_ctl_events *events)
{
	struct ringlog_ctl_event event;
	int ret;

	while (!(ret = ringlog_ctl_next_event(events, &event)))
		if (!readable(events, SOON_MS))
			test_fail(__FILE__, __LINE__, "no event comes");
	CHECK_EQ(ret, 1);
	return event;
}

static void no_event(struct ringlog_ctl_events *events)
{
	struct ringlog_ctl_event event;

	CHECK_EQ(ringlog_ctl_next_event(events, &event), 0);
}

static void set_age(const char *name, uint64_t age)
{
	struct ringlog_ctl_config config = { .name = name, .has = RINGLOG_CTL_AGE, .age = age };

	CHECK_EQ(ringlog_ctl_stream_set(ctl(), &config, NULL), 0);
}

static void purge(const char *name)
{
	CHECK_EQ(ringlog_ctl_stream_purge(ctl(), name, 0, RINGLOG_CTL_ALL_PARTITIONS), 0);
}

static struct ringlog_ctl_stream expect(struct ringlog_ctl_events *events, unsigned int kind,
					const char *name)
{
	struct ringlog_ctl_event event = next(events);

	CHECK_EQ(event.kind, kind);
	if (strcmp(event.stream.name, name) != 0)
		test_fail(__FILE__, __LINE__, "an event of %s, not of %s", event.stream.name, name);
	return event.stream;
}

static void test_contents(void)
{
	struct ringlog_ctl_config config = stream_config("told");
	struct ringlog_ctl_events *events;
	struct ringlog_ctl_stream made, told;

	streams_clear();
	events = subscribe();
	config.has |= RINGLOG_CTL_UID | RINGLOG_CTL_GID | RINGLOG_CTL_MODE | RINGLOG_CTL_BUDGET |
		      RINGLOG_CTL_PARTITIONS | RINGLOG_CTL_POLICY;
	config.uid = 12;
	config.gid = 34;
	config.mode = 0640;
	config.budget = 5678;
	config.partitions = 2;
	config.policy = RINGLOG_POLICY_REJECT;
	made = stream_make_as(&config);
	told = expect(events, RINGLOG_CTL_EVENT_NEW, "told");
	/* The answer and the event are of moments at which nothing was different. */
	CHECK(!memcmp(&told, &made, sizeof(told)));
	CHECK_EQ(told.uid, 12);
	CHECK_EQ(told.gid, 34);
	CHECK_EQ(told.mode, 0640);
	CHECK_EQ(told.budget, 5678);

	set_age("told", 3600000000000);
	told = expect(events, RINGLOG_CTL_EVENT_SET, "told");
	CHECK(told.incarnation == made.incarnation);
	CHECK_EQ(told.age, 3600000000000);

	write_number(stream_open("told", O_WRONLY), 1);
	CHECK_EQ(stream_get("told").retained, 1);
	purge("told");
	told = expect(events, RINGLOG_CTL_EVENT_PURGE, "told");
	CHECK(told.incarnation == made.incarnation);
	CHECK_EQ(told.retained, 0);
	CHECK_EQ(told.counters.records, 1);

	stream_delete("told");
	told = expect(events, RINGLOG_CTL_EVENT_DELETE, "told");
	CHECK(told.incarnation == made.incarnation);
	CHECK_EQ(told.id, made.id);
	CHECK_EQ(told.partitions, 2);
	no_event(events);
}

static void test_order(void)
{
	struct ringlog_ctl_events *events;
	struct ringlog_ctl_stream first, second;
	int i;

	streams_clear();
	events = subscribe();
	for (i = 0; i < 20; i++) {
		first = stream_make("a");
		stream_make("b");
		set_age("a", RINGLOG_AGE_MIN + i);
		stream_delete("a");
		purge("b");
		second = stream_make("a");
		stream_delete("b");
		stream_delete("a");

		CHECK(expect(events, RINGLOG_CTL_EVENT_NEW, "a").incarnation ==
		      first.incarnation);
		expect(events, RINGLOG_CTL_EVENT_NEW, "b");
		CHECK_EQ(expect(events, RINGLOG_CTL_EVENT_SET, "a").age,
			 RINGLOG_AGE_MIN + i);
		CHECK(expect(events, RINGLOG_CTL_EVENT_DELETE, "a").incarnation ==
		      first.incarnation);
		expect(events, RINGLOG_CTL_EVENT_PURGE, "b");
		CHECK(expect(events, RINGLOG_CTL_EVENT_NEW, "a").incarnation ==
		      second.incarnation);
		expect(events, RINGLOG_CTL_EVENT_DELETE, "b");
		CHECK(expect(events, RINGLOG_CTL_EVENT_DELETE, "a").incarnation ==
		      second.incarnation);
	}
	no_event(events);
}

/* What is refused did not happen. */
static void test_refusals_are_no_events(void)
{
	struct ringlog_ctl_config config = stream_config("taken");
	struct ringlog_ctl_events *events;

	streams_clear();
	stream_make("taken");
	events = subscribe();
	stream_refused(&config, EEXIST);
	config = stream_config("a/b");
	stream_refused(&config, EINVAL);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "missing", 0), -ENOENT);
	CHECK_EQ(ringlog_ctl_stream_delete(ctl(), "default", 0), -EBUSY);
	CHECK_EQ(ringlog_ctl_stream_purge(ctl(), "taken", 0, 1), -EINVAL);
	no_event(events);
	purge("default");
	expect(events, RINGLOG_CTL_EVENT_PURGE, "default");
}

/* --- who makes the same streams at the same time sees one order */

#define RACERS	3
#define RACES	60

static void make_and_delete(void *argument)
{
	int i, ret, *made = argument;

	for (i = 0; i < RACES; i++) {
		struct ringlog_ctl_config config = stream_config(i % 2 ? "x" : "y");

		ret = ringlog_ctl_stream_new(ctl(), &config, NULL);
		CHECK(!ret || ret == -EEXIST);
		if (!ret)
			__atomic_fetch_add(made, 1, __ATOMIC_SEQ_CST);
		ret = ringlog_ctl_stream_delete(ctl(), config.name, 0);
		CHECK(!ret || ret == -ENOENT);
	}
}

/* Of each name, a life begins after the last one has ended. */
static void test_order_of_racers(void)
{
	struct ringlog_ctl_events *events;
	uint64_t lives[2] = {};
	pid_t pids[RACERS];
	int i, *made = shared_memory(sizeof(*made)), size = 8 << 20;

	streams_clear();
	events = subscribe();
	CHECK_OK(setsockopt(ringlog_ctl_events_fd(events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
			    sizeof(size)));
	for (i = 0; i < RACERS; i++)
		pids[i] = spawn(make_and_delete, made);
	for (i = 0; i < RACERS; i++)
		reap(pids[i]);
	streams_clear();
	while (readable(events, 0)) {
		struct ringlog_ctl_event event = next(events);
		uint64_t *life = &lives[event.stream.name[0] == 'x'];

		if (event.kind == RINGLOG_CTL_EVENT_NEW) {
			CHECK_EQ(*life, 0);
			*life = event.stream.incarnation;
			--*made;
		} else {
			CHECK_EQ(event.kind, RINGLOG_CTL_EVENT_DELETE);
			CHECK(*life == event.stream.incarnation);
			*life = 0;
		}
	}
	CHECK(!lives[0] && !lives[1]);
	/* Each that was made was told of. */
	CHECK_EQ(*made, 0);
}

/* --- losses */

struct losses {
	uint64_t lost, expired;
	int events;
};

static void take_losses(struct ringlog_ctl_events *events, struct losses *losses, int timeout)
{
	struct ringlog_ctl_event event;

	if (!readable(events, timeout))
		return;
	while (ringlog_ctl_next_event(events, &event) == 1) {
		if (event.kind != RINGLOG_CTL_EVENT_LOSS)
			continue;
		CHECK(!strcmp(event.loss.stream, "lossy"));
		CHECK(event.loss.lost);
		CHECK_LE(event.loss.expired, event.loss.lost);
		losses->lost += event.loss.lost;
		losses->expired += event.loss.expired;
		losses->events++;
	}
}

/* Until all that INFO knows of has been told, which takes no more than a second or so. */
static void take_all_losses(struct ringlog_ctl_events *events, struct losses *losses, int fd)
{
	int i;

	for (i = 0; i < SOON_MS / 10 && losses->lost < dev_info(fd, 0).lost_records; i++)
		take_losses(events, losses, 10);
	CHECK_EQ(losses->lost, dev_info(fd, 0).lost_records);
	CHECK_EQ(losses->expired, dev_info(fd, 0).expired_records);
}

static int make_lossy(void)
{
	streams_clear();
	stream_make("lossy");
	return stream_open("lossy", O_RDWR | O_NONBLOCK);
}

static void lose(int fd)
{
	char buffer[16384];

	lap(fd, 0);
	CHECK_ERR(read(fd, buffer, sizeof(buffer)), EPIPE);
	CHECK_OK(read(fd, buffer, sizeof(buffer)));
}

static void test_a_loss(void)
{
	int fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct losses losses = {};

	lose(fd);
	CHECK(dev_info(fd, 0).lost_records);
	CHECK_EQ(dev_info(fd, 0).lost_records, dev_info(fd, 0).lost);
	take_all_losses(events, &losses, fd);
	CHECK_EQ(losses.events, 1);
	CHECK_EQ(losses.expired, 0);
}

/*
 * However often somebody loses something: in so many seconds no more events than
 * that, and one. The kernel's seconds are of its ticks, of which some come late.
 */
static void check_pace(const struct losses *losses, uint64_t since)
{
	CHECK_LE(losses->events, 1 + (now_ns(CLOCK_MONOTONIC) - since + 500000000) / 1000000000);
}

static void test_at_most_one_a_second(void)
{
	int fd = make_lossy(), rounds = 0;
	struct ringlog_ctl_events *events = subscribe();
	uint64_t since = now_ns(CLOCK_MONOTONIC);
	struct losses losses = {};

	while (losses.events < 4) {
		lose(fd);
		rounds++;
		take_losses(events, &losses, 0);
		check_pace(&losses, since);
	}
	take_all_losses(events, &losses, fd);
	check_pace(&losses, since);
	dprintf(STDOUT_FILENO, "# %d losses, %d events\n", rounds, losses.events);
	/* They were worth holding back. */
	CHECK_LE(2 * losses.events, rounds);
}

static void lose_for_a_while(void *argument)
{
	int i, fd = stream_open("lossy", O_RDWR | O_NONBLOCK);
	char buffer[16384];
	ssize_t got;

	(void)argument;
	for (i = 0; i < 100; i++) {
		lap(fd, 0);
		do
			got = read(fd, buffer, sizeof(buffer));
		while (got > 0 || errno == EPIPE);
		CHECK_EQ(errno, EAGAIN);
	}
}

static void test_sums_of_many_readers(void)
{
	int i, fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct losses losses = {};
	pid_t pids[4];

	for (i = 0; i < 4; i++)
		pids[i] = spawn(lose_for_a_while, NULL);
	for (i = 0; i < 4; i++)
		reap(pids[i]);
	CHECK(dev_info(fd, 0).lost_records);
	take_all_losses(events, &losses, fd);
}

static void test_a_loss_in_a_batch(void)
{
	int fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct losses losses = {};
	static char buffer[16384] __attribute__((aligned(32)));
	const struct ringlog_run *run = (const void *)buffer;

	dev_attach(fd, 0, RINGLOG_ATTACH_BATCH, RINGLOG_START_NEWEST, 0);
	lap(fd, 0);
	CHECK_OK(read(fd, buffer, sizeof(buffer)));
	CHECK(run->lost);
	CHECK_EQ(run->lost, dev_info(fd, 0).lost_records);
	take_all_losses(events, &losses, fd);
}

/* It is counted when the reader is at a record again. */
static void count_the_loss(int fd)
{
	append_number(fd, 0, 77);
	CHECK_EQ(read_number(fd), 77);
}

/* Whatever was appended before. */
static void come_of_age(void)
{
	struct timespec end;

	CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &end));
	end.tv_nsec += RINGLOG_AGE_MIN + 1;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL), 0);
}

static void test_losses_by_age(void)
{
	int i, fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct losses losses = {};
	char byte[64];

	for (i = 0; i < 10; i++)
		append_number(fd, 0, i);
	set_age("lossy", RINGLOG_AGE_MIN);
	come_of_age();
	/* The last ones may not have been old enough when the age was set; they go now. */
	CHECK_EQ(dev_info(fd, 0).oldest_offset, dev_info(fd, 0).next_offset);
	CHECK_ERR(read(fd, byte, sizeof(byte)), EPIPE);
	set_age("lossy", 0);
	count_the_loss(fd);
	take_all_losses(events, &losses, fd);
	CHECK_EQ(losses.lost, 10);
	CHECK_EQ(losses.expired, 10);
}

static void test_losses_by_purge(void)
{
	int i, fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct losses losses = {};
	char byte[64];

	for (i = 0; i < 10; i++)
		append_number(fd, 0, i);
	purge("lossy");
	CHECK_ERR(read(fd, byte, sizeof(byte)), EPIPE);
	count_the_loss(fd);
	take_all_losses(events, &losses, fd);
	CHECK_EQ(losses.lost, 10);
	CHECK_EQ(losses.expired, 0);
}

/* What nobody heard of is in the sum that is told next. */
/* What was held back comes before the deletion, for the name may be another's after it. */
static void test_losses_before_the_end(void)
{
	int fd = make_lossy();
	struct ringlog_ctl_events *events = subscribe();
	struct ringlog_ctl_event event;
	uint64_t lost, told = 0;

	lose(fd);
	lose(fd);
	lose(fd);
	lost = dev_info(fd, 0).lost_records;
	stream_delete("lossy");
	while ((event = next(events)).kind == RINGLOG_CTL_EVENT_LOSS)
		told += event.loss.lost;
	CHECK_EQ(event.kind, RINGLOG_CTL_EVENT_DELETE);
	CHECK_EQ(told, lost);
	no_event(events);
}

static void test_losses_that_nobody_heard(void)
{
	int fd = make_lossy();
	struct ringlog_ctl_events *events;
	struct losses losses = {};

	lose(fd);
	lose(fd);
	events = subscribe();
	lose(fd);
	take_all_losses(events, &losses, fd);
}

/* --- listeners */

/* Numbers of the groups that the socket is in. */
static unsigned int group_of(int fd)
{
	unsigned int bits[64] = {}, i;
	socklen_t size = sizeof(bits);

	CHECK_OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, bits, &size));
	for (i = 0; i < 8 * sizeof(bits); i++)
		if (bits[i / 32] >> i % 32 & 1)
			return i + 1;
	test_fail(__FILE__, __LINE__, "the subscription is in no group");
}

static void test_unsubscribing(void)
{
	struct ringlog_ctl_events *leaves, *stays;
	unsigned int group;
	int fd;

	streams_clear();
	leaves = subscribe();
	stays = subscribe();
	fd = ringlog_ctl_events_fd(leaves);
	stream_make("before");
	expect(leaves, RINGLOG_CTL_EVENT_NEW, "before");
	expect(stays, RINGLOG_CTL_EVENT_NEW, "before");
	group = group_of(fd);
	CHECK_OK(setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof(group)));
	stream_make("after");
	/* What one was told of, the other would have been told of by now. */
	expect(stays, RINGLOG_CTL_EVENT_NEW, "after");
	no_event(leaves);
	ringlog_ctl_unsubscribe(leaves);
	stream_delete("after");
	expect(stays, RINGLOG_CTL_EVENT_DELETE, "after");
	CHECK_OK(setsockopt(ringlog_ctl_events_fd(stays), SOL_NETLINK, NETLINK_DROP_MEMBERSHIP,
			    &group, sizeof(group)));
	/* Now nobody listens. */
	stream_delete("before");
	no_event(stays);
}

static void test_overrun(void)
{
	struct ringlog_ctl_events *slow, *quick;
	struct ringlog_ctl_event event;
	int i, ret, size = 1, heard = 0, told = 0;

	streams_clear();
	slow = subscribe();
	quick = subscribe();
	CHECK_OK(setsockopt(ringlog_ctl_events_fd(slow), SOL_SOCKET, SO_RCVBUF, &size,
			    sizeof(size)));
	stream_make("noisy");
	expect(quick, RINGLOG_CTL_EVENT_NEW, "noisy");
	for (i = 1; i <= 200; i++) {
		set_age("noisy", RINGLOG_AGE_MIN + i);
		CHECK_EQ(expect(quick, RINGLOG_CTL_EVENT_SET, "noisy").age, RINGLOG_AGE_MIN + i);
	}
	while ((ret = ringlog_ctl_next_event(slow, &event))) {
		if (ret == 1) {
			heard++;
			continue;
		}
		CHECK_EQ(ret, -ENOBUFS);
		told++;
	}
	dprintf(STDOUT_FILENO, "# %d of 201 were heard\n", heard);
	CHECK_LE(1, told);
	CHECK_LE(heard, 200);
	/* And it goes on. */
	set_age("noisy", RINGLOG_AGE_MIN);
	CHECK_EQ(expect(slow, RINGLOG_CTL_EVENT_SET, "noisy").age, RINGLOG_AGE_MIN);
}

static const struct test tests[] = {
	{ "contents", test_contents },
	{ "order", test_order },
	{ "order of those who race", test_order_of_racers },
	{ "refusals are no events", test_refusals_are_no_events },
	{ "a loss", test_a_loss },
	{ "losses: at most one event a second", test_at_most_one_a_second },
	{ "losses: many readers", test_sums_of_many_readers },
	{ "losses: in a batch", test_a_loss_in_a_batch },
	{ "losses: by age", test_losses_by_age },
	{ "losses: by a purge", test_losses_by_purge },
	{ "losses: what is left comes before the end", test_losses_before_the_end },
	{ "losses that nobody heard of", test_losses_that_nobody_heard },
	{ "unsubscribing", test_unsubscribing },
	{ "an overrun listener", test_overrun },
};

TEST_MAIN(tests)
