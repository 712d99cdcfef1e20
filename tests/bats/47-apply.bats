#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The ringlog tool: files that say what streams there are to be, and completion.

load helpers
load tool

@test "apply: streams are made and changed" {
	load_module
	cat >file <<-'END'
		// of the shop
		{"streams": [
			{"name": "orders", "partitions": 4, "ring": "64K", "policy": "block", "age": "1h"},
			/* and */
			{"name": "audit", "ring": 65536, "mode": "0640", "first_offsets": {"0": 77}}
		]}
	END
	ringlog apply --dry-run file >planned
	[[ $(ringlog stream list --names) == default ]]
	ringlog apply file >changed
	cmp planned changed
	[[ $(ringlog stream list --names) == $'audit\ndefault\norders' ]]
	[[ $(member orders partitions) == 4 && $(member orders age) == 3600000000000 ]]
	[[ $(ringlog -j partition list audit | jq '.[].next_offset') == 77 ]]
	silent ringlog apply file
	sed -i 's/1h/2h/' file
	[[ $(ringlog apply --dry-run file) == '~ stream orders age 1h -> 2h' ]]
	[[ $(member orders age) == 3600000000000 ]]
	[[ $(ringlog apply - <file) == '~ stream orders age 1h -> 2h' ]]
	[[ $(member orders age) == 7200000000000 ]]
}

@test "apply: prints what it does" {
	load_module
	echo '{"streams": [{"name": "orders", "partitions": 2, "age": "1h"}]}' >file
	[[ $(ringlog apply file) == '+ stream orders partitions 2 age 1h' ]]
	echo '{"streams": []}' >file
	silent ringlog apply file
	[[ $(ringlog -j apply --prune --dry-run file | jq -r '"\(.action) \(.name)"') == 'delete orders' ]]
	[[ $(ringlog apply --prune file) == '- stream orders' ]]
	[[ $(ringlog stream list --names) == default ]]
}

@test "apply: refuses what is fixed for life" {
	load_module
	ringlog stream add orders --partitions 2
	echo '{"streams": [{"name": "new"}, {"name": "orders", "partitions": 3}]}' >file
	declines 1 'apply: file: streams\[1\]\.partitions: 3, but stream orders has 2.*delete' apply file
	declines 1 'apply: file: streams\[1\]\.partitions: 3' apply --dry-run file
	echo '{"streams": [{"name": "new"}, {"name": "default", "ring": "64K"}]}' >file
	declines 1 'apply: file: streams\[1\]\.ring: .*parameter of the module' apply file
}

@test "apply: refuses a file that is wrong" {
	load_module
	declines 1 'apply: none: No such file' apply none
	declines 1 'apply: .: Is a directory' apply .
	echo '{"streams": [{"name": "a"}, {"name": "b", "polcy": 1}]}' >file
	declines 1 'apply: file: streams\[1\]\.polcy: no such setting' apply file
	echo '{"streams": [{"name": "a"}, {"name": "b", "ring": "3M"}]}' >file
	declines 1 'apply: file: streams\[1\]\.ring: ' apply file
	echo '{"streams": [{"name": "a"}, {"name": "a"}]}' >file
	declines 1 'apply: file: streams\[1\]\.name: a is there twice' apply file
	printf '{"streams": [\n{"name": }]}' >file
	declines 1 'apply: file: line 2: ' apply file
	: >file
	declines 1 'apply: file: it is empty' apply file
}

@test "tool: save" {
	load_module
	ringlog stream add orders --partitions 4 --ring 64K --policy block --max-record 4K \
		--age 1h --budget 5ms --partitioner turn --owner nobody:daemon --mode 0640
	ringlog stream add audit --max-record 65504
	ringlog save >file
	silent ringlog apply file
	silent ringlog apply --prune file
	ringlog save | silent ringlog apply -
	settings >before
	ringlog stream del orders audit
	ringlog apply file >/dev/null
	cmp <(jq -S 'map(del(.id, .incarnation, .created))' before) \
		<(settings | jq -S 'map(del(.id, .incarnation, .created))')
	[[ $(ringlog save orders | jq -r '.streams[].name') == orders ]]
	[[ $(ringlog save 'a*' | jq -r '.streams[].name') == audit ]]
	run ringlog save none
	[[ $status == 1 ]]
}

@test "tool: completion" {
	load_module
	ringlog stream add orders
	# shellcheck source=/dev/null
	. "$PROJECT/tools/completions/ringlog"
	completes() {
		COMP_WORDS=("$RINGLOG" "${@:2}") COMP_CWORD=$(($# - 1))
		_ringlog
		[[ "${COMPREPLY[*]}" == "$1" ]] || {
			echo "completed ${*:2} to: ${COMPREPLY[*]}"
			return 1
		}
	}
	completes 'stream save' s
	completes 'add set del list show purge' stream ''
	completes orders stream show o
	completes 'overwrite block reject' stream add new --policy ''
	completes '--partition' stream purge orders --p
	completes default partition list d
}
