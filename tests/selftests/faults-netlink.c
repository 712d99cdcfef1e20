// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults-netlink MODULE [NAME]...: allocations that fail while the control plane
 * is asked for something, one after the other, alone and with all that follow.
 *
 * An answer says the truth: what failed changed nothing, and what was done is
 * done whole. Where no answer comes for want of memory, which the kernel says by
 * an errno of the socket, it is one or the other.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "inject.h"
#include "module.h"
#include "netlink.h"
#include "test.h"

/* No call makes so many: it never ends otherwise. */
#define FAULTS_AT_MOST	20000
#define RECEIVES_AT_MOST	1000

/* A list of so many needs several parts. */
#define STREAMS		30
#define PARTITIONS	3
#define RECORDS		5
#define AGE		3600000000000ULL
/* Of each ring: 16 pages of data, one of index, two more, their list, their mapping. */
#define OWN_PER_RING	21

/* All that the streams of a test may take: with one that is left over another has no room. */
#define LIMITS		"ring_bytes=64K streams_limit=2 uid_memory_limit="

/*
 * The driver core says nothing if it has no memory for the name of a node that
 * is to be made or removed. So small an allocation never fails but here, where
 * it can in several ways: itself, and the pages that its cache asks for.
 */
#define NODES_MISSED	4

/* --- the call -------------------------------------------------------------------------- */

static struct netlink asker, control, listener;
static struct request request;

/**
 * struct outcome - of a request
 * @send_error: it was not sent
 * @lost: an answer may have been there and was not received
 * @answered: there is an answer
 * @answer: it
 * @replies: other messages
 */
static struct outcome {
	int send_error;
	int lost;
	bool answered;
	struct answer answer;
	unsigned int replies;
} outcome;

static char part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

static void take_part(ssize_t left)
{
	const struct nlmsghdr *message;

	for (message = (void *)part; NLMSG_OK(message, left);
	     message = NLMSG_NEXT(message, left)) {
		CHECK_EQ(message->nlmsg_seq, request.header.nlmsg_seq);
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
			outcome.answered = true;
			outcome.answer = answer_read(message, &request.header);
		} else {
			outcome.replies++;
		}
	}
}

/* All answers are there when it is sent. */
static long call_ask(void)
{
	ssize_t bytes;
	int i;

	bytes = send(asker.fd, &request, request.header.nlmsg_len, 0);
	if (bytes < 0) {
		outcome.send_error = errno;
		return -1;
	}
	for (i = 0; i < RECEIVES_AT_MOST; i++) {
		bytes = recv(asker.fd, part, sizeof(part), MSG_DONTWAIT);
		if (bytes < 0 && errno == EAGAIN)
			return 0;
		if (bytes < 0)
			outcome.lost = errno;
		else
			take_part(bytes);
	}
	test_fail(__FILE__, __LINE__, "it never ends");
}

/* --- what is there --------------------------------------------------------------------- */

static struct listed streams[STREAMS + 2];

static const struct listed *find_listed(const char *name)
{
	unsigned int i, count = list_streams(&control, streams, STREAMS + 2);

	for (i = 0; i < count; i++)
		if (!strcmp(streams[i].name, name))
			return &streams[i];
	return NULL;
}

static bool has_node(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), NODES "/%s", name);
	return !access(path, F_OK);
}

static unsigned int nodes_missed;

static void remove_stale_node(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), NODES "/%s", name);
	CHECK_OK(unlink(path));
	nodes_missed++;
}

static void remove_if_there(const char *name)
{
	if (find_listed(name))
		delete_stream(&control, name);
	CHECK(!has_node(name));
}

/* --- one operation --------------------------------------------------------------------- */

/**
 * struct operation - something asked for
 * @name: for the report
 * @prepare: what has to be there, and the request
 * @check: what is there now; @may_be, @must_be: it was done
 * @finish: takes away what @prepare made, and what was done
 * @own: so many allocations at least fail it with an answer that says so
 */
struct operation {
	const char *name;
	void (*prepare)(void);
	void (*check)(bool must_be, bool may_be);
	void (*finish)(void);
	unsigned int own;
};

struct tally {
	unsigned int met, refused, unsent, lost, done;
};

static void count(struct tally *tally, const struct operation *operation, unsigned int n)
{
	if (outcome.send_error) {
		CHECK(outcome.send_error == ENOBUFS || outcome.send_error == ENOMEM ||
		      outcome.send_error == EFAULT);
		tally->unsent++;
	} else if (outcome.answered && outcome.answer.error) {
		/* Netlink's own say ENOBUFS, and those before the module is asked no word. */
		if (outcome.answer.error != ENOMEM && outcome.answer.error != ENOBUFS)
			test_fail(__FILE__, __LINE__, "%s: allocation %u: %s (%s)",
				  operation->name, n, strerror(outcome.answer.error),
				  outcome.answer.words);
		tally->refused++;
	} else if (outcome.answered) {
		tally->done++;
	} else {
		CHECK(outcome.lost == ENOBUFS || outcome.lost == EFAULT);
		tally->lost++;
	}
}

static bool try_once(const struct operation *operation, unsigned int n, enum inject_mode mode,
		     struct tally *tally)
{
	struct injected injected;
	bool refused, done;

	netlink_open_like(&asker, &control);
	operation->prepare();
	request.header.nlmsg_seq = ++asker.sequence;
	memset(&outcome, 0, sizeof(outcome));
	injected = inject(n, mode, call_ask);
	tally->met += injected.met;
	count(tally, operation, n);
	refused = outcome.send_error || (outcome.answered && outcome.answer.error);
	done = outcome.answered && !outcome.answer.error;
	if (!injected.met)
		CHECK(done);
	/* The socket's end ends what is left of a list. */
	netlink_close(&asker);
	operation->check(done, !refused);
	operation->finish();
	return injected.met;
}

static void go_through(const struct operation *operation, enum inject_mode mode)
{
	struct tally tally = {};
	unsigned int n = 1;

	nodes_missed = 0;
	while (try_once(operation, n, mode, &tally))
		CHECK_LE(++n, FAULTS_AT_MOST);
	printf("# %s, %s: %u met, %u refused, %u not sent, %u not answered, %u done, %u nodes\n",
	       operation->name, mode == INJECT_ONE ? "one fails" : "and the rest", tally.met,
	       tally.refused, tally.unsent, tally.lost, tally.done, nodes_missed);
	fflush(stdout);
	/* With all that follow not even the answer can be made. */
	CHECK_LE(operation->own, mode == INJECT_ONE ? tally.refused :
						      tally.refused + tally.lost);
	CHECK_LE(nodes_missed, NODES_MISSED);
}

static void run(const char *parameters, const struct operation *operation)
{
	module_load(parameters);
	netlink_open(&control);
	go_through(operation, INJECT_ONE);
	go_through(operation, INJECT_REST);
	netlink_close(&control);
	module_unload();
}

/* --- new ------------------------------------------------------------------------------- */

static void put_first_offset(unsigned int partition, uint64_t offset)
{
	struct nlattr *nest = request_begin_nest(&request, RINGLOG_A_STREAM_FIRST_OFFSET);

	request_put_u32(&request, RINGLOG_A_FIRST_OFFSET_PARTITION, partition);
	request_put_u64(&request, RINGLOG_A_FIRST_OFFSET_OFFSET, offset);
	request_end_nest(&request, nest);
}

static void begin(int command)
{
	request_begin(&asker, &request, command, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, "one");
}

static void prepare_new(void)
{
	begin(RINGLOG_CMD_STREAM_NEW);
	request_put_u32(&request, RINGLOG_A_STREAM_PARTITIONS, PARTITIONS);
	request_put_u64(&request, RINGLOG_A_STREAM_RING_BYTES, 64 << 10);
	request_put_u64(&request, RINGLOG_A_STREAM_AGE, AGE);
	put_first_offset(0, 1000);
	put_first_offset(2, 3000);
}

static void see_partition(const struct nlmsghdr *message, void *data)
{
	partition_read(message, data);
}

static uint64_t first_offset(const char *name, unsigned int index)
{
	struct listed partition = {};
	struct request ask;

	request_begin(&control, &ask, RINGLOG_CMD_PARTITION_GET, NLM_F_ACK);
	request_put_text(&ask, RINGLOG_A_PARTITION_STREAM, name);
	request_put_u32(&ask, RINGLOG_A_PARTITION_INDEX, index);
	CHECK_EQ(request_ask(&control, &ask, see_partition, &partition).error, 0);
	return partition.next_offset;
}

static void check_new(bool must_be, bool may_be)
{
	const struct listed *one = find_listed("one");

	if (must_be)
		CHECK(one);
	if (!may_be)
		CHECK(!one);
	if (!one) {
		CHECK(!has_node("one"));
		return;
	}
	CHECK_EQ(one->partitions, PARTITIONS);
	CHECK_EQ(one->age, AGE);
	CHECK_EQ(first_offset("one", 0), 1000);
	CHECK_EQ(first_offset("one", 1), 0);
	CHECK_EQ(first_offset("one", 2), 3000);
	nodes_missed += !has_node("one");
}

/* Whatever became of it the name can be taken, and there is memory left for it. */
static void finish_new(void)
{
	remove_if_there("one");
	make_stream(&control, "one", PARTITIONS);
	CHECK(has_node("one"));
	remove_if_there("one");
}

/* What the default stream and one with @PARTITIONS are counted as. */
static uint64_t exact_limit(void)
{
	const struct listed *listed;
	uint64_t limit;

	module_load("ring_bytes=64K");
	netlink_open(&control);
	make_stream(&control, "one", PARTITIONS);
	listed = find_listed("one");
	CHECK(listed);
	limit = listed->memory;
	listed = find_listed(DEFAULT_STREAM);
	limit += listed->memory;
	netlink_close(&control);
	module_unload();
	return limit;
}

static void test_new(void)
{
	static const struct operation operation = {
		"stream-new", prepare_new, check_new, finish_new, PARTITIONS * OWN_PER_RING,
	};
	char parameters[128];

	inject_prepare();
	snprintf(parameters, sizeof(parameters), LIMITS "%llu",
		 (unsigned long long)exact_limit());
	run(parameters, &operation);
}

/* --- set, get, purge, delete ----------------------------------------------------------- */

static void append_some(void)
{
	uint64_t number;
	int fd = CHECK_OK(open(NODES "/one", O_WRONLY | O_CLOEXEC));

	for (number = 0; number < RECORDS; number++)
		CHECK_EQ(write(fd, &number, sizeof(number)), sizeof(number));
	CHECK_OK(close(fd));
}

static void make_one(void)
{
	make_stream(&control, "one", PARTITIONS);
	append_some();
}

static void finish_one(void)
{
	remove_if_there("one");
}

static void prepare_set(void)
{
	make_one();
	begin(RINGLOG_CMD_STREAM_SET);
	request_put_u64(&request, RINGLOG_A_STREAM_AGE, AGE);
	request_put_u64(&request, RINGLOG_A_STREAM_BUDGET, 7);
	request_put_u32(&request, RINGLOG_A_STREAM_PARTITIONER, RINGLOG_PARTITIONER_TURN);
}

static void check_set(bool must_be, bool may_be)
{
	const struct listed *one = find_listed("one");
	bool is = one && one->age == AGE;

	CHECK(one);
	CHECK_LE(must_be, is);
	CHECK_LE(is, may_be);
	CHECK_EQ(one->age, is ? AGE : 0);
	CHECK_EQ(one->budget, is ? 7 : 0);
	CHECK_EQ(one->partitioner, is ? RINGLOG_PARTITIONER_TURN : RINGLOG_PARTITIONER_KEY);
	CHECK_EQ(one->retained, RECORDS);
}

static void prepare_get(void)
{
	make_one();
	begin(RINGLOG_CMD_STREAM_GET);
}

static void check_get(bool must_be, bool may_be)
{
	const struct listed *one = find_listed("one");

	(void)may_be;
	CHECK(one);
	CHECK_EQ(one->retained, RECORDS);
	if (must_be)
		CHECK_LE(1, outcome.replies + !!outcome.lost);
}

static void prepare_partition_get(void)
{
	make_one();
	request_begin(&asker, &request, RINGLOG_CMD_PARTITION_GET, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_PARTITION_STREAM, "one");
	request_put_u32(&request, RINGLOG_A_PARTITION_INDEX, PARTITIONS - 1);
}

static void prepare_purge(void)
{
	make_one();
	begin(RINGLOG_CMD_STREAM_PURGE);
}

static void check_purge(bool must_be, bool may_be)
{
	const struct listed *one = find_listed("one");
	bool is = one && !one->retained;

	CHECK(one);
	CHECK_LE(must_be, is);
	CHECK_LE(is, may_be);
	CHECK_EQ(one->retained, is ? 0 : RECORDS);
}

static void prepare_delete(void)
{
	make_one();
	begin(RINGLOG_CMD_STREAM_DELETE);
}

static void check_delete(bool must_be, bool may_be)
{
	bool is = !find_listed("one");

	CHECK_LE(must_be, is);
	CHECK_LE(is, may_be);
	if (is && has_node("one"))
		remove_stale_node("one");
	CHECK_EQ(has_node("one"), !is);
}

static void test_changes(void)
{
	/* What asks for little has little that can fail: its reply. */
	static const struct operation operations[] = {
		{ "stream-set", prepare_set, check_set, finish_one, 1 },
		{ "stream-get", prepare_get, check_get, finish_one, 1 },
		{ "partition-get", prepare_partition_get, check_get, finish_one, 1 },
		{ "stream-purge", prepare_purge, check_purge, finish_one, 0 },
		{ "stream-delete", prepare_delete, check_delete, finish_one, 0 },
	};
	unsigned int i;

	inject_prepare();
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		run("ring_bytes=64K streams_limit=2", &operations[i]);
}

/* --- lists ----------------------------------------------------------------------------- */

static unsigned int listed_wanted;

static void prepare_list(void)
{
	request_begin(&asker, &request, RINGLOG_CMD_STREAM_GET, NLM_F_DUMP);
	listed_wanted = STREAMS + 1;
}

static void prepare_partition_list(void)
{
	request_begin(&asker, &request, RINGLOG_CMD_PARTITION_GET, NLM_F_DUMP);
	listed_wanted = STREAMS * PARTITIONS + 1;
}

static void check_list(bool must_be, bool may_be)
{
	(void)may_be;
	/* A part that was lost is told of. */
	if (must_be && !outcome.lost)
		CHECK_EQ(outcome.replies, listed_wanted);
	CHECK_LE(outcome.replies, listed_wanted);
	CHECK_EQ(list_streams(&control, streams, STREAMS + 2), STREAMS + 1);
}

static void finish_nothing(void)
{
}

static void test_lists(void)
{
	static const struct operation operations[] = {
		{ "stream-get, a list", prepare_list, check_list, finish_nothing, 1 },
		{ "partition-get, a list", prepare_partition_list, check_list, finish_nothing, 1 },
	};
	char name[16];
	unsigned int i;

	inject_prepare();
	module_load("ring_bytes=64K");
	netlink_open(&control);
	for (i = 0; i < STREAMS; i++) {
		sprintf(name, "s%u", i);
		make_stream(&control, name, PARTITIONS);
	}
	for (i = 0; i < 2; i++) {
		go_through(&operations[i], INJECT_ONE);
		go_through(&operations[i], INJECT_REST);
	}
	netlink_close(&control);
	module_unload();
}

/* --- events ---------------------------------------------------------------------------- */

static long call_subscribe(void)
{
	return setsockopt(listener.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &listener.events,
			  sizeof(listener.events));
}

/* Returns how many events came, each a whole one; @lost: some did not, and this was said. */
static unsigned int hear(unsigned int command, bool *lost)
{
	const struct nlmsghdr *message = (void *)part;
	const struct genlmsghdr *generic = NLMSG_DATA(message);
	struct listed stream;
	unsigned int heard = 0;
	ssize_t bytes;

	*lost = false;
	for (;;) {
		bytes = recv(listener.fd, part, sizeof(part), MSG_DONTWAIT);
		if (bytes < 0 && errno == EAGAIN)
			return heard;
		if (bytes < 0) {
			CHECK_EQ(errno, ENOBUFS);
			*lost = true;
			continue;
		}
		CHECK_EQ(message->nlmsg_len, bytes);
		CHECK_EQ(message->nlmsg_type, listener.family);
		CHECK_EQ(generic->cmd, command);
		stream_read(message, &stream);
		heard++;
	}
}

static void set_plainly(void)
{
	struct request ask;

	request_begin(&control, &ask, RINGLOG_CMD_STREAM_SET, NLM_F_ACK);
	request_put_text(&ask, RINGLOG_A_STREAM_NAME, DEFAULT_STREAM);
	request_put_u64(&ask, RINGLOG_A_STREAM_BUDGET, 1);
	request_do(&control, &ask, NULL);
}

static void test_subscribing(void)
{
	struct injected injected = { .met = true };
	unsigned int n, refused = 0;
	bool lost;

	inject_prepare();
	module_load("ring_bytes=64K");
	netlink_open(&control);
	for (n = 1; injected.met; n++) {
		netlink_open_like(&listener, &control);
		injected = inject(n, INJECT_REST, call_subscribe);
		if (injected.result < 0)
			CHECK(injected.error == ENOMEM || injected.error == EFAULT);
		refused += injected.result < 0;
		set_plainly();
		CHECK_EQ(hear(RINGLOG_CMD_STREAM_SET_NTF, &lost), injected.result >= 0);
		CHECK(!lost);
		netlink_close(&listener);
	}
	CHECK_LE(1, refused);
	netlink_close(&control);
	module_unload();
}

static unsigned int events_heard, events_lost;

static void prepare_told(void)
{
	netlink_open_like(&listener, &control);
	CHECK_OK(call_subscribe());
	request_begin(&asker, &request, RINGLOG_CMD_STREAM_SET, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, DEFAULT_STREAM);
	request_put_u64(&request, RINGLOG_A_STREAM_BUDGET, 9);
}

/* Of what was done the event comes, or the listener is told that one is missing. */
static void check_told(bool must_be, bool may_be)
{
	bool lost, is = find_listed(DEFAULT_STREAM)->budget == 9;
	unsigned int heard = hear(RINGLOG_CMD_STREAM_SET_NTF, &lost);

	CHECK_LE(must_be, is);
	CHECK_LE(is, may_be);
	CHECK_EQ(heard + lost, is);
	events_heard += heard;
	events_lost += lost;
}

static void finish_told(void)
{
	netlink_close(&listener);
	set_plainly();
}

static void test_events(void)
{
	static const struct operation operation = {
		"stream-set with a listener", prepare_told, check_told, finish_told, 1,
	};

	inject_prepare();
	run("ring_bytes=64K", &operation);
	printf("# %u events heard, %u said to be missing\n", events_heard, events_lost);
	CHECK_LE(1, events_heard);
	CHECK_LE(1, events_lost);
}

static const struct test tests[] = {
	{ "stream-new", test_new },
	{ "requests about a stream", test_changes },
	{ "lists", test_lists },
	{ "subscribing", test_subscribing },
	{ "events", test_events },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: faults-netlink MODULE [NAME]...\n");
		return 2;
	}
	module_read(argv[1]);
	return test_main(argc - 1, argv + 1, tests, sizeof(tests) / sizeof(tests[0]));
}
