/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user sees. */
#ifndef RINGLOG_DEMO_REPORT_H
#define RINGLOG_DEMO_REPORT_H

#include "audit.h"

void report_plan(const struct plan *plan);
/* One line while the others work. */
void report_progress(const struct demo *demo);
/* Tables, and the latency's distribution as data for a picture if there is a folder for it. */
void report_audit(const struct audit *audit, const struct demo *demo);
/* The last line: to the folder if there is one, for the picture comes before it. */
void report_summary(const struct audit *audit, const struct demo *demo);

#endif
