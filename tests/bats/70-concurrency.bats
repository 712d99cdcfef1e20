#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Many at once, kills and stalls.

load helpers

@test "stress: every record once and in order" {
	load_module ring_bytes=64K partitions=1 policy=block
	"$SELFTESTS/stress" exact 4 3 800
	load_module ring_bytes=64K partitions=3 policy=block
	"$SELFTESTS/stress" exact 4 3 800
}

@test "stress: holes only where a loss is told" {
	load_module ring_bytes=64K partitions=1
	"$SELFTESTS/stress" holes 4 4 1500
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/stress" holes 4 4 1500
}

@test "stress: producers and consumers are killed" {
	load_module ring_bytes=64K partitions=2 policy=block
	"$SELFTESTS/stress" kill 4 2 1500
}

@test "stall: one partition" {
	load_module ring_bytes=64K
	"$SELFTESTS/stall"
}

@test "stall: several partitions, on a stream that blocks" {
	load_module ring_bytes=64K partitions=2 policy=block
	"$SELFTESTS/stall"
}
