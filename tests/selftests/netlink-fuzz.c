// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink-fuzz [SEED [MESSAGES]]: messages that are valid, nearly so, or noise,
 * from sockets and callers with privilege and without, and whether each is
 * answered as it should be. The same seed sends the same messages.
 *
 * Whoever asks is told: an errno, an acknowledgment, or what was asked for. An
 * errno comes with words, but for those that the kernel gives before the module
 * is asked, which are foretold here:
 *
 * - EINVAL, of a message that has no room for generic netlink's header
 * - ENOENT, of a family that is not there
 * - EOPNOTSUPP, of a command that is not there, or has nothing to list
 * - EPERM, of a change that the socket or its caller may not make
 * - EBUSY, of a list while another is being given
 *
 * Nothing at all comes of what is no request, of what is framed wrong with all
 * that follows in its datagram, and, unless it asks for it, of a request that is
 * done and has no reply.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mutate.h"
#include "netlink.h"
#include "test.h"

#define SEED		20261
#define MESSAGES	100000
#define NOBODY		65534
#define STREAMS_MAX	64

/* Of one datagram no more come: a dump of all partitions has some thousand messages. */
#define EXPECTED_MAX	(DATAGRAM_MAX / NLMSG_HDRLEN)

static uint64_t seed = SEED;
static unsigned int messages_wanted = MESSAGES;

/* --- what a message is, and what came of it -------------------------------------------- */

/**
 * struct expected - a message, as the kernel finds it
 * @message: in the datagram
 * @stray: another's length was wrong, and this is a piece of something
 * @privileged: who sent it may change streams
 * @errors: answers that are an errno or an acknowledgment
 * @ends: ends of lists
 * @replies: all other answers
 * @answer: of the errors and ends the last
 */
struct expected {
	const struct nlmsghdr *message;
	bool stray;
	bool privileged;
	unsigned int errors, ends, replies;
	struct answer answer;
};

static struct expected expected[EXPECTED_MAX];
static unsigned int expected_count;
static struct datagram datagram;
static unsigned int sent;

/* By command: how many were done, and refused in words, and refused without. */
static unsigned int done[RINGLOG_CMD_MAX + 1], told[RINGLOG_CMD_MAX + 1];
static unsigned int untold, silent, strays, lists, errnos[256];

static void show(const struct nlmsghdr *message)
{
	const unsigned char *byte = (const void *)message;
	unsigned int i, bytes = message->nlmsg_len < 512 ? message->nlmsg_len : 512;

	for (i = 0; i < bytes; i++)
		printf("%s%02x", i % 32 ? (i % 4 ? "" : " ") : "\n# ", byte[i]);
	printf("\n");
	fflush(stdout);
}

__attribute__((format(printf, 2, 3), noreturn))
static void wrong(const struct expected *one, const char *format, ...)
{
	char words[256];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	printf("# seed %llu, message %u, %s:", (unsigned long long)seed,
	       one->message->nlmsg_seq, one->privileged ? "privileged" : "unprivileged");
	show(one->message);
	test_fail(__FILE__, __LINE__, "%s", words);
}

static const struct genlmsghdr *generic_of(const struct expected *one)
{
	return NLMSG_DATA(one->message);
}

static bool wants_list(const struct expected *one)
{
	return (one->message->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

static bool is_change(unsigned int command)
{
	return command == RINGLOG_CMD_STREAM_NEW || command == RINGLOG_CMD_STREAM_DELETE ||
	       command == RINGLOG_CMD_STREAM_SET || command == RINGLOG_CMD_STREAM_PURGE;
}

static bool can_list(unsigned int command)
{
	return command == RINGLOG_CMD_STREAM_GET || command == RINGLOG_CMD_PARTITION_GET;
}

static bool has_reply(unsigned int command)
{
	return can_list(command) || command == RINGLOG_CMD_STREAM_NEW ||
	       command == RINGLOG_CMD_STREAM_SET;
}

/* --- expectations ---------------------------------------------------------------------- */

static struct netlink sockets[2], events;

/* Is a list being given? After a stray nobody knows. */
enum listing { NOT_LISTING, LISTING, MAYBE_LISTING };

/* It has words for what it finds in the headers, of commands that the family can have. */
static bool has_odd_headers(const struct expected *one)
{
	unsigned int flags = one->message->nlmsg_flags;

	flags &= ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO);
	return generic_of(one)->cmd &&
	       (generic_of(one)->reserved || (flags && flags != NLM_F_DUMP));
}

static bool is_missing(const struct expected *one)
{
	unsigned int command = generic_of(one)->cmd;

	return !can_list(command) && (wants_list(one) || !is_change(command));
}

/* The errno that the kernel gives without the module; 0: the module is asked. */
static int refused_before(const struct expected *one, enum listing listing)
{
	int before = 0, error = one->answer.error;
	bool forbidden;

	if (one->message->nlmsg_type != sockets[0].family) {
		before = ENOENT;
	} else if (one->message->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN) {
		before = EINVAL;
	} else if (!has_odd_headers(one)) {
		forbidden = is_change(generic_of(one)->cmd) && !one->privileged;
		/* 6.1 looks at privilege first. */
		if (is_missing(one))
			before = forbidden && error == EPERM ? EPERM : EOPNOTSUPP;
		else if (forbidden)
			before = EPERM;
		else if (wants_list(one) && (listing == LISTING ||
					     (listing == MAYBE_LISTING && error == EBUSY)))
			before = EBUSY;
	}
	return before;
}

/* As the kernel takes a datagram apart. */
static void expect(bool privileged)
{
	const char *at = datagram.data, *end = at + datagram.bytes;

	expected_count = 0;
	while (at + NLMSG_HDRLEN <= end) {
		const struct nlmsghdr *message = (const void *)at;
		size_t bytes;

		if (message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > end - at)
			break;
		CHECK_LE(expected_count + 1, EXPECTED_MAX);
		expected[expected_count++] = (struct expected){
			.message = message,
			.stray = message->nlmsg_seq - sent - 1 >= datagram.messages,
			.privileged = privileged,
		};
		bytes = NLMSG_ALIGN(message->nlmsg_len);
		at = bytes < (size_t)(end - at) ? at + bytes : end;
	}
}

static struct expected *find_expected(uint32_t sequence)
{
	unsigned int i;

	for (i = 0; i < expected_count; i++)
		if (expected[i].message->nlmsg_seq == sequence)
			return &expected[i];
	test_fail(__FILE__, __LINE__, "seed %llu, at message %u: an answer to message %u",
		  (unsigned long long)seed, sent, sequence);
}

/* --- answers --------------------------------------------------------------------------- */

static bool is_for_module(const struct expected *one)
{
	return one->message->nlmsg_flags & NLM_F_REQUEST &&
	       one->message->nlmsg_type >= NLMSG_MIN_TYPE;
}

static void take(const struct nlmsghdr *message)
{
	struct expected *one = find_expected(message->nlmsg_seq);
	struct listed listed;

	if (one->stray)
		return;

	switch (message->nlmsg_type) {
	case NLMSG_ERROR:
		one->errors++;
		one->answer = answer_read(message, one->message);
		return;
	case NLMSG_DONE:
		one->ends++;
		one->answer = answer_read(message, one->message);
		return;
	}
	one->replies++;
	if (message->nlmsg_type != sockets[0].family)
		return;
	if (generic_of(one)->cmd == RINGLOG_CMD_PARTITION_GET)
		partition_read(message, &listed);
	else
		stream_read(message, &listed);
}

/*
 * All answers are there when the datagram is sent, but for lists: each part that
 * is received makes another.
 */
static void receive(const struct netlink *netlink)
{
	static char part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message;
	ssize_t left;

	for (;;) {
		left = recv(netlink->fd, part, sizeof(part), MSG_DONTWAIT | MSG_TRUNC);
		if (left < 0 && errno == EAGAIN)
			return;
		CHECK_OK(left);
		CHECK_LE(left, (ssize_t)sizeof(part));
		for (message = (void *)part; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left))
			take(message);
	}
}

/* --- judgement ------------------------------------------------------------------------- */

static void judge_refusal(const struct expected *one, int before)
{
	if (one->replies && !wants_list(one))
		wrong(one, "a reply, and %s", strerror(one->answer.error));
	errnos[one->answer.error & 0xff]++;
	if (before) {
		if (one->answer.error != before)
			wrong(one, "%s, and not %s", strerror(one->answer.error),
			      strerror(before));
		untold++;
		return;
	}
	if (!one->answer.words[0])
		wrong(one, "%s without a word", strerror(one->answer.error));
	if (generic_of(one)->cmd <= RINGLOG_CMD_MAX)
		told[generic_of(one)->cmd]++;
}

static void judge_done(const struct expected *one)
{
	unsigned int command = generic_of(one)->cmd;
	bool asks = one->message->nlmsg_flags & NLM_F_ACK;

	if (wants_list(one)) {
		if (one->ends != 1 || one->errors)
			wrong(one, "a list with %u ends and %u errors", one->ends, one->errors);
		lists++;
		return;
	}
	if (one->ends)
		wrong(one, "an end of what is no list");
	if (one->errors != asks)
		wrong(one, "%u acknowledgments", one->errors);
	if (one->replies != has_reply(command))
		wrong(one, "%u replies", one->replies);
	silent += !one->errors && !one->replies;
	done[command]++;
}

/* Netlink's own, which are at most acknowledged. */
static void judge_control(const struct expected *one)
{
	if (one->replies || one->ends ||
	    one->errors != !!(one->message->nlmsg_flags & NLM_F_ACK) || one->answer.error)
		wrong(one, "a control message got %u answers, %s", one->errors + one->replies,
		      strerror(one->answer.error));
}

/* Returns whether a list is being given from here on. */
static enum listing judge(const struct expected *one, enum listing listing)
{
	int before;

	/* It can be anything, for any family. */
	if (one->stray) {
		strays++;
		return MAYBE_LISTING;
	}
	if (!is_for_module(one)) {
		judge_control(one);
		return listing;
	}
	before = refused_before(one, listing);
	if (one->errors + one->ends > 1)
		wrong(one, "%u errors and %u ends", one->errors, one->ends);
	if (one->answer.error)
		judge_refusal(one, before);
	else if (before)
		wrong(one, "done, and not %s", strerror(before));
	else
		judge_done(one);
	/* One of nothing has ended at once. */
	return wants_list(one) && one->replies ? LISTING : listing;
}

static void judge_all(void)
{
	enum listing listing = NOT_LISTING;
	unsigned int i;

	for (i = 0; i < expected_count; i++)
		listing = judge(&expected[i], listing);
}

/* --- the whole ------------------------------------------------------------------------- */

static void become(unsigned int uid)
{
	CHECK_OK(seteuid(uid));
}

/* Opened by root and by nobody; and one that hears of everything. */
static void open_sockets(void)
{
	const int bytes = 4 << 20;

	netlink_open(&sockets[0]);
	become(NOBODY);
	netlink_open(&sockets[1]);
	become(0);
	/* Several large messages can be refused at once. */
	CHECK_OK(setsockopt(sockets[1].fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)));
	netlink_open(&events);
	CHECK_OK(setsockopt(events.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &events.events,
			    sizeof(events.events)));
}

/* Some may be missing, which is said; each that comes is whole. */
static unsigned int hear(void)
{
	static char part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *message = (void *)part;
	const struct genlmsghdr *generic = NLMSG_DATA(message);
	unsigned int heard = 0;
	struct listed listed;
	ssize_t bytes;

	while ((bytes = recv(events.fd, part, sizeof(part), MSG_DONTWAIT)) >= 0 ||
	       errno == ENOBUFS) {
		if (bytes < 0)
			continue;
		CHECK_LE(NLMSG_HDRLEN + GENL_HDRLEN, bytes);
		CHECK_LE(RINGLOG_CMD_STREAM_NEW_NTF, generic->cmd);
		CHECK_LE(generic->cmd, RINGLOG_CMD_STREAM_PURGE_NTF);
		stream_read(message, &listed);
		heard++;
	}
	CHECK_EQ(errno, EAGAIN);
	return heard;
}

static void send_one(uint64_t *random)
{
	/* More than half by those who may do everything: otherwise little is ever done. */
	bool free_socket = sent % 4 < 3, free_caller = sent % 8 < 6;
	const struct netlink *netlink = &sockets[!free_socket];

	mutate_datagram(&datagram, random, sockets[0].family, sent + 1);
	expect(free_socket && free_caller);
	if (!free_caller)
		become(NOBODY);
	CHECK_EQ(send(netlink->fd, datagram.data, datagram.bytes, 0), (ssize_t)datagram.bytes);
	receive(netlink);
	if (!free_caller)
		become(0);
	judge_all();
	sent += datagram.messages;
}

static void delete_all(struct netlink *netlink)
{
	static struct listed streams[STREAMS_MAX];
	unsigned int i, count = list_streams(netlink, streams, STREAMS_MAX);

	for (i = 0; i < count; i++)
		if (strcmp(streams[i].name, DEFAULT_STREAM) != 0)
			delete_stream(netlink, streams[i].name);
	CHECK_EQ(list_streams(netlink, streams, STREAMS_MAX), 1);
	CHECK_EQ(strcmp(streams[0].name, DEFAULT_STREAM), 0);
	/* The directory goes with the last node. */
	CHECK_ERR(access(NODES, F_OK), ENOENT);
}

static int try_make(struct netlink *netlink, const char *name, unsigned int uid,
		    unsigned int partitions)
{
	struct request request;

	request_begin(netlink, &request, RINGLOG_CMD_STREAM_NEW, NLM_F_ACK);
	request_put_text(&request, RINGLOG_A_STREAM_NAME, name);
	request_put_u32(&request, RINGLOG_A_STREAM_UID, uid);
	request_put_u32(&request, RINGLOG_A_STREAM_PARTITIONS, partitions);
	request_put_u64(&request, RINGLOG_A_STREAM_RING_BYTES, 64 << 10);
	return request_ask(netlink, &request, NULL, NULL).error;
}

/* As many rings as a stream can have: one is left of it. */
static unsigned int make_largest(struct netlink *netlink, const char *name, unsigned int uid,
				 int limit)
{
	unsigned int fits = 1, above = RINGLOG_PARTITIONS_MAX, middle;

	while (above - fits > 1) {
		middle = (fits + above) / 2;
		if (try_make(netlink, name, uid, middle)) {
			above = middle;
			continue;
		}
		delete_stream(netlink, name);
		fits = middle;
	}
	CHECK_EQ(try_make(netlink, name, uid, fits + 1), limit);
	CHECK_EQ(try_make(netlink, name, uid, fits), 0);
	return fits;
}

/* What the limits, which are small, leave room for. */
struct room {
	unsigned int one, all, streams;
};

static struct room look_for_room(struct netlink *netlink)
{
	struct room room = {};
	char name[16];
	int error;

	room.one = make_largest(netlink, "one", 0, EDQUOT);
	room.all = make_largest(netlink, "all", 1, ENOSPC);
	delete_all(netlink);
	do {
		sprintf(name, "room%u", room.streams++);
		error = try_make(netlink, name, room.streams, 1);
	} while (!error);
	CHECK_EQ(error, ENOSPC);
	delete_all(netlink);
	return room;
}

static void report(unsigned int heard)
{
	unsigned int i;

	printf("# seed %llu, %u messages, %u strays, %u lists, %u done in silence, %u events\n",
	       (unsigned long long)seed, sent, strays, lists, silent, heard);
	printf("# %u refused before the module was asked\n", untold);
	for (i = 1; i <= RINGLOG_CMD_PARTITION_GET; i++)
		printf("# command %u: %u done, %u refused in words\n", i, done[i], told[i]);
	for (i = 1; i < 256; i++)
		if (errnos[i])
			printf("# %u times %s\n", errnos[i], strerror(i));
	fflush(stdout);
}

static void check_worth(unsigned int heard)
{
	unsigned int i;

	for (i = 1; i <= RINGLOG_CMD_PARTITION_GET; i++) {
		CHECK_LE(messages_wanted / 1000, done[i]);
		CHECK_LE(messages_wanted / 1000, told[i]);
	}
	CHECK_LE(messages_wanted / 100, lists);
	CHECK_LE(messages_wanted / 100, untold);
	CHECK_LE(messages_wanted / 1000, heard);
}

static void test_fuzz(void)
{
	struct room before, after;
	unsigned int heard = 0;
	uint64_t random = seed;

	open_sockets();
	before = look_for_room(&sockets[0]);
	hear();
	while (sent < messages_wanted) {
		send_one(&random);
		heard += hear();
	}
	report(heard);
	delete_all(&sockets[0]);
	after = look_for_room(&sockets[0]);
	CHECK_EQ(after.one, before.one);
	CHECK_EQ(after.all, before.all);
	CHECK_EQ(after.streams, before.streams);
	check_worth(heard);
}

static const struct test tests[] = {
	{ "random messages to the control plane", test_fuzz },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		messages_wanted = strtoul(argv[2], NULL, 0);
	if (argc > 3 || (argc > 1 && !isdigit(argv[1][0])) || !messages_wanted) {
		fprintf(stderr, "usage: netlink-fuzz [SEED [MESSAGES]]\n");
		return 2;
	}
	return test_main(1, argv, tests, 1);
}
