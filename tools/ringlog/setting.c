// SPDX-License-Identifier: GPL-2.0-only
/* The settings of a stream, and how their values are written. */
#include "setting.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SETTING(option, key, bit, kind, fixed, member)				\
	{ option, key, RINGLOG_CTL_##bit, SETTING_##kind, fixed,		\
	  offsetof(struct ringlog_ctl_config, member),				\
	  offsetof(struct ringlog_ctl_stream, member),				\
	  sizeof(((struct ringlog_ctl_config *)0)->member) }

const struct setting settings[] = {
	SETTING("partitions", "partitions", PARTITIONS, NUMBER, true, partitions),
	SETTING("ring", "ring", RING_BYTES, SIZE, true, ring_bytes),
	SETTING("policy", "policy", POLICY, POLICY, true, policy),
	SETTING("max-record", "max_record", MAX_RECORD, SIZE, true, max_record),
	SETTING("age", "age", AGE, DURATION, false, age),
	SETTING("budget", "budget", BUDGET, DURATION, false, budget),
	SETTING("partitioner", "partitioner", PARTITIONER, PARTITIONER, false, partitioner),
	SETTING("node", "node", NUMA_NODE, NODE, true, numa_node),
	SETTING("owner", "owner", UID, USER, true, uid),
	SETTING(NULL, "group", GID, GROUP, true, gid),
	SETTING("mode", "mode", MODE, MODE, true, mode),
};

const unsigned int settings_count = sizeof(settings) / sizeof(settings[0]);

static const char *const policies[] = {
	[RINGLOG_POLICY_OVERWRITE] = "overwrite",
	[RINGLOG_POLICY_BLOCK] = "block",
	[RINGLOG_POLICY_REJECT] = "reject",
	NULL
};

static const char *const partitioners[] = {
	[RINGLOG_PARTITIONER_TURN] = "turn",
	[RINGLOG_PARTITIONER_KEY] = "key",
	NULL
};

static const char *name_of(const char *const *names, __u64 number)
{
	for (__u64 i = 0; names[i]; i++)
		if (i == number)
			return names[i];
	return "unknown";
}

static int number_of(const char *const *names, const char *text, __u64 *number)
{
	for (__u64 i = 0; names[i]; i++) {
		if (!strcmp(names[i], text)) {
			*number = i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *policy_name(__u32 policy)
{
	return name_of(policies, policy);
}

const char *partitioner_name(__u32 partitioner)
{
	return name_of(partitioners, partitioner);
}

static __u64 load(const void *from, __u16 offset, __u16 size)
{
	__u64 wide;
	__u32 narrow;

	from = (const char *)from + offset;
	if (size == sizeof(wide)) {
		memcpy(&wide, from, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, from, sizeof(narrow));
	return narrow;
}

__u64 setting_of_config(const struct setting *setting, const struct ringlog_ctl_config *config)
{
	return load(config, setting->in_config, setting->size);
}

__u64 setting_of_stream(const struct setting *setting, const struct ringlog_ctl_stream *stream)
{
	return load(stream, setting->in_stream, setting->size);
}

bool setting_put(const struct setting *setting, struct ringlog_ctl_config *config, __u64 value)
{
	char *to = (char *)config + setting->in_config;
	__u32 narrow = value;

	if (setting->size == sizeof(value))
		memcpy(to, &value, sizeof(value));
	else if (value == narrow)
		memcpy(to, &narrow, sizeof(narrow));
	else
		return false;
	config->has |= setting->bit;
	return true;
}

/* A name that is digits is a name, if there is such a user, as for chown(1). */
static int user_number(const char *text, __u64 *number)
{
	const struct passwd *user = getpwnam(text);

	if (!user)
		/* All ones is nobody: chown(2) takes it for "leave it". */
		return parse_number(text, UINT32_MAX - 1, number);
	*number = user->pw_uid;
	return 0;
}

static int group_number(const char *text, __u64 *number)
{
	const struct group *group = getgrnam(text);

	if (!group)
		return parse_number(text, UINT32_MAX - 1, number);
	*number = group->gr_gid;
	return 0;
}

/* The part before the colon is the owner's, who must be given. */
static int parse_owner(const struct setting *setting, const char *text,
		       struct ringlog_ctl_config *config)
{
	const char *colon = strchr(text, ':');
	char user[SETTING_TEXT];
	__u64 number;
	int result;

	if (snprintf(user, sizeof(user), "%.*s", colon ? (int)(colon - text) : INT_MAX, text) >=
	    (int)sizeof(user))
		return -EINVAL;
	result = user_number(user, &number);
	if (result)
		return result;
	setting_put(setting, config, number);
	if (!colon)
		return 0;
	result = group_number(colon + 1, &number);
	if (result)
		return result;
	config->gid = number;
	config->has |= RINGLOG_CTL_GID;
	return 0;
}

static int parse_value(const struct setting *setting, const char *text, __u64 *value)
{
	switch (setting->kind) {
	case SETTING_NUMBER:
	case SETTING_NODE:
		return parse_number(text, UINT32_MAX, value);
	case SETTING_SIZE:
		return parse_size(text, value);
	case SETTING_DURATION:
		return parse_duration(text, value);
	case SETTING_POLICY:
		return number_of(policies, text, value);
	case SETTING_PARTITIONER:
		return number_of(partitioners, text, value);
	case SETTING_MODE:
		return parse_octal(text, 07777, value);
	case SETTING_USER:
		return user_number(text, value);
	case SETTING_GROUP:
		return group_number(text, value);
	}
	return -EINVAL;
}

int setting_parse(const struct setting *setting, const char *text,
		  struct ringlog_ctl_config *config)
{
	__u64 value;
	int result;

	if (setting->kind == SETTING_USER)
		return parse_owner(setting, text, config);
	result = parse_value(setting, text, &value);
	if (result)
		return result;
	return setting_put(setting, config, value) ? 0 : -ERANGE;
}

const char *setting_wants(const struct setting *setting)
{
	switch (setting->kind) {
	case SETTING_NUMBER:
		return "a number";
	case SETTING_NODE:
		return "the number of a node";
	case SETTING_SIZE:
		return "a size like 65536, 64K or 1M";
	case SETTING_DURATION:
		return "a time like 100ms, 5s, 1h or 7d, or 0";
	case SETTING_POLICY:
		return "overwrite, block or reject";
	case SETTING_PARTITIONER:
		return "turn or key";
	case SETTING_MODE:
		return "an octal mode like 0640";
	case SETTING_USER:
		return "a user, or user:group, that this host knows";
	case SETTING_GROUP:
		return "a group that this host knows";
	}
	return "something else";
}

static char *write_word(char text[SETTING_TEXT], const char *word)
{
	snprintf(text, SETTING_TEXT, "%s", word);
	return text;
}

static char *write_number(char text[SETTING_TEXT], __u64 number)
{
	snprintf(text, SETTING_TEXT, "%llu", (unsigned long long)number);
	return text;
}

/* One that does not fit is no good if it is cut off. */
static char *write_name(char text[SETTING_TEXT], const char *name, __u64 number)
{
	return name && strlen(name) < SETTING_TEXT ? write_word(text, name) :
						     write_number(text, number);
}

char *setting_text(const struct setting *setting, __u64 value, char text[SETTING_TEXT])
{
	const struct passwd *user;
	const struct group *group;

	switch (setting->kind) {
	case SETTING_SIZE:
		return exact_size(text, value);
	case SETTING_DURATION:
		return exact_duration(text, value);
	case SETTING_POLICY:
		return write_word(text, policy_name(value));
	case SETTING_PARTITIONER:
		return write_word(text, partitioner_name(value));
	case SETTING_MODE:
		snprintf(text, SETTING_TEXT, "%04llo", (unsigned long long)value);
		return text;
	case SETTING_USER:
		user = getpwuid(value);
		return write_name(text, user ? user->pw_name : NULL, value);
	case SETTING_GROUP:
		group = getgrgid(value);
		return write_name(text, group ? group->gr_name : NULL, value);
	case SETTING_NODE:
		/* What the kernel has of streams for which it does not matter. */
		return value == UINT32_MAX ? write_word(text, "any") : write_number(text, value);
	case SETTING_NUMBER:
		break;
	}
	return write_number(text, value);
}
