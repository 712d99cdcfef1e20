// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ringlog and its peers cost, in instructions, in a guest whose clock
 * counts them. Prints rows of case, bytes, readers, system and instructions.
 *
 *	insn			everything that one partition can do
 *	insn roundtrip		what needs two
 */
#include <err.h>
#include <string.h>

#include "bench.h"

int main(int argc, char **argv)
{
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "roundtrip") != 0))
		errx(2, "usage: insn [roundtrip]");
	bench_lock_memory();
	bench_calibrate();
	if (argc == 2) {
		case_roundtrip();
		return 0;
	}
	case_floors();
	/* These two are of the first lap. */
	case_batch_copy();
	case_append();
	case_append_lapping();
	case_append_wake();
	case_read();
	case_batch();
	case_batch_uds();
	case_fanout();
	case_mmap_read();
	case_mmap_fanout();
	return 0;
}
