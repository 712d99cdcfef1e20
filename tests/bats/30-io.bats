#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Reading, writing and the calls' errors, by the programs of tests/selftests:
# a failed one names the failing points.

load helpers

for_one_and_several() {
	load_module ring_bytes=64K partitions=1
	"$SELFTESTS/$1"
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/$1"
}

@test "io: errors, and that they change nothing" {
	for_one_and_several uapi
}

@test "io: errors on a stream that blocks" {
	load_module ring_bytes=64K policy=block partitions=2
	"$SELFTESTS/uapi"
}

@test "io: plain reads and writes" {
	for_one_and_several io
}

@test "io: plain reads and writes on a stream that blocks" {
	load_module ring_bytes=64K policy=block partitions=2
	"$SELFTESTS/io"
}

@test "io: batches" {
	for_one_and_several batch
}

@test "io: batches with a small max_record" {
	load_module ring_bytes=64K max_record=4000 partitions=2
	"$SELFTESTS/batch"
}

@test "io: seeks" {
	for_one_and_several attach
}

@test "io: open files" {
	for_one_and_several fds
}

@test "io: all 64 partitions" {
	load_module ring_bytes=64K partitions=64
	"$SELFTESTS/io" turns fair lseek pinned oldest
	"$SELFTESTS/batch" runs fit
	"$SELFTESTS/attach" REPLACE mode
}

@test "io: a large ring" {
	load_module ring_bytes=16M partitions=1
	"$SELFTESTS/batch" bounded
	"$SELFTESTS/io" killed
}

@test "io: a ring of another size" {
	load_module ring_bytes=1M
	"$SELFTESTS/io" sizes counts
	"$SELFTESTS/attach" offset
}
