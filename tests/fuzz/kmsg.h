/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log, as it comes. */
#ifndef FUZZ_KMSG_H
#define FUZZ_KMSG_H

#include <stdbool.h>
#include <stddef.h>

/* From here on. Returns a descriptor of its own, or -1. */
int kmsg_open(void);
/* A complaint that came since: its first line is put into @line. */
bool kmsg_complains(int fd, char *line, size_t size);

#endif /* FUZZ_KMSG_H */
