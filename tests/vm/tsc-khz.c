// SPDX-License-Identifier: GPL-2.0-only
/* Prints how many thousand times a second this machine's time stamp counter counts. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 50000000LL

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void)
{
	long long begin = now_ns(), end;
	unsigned long long count = __rdtsc();

	do
		end = now_ns();
	while (end - begin < MEASURE_NS);
	count = __rdtsc() - count;
	printf("%llu\n", count * 1000000 / (end - begin));
	return 0;
}
