#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# io_uring.

load helpers

@test "uring: one partition" {
	load_module ring_bytes=64K
	"$SELFTESTS/uring"
}

@test "uring: several partitions, on a stream that blocks" {
	load_module ring_bytes=64K partitions=2 policy=block
	"$SELFTESTS/uring"
}
