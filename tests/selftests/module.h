/* SPDX-License-Identifier: GPL-2.0-only */
/* The module itself, as a test loads and unloads it. */
#ifndef RINGLOG_TEST_MODULE_H
#define RINGLOG_TEST_MODULE_H

/* The file, read once: what allocates while a file is read is not looked at. */
void module_read(const char *path);

long module_try_load(const char *parameters);
void module_load(const char *parameters);
void module_unload(void);
/* Neither the module nor anything that it makes is there. */
void module_check_gone(void);

#endif
