#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Windows of partitions, and readers that map them.

load helpers

@test "map: windows" {
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/map"
}

@test "map: a window of another size" {
	load_module ring_bytes=8M partitions=1
	"$SELFTESTS/map"
}

@test "map: readers" {
	load_module ring_bytes=64K partitions=1
	"$SELFTESTS/map-wait"
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/map-wait"
}

@test "map: readers for which writers wait" {
	load_module ring_bytes=64K policy=block partitions=2
	"$SELFTESTS/map-wait"
	load_module ring_bytes=64K policy=reject partitions=2
	"$SELFTESTS/map-wait" gates
}

@test "map: streams that are changed and deleted" {
	load_module ring_bytes=64K
	"$SELFTESTS/streams-map"
}

@test "map: what a consumer costs" {
	load_module ring_bytes=64K partitions=2
	"$SELFTESTS/zerocopy"
}

# A minute and more on a machine of its own: zerocopy lap 60, zerocopy hunt 10000000.
@test "map: consumers that are lapped" {
	load_module ring_bytes=64K
	"$SELFTESTS/zerocopy" lap 10
}

@test "map: no wakeup is lost" {
	load_module ring_bytes=64K partitions=2
	"$SELFTESTS/zerocopy" hunt 20000
}
