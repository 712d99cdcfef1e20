// SPDX-License-Identifier: GPL-2.0-only
/* The file that remembers how far each partition of a stream was read. */
#include "resume.h"
#include "quantity.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of an incarnation, as the rest of the tool writes it. */
#define DIGITS	16

bool resume_init(struct resume *resume, const char *path, __u32 partitions)
{
	*resume = (struct resume) {
		.path = path,
		.partitions = partitions,
		.offsets = calloc(partitions, sizeof(*resume->offsets)),
		.known = calloc(partitions, sizeof(*resume->known)),
	};
	return resume->offsets && resume->known;
}

void resume_forget(struct resume *resume, __u64 incarnation)
{
	resume->incarnation = incarnation;
	memset(resume->known, 0, resume->partitions * sizeof(*resume->known));
}

static bool parse_incarnation(struct json_object *value, __u64 *incarnation)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    strspn(text, "0123456789abcdef") != DIGITS || text[DIGITS])
		return false;
	*incarnation = strtoull(text, NULL, 16);
	return *incarnation;
}

/* Partitions that the stream does not have are passed over: it is another one then. */
static bool parse_offsets(struct resume *resume, struct json_object *offsets)
{
	if (!json_object_is_type(offsets, json_type_object))
		return false;
	json_object_object_foreach(offsets, name, value) {
		__u64 partition;

		if (parse_number(name, UINT_MAX, &partition) ||
		    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
			return false;
		if (partition >= resume->partitions)
			continue;
		resume->offsets[partition] = json_object_get_uint64(value);
		resume->known[partition] = true;
	}
	return true;
}

static bool parse(struct resume *resume, struct json_object *root)
{
	struct json_object *incarnation, *offsets;

	return json_object_is_type(root, json_type_object) &&
	       json_object_object_get_ex(root, "incarnation", &incarnation) &&
	       json_object_object_get_ex(root, "offsets", &offsets) &&
	       parse_incarnation(incarnation, &resume->incarnation) &&
	       parse_offsets(resume, offsets);
}

int resume_load(struct resume *resume, const char **why)
{
	int fd = open(resume->path, O_RDONLY | O_CLOEXEC), error = errno;
	struct json_object *root;
	bool good;

	if (fd < 0) {
		*why = strerror(error);
		return error == ENOENT ? 0 : -error;
	}
	root = json_object_from_fd(fd);
	close(fd);
	good = root && parse(resume, root);
	json_object_put(root);
	*why = "this is no file of --state";
	return good ? 0 : -EBADMSG;
}

static int write_json(const struct resume *resume, FILE *file)
{
	const char *comma = "";

	fprintf(file, "{\"incarnation\":\"%016llx\",\"offsets\":{",
		(unsigned long long)resume->incarnation);
	for (__u32 i = 0; i < resume->partitions; i++) {
		if (!resume->known[i])
			continue;
		fprintf(file, "%s\"%u\":%llu", comma, i, (unsigned long long)resume->offsets[i]);
		comma = ",";
	}
	fputs("}}\n", file);
	return fflush(file) || fsync(fileno(file)) ? -errno : 0;
}

/* That a file has a new name is on the disk when its directory is. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, result;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	/* Not every file system can. */
	result = fsync(fd) && errno != EINVAL ? -errno : 0;
	close(fd);
	return result;
}

static int write_beside(const struct resume *resume, char *beside)
{
	int fd = mkstemp(beside), result;
	FILE *file;

	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		unlink(beside);
		return -ENOMEM;
	}
	result = write_json(resume, file);
	if (fclose(file) && !result)
		result = -errno;
	if (!result && rename(beside, resume->path))
		result = -errno;
	if (result)
		unlink(beside);
	return result;
}

int resume_save(const struct resume *resume)
{
	char *beside;
	int result;

	if (asprintf(&beside, "%s.XXXXXX", resume->path) < 0)
		return -ENOMEM;
	result = write_beside(resume, beside) ?: sync_directory(resume->path);
	free(beside);
	return result;
}
