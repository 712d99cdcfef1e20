#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Streams by name: their nodes, their lives, who may what, and what they may take.

load helpers

TOOL=$BUILD/bin/ringlog
NODES=/dev/streams

load_small() {
	load_module ring_bytes=64K
}

@test "streams: they come and go" {
	load_small
	"$SELFTESTS/streams-life"
}

@test "streams: deletion wakes whoever waits" {
	load_small
	"$SELFTESTS/streams-wake"
}

@test "streams: modes" {
	load_small
	"$SELFTESTS/streams-modes"
}

@test "streams: limits" {
	load_small
	"$SELFTESTS/streams-limits"
}

@test "streams: events" {
	load_small
	"$SELFTESTS/streams-events"
}

# as UID GID COMMAND...: as somebody without privileges
as() {
	setpriv --reuid "$1" --regid "$2" --clear-groups "${@:3}"
}

@test "streams: read and write by others, in a shell" {
	load_small
	"$TOOL" stream add --owner 1234:5678 --mode 0620 log
	[[ $(stat -c %a:%u:%g "$NODES/log") == 620:1234:5678 ]]
	as 77 5678 sh -c "echo hi > $NODES/log"
	fails as 77 5678 head -n1 "$NODES/log" 2>err
	holds 'Permission denied' err
	fails as 77 77 sh -c "echo ho > $NODES/log" 2>err
	holds 'Permission denied' err
	[[ $(as 1234 77 head -n1 "$NODES/log") == hi ]]
	as 1234 77 "$TOOL" stream show log >shown
	holds log shown
	fails as 77 5678 "$TOOL" stream show log 2>err
	holds 'no such stream' err
	fails as 1234 5678 "$TOOL" stream del log
	[[ -c $NODES/log ]]
	"$TOOL" stream del log
	[[ ! -e $NODES ]]
}

# --- memory control groups

@test "streams: memory is charged to who makes them" {
	local mine
	load_small
	in_group true
	mine=$(charged)
	in_group "$TOOL" stream add --ring 16M large
	echo "# before: $mine, after: $(charged)"
	(($(charged) >= mine + (16 << 20)))
	# Who made it is gone, and nothing but what belongs to the rings came with them.
	(($(charged) < mine + (17 << 20)))
	"$TOOL" stream del large
	gives_back
}

@test "streams: memory is charged until the last file is closed" {
	load_small
	in_group "$TOOL" stream add --ring 16M large
	exec 9<>"$NODES/large"
	"$TOOL" stream del large
	[[ ! -e $NODES ]]
	echo 3 >/proc/sys/vm/drop_caches
	(($(charged) >= 16 << 20))
	exec 9>&-
	gives_back
}

oom_kills() {
	awk '$1 == "oom_kill" { print $2 }' "$GROUP/memory.events"
}

@test "streams: more than the group may have is refused, and nobody is killed" {
	local partitions
	load_small
	in_group true
	echo 24M >"$GROUP/memory.max"
	for partitions in 1 2 7; do
		run in_group "$TOOL" stream add --partitions $partitions \
			--ring $((partitions == 7 ? 4 : 32))M large
		echo "$output"
		[[ $status == 1 ]]
		[[ $output == *'there is no memory for it'* ]]
		[[ ! -e $NODES ]]
		[[ $(oom_kills) == 0 ]]
	done
	[[ $("$TOOL" stream list | grep -c large) == 0 ]]
	# What fits is made still, and with the group's own means.
	in_group "$TOOL" stream add --ring 8M fits
	(($(charged) >= 8 << 20))
	"$TOOL" stream del fits
	gives_back
}
