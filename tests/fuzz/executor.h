/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs programs with threads of its own, and sees that each comes to an end. */
#ifndef FUZZ_EXECUTOR_H
#define FUZZ_EXECUTOR_H

#include "state.h"

/* In a process of its own: makes the threads and the memory. */
void executor_init(struct worker *worker);
/* Runs @worker->program; false if there was a finding. */
bool executor_run(void);

#endif /* FUZZ_EXECUTOR_H */
