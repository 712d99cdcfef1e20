#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Streams by name: thousands of them, and those that come and go while they are used.

load helpers

@test "streams: 4,096 at once" {
	load_module ring_bytes=64K
	"$SELFTESTS/streams-many" 4096
	rmmod ringlog
	[[ ! -e /dev/streams && ! -e /sys/class/ringlog ]]
}

@test "streams: unloading drops those that there are" {
	local i
	load_module ring_bytes=64K
	for i in {1..20}; do
		"$BUILD/bin/ringlog" stream add "s$i" --ring 64K >>made
		echo "$i" >"/dev/streams/s$i"
	done
	exec 9<"/dev/streams/s7"
	fails rmmod ringlog
	[[ $(head -n1 /dev/streams/s20) == 20 ]]
	exec 9<&-
	rmmod ringlog
	[[ ! -e /dev/streams && ! -e /sys/class/ringlog ]]
}

@test "streams: thousands come and go while they are used" {
	load_module ring_bytes=64K
	# A kernel that watches everything has the time for some; it sees more in each.
	"$SELFTESTS/streams-race" "$((${TEST_SECONDS:-0} < 900 ? 10000 : 1000))"
}
