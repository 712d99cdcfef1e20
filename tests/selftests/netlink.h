/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control plane by nothing but a socket: requests are put together byte by
 * byte, and answers are taken apart, so that any of them can be wrong.
 */
#ifndef RINGLOG_TEST_NETLINK_H
#define RINGLOG_TEST_NETLINK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/ringlog_netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_MAX	(16 << 10)
/* The kernel never offers a part of a dump that is larger than this. */
#define PART_MAX	(32 << 10)
#define NODES		"/dev/streams"
#define DEFAULT_STREAM	"default"

/* A socket; @events is the number of the module's group. */
struct netlink {
	int fd;
	unsigned int family, events;
	uint32_t sequence;
};

struct request {
	union {
		struct {
			struct nlmsghdr header;
			struct genlmsghdr generic;
		};
		char bytes[REQUEST_MAX];
	};
};

/**
 * struct answer - an errno or an acknowledgment, or the end of a dump
 * @error: positive; 0: none
 * @words: of the extack; empty if there are none
 * @blamed: type of the attribute of the request that is to blame; 0: none
 * @missing: type of the attribute that the request lacks; 0: none
 */
struct answer {
	int error;
	char words[256];
	unsigned int blamed, missing;
};

/* What there is to know of a stream here, and of what a partition is of. */
struct listed {
	char name[RINGLOG_NAME_MAX + 1];
	uint32_t id, partitions, index, policy, uid, gid, mode, max_record, partitioner;
	uint64_t incarnation, ring_bytes, age, budget, memory, retained, next_offset;
};

/* The module is loaded. */
void netlink_open(struct netlink *netlink);
/* Another, on which nothing was received yet: how much was, decides how large a part is. */
void netlink_open_like(struct netlink *netlink, const struct netlink *other);
void netlink_close(struct netlink *netlink);

void request_begin(const struct netlink *netlink, struct request *request, int command, int flags);
/* Returns where it is, for request_end_nest(). */
struct nlattr *request_put(struct request *request, int type, const void *data, size_t bytes);
void request_put_u32(struct request *request, int type, uint32_t value);
void request_put_u64(struct request *request, int type, uint64_t value);
void request_put_text(struct request *request, int type, const char *text);
struct nlattr *request_begin_nest(struct request *request, int type);
void request_end_nest(struct request *request, struct nlattr *nest);

/* Numbers the request and sends it. */
void request_send(struct netlink *netlink, struct request *request);

typedef void message_fn(const struct nlmsghdr *message, void *data);

/*
 * Sends the request, which asks for an acknowledgment or for a dump, and
 * receives until that has come. @seen is called for each message before.
 */
struct answer request_ask(struct netlink *netlink, struct request *request, message_fn *seen,
			  void *data);
/* The same for a request that is to succeed, whose reply is a stream. */
void request_do(struct netlink *netlink, struct request *request, struct listed *stream);

/* What an answer says; @request is as it was sent. */
struct answer answer_read(const struct nlmsghdr *message, const struct nlmsghdr *request);
const struct nlattr *find_attribute(const struct nlmsghdr *message, unsigned int type);
/* A message about a stream, or a partition. */
void stream_read(const struct nlmsghdr *message, struct listed *stream);
void partition_read(const struct nlmsghdr *message, struct listed *partition);

/* A stream with rings of 64 KiB. */
void make_stream(struct netlink *netlink, const char *name, unsigned int partitions);
void delete_stream(struct netlink *netlink, const char *name);
/* In the order of the dump; returns how many. */
unsigned int list_streams(struct netlink *netlink, struct listed *streams, unsigned int room);

#endif
