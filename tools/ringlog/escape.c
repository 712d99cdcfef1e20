// SPDX-License-Identifier: GPL-2.0-only
/* Bytes as they are written on a command line. */
#include "escape.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit ? strchr(digits, tolower((unsigned char)digit)) : NULL;

	return at ? at - digits : -EINVAL;
}

static int hex_byte(const char **at)
{
	int high = hex_digit((*at)[0]);
	int low = high < 0 ? high : hex_digit((*at)[1]);

	if (low < 0)
		return -EINVAL;
	*at += 2;
	return high << 4 | low;
}

int escape_parse(const char **at)
{
	char letter = *++*at;

	if (!letter)
		return -EINVAL;
	++*at;
	switch (letter) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	case '0': return '\0';
	case '\\': return '\\';
	case 'x': return hex_byte(at);
	default: return -EINVAL;
	}
}

int escape_all(const char *text, char *bytes)
{
	int count = 0;

	while (*text) {
		int byte = *text == '\\' ? escape_parse(&text) : (unsigned char)*text++;

		if (byte == -EINVAL)
			return -EINVAL;
		bytes[count++] = byte;
	}
	return count;
}
