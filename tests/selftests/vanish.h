/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is there, but never all of it at once. */
#ifndef RINGLOG_TEST_VANISH_H
#define RINGLOG_TEST_VANISH_H

#include <stddef.h>

#define VANISH_PAGE	4096

/*
 * @bytes, at least two pages, with a copy of @content in them. Of its pages only the one that
 * was touched last is there: whoever faults it in as a whole and then copies it with no
 * fault allowed never gets it, and whoever may fault always does. Bringing a page takes no
 * memory of the thread that waits for it.
 */
char *vanish_start(const void *content, size_t bytes);

#endif
