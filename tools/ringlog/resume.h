/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that remembers how far each partition of a stream was read. */
#ifndef RESUME_H
#define RESUME_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct resume - what the file says
 * @path: of it
 * @incarnation: of the stream
 * @partitions: of the stream, at most
 * @offsets: of each partition, of the record that is read next
 * @known: of each partition, is there one
 */
struct resume {
	const char	*path;
	__u64		incarnation;
	__u32		partitions;
	__u64		*offsets;
	bool		*known;
};

/* False: no memory. All of it is left to the end of the program. */
bool resume_init(struct resume *resume, const char *path, __u32 partitions);

/*
 * Read it. 0, with resume.incarnation 0 if there is no such file; or negative, with words that say
 * why in @why.
 */
int resume_load(struct resume *resume, const char **why);

/* It is of another stream: forget what it says. */
void resume_forget(struct resume *resume, __u64 incarnation);

/* Put what @resume says in its place, at once or not at all. 0 or a negative errno. */
int resume_save(const struct resume *resume);

#endif /* RESUME_H */
