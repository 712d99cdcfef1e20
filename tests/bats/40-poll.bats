#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Waiting: poll, epoll, WAIT, signals.

load helpers

for_one_and_several() {
	load_module ring_bytes=64K partitions=1
	"$SELFTESTS/$1"
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/$1"
}

@test "poll: poll, select, epoll" {
	for_one_and_several poll
}

@test "poll: edge-triggered epoll" {
	for_one_and_several edge
}

@test "poll: WAIT" {
	for_one_and_several wait
}

@test "poll: on a stream that blocks" {
	load_module ring_bytes=64K partitions=2 policy=block
	"$SELFTESTS/poll"
	"$SELFTESTS/edge"
	"$SELFTESTS/wait"
}
