/* SPDX-License-Identifier: GPL-2.0-only */
/* The module under test: its configurations, loading and unloading. */
#ifndef FUZZ_MODULE_H
#define FUZZ_MODULE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "rng.h"

#define DEVICE "/dev/stream"

/**
 * struct config - what the module was loaded with
 * @partitions: of the stream
 * @policy: RINGLOG_POLICY_*
 * @ring_bytes: of each partition
 * @max_record: bytes
 */
struct config {
	uint32_t partitions;
	uint32_t policy;
	uint64_t ring_bytes;
	uint32_t max_record;
};

extern struct config config;

struct config config_make(struct rng *rng);
void config_print(const struct config *config, FILE *to);
bool config_parse(struct config *config, FILE *from);

/* Both return false, with words on stderr. Unloading is tried for half a minute. */
bool module_load(const char *path);
bool module_unload(void);

#endif /* FUZZ_MODULE_H */
