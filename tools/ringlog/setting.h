/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The settings of a stream: one table for the options of `stream add`, the keys
 * of files, and what is shown.
 */
#ifndef SETTING_H
#define SETTING_H

#include "quantity.h"
#include "ringlog-ctl.h"

#include <stdbool.h>

/* What a setting's values are, and so how they are written. */
enum setting_kind {
	SETTING_NUMBER,
	SETTING_SIZE,
	SETTING_DURATION,
	SETTING_POLICY,
	SETTING_PARTITIONER,
	SETTING_NODE,
	SETTING_MODE,
	SETTING_USER,
	SETTING_GROUP,
};

/* Of the longest text that a value is written as: a user's name, mostly. */
#define SETTING_TEXT	64

/**
 * struct setting - one of them
 * @option: of the command line, without its hyphens. There is none for the
 *	group, which comes with the owner
 * @key: in files
 * @bit: of ringlog_ctl_config.has
 * @kind: of its values
 * @fixed: for life
 * @in_config: where struct ringlog_ctl_config has it
 * @in_stream: where struct ringlog_ctl_stream has it
 * @size: bytes there
 */
struct setting {
	const char		*option;
	const char		*key;
	__u32			bit;
	enum setting_kind	kind;
	bool			fixed;
	__u16			in_config;
	__u16			in_stream;
	__u16			size;
};

extern const struct setting settings[];
extern const unsigned int settings_count;

__u64 setting_of_config(const struct setting *setting, const struct ringlog_ctl_config *config);
__u64 setting_of_stream(const struct setting *setting, const struct ringlog_ctl_stream *stream);

/* Note that it is set, too. False if @value is too large. */
bool setting_put(const struct setting *setting, struct ringlog_ctl_config *config, __u64 value);

/*
 * Take what a user wrote. USER may be USER:GROUP, which sets both. Returns 0,
 * -EINVAL, or -ERANGE if it is too large.
 */
int setting_parse(const struct setting *setting, const char *text,
		  struct ringlog_ctl_config *config);

/* What it takes, in words that follow "is needed" or the like: "a size like 64K". */
const char *setting_wants(const struct setting *setting);

/* As setting_parse() takes it. Returns @text. */
char *setting_text(const struct setting *setting, __u64 value, char text[SETTING_TEXT]);

/* Names of numbers that have one; of others, "unknown". */
const char *policy_name(__u32 policy);
const char *partitioner_name(__u32 partitioner);

#endif /* SETTING_H */
