// SPDX-License-Identifier: GPL-2.0-only
/* Why a stream could not be opened, appended to or read, in plain words. */
#include "stream-words.h"

#include <errno.h>
#include <string.h>

const char *open_words(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return "there is no such stream";
	case -EINVAL:
		return "no stream can have this name";
	case -ENOTTY:
		return "this is no stream";
	default:
		return strerror(-error);
	}
}

const char *append_words(int error)
{
	switch (error) {
	case -EAGAIN:
		return "the partition is full, and its readers have not got on";
	case -ENOBUFS:
		return "the partition is full, and the stream rejects what it has no room for";
	case -EINTR:
		return "interrupted while waiting for room";
	case -ENODEV:
		return "the stream was deleted";
	default:
		return strerror(-error);
	}
}

const char *read_words(int error)
{
	switch (error) {
	case -EAGAIN:
		return "records were overwritten as often as they were looked at";
	case -EBADMSG:
		return "the contents of a partition are damaged";
	case -ENODEV:
		return "the stream was deleted";
	case -ENOMEM:
		return "no memory to map a partition";
	case -EPROTO:
		return "the module is of a version that cannot be read";
	default:
		return strerror(-error);
	}
}
