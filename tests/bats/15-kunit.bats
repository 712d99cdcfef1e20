#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The module's own tests, as a module: they run when it is loaded. Under UML they are a part
# of the kernel, see tests/kunit.

load helpers

KUNIT_KO=$BUILD/kmod-kunit/$(uname -r)/ringlog.ko

# Built into the kernel, or a module of its own.
has_kunit() {
	[[ -d /sys/module/kunit ]] || modprobe -q kunit
}

@test "kunit: the module's own tests pass" {
	local suites
	has_kunit || skip "no KUnit in this kernel"
	suites=$(grep -l '^kunit_test_suite(' "$PROJECT"/kmod/*_kunit.c | wc -l)
	unload_module
	insmod "$KUNIT_KO"
	log_since_setup >log
	awk -v suites="$suites" -f "$PROJECT/tests/kunit/flat.awk" log
	# The tests leave a module that works.
	retry test -c "$DEVICE"
	echo hi >"$DEVICE"
	[[ $(info records) == 1 ]]
}
