/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens to streams, for the one who wants to tell others of it.
 */
#ifndef RINGLOG_EVENTS_H
#define RINGLOG_EVENTS_H

#include <linux/types.h>

struct ringlog_stream;

enum ringlog_event {
	RINGLOG_EVENT_NEW,
	RINGLOG_EVENT_DELETE,
	RINGLOG_EVENT_SET,
	RINGLOG_EVENT_PURGE,
};

/**
 * struct ringlog_listener - who wants to know
 * @listens: does it want to, now; any context
 * @happened: to a stream; process context
 * @lost: readers of a stream were told that they lost so many records, of which
 *	so many by age; process context
 */
struct ringlog_listener {
	bool (*listens)(void);
	void (*happened)(struct ringlog_stream *stream, enum ringlog_event event);
	void (*lost)(struct ringlog_stream *stream, u64 lost, u64 expired);
};

void ringlog_events_listen(const struct ringlog_listener *listener);
bool ringlog_events_listened(void);
void ringlog_events_happened(struct ringlog_stream *stream, enum ringlog_event event);
void ringlog_events_lost(struct ringlog_stream *stream, u64 lost, u64 expired);

#endif /* RINGLOG_EVENTS_H */
