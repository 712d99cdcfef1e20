/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as they are written on a command line. */
#ifndef ESCAPE_H
#define ESCAPE_H

/*
 * The byte that an escape stands for: \n, \t, \r, \0, \\ or \xHH. *@at is at the backslash, and
 * is moved past the escape. -EINVAL for any other.
 */
int escape_parse(const char **at);

/* Puts the bytes of @text, which may have escapes, into @bytes; how many, or -EINVAL. */
int escape_all(const char *text, char *bytes);

#endif /* ESCAPE_H */
