/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libringlog: produce to and consume from the streams of this host.
 *
 * A *producer* appends records to a stream; a *consumer* reads them in the ring,
 * with no copy and, while there are some, no system call. Both stand on an open
 * file of the stream, which <linux/ringlog.h> describes and which anybody may
 * also use with read(2) and write(2): *batches* and *runs* are for those.
 *
 * Functions that can fail return a negative errno. Nothing here starts a thread,
 * keeps global state or prints, and nothing is allocated once an object is made
 * and its partitions are attached. An object may be used by one thread at a time,
 * and not in a child that was forked: its mappings are not there.
 */
#ifndef RINGLOG_H
#define RINGLOG_H

#include <ringlog/batch.h>
#include <ringlog/consumer.h>
#include <ringlog/header.h>
#include <ringlog/histogram.h>
#include <ringlog/producer.h>
#include <ringlog/record.h>
#include <ringlog/run.h>
#include <ringlog/stream.h>

#endif /* RINGLOG_H */
