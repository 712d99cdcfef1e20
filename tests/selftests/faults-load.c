// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults-load MODULE [NAME]...: allocations that fail while the module is loaded
 * and makes the default stream.
 */
#include <stdio.h>

#include "device.h"
#include "inject.h"
#include "module.h"
#include "test.h"

/* No load makes so many: it never ends otherwise. */
#define FAULTS_AT_MOST	20000

struct tally {
	unsigned int met, enomem;
};

static const char * const mode_names[] = {
	[INJECT_ONE] = "one fails",
	[INJECT_REST] = "and the rest",
};

static char load_parameters[256];

static long call_load(void)
{
	return module_try_load(load_parameters);
}

/*
 * The loader's allocations up to where it finds a bad parameter, and what it
 * allocates while it takes everything back.
 */
static unsigned int count_up_to(const char *before, const char *parameters, const char *behind)
{
	unsigned int count;

	snprintf(load_parameters, sizeof(load_parameters), "%s %s %s", before, parameters,
		 behind);
	count = inject_count(call_load);
	module_check_gone();
	return count;
}

/* The stream is as asked for, and works. */
static void check_loaded(void)
{
	int fd = dev_open(O_RDWR);

	CHECK_EQ(dev_info(fd, 0).records, 0);
	write_number(fd, 5);
	CHECK_EQ(read_number(fd), 5);
	CHECK_OK(close(fd));
	module_unload();
}

/* Returns whether allocation @n was met. */
static bool try_load(unsigned int n, enum inject_mode mode, struct tally *tally)
{
	struct injected injected = inject(n, mode, call_load);

	tally->met += injected.met;
	if (injected.result >= 0) {
		check_loaded();
		return injected.met;
	}
	CHECK(injected.met);
	if (injected.error != ENOMEM)
		test_fail(__FILE__, __LINE__, "load: allocation %u: %s", n,
			  strerror(injected.error));
	tally->enomem++;
	module_check_gone();
	return true;
}

/*
 * The allocations of a load from number @from on: the first @dense, then each
 * @stride-th. At least @own of them are the stream's.
 */
static void go_through_load(const char *parameters, enum inject_mode mode, unsigned int from,
			    unsigned int dense, unsigned int stride, unsigned int own)
{
	struct tally tally = {};
	unsigned int n = from;

	snprintf(load_parameters, sizeof(load_parameters), "%s", parameters);
	while (try_load(n, mode, &tally)) {
		CHECK_LE(n, FAULTS_AT_MOST);
		n += n < from + dense ? 1 : stride;
	}
	printf("# load %s, %s: from %u to %u, %u met, %u ENOMEM\n", parameters,
	       mode_names[mode], from, n, tally.met, tally.enomem);
	fflush(stdout);
	CHECK_LE(own, n - from);
	CHECK_LE(own / stride, tally.enomem);
}

#define PARAMETERS_1	"ring_bytes=64K partitions=1 policy=overwrite"
#define PARAMETERS_3	"ring_bytes=64K partitions=3 policy=block"
#define PARAMETERS_64	"ring_bytes=64K partitions=64 policy=reject"

/* Of each ring: 16 pages of data, one of index, two more, their list, their mapping. */
#define OWN_PER_RING	21

/*
 * From where the loader begins to parse the parameters. Before that it makes
 * room for the module and copies it there, with nothing of ours involved; and
 * where vmalloc fails in that, it prints a stack that looks like a complaint.
 */
static void test_load_from_parameters(void)
{
	unsigned int from;

	inject_prepare();
	from = count_up_to("mode=9", PARAMETERS_1, "");
	go_through_load(PARAMETERS_1, INJECT_ONE, from, FAULTS_AT_MOST, 1, OWN_PER_RING);
}

/* From where the module's own code begins. */
static void check_load(const char *parameters, enum inject_mode mode, unsigned int dense,
		       unsigned int stride, unsigned int rings)
{
	unsigned int from;

	inject_prepare();
	from = count_up_to("", parameters, "partitions=1025");
	go_through_load(parameters, mode, from, dense, stride, rings * OWN_PER_RING);
}

static void test_load(void)
{
	check_load(PARAMETERS_1, INJECT_REST, FAULTS_AT_MOST, 1, 1);
}

static void test_load_several(void)
{
	check_load(PARAMETERS_3, INJECT_ONE, FAULTS_AT_MOST, 1, 3);
}

/* Too many to go through all of them: the first rings, then one here and there. */
static void test_load_many(void)
{
	check_load(PARAMETERS_64, INJECT_ONE, 100, 37, 64);
}

static void test_load_many_rest(void)
{
	check_load(PARAMETERS_64, INJECT_REST, 20, 97, 64);
}

static const struct test tests[] = {
	{ "load, from its parameters on", test_load_from_parameters },
	{ "load, one partition", test_load },
	{ "load, several partitions", test_load_several },
	{ "load, many partitions", test_load_many },
	{ "load, many partitions, all that follows", test_load_many_rest },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: faults-load MODULE [NAME]...\n");
		return 2;
	}
	module_read(argv[1]);
	return test_main(argc - 1, argv + 1, tests, sizeof(tests) / sizeof(tests[0]));
}
