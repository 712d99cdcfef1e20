#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The programs of Documentation/examples do what they say at their tops.

load helpers

EXAMPLES=$BUILD/examples
# The library is where tests/examples installs it.
export LD_LIBRARY_PATH=$BUILD/stage/usr/local/lib

@test "examples: producer says where each line went, and keeps keys together" {
	load_module ring_bytes=64K partitions=4
	printf 'a\tone\na\ttwo\nno key\na\tthree\n' | "$EXAMPLES/producer" >sent
	cat sent
	[[ $(wc -l <sent) == 4 ]]
	[[ $(grep -cx 'partition [0-3] offset [0-9]*' sent) == 4 ]]
	# The lines of one key: one partition, in order.
	[[ $(sed -n '1p;2p;4p' sent | cut -d ' ' -f 2 | sort -u | wc -l) == 1 ]]
	sed -n '1p;2p;4p' sent | cut -d ' ' -f 4 | sort -nuc
	timeout 60 cat "$DEVICE" >values &
	retry test "$(info records)" = 4
	retry holds three values
	kill $!
	# The key is not a part of the value.
	fails grep -q a$'\t' values
}

@test "examples: producer refuses what is no stream" {
	load_module ring_bytes=64K
	fails "$EXAMPLES/producer" /dev/null <<<hello 2>said
	holds /dev/null said
	fails "$EXAMPLES/producer" nowhere <<<hello 2>said
	holds 'nowhere: No such file' said
}

@test "examples: consumer counts the words of what is there and of what comes" {
	load_module ring_bytes=64K
	printf 'one two  three\n\tkey is none of it\n' | "$EXAMPLES/producer" >/dev/null
	"$EXAMPLES/consumer" default 3 >counted &
	retry holds 'offset 1' counted
	retry is_asleep $!
	printf 'last' >"$DEVICE"
	wait $!
	diff - counted <<-'END'
		partition 0 offset 0: 3 words
		partition 0 offset 1: 5 words
		partition 0 offset 2: 1 words
	END
}

@test "examples: consumer begins at the oldest record that is left" {
	load_module ring_bytes=64K
	# More than the ring holds.
	seq 3000 | "$EXAMPLES/producer" >/dev/null
	printf 'the last one' >"$DEVICE"
	"$EXAMPLES/consumer" default 1 >counted 2>said
	cat counted said
	local first
	first=$(sed -n 's/^partition 0 offset \([0-9]*\): 1 words$/\1/p' counted)
	((first > 0 && first < 3000))
	"$EXAMPLES/consumer" default $((3001 - first)) >counted
	[[ $(tail -n 1 counted) == 'partition 0 offset 3000: 3 words' ]]
}

@test "examples: epoll follows several streams" {
	load_module ring_bytes=64K
	"$BUILD/bin/ringlog" stream add other --ring 64K
	echo old >"$DEVICE"
	"$EXAMPLES/epoll" 4 default other >followed &
	retry holds ready followed
	printf one >"$DEVICE"
	printf two >/dev/streams/other
	retry holds two followed
	printf three >"$DEVICE"
	printf four >/dev/streams/other
	wait $!
	sort followed | diff - <(sort <<-'END'
		ready
		default: one
		other: two
		default: three
		other: four
	END
	)
	"$BUILD/bin/ringlog" stream del other
}

@test "examples: uring reads what is there and what comes" {
	load_module ring_bytes=64K
	printf 'k\tfirst\nsecond\n' | "$EXAMPLES/producer" >/dev/null
	"$EXAMPLES/uring" default 3 >seen &
	retry is_asleep $!
	printf third >"$DEVICE"
	wait $!
	diff - seen <<-'END'
		partition 0 offset 0: first
		partition 0 offset 1: second
		partition 0 offset 2: third
	END
}

@test "examples: window reads by mmap with no library" {
	load_module ring_bytes=64K
	printf 'k\tfirst\nsecond\n' | "$EXAMPLES/producer" >/dev/null
	"$EXAMPLES/window" 3 >seen &
	retry is_asleep $!
	printf third >"$DEVICE"
	wait $!
	diff - seen <<-'END'
		offset 0: first
		offset 1: second
		offset 2: third
	END
}

@test "examples: window goes on when it was lapped, at every record that lasts" {
	load_module ring_bytes=64K
	seq 5000 >numbers
	"$EXAMPLES/window" 5001 >seen &
	retry is_asleep $!
	# Five rings' worth while it reads: what it shows is whole and in order.
	"$EXAMPLES/producer" <numbers >/dev/null
	retry holds 'offset 4999: 5000' seen
	kill $!
	awk 'BEGIN { last = -1 }
		$2 + 0 <= last || $3 != $2 + 1 { print; bad = 1 }
		{ last = $2 + 0 }
		END { exit bad }' seen
}
