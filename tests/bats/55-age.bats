#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Records that are too old.

load helpers

RINGLOG=$BUILD/bin/ringlog
AGE_MS=1000

# load_with_age MS [PARAMETER=VALUE]...
load_with_age() {
	[[ -x $RINGLOG ]] || skip 'there is nothing yet that sets an age'
	load_module "${@:2}"
	"$RINGLOG" stream set default --age "$1ms"
}

for_one_and_several() {
	load_with_age "$AGE_MS" ring_bytes=64K partitions=1 policy="$1"
	"$SELFTESTS/age" "$AGE_MS"
	load_with_age "$AGE_MS" ring_bytes=64K partitions=3 policy="$1"
	"$SELFTESTS/age" "$AGE_MS"
}

@test "age: overwrite" {
	for_one_and_several overwrite
}

@test "age: block" {
	for_one_and_several block
}

@test "age: reject" {
	for_one_and_several reject
}

@test "age: a shell finds nothing that is too old" {
	load_with_age "$AGE_MS" ring_bytes=64K
	echo old >"$DEVICE"
	is_empty() {
		[[ $(info oldest_offset) == "$(info next_offset)" ]]
	}
	retry is_empty
	fails dd if="$DEVICE" iflag=nonblock bs=64K status=none
	# For ever again.
	"$RINGLOG" stream set default --age 0
	echo young >"$DEVICE"
	[[ $(head -n 1 "$DEVICE") == young ]]
}
