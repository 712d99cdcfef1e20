// SPDX-License-Identifier: GPL-2.0-only
/* Bytes as JSON can have them: text if they are, or in base64. */
#include "json-bytes.h"

/* Bytes that follow the first one of a character; -1: it is the first one of none. */
static int following(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 1;
	if (first >= 0xe0 && first <= 0xef)
		return 2;
	if (first >= 0xf0 && first <= 0xf4)
		return 3;
	return -1;
}

/* Neither a longer form than needed, nor half of a pair, nor beyond the last one. */
static bool second_is_good(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second <= 0x9f;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second <= 0x8f;
	default: return true;
	}
}

bool is_utf8(const void *bytes, size_t count)
{
	const unsigned char *at = bytes, *end = at + count;

	while (at < end) {
		int more = following(*at);

		if (more < 0 || more > end - at - 1)
			return false;
		if (more && !second_is_good(at[0], at[1]))
			return false;
		for (int i = 1; i <= more; i++)
			if ((at[i] & 0xc0) != 0x80)
				return false;
		at += 1 + more;
	}
	return true;
}

size_t base64(char *text, const void *bytes, size_t count)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *from = bytes;
	char *to = text;

	for (; count; from += 3) {
		size_t taken = count < 3 ? count : 3;
		unsigned int bits = from[0] << 16;

		bits |= taken > 1 ? from[1] << 8 : 0;
		bits |= taken > 2 ? from[2] : 0;
		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = taken > 1 ? digits[bits >> 6 & 63] : '=';
		*to++ = taken > 2 ? digits[bits & 63] : '=';
		count -= taken;
	}
	*to = 0;
	return to - text;
}
