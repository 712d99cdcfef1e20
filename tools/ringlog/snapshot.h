/* SPDX-License-Identifier: GPL-2.0-only */
/* All streams as they are at one time. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "command.h"
#include "pattern.h"
#include "streams.h"

/*
 * Those that match, sorted; they replace what was in @streams. While streams come
 * and go the kernel is asked again. Ends the program if it fails.
 */
void streams_read(struct invocation *invocation, struct patterns *patterns,
		  struct streams *streams);

/* Complain of each word that matches no stream. The exit status. */
int streams_check(struct invocation *invocation, const struct patterns *patterns);

#endif /* SNAPSHOT_H */
