# SPDX-License-Identifier: GPL-2.0-only
# The rows of tests/bench/dump as a table, and whether the target is met. One that is missed is
# told and no failure; rows that are missing or that lack objects are one.

BEGIN {
	FS = "\t"
	LIMIT = 1.5
	# The default stream has one partition, and a network its loopback.
	wanted["partitions"] = 16001
	wanted["links"] = 1001
	printf "%-12s %14s %10s %8s %12s %12s\n", "list", "instructions", "bytes", "objects", \
	       "per byte", "per object"
}

{
	printf "%-12s %14d %10d %8d %12.2f %12.0f\n", $1, $2, $3, $4, $2 / $3, $2 / $4
	per_byte[$1] = $2 / $3
	found += $4 == wanted[$1]
}

END {
	if (found != 2) {
		print "dump: the lists are not what was made" > "/dev/stderr"
		exit 1
	}
	ratio = per_byte["partitions"] / per_byte["links"]
	printf "\n%-5s partitions / links, per byte %8.3f (at most %.1f)\n", \
	       ratio <= LIMIT ? "PASS" : "SHORT", ratio, LIMIT
}
