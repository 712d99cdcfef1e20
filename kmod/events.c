// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>
#include <linux/rwsem.h>

#include "events.h"

/* Held for reading while a listener is called, so that one that left is not. */
static DECLARE_RWSEM(listener_lock);
static const struct ringlog_listener __rcu *the_listener;

/**
 * ringlog_events_listen() - tell @listener from now on
 * @listener: static; NULL: nobody, and when this returns the last one is not
 *	called any more
 *
 * Context: process; sleeps.
 */
void ringlog_events_listen(const struct ringlog_listener *listener)
{
	down_write(&listener_lock);
	rcu_assign_pointer(the_listener, listener);
	up_write(&listener_lock);
	synchronize_rcu();
}

static const struct ringlog_listener *begin(void)
{
	down_read(&listener_lock);
	return rcu_dereference_protected(the_listener, lockdep_is_held(&listener_lock));
}

static void end(void)
{
	up_read(&listener_lock);
}

/**
 * ringlog_events_listened() - does anybody want to know
 *
 * Context: any; takes no lock.
 * Return: whether somebody does, now.
 */
bool ringlog_events_listened(void)
{
	const struct ringlog_listener *listener;
	bool listens;

	rcu_read_lock();
	listener = rcu_dereference(the_listener);
	listens = listener && listener->listens();
	rcu_read_unlock();
	return listens;
}

/**
 * ringlog_events_happened() - tell what happened
 * @stream: to which
 * @event: what
 *
 * Context: process; sleeps. Who calls sees to the order.
 */
void ringlog_events_happened(struct ringlog_stream *stream, enum ringlog_event event)
{
	const struct ringlog_listener *listener = begin();

	if (listener)
		listener->happened(stream, event);
	end();
}

/**
 * ringlog_events_lost() - tell that readers were told of a loss
 * @stream: whose
 * @lost: records
 * @expired: of those, by age
 *
 * Context: process; sleeps.
 */
void ringlog_events_lost(struct ringlog_stream *stream, u64 lost, u64 expired)
{
	const struct ringlog_listener *listener = begin();

	if (listener)
		listener->lost(stream, lost, expired);
	end();
}
