#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Lists of streams and partitions, in parts and while things change.

load helpers

# Nothing of a list that was given up holds the module.
dumps() {
	load_module ring_bytes=64K
	"$SELFTESTS/dumps" "$1"
	unload_module
}

@test "dumps: each stream once, whatever the buffer" {
	dumps 'each stream'
}

@test "dumps: each partition once, whatever the buffer" {
	dumps 'each partition'
}

@test "dumps: what changes meanwhile is told" {
	dumps 'in the middle'
	dumps 'before the end'
}

@test "dumps: a stream that goes half told" {
	dumps 'half told'
}

@test "dumps: of no stream" {
	dumps 'no stream'
}

@test "dumps: given up" {
	dumps 'given up'
}
