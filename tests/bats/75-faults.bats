#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Allocations that fail, one after the other.

load helpers

DEBUGFS=/sys/kernel/debug

can_fail() {
	[[ -e /proc/self/fail-nth && -d $DEBUGFS/failslab && -d $DEBUGFS/fail_page_alloc ]]
}

# Sets a knob; what it was goes to the file that teardown_file reads.
turn() {
	echo "$1 $(<"$1")" >>"$BATS_FILE_TMPDIR/knobs"
	echo "$2" >"$1"
}

# Allocations that may wait fail too, those of single pages, and those of user memory; a fault
# prints nothing. Which ones fail, the test says for each task: of what is in debugfs nothing
# strikes a task that did not ask for it.
turn_knobs() {
	local dir
	for dir in "$DEBUGFS"/failslab "$DEBUGFS"/fail_page_alloc; do
		turn "$dir/ignore-gfp-wait" N
		turn "$dir/verbose" 0
		turn "$dir/task-filter" Y
		turn "$dir/interval" 1
		turn "$dir/times" -1
		turn "$dir/probability" 100
	done
	turn "$DEBUGFS/fail_page_alloc/min-order" 0
	turn "$DEBUGFS/fail_page_alloc/ignore-gfp-highmem" N
	[[ ! -d $DEBUGFS/fail_usercopy ]] || turn "$DEBUGFS/fail_usercopy/verbose" 0
	# A load that fails waits for several grace periods.
	turn /sys/kernel/rcu_expedited 1
}

setup_file() {
	can_fail || return 0
	: >"$BATS_FILE_TMPDIR/knobs"
	turn_knobs
	forget_leaks
}

# In reverse, so that the task filter goes after the probability.
teardown_file() {
	local knob value
	can_fail || return 0
	while read -r knob value; do
		echo "$value" >"$knob"
	done < <(tac "$BATS_FILE_TMPDIR/knobs")
}

# faults PROGRAM [NAME]: in a group of its own, whose memory must come back.
faults() {
	can_fail || skip "this kernel cannot fail allocations"
	unload_module
	in_group "$SELFTESTS/faults-$1" "$RINGLOG_KO" "${@:2}"
	fails is_loaded
	gives_back
}

@test "faults: loading" {
	faults load
}

@test "faults: calls" {
	faults calls
}

@test "faults: opening" {
	faults memory open
}

@test "faults: mapping" {
	faults memory mmap
}

@test "faults: gates" {
	faults memory gates
}

@test "faults: staging" {
	faults memory staged
}

@test "faults: making a stream" {
	faults netlink stream-new
}

@test "faults: changes and questions" {
	faults netlink requests
}

@test "faults: lists" {
	faults netlink lists
}

@test "faults: subscribing, and what is told" {
	faults netlink subscribing events
}

@test "faults: nothing was leaked" {
	can_fail || skip "this kernel cannot fail allocations"
	check_leaks
}
