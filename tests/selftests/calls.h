/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls on the file of a path, their arguments, and how to prepare and check them. */
#ifndef RINGLOG_TEST_CALLS_H
#define RINGLOG_TEST_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

extern struct ringlog_info info_argument;
extern struct ringlog_attach attach_argument;
extern struct ringlog_append append_argument;
extern struct ringlog_wait wait_argument;
/* To write, and to read into. */
extern char value[2048], into[16 << 10];

long call_info(void);
long call_attach(void);
long call_append(void);
long call_wait(void);

/* Two records to append, as @append_argument. */
void fill_batch(void);
/* Some records in each partition, a file that has read one of them, and arguments. */
void open_file(void);
/* The same at the newest record. */
void open_idle(void);
/* The same and arguments for an ATTACH. */
void attach_as(unsigned int partition, unsigned int flags, unsigned int start, uint64_t at);

/* Whose turn it is moves on with an append that went through, and only then. */
void after_append(bool success);

#endif
