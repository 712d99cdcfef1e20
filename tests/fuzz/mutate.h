/* SPDX-License-Identifier: GPL-2.0-only */
/* New programs: out of nothing, and out of others. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "program.h"
#include "rng.h"

void program_make(struct rng *rng, struct program *program);
/* Changes @program; @other lends calls, and may be the same. */
void program_mutate(struct rng *rng, struct program *program, const struct program *other);

#endif /* FUZZ_MUTATE_H */
