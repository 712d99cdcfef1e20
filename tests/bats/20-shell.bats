#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What people do with it in a shell.

load helpers

@test "shell: echo and head" {
	load_module
	echo hi >"$DEVICE"
	[[ $(head -n1 "$DEVICE") == hi ]]
	[[ $(info bytes) == 3 ]]
}

@test "shell: echo appends, each a record" {
	load_module
	echo one >"$DEVICE"
	echo two >>"$DEVICE"
	printf three >"$DEVICE"
	[[ $(info records) == 3 ]]
	[[ $(dd if="$DEVICE" bs=100 count=3 status=none) == $'one\ntwo\nthree' ]]
}

@test "shell: redirecting nothing appends nothing" {
	load_module
	: >"$DEVICE"
	printf '' >"$DEVICE"
	[[ $(info records) == 0 ]]
}

@test "shell: each reader starts at the oldest" {
	load_module
	seq 3 | while read -r line; do echo "$line" >"$DEVICE"; done
	[[ $(head -n3 "$DEVICE") == $'1\n2\n3' ]]
	[[ $(head -n2 "$DEVICE") == $'1\n2' ]]
}

@test "shell: cat waits, and wakes" {
	local reader
	load_module
	echo early >"$DEVICE"
	cat "$DEVICE" >out &
	reader=$!
	retry holds early out
	retry waits_in_call "$reader" 0
	echo late >"$DEVICE"
	retry holds late out
	[[ $(<out) == $'early\nlate' ]]
}

@test "shell: timeout ends cat" {
	load_module
	echo all >"$DEVICE"
	run timeout 2 cat "$DEVICE"
	[[ $status == 124 ]]
	[[ $output == all ]]
}

@test "shell: cat of a file comes whole" {
	load_module ring_bytes=4M
	head -c 1000000 /dev/urandom >file
	cat file >"$DEVICE"
	[[ $(info records) == "$(((1000000 + 131071) / 131072))" ]]
	[[ $(info bytes) == 1000000 ]]
	dd if="$DEVICE" of=copy bs=128K count=8 status=none
	cmp file copy
}

@test "shell: dd" {
	load_module
	printf 0123456789 >file
	dd if=file of="$DEVICE" bs=5 status=none
	[[ $(info records) == 2 ]]
	dd if="$DEVICE" of=copy bs=64 count=2 status=none
	cmp file copy
	dd if="$DEVICE" of=copy bs=64 iflag=nonblock status=none 2>err || true
	cmp file copy
	holds 'Resource temporarily unavailable' err
}

@test "shell: a short buffer says so" {
	load_module
	echo 0123456789 >"$DEVICE"
	fails dd if="$DEVICE" bs=4 count=1 status=none 2>err
	holds 'Message too long' err
	[[ $(dd if="$DEVICE" bs=11 count=1 status=none) == 0123456789 ]]
}

@test "shell: a record too large says so" {
	load_module ring_bytes=64K
	fails dd if=/dev/zero of="$DEVICE" bs=8193 count=1 status=none 2>err
	holds 'Message too long' err
	dd if=/dev/zero of="$DEVICE" bs=8192 count=1 status=none
	[[ $(info records) == 1 ]]
}

@test "shell: grep" {
	load_module
	printf 'alpha\n' >"$DEVICE"
	printf 'beta\n' >"$DEVICE"
	printf 'gamma\n' >"$DEVICE"
	[[ $(grep -m1 --line-buffered eta "$DEVICE") == beta ]]
}

@test "shell: tee" {
	load_module
	[[ $(echo both | tee "$DEVICE") == both ]]
	[[ $(head -n1 "$DEVICE") == both ]]
}

@test "shell: a pipeline that goes on" {
	load_module
	grep --line-buffered got <"$DEVICE" | cat >out &
	echo got 1 >"$DEVICE"
	retry holds 'got 1' out
	printf 'not this\n' >"$DEVICE"
	echo got 2 >"$DEVICE"
	retry holds 'got 2' out
	[[ $(<out) == $'got 1\ngot 2' ]]
}

@test "shell: several readers get everything" {
	local i
	load_module
	for i in 1 2 3; do
		cat "$DEVICE" >"out$i" &
	done
	seq 100 | grep --line-buffered . >"$DEVICE"
	for i in 1 2 3; do
		retry holds '^100$' "out$i"
		cmp "out$i" <(seq 100)
	done
}

@test "shell: what was written survives its writer" {
	load_module
	sh -c 'echo last words > /dev/stream; kill -KILL $$' || true
	[[ $(head -n1 "$DEVICE") == 'last words' ]]
}

@test "shell: the newest records stay" {
	local first
	load_module ring_bytes=64K
	# One write a line.
	seq 3000 | grep --line-buffered . >"$DEVICE"
	[[ $(info records) == 3000 ]]
	first=$(head -n1 "$DEVICE")
	[[ $first == "$(($(info oldest_offset) + 1))" ]]
	((first > 1 && first <= 3000))
}
