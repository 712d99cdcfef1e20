# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's rows (bytes, system, how it waits, p50, p99, p99.9, max) as a table for people.

BEGIN {
	FS = "\t"
	printf "%-8s %-22s %-8s %10s %10s %10s %12s\n", "one way", "ns", "receiver", "p50", "p99",
	       "p99.9", "max"
}

{
	printf "%-8s %-22s %-8s %10.0f %10.0f %10.0f %12.0f\n",
	       ($1 >= 1024 ? $1 / 1024 " KiB" : $1 " B"), $2, $3, $4, $5, $6, $7
}
