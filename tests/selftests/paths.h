/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls whose allocations are failed.
 *
 * Of each call every allocation is made to fail, one after the other, until the
 * call gets through without meeting the fault: once alone, and once with all
 * that come after it, which no fallback survives. A call that fails has to give
 * the documented errno and to leave everything as it was.
 */
#ifndef RINGLOG_TEST_PATHS_H
#define RINGLOG_TEST_PATHS_H

#include <stdbool.h>

#include "inject.h"

/**
 * struct path - a call whose allocations are failed
 * @name: for the report
 * @prepare: before each try; the call is on @file
 * @call: the call, and nothing that allocates besides
 * @check: after each try, whether the call was successful; may change the stream
 * @base: the same call on a file of somebody else's, whose allocations the
 *	kernel makes for us
 * @own: at least so many allocations more than @base, and not one at all if
 *	this is zero, must fail the call with %ENOMEM
 * @fallback: these have a fallback: only with all others they fail the call
 * @tells: the call copies to the user when everything is done, and a copy that
 *	is made to fail cannot undo it
 * @done: was it done? Asked then, of a call whose doing INFO does not show
 * @reload: the module is loaded anew for each try, with these parameters
 * @gives: the errno that the call gives if nothing fails
 */
struct path {
	const char *name;
	void (*prepare)(void);
	long (*call)(void);
	void (*check)(bool success);
	long (*base)(void);
	int own;
	bool fallback;
	bool tells;
	bool (*done)(void);
	const char *reload;
	int gives;
};

/* The file that a call is on, another one of the same stream; -1: none. Closed after each try. */
extern int file, other;
/* Reads the stream, and nobody else uses it. */
extern int witness;

void check_paths(const char *parameters, const struct path *paths, int count);

#define CHECK_PATHS(parameters, paths) \
	check_paths(parameters, paths, sizeof(paths) / sizeof((paths)[0]))

#endif
