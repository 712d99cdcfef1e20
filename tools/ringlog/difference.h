/* SPDX-License-Identifier: GPL-2.0-only */
/* What a step changes, on stdout. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "plan.h"

/* One line, or as one object of JSON. */
void difference_put(const struct step *step, bool json);

#endif /* DIFFERENCE_H */
