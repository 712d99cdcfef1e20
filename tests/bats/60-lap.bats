#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Readers that are overtaken.

load helpers

@test "lap: one partition" {
	load_module ring_bytes=64K
	"$SELFTESTS/lap"
}

@test "lap: several partitions" {
	load_module ring_bytes=64K partitions=3
	"$SELFTESTS/lap"
}

@test "lap: a stream that blocks, without gates" {
	load_module ring_bytes=64K partitions=2 policy=block
	"$SELFTESTS/lap"
}

@test "lap: cat stops with the loss" {
	local reader
	load_module ring_bytes=64K
	cat "$DEVICE" >out 2>err &
	reader=$!
	retry waits_in_call "$reader" 0
	kill -STOP "$reader"
	seq 5000 | grep --line-buffered . >"$DEVICE"
	kill -CONT "$reader"
	fails wait "$reader"
	holds 'Broken pipe' err
}
