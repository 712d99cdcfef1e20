#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The ringlog tool: events, and who may do and see what.

load helpers
load tool

STREAMS=/dev/streams

unprivileged() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# Changes something until the monitor has seen it: it has subscribed by then.
is_seen() {
	ringlog stream purge default
	[[ -s events ]]
}

# start_monitor [OPTION]...: its output is in the file events, its process is $MONITOR (not a
# shell's that runs the function above).
start_monitor() {
	"$RINGLOG" "$@" monitor >events 2>events.err &
	MONITOR=$!
	retry is_seen
}

@test "monitor: each change of a stream" {
	load_module
	start_monitor
	ringlog stream add orders --age 1h
	ringlog stream set orders --age 2h
	ringlog stream purge orders
	ringlog stream del orders
	retry holds ' delete orders$' events
	kill -INT "$MONITOR"
	wait "$MONITOR"
	[[ $(grep orders events | cut -d ' ' -f 2,3) == $'new orders\nset orders\npurge orders\ndelete orders' ]]
	holds ' new orders .*age 1h' events
	holds ' set orders .*age 2h' events
	fails grep -Ev '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}[+-][0-9]{4} ' events
	fails grep . events.err
}

@test "monitor: as JSON" {
	load_module
	start_monitor -j
	ringlog stream add orders --age 1h
	ringlog stream del orders
	retry holds '"event":"delete"' events
	kill -TERM "$MONITOR"
	wait "$MONITOR"
	jq -es 'all(.time > 1e18 and .name and .stream.name == .name)' events
	[[ $(jq -r 'select(.name == "orders") | "\(.event) \(.stream.age)"' events) == \
		$'new 3600000000000\ndelete 3600000000000' ]]
}

@test "monitor: tells of losses" {
	local reader
	load_module
	ringlog stream add small --ring 64K
	start_monitor -j
	exec {reader}<"$STREAMS/small"
	seq 3000 | append "$STREAMS/small"
	# Told of the loss, once. How much it was is known with the next record.
	fails dd bs=1024 count=1 status=none <&"$reader"
	dd bs=1024 count=1 status=none <&"$reader"
	retry holds '"event":"loss"' events
	exec {reader}<&-
	jq -e 'select(.event == "loss") | .name == "small" and .lost > 1000 and .expired == 0' events
	[[ $(jq -s 'map(select(.event == "loss").lost) | add' events) == "$(member small counters.lost)" ]]
}

@test "monitor: ends with the module" {
	load_module
	start_monitor
	rmmod ringlog
	retry holds 'the ringlog module was unloaded' events.err
	fails wait "$MONITOR"
}

@test "tool: who may not" {
	load_module mode=0600
	ringlog stream add secret
	ringlog stream add open --mode 0644
	# Where everybody can run it, wherever the project lies.
	install "$RINGLOG" /tmp/ringlog
	run unprivileged /tmp/ringlog stream list --names
	[[ $status == 0 && $output == open ]]
	run unprivileged /tmp/ringlog stream show secret
	[[ $status == 1 && $output == 'ringlog: stream show: '*'(name)' ]]
	local command
	for command in 'stream add mine' 'stream del open' 'stream set open --age 1h' \
		'stream purge open' monitor; do
		# shellcheck disable=SC2086 # several words
		run unprivileged /tmp/ringlog $command
		[[ $status == 1 && ${#lines[@]} == 1 ]]
		[[ $output == *'needs CAP_NET_ADMIN' ]]
	done
	[[ $(ringlog stream list --names) == $'default\nopen\nsecret' ]]
}
