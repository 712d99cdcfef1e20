/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TAP harness. Each test runs in a process of its own, so that whatever it
 * opened or started ends with it and a failed check can leave from anywhere.
 */
#ifndef RINGLOG_TEST_H
#define RINGLOG_TEST_H

#include <errno.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
};

/* A test that takes this long hangs: the guest is slow, so be generous. */
#define TEST_SECONDS	300

/* TEST_SECONDS in the environment is for kernels that are slower still, and for the impatient. */
unsigned int test_seconds(void);

int test_main(int argc, char **argv, const struct test *tests, int count);

__attribute__((format(printf, 3, 4), noreturn))
void test_fail(const char *file, int line, const char *format, ...);
__attribute__((noreturn))
void test_skip(const char *why);

#define TEST_MAIN(tests)						\
int main(int argc, char **argv)						\
{									\
	return test_main(argc, argv, tests,				\
			 sizeof(tests) / sizeof((tests)[0]));		\
}

#define CHECK(condition) do {						\
	if (!(condition))						\
		test_fail(__FILE__, __LINE__, "%s", #condition);	\
} while (0)

#define CHECK_EQ(got, want) do {					\
	long long got_ = (long long)(got), want_ = (long long)(want);	\
	if (got_ != want_)						\
		test_fail(__FILE__, __LINE__, "%s is %lld, not %lld (%s)", \
			  #got, got_, want_, #want);			\
} while (0)

#define CHECK_LE(low, high) do {					\
	long long low_ = (long long)(low), high_ = (long long)(high);	\
	if (low_ > high_)						\
		test_fail(__FILE__, __LINE__, "%s is %lld, above %s, %lld", \
			  #low, low_, #high, high_);			\
} while (0)

/* The value of a call that must not fail. */
#define CHECK_OK(call) ({						\
	long ok_ = (long)(call);					\
	if (ok_ < 0)							\
		test_fail(__FILE__, __LINE__, "%s: %s", #call,		\
			  strerror(errno));				\
	ok_;								\
})

/* A call that must fail, for this reason. */
#define CHECK_ERR(call, error) do {					\
	errno = 0;							\
	long err_ = (long)(call);					\
	int errno_ = errno;						\
	if (err_ != -1)							\
		test_fail(__FILE__, __LINE__, "%s gave %ld, not %s",	\
			  #call, err_, #error);				\
	if (errno_ != (error))						\
		test_fail(__FILE__, __LINE__, "%s: %s, not %s", #call,	\
			  strerror(errno_), #error);			\
} while (0)

#endif
