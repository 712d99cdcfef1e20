#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Loading: the parameters, what they refuse, and unloading.

load helpers

@test "load: the defaults" {
	load_module
	[[ $(info partitions) == 1 ]]
	[[ $(info policy) == 0 ]]
	[[ $(info max_record) == 131072 ]]
	[[ $(stat -c %a:%u:%g "$DEVICE") == 600:0:0 ]]
}

@test "load: partitions" {
	local n
	for n in 1 2 7 64 1024; do
		load_module partitions=$n ring_bytes=64K
		[[ $(info partitions) == "$n" ]]
	done
}

@test "load: partitions out of range" {
	local bad
	for bad in 0 1025 4096 4294967295; do
		refuses partitions partitions=$bad
	done
}

@test "load: partitions that are no number" {
	local bad
	for bad in -1 many '' 1x 4294967296; do
		refuses partitions "partitions=$bad"
	done
}

@test "load: ring_bytes" {
	local -A bytes=([64K]=65536 [65536]=65536 [1M]=1048576 [4m]=4194304 [0x20000]=131072)
	local size
	for size in "${!bytes[@]}"; do
		load_module "ring_bytes=$size"
		[[ $(info ring_bytes) == "${bytes[$size]}" ]]
	done
}

@test "load: ring_bytes out of range" {
	local bad
	for bad in 0 1 4096 32K 65535 2G 1T; do
		refuses ring_bytes ring_bytes=$bad
	done
}

@test "load: ring_bytes that are no power of two" {
	local bad
	for bad in 65537 96K 3M 1000000; do
		refuses 'ring_bytes.*power' ring_bytes=$bad
	done
}

@test "load: ring_bytes that are no number" {
	local bad
	for bad in '' big 64Q 64KK K -64K; do
		refuses ring_bytes "ring_bytes=$bad"
	done
}

@test "load: policy" {
	local policy number=0
	for policy in overwrite block reject; do
		load_module policy=$policy ring_bytes=64K
		[[ $(info policy) == "$((number++))" ]]
	done
}

@test "load: unknown policy" {
	local bad
	for bad in '' Block blocking 0 overwrit; do
		refuses policy "policy=$bad"
	done
}

@test "load: max_record" {
	load_module ring_bytes=1M max_record=64K
	[[ $(info max_record) == 65536 ]]
	load_module ring_bytes=1M max_record=128K
	[[ $(info max_record) == 131072 ]]
	load_module ring_bytes=8M max_record=1M
	[[ $(info max_record) == 1048576 ]]
	load_module ring_bytes=64K max_record=32
	[[ $(info max_record) == 32 ]]
}

@test "load: the default max_record is never above an eighth of the ring" {
	load_module ring_bytes=64K
	[[ $(info max_record) == 8192 ]]
	load_module ring_bytes=512K
	[[ $(info max_record) == 65536 ]]
	load_module ring_bytes=16M
	[[ $(info max_record) == 131072 ]]
}

@test "load: max_record above an eighth of the ring or 1 MiB" {
	refuses max_record ring_bytes=64K max_record=8224
	refuses max_record ring_bytes=64K max_record=128K
	refuses max_record ring_bytes=1M max_record=256K
	refuses max_record ring_bytes=16M max_record=2M
	refuses max_record ring_bytes=16M max_record=1048608
}

@test "load: max_record that is no number" {
	local bad
	for bad in '' large 64Q -1; do
		refuses max_record "max_record=$bad"
	done
}

@test "load: mode" {
	local mode
	for mode in 0600 0666 0640 0220 444; do
		load_module mode=$mode
		[[ $(stat -c %a "$DEVICE") == "$(printf '%o' "0$mode")" ]]
	done
}

@test "load: mode lets others in, or not" {
	load_module mode=0600
	fails setpriv --reuid 65534 --clear-groups dd if=/dev/null of="$DEVICE" 2>err
	holds 'Permission denied' err
	load_module mode=0666
	setpriv --reuid 65534 --clear-groups sh -c 'echo hi > /dev/stream'
	[[ $(info records) == 1 ]]
	load_module mode=0644
	fails setpriv --reuid 65534 --clear-groups sh -c 'echo hi > /dev/stream' 2>err
	echo ho >"$DEVICE"
	[[ $(setpriv --reuid 65534 --clear-groups head -n1 "$DEVICE") == ho ]]
}

@test "load: mode that is no mode" {
	local bad
	for bad in '' 0 9 0888 rw 01000 07777 17777777777; do
		refuses mode "mode=$bad"
	done
}

@test "load: memory_limit" {
	load_module partitions=4 ring_bytes=64K memory_limit=4M
	refuses memory_limit partitions=4 ring_bytes=64K memory_limit=128K
	refuses memory_limit partitions=2 ring_bytes=1M memory_limit=1M
}

@test "load: memory_limit that is no number" {
	local bad
	for bad in '' much 1Q; do
		refuses memory_limit "memory_limit=$bad"
	done
}

@test "load: half of memory is the limit" {
	refuses memory_limit partitions=64 ring_bytes=1G
	# And nothing was killed to find out.
	log_since_setup >log
	fails grep -i 'out of memory' log
}

@test "load: unload is refused while open" {
	load_module
	exec 9<"$DEVICE"
	fails rmmod ringlog
	echo still here >"$DEVICE"
	exec 9<&-
	rmmod ringlog
	[[ ! -e $DEVICE ]]
}

@test "load: each life is another incarnation, and empty" {
	local first
	load_module ring_bytes=64K
	first=$(info incarnation)
	[[ $first != 0 ]]
	echo gone >"$DEVICE"
	load_module ring_bytes=64K
	[[ $(info incarnation) != "$first" ]]
	[[ $(info records) == 0 ]]
	[[ $(info next_offset) == 0 ]]
}

@test "load: only once" {
	load_module
	fails insmod "$RINGLOG_KO"
	echo hi >"$DEVICE"
	[[ $(info records) == 1 ]]
}
