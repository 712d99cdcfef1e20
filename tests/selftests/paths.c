// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "device.h"
#include "module.h"
#include "paths.h"
#include "test.h"

/* No call makes so many: it never ends otherwise. */
#define FAULTS_AT_MOST	20000
/* How often the allocations of the base are counted. */
#define BASE_COUNTS	5
/* How often a path's are gone through, at most. */
#define ROUNDS		5

int file = -1, other = -1, witness = -1;

struct look {
	struct ringlog_info file[PARTITIONS_MAX], witness[PARTITIONS_MAX];
	uint64_t contents;
};

/* Everything that the rings hold, folded into a number. */
static uint64_t read_contents(void)
{
	static uint64_t buffer[(256 << 10) / sizeof(uint64_t)];
	uint64_t fold = 0;
	ssize_t size, i;

	CHECK_EQ(lseek(witness, 0, SEEK_SET), 0);
	while ((size = read(witness, buffer, sizeof(buffer))) > 0)
		for (i = 0; i < size / (ssize_t)sizeof(*buffer); i++)
			fold = (fold ^ buffer[i]) * 0x100000001b3ULL;
	CHECK_EQ(errno, EAGAIN);
	return fold;
}

static void take_look(struct look *look)
{
	unsigned int p;

	memset(look, 0, sizeof(*look));
	look->contents = read_contents();
	for (p = 0; p < dev_partitions(); p++) {
		look->witness[p] = dev_info(witness, p);
		if (file >= 0)
			look->file[p] = dev_info(file, p);
	}
}

static bool same(const struct look *a, const struct look *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static int open_witness(void)
{
	int fd = dev_open(O_RDONLY | O_NONBLOCK);

	dev_attach(fd, ALL, RINGLOG_ATTACH_BATCH, RINGLOG_START_OLDEST, 0);
	return fd;
}

static void close_all(void)
{
	int *fds[] = { &file, &other, &witness };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (*fds[i] >= 0)
			CHECK_OK(close(*fds[i]));
		*fds[i] = -1;
	}
}

/**
 * struct tally - what became of the faults of one round
 * @met: allocations and copies that were failed
 * @enomem: calls that said so
 * @efault: calls that said so
 * @strayed: a call that was done and could not say so was not the last to meet one
 */
struct tally {
	unsigned int met, enomem, efault;
	bool strayed;
};

static const char * const mode_names[] = {
	[INJECT_ONE] = "one fails",
	[INJECT_REST] = "and the rest",
};

static void prepare(const struct path *path)
{
	if (path->reload)
		module_load(path->reload);
	/* It opens a file once, and producers are counted. */
	dev_partitions();
	witness = open_witness();
	if (path->prepare)
		path->prepare();
}

static void finish(const struct path *path, bool success)
{
	if (path->check)
		path->check(success);
	close_all();
	if (path->reload)
		module_unload();
}

static bool fails_copies(void)
{
	return !access("/sys/kernel/debug/fail_usercopy", F_OK);
}

static void count_failure(const struct path *path, const struct injected *injected,
			  struct tally *tally)
{
	if (injected->error == EFAULT && fails_copies()) {
		tally->efault++;
		return;
	}
	if (injected->error != ENOMEM)
		test_fail(__FILE__, __LINE__, "%s: allocation %u: %s", path->name,
			  tally->met, strerror(injected->error));
	tally->enomem++;
}

/*
 * One allocation, or what comes after it as well. Returns whether it was met.
 * @told: in and out: a call was done and could not say so, so it was the last.
 */
static bool try_once(const struct path *path, unsigned int n, enum inject_mode mode,
		     struct tally *tally, bool *told)
{
	static struct look before, after;
	struct injected injected;
	bool success;

	prepare(path);
	take_look(&before);
	injected = inject(n, mode, path->call);
	success = injected.result >= 0 || (path->gives && injected.error == path->gives);
	if (injected.met) {
		/* The kernel's own come and go by one: the same copy may be hit again. */
		if (*told && (success || injected.error != EFAULT))
			tally->strayed = true;
		tally->met++;
		if (!success)
			count_failure(path, &injected, tally);
	} else if (!success) {
		test_fail(__FILE__, __LINE__, "%s: %s with no fault", path->name,
			  strerror(injected.error));
	}
	if (!success) {
		take_look(&after);
		if (path->tells && injected.error == EFAULT)
			*told = !same(&before, &after) || (path->done && path->done());
		if (!*told && !same(&before, &after))
			test_fail(__FILE__, __LINE__,
				  "%s: allocation %u failed it and something changed",
				  path->name, n);
	}
	finish(path, success || *told);
	return injected.met;
}

static struct tally go_through(const struct path *path, enum inject_mode mode)
{
	struct tally tally = {};
	bool met = true, told = false;
	unsigned int n;

	for (n = 1; met; n++) {
		CHECK_LE(n, FAULTS_AT_MOST);
		met = try_once(path, n, mode, &tally, &told);
	}
	return tally;
}

static unsigned int count_base_once(const struct path *path, enum inject_mode mode)
{
	struct injected injected = { .met = true };
	unsigned int n, enomem = 0;

	for (n = 1; injected.met; n++) {
		CHECK_LE(n, FAULTS_AT_MOST);
		injected = inject(n, mode, path->base);
		enomem += injected.met && injected.result < 0 &&
			  injected.error == ENOMEM;
	}
	return enomem;
}

/* The least of a few counts: what is missing in the kernel's caches at times is no part of it. */
static unsigned int count_base(const struct path *path, enum inject_mode mode)
{
	unsigned int i, count, least;

	if (!path->base)
		return 0;
	path->base();
	least = count_base_once(path, mode);
	for (i = 1; i < BASE_COUNTS; i++) {
		count = count_base_once(path, mode);
		if (count < least)
			least = count;
	}
	return least;
}

/* Were all of the path's own allocations failed, each as one call's n-th? */
static bool is_complete(const struct path *path, enum inject_mode mode, unsigned int base,
			const struct tally *tally)
{
	if (tally->strayed)
		return false;
	if (!path->own)
		return !tally->enomem;
	if (mode == INJECT_REST || !path->fallback)
		return base + path->own <= tally->enomem;
	return base + path->own <= tally->met;
}

/*
 * In one of a few rounds: where a cache of the kernel's is filled in one call and
 * not in the next, the path's own allocations move by one, and one may be passed by.
 * What a fault must never do is checked in each.
 */
static void check_path(const struct path *path, enum inject_mode mode)
{
	unsigned int base = count_base(path, mode);
	bool complete = false;
	int round;

	for (round = 0; round < ROUNDS && !complete; round++) {
		struct tally tally = go_through(path, mode);

		printf("# %s, %s: %u met, %u ENOMEM (%u the kernel's), %u EFAULT\n", path->name,
		       mode_names[mode], tally.met, tally.enomem, base, tally.efault);
		fflush(stdout);
		complete = is_complete(path, mode, base, &tally);
	}
	CHECK(complete);
}

static void load_and_check(const char *parameters, const struct path *path,
			   enum inject_mode mode)
{
	if (!path->reload)
		module_load(parameters);
	check_path(path, mode);
	if (!path->reload)
		module_unload();
}

void check_paths(const char *parameters, const struct path *paths, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		load_and_check(parameters, &paths[i], INJECT_ONE);
		load_and_check(parameters, &paths[i], INJECT_REST);
	}
}
