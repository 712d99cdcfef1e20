/* SPDX-License-Identifier: GPL-2.0-only */
/* Datagrams of netlink messages that are valid, nearly valid, or noise, from a random number. */
#ifndef RINGLOG_TEST_MUTATE_H
#define RINGLOG_TEST_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* More than one of an attribute's greatest length fits. */
#define DATAGRAM_MAX	(128 << 10)
#define MESSAGES_MAX	6

struct datagram {
	size_t bytes;
	unsigned int messages;
	char data[DATAGRAM_MAX] __attribute__((aligned(8)));
};

/* Fills it with some messages for @family, numbered from @sequence on. */
void mutate_datagram(struct datagram *datagram, uint64_t *random, unsigned int family,
		     uint32_t sequence);

#endif
