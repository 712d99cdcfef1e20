/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registry: all streams, by name and by id.
 */
#ifndef RINGLOG_REGISTRY_H
#define RINGLOG_REGISTRY_H

#include <linux/bits.h>

#include "stream.h"

/* Minor numbers; given out in turn, so that an old node does not open a new stream. */
#define RINGLOG_IDS	BIT(20)

/**
 * struct ringlog_nodes - who makes the nodes of streams
 * @add: 0 or an errno; the node can be opened before it returns
 * @remove: undoes it; when it returns the name is free
 */
struct ringlog_nodes {
	int (*add)(struct ringlog_stream *stream);
	void (*remove)(struct ringlog_stream *stream);
};

int ringlog_registry_init(const struct ringlog_nodes *nodes);
void ringlog_registry_exit(void);

struct ringlog_stream *ringlog_registry_add(const struct ringlog_stream_config *config,
					    struct ringlog_fault *fault);
int ringlog_registry_remove(struct ringlog_stream *stream);
int ringlog_registry_set(struct ringlog_stream *stream,
			 const struct ringlog_stream_changes *changes);
int ringlog_registry_purge(struct ringlog_stream *stream, u32 first, u32 end);

struct ringlog_stream *ringlog_registry_find(const char *name);
struct ringlog_stream *ringlog_registry_open(u32 id);
struct ringlog_stream *ringlog_registry_next(unsigned long *id);
u32 ringlog_registry_generation(void);
bool ringlog_registry_ready(void);

#endif /* RINGLOG_REGISTRY_H */
