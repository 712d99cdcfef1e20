#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The call fuzzer, briefly and always from the same seed: make fuzz is for more.

load helpers

FUZZ=$BUILD/fuzz/fuzz

@test "fuzz: random programs of calls find nothing" {
	"$FUZZ" --module "$RINGLOG_KO" --seed 20260 --time 12 --out "$BATS_TEST_TMPDIR" >said || {
		cat said
		return 1
	}
	# How many depends on the machine.
	grep -Eq '^fuzz: done, .* [1-9][0-9]* programs' said
}

@test "fuzz: a program is read back as it was written" {
	cat >one.prog <<-'END'
		# config partitions=3 policy=block ring_bytes=65536 max_record=8192
		threads 2 setup 2
		0 open s0 0x802
		0 open s1 0x1
		0 write s1 w+0x0 0x40
		0 read s0 r+0x0 0x1000
		1 attach s0 0x30 r+0x0 0xffffffff 0x6 0x0 0x0 0x0
		1 append s1 0x28 r+0x0 0x1 0x0 0x24 0x0 w+0x10
		1 die
	END
	"$FUZZ" --module "$RINGLOG_KO" --replay one.prog --times 5 --workers 1 >said
	grep -q '^fuzz: done' said
	echo '0 nonsense s0' >>one.prog
	fails "$FUZZ" --module "$RINGLOG_KO" --replay one.prog
}
