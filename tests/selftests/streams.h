/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams by name: made and deleted through the control plane, each call checked. */
#ifndef RINGLOG_TEST_STREAMS_H
#define RINGLOG_TEST_STREAMS_H

#include <stdint.h>

#include "../../libshim/ringlog-ctl.h"

#define STREAMS		"/dev/streams"
#define SMALL_RING	65536

/* The process's own handle, for a socket that children share is nobody's. */
struct ringlog_ctl *ctl(void);

/* One partition with a small ring, unless more is set. */
struct ringlog_ctl_config stream_config(const char *name);
struct ringlog_ctl_stream stream_make(const char *name);
struct ringlog_ctl_stream stream_make_as(const struct ringlog_ctl_config *config);
/* Refused for this reason, in words, and nothing came of it. */
void stream_refused(const struct ringlog_ctl_config *config, int error);
struct ringlog_ctl_stream stream_get(const char *name);
void stream_delete(const char *name);
/* All but the default one. */
void streams_clear(void);
unsigned int streams_count(void);

int stream_open(const char *name, int flags);
/* An errno of open(2), or 0 and the file in @fd. */
int stream_try_open(const char *name, int flags, int *fd);
/* A stream that was deleted gives nothing else any more. */
void check_gone(int fd);

/* A parameter of the module that is a limit. */
void set_limit(const char *name, uint64_t value);
uint64_t get_limit(const char *name);

#endif
