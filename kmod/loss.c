// SPDX-License-Identifier: GPL-2.0-only
#include <linux/jiffies.h>

#include "events.h"
#include "stream.h"

/* Readers can be made to lose as much as one likes, so they are not told of one by one. */
#define TELL_EVERY	HZ

static void tell(struct work_struct *work)
{
	struct ringlog_loss *loss = container_of(work, struct ringlog_loss, work.work);
	struct ringlog_stream *stream = container_of(loss, struct ringlog_stream, loss);
	unsigned long next = loss->told + TELL_EVERY;
	struct ringlog_counters sum;
	u64 lost, expired;

	/* Noted by one who did not see yet that it was being told. The end does not wait. */
	if (time_before(jiffies, next) && !ringlog_stream_gone(stream)) {
		queue_delayed_work(system_unbound_wq, &loss->work, next - jiffies);
		return;
	}
	WRITE_ONCE(loss->told, jiffies);
	ringlog_counters_sum(stream->counters, &sum);
	lost = sum.lost - loss->lost;
	/* Somebody may be counting one after the other. */
	expired = min(sum.expired - loss->expired, lost);
	loss->lost = sum.lost;
	loss->expired += expired;
	if (lost)
		ringlog_events_lost(stream, lost, expired);
}

/**
 * ringlog_loss_note() - a reader was told that it lost something
 * @stream: of which; its counters say so already
 *
 * Nothing of this happens when nobody listens, and a timer is set at most once
 * a second.
 *
 * Context: process.
 */
void ringlog_loss_note(struct ringlog_stream *stream)
{
	unsigned long next = READ_ONCE(stream->loss.told) + TELL_EVERY;

	if (!ringlog_events_listened() || ringlog_stream_gone(stream))
		return;
	queue_delayed_work(system_unbound_wq, &stream->loss.work,
			   time_before(jiffies, next) ? next - jiffies : 0);
}

/**
 * ringlog_loss_flush() - tell now what is to be told
 * @stream: gone
 *
 * Context: process; sleeps.
 */
void ringlog_loss_flush(struct ringlog_stream *stream)
{
	flush_delayed_work(&stream->loss.work);
}

/**
 * ringlog_loss_init() - nothing is lost yet
 * @stream: being made
 */
void ringlog_loss_init(struct ringlog_stream *stream)
{
	INIT_DELAYED_WORK(&stream->loss.work, tell);
	stream->loss.told = jiffies - TELL_EVERY;
}

/**
 * ringlog_loss_exit() - tell nobody any more
 * @stream: no file of it is open
 *
 * Context: process; sleeps.
 */
void ringlog_loss_exit(struct ringlog_stream *stream)
{
	cancel_delayed_work_sync(&stream->loss.work);
}
