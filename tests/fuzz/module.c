// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/ringlog.h>

#include "module.h"

struct config config;

static const char * const policies[] = {
	[RINGLOG_POLICY_OVERWRITE] = "overwrite",
	[RINGLOG_POLICY_BLOCK] = "block",
	[RINGLOG_POLICY_REJECT] = "reject",
};

struct config config_make(struct rng *rng)
{
	static const uint32_t partitions[] = { 1, 1, 3, 3, 64 };
	static const uint64_t rings[] = { 64 << 10, 64 << 10, 128 << 10, 1 << 20 };
	struct config made = {
		.partitions = rng_pick(rng, partitions),
		.policy = rng_below(rng, 3),
		.ring_bytes = rng_pick(rng, rings),
	};

	if (made.partitions == 64)
		made.ring_bytes = 64 << 10;
	made.max_record = made.ring_bytes / 8;
	if (rng_once_in(rng, 4))
		made.max_record = 32 << rng_below(rng, 8);
	return made;
}

#define FORM "config partitions=%" PRIu32 " policy=%s ring_bytes=%" PRIu64 " max_record=%" PRIu32

void config_print(const struct config *config, FILE *to)
{
	fprintf(to, "# " FORM "\n", config->partitions, policies[config->policy],
		config->ring_bytes, config->max_record);
}

bool config_parse(struct config *config, FILE *from)
{
	char line[256], policy[16];

	while (fgets(line, sizeof(line), from)) {
		if (sscanf(line, "# config partitions=%" SCNu32 " policy=%15s ring_bytes=%" SCNu64
			   " max_record=%" SCNu32, &config->partitions, policy,
			   &config->ring_bytes, &config->max_record) != 4)
			continue;
		for (config->policy = 0; config->policy < 3; config->policy++)
			if (!strcmp(policies[config->policy], policy))
				return true;
	}
	return false;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

bool module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char parameters[200];
	int ret, tries;

	snprintf(parameters, sizeof(parameters),
		 "partitions=%u policy=%s ring_bytes=%" PRIu64 " max_record=%u",
		 config.partitions, policies[config.policy], config.ring_bytes, config.max_record);
	ret = fd < 0 ? -1 : (int)syscall(SYS_finit_module, fd, parameters, 0);
	if (ret)
		fprintf(stderr, "fuzz: loading %s %s: %s\n", path, parameters, strerror(errno));
	close(fd);
	/* devtmpfs makes the node in a thread of its own, but within the load. */
	for (tries = 0; !ret && access(DEVICE, R_OK) && tries < 3000; tries++)
		pause_ms(10);
	return !ret;
}

bool module_unload(void)
{
	int tries;

	for (tries = 0; tries < 3000; tries++) {
		if (!syscall(SYS_delete_module, "ringlog", O_NONBLOCK) || errno == ENOENT)
			return true;
		/* io_uring and RCU put their last references a little later. */
		pause_ms(10);
	}
	fprintf(stderr, "fuzz: the module does not unload: %s\n", strerror(errno));
	return false;
}
