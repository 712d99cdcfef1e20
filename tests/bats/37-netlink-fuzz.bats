#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Random messages to the control plane, always from the same seed.

load helpers

@test "netlink-fuzz: random messages are answered, and leave nothing" {
	unload_module
	insmod "$RINGLOG_KO" ring_bytes=64K memory_limit=24M uid_memory_limit=16M streams_limit=16
	in_group "$SELFTESTS/netlink-fuzz" 20261 100000
	unload_module
	gives_back
}
