#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What a full ring does.

load helpers

for_one_and_several() {
	load_module ring_bytes=64K partitions=1 policy="$1"
	"$SELFTESTS/policy" "$1"
	load_module ring_bytes=64K partitions=3 policy="$1"
	"$SELFTESTS/policy" "$1"
}

@test "policy: overwrite" {
	for_one_and_several overwrite
}

@test "policy: block" {
	for_one_and_several block
}

@test "policy: reject" {
	for_one_and_several reject
}

@test "policy: reject says so in a shell" {
	load_module ring_bytes=64K policy=reject
	fails dd if=/dev/zero of="$DEVICE" bs=4096 status=none 2>err
	holds 'No buffer space available' err
	[[ $(info oldest_offset) == 0 ]]
}
