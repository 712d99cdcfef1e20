// SPDX-License-Identifier: GPL-2.0-only
/* See source.h. */
#include "source.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* For klogctl(2), whose numbers have no names in a header */
#define SYSLOG_READ_ALL		3
#define SYSLOG_SIZE_BUFFER	10

__u32 checksum(const void *bytes, size_t count)
{
	return crc32(0, bytes, count);
}

/* Where the record that begins at @at ends. */
static const char *line_end(const char *at, const char *end, __u32 longest)
{
	const char *newline;

	if (end - at > longest)
		end = at + longest;
	newline = memchr(at, '\n', end - at);
	return newline ? newline + 1 : end;
}

static void cut(struct source *source, const char *text, size_t bytes, __u32 longest)
{
	const char *end = text + bytes;
	__u64 room = 0;

	source->count = 0;
	source->lines = NULL;
	while (text < end) {
		const char *next = line_end(text, end, longest);

		if (source->count == room) {
			room = room ? 2 * room : 1024;
			source->lines = reallocarray(source->lines, room, sizeof(struct line));
			if (!source->lines)
				err(EXIT_FAILURE, "memory for the lines");
		}
		source->lines[source->count++] = (struct line) {
			.text = text,
			.length = next - text,
			.crc = checksum(text, next - text),
		};
		text = next;
	}
}

void source_from_file(struct source *source, const char *path, __u32 longest)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	struct stat st;
	ssize_t got;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(EXIT_FAILURE, "%s", path);
	text = malloc(st.st_size + 1);
	if (!text)
		err(EXIT_FAILURE, "%s: memory for %lld bytes", path, (long long)st.st_size);
	while ((got = read(fd, text + size, st.st_size - size)) > 0)
		size += got;
	if (got < 0)
		err(EXIT_FAILURE, "%s", path);
	close(fd);
	if (!size)
		errx(EXIT_FAILURE, "%s: empty", path);
	source->text = text;
	cut(source, text, size, longest);
}

void source_from_kernel_log(struct source *source, __u32 longest)
{
	int size = klogctl(SYSLOG_SIZE_BUFFER, NULL, 0);
	char *text = size > 0 ? malloc(size) : NULL;

	if (!text)
		err(EXIT_FAILURE, "the kernel's log");
	size = klogctl(SYSLOG_READ_ALL, text, size);
	if (size < 0)
		err(EXIT_FAILURE, "the kernel's log");
	if (!size)
		errx(EXIT_FAILURE, "the kernel's log: empty");
	source->text = text;
	cut(source, text, size, longest);
}
