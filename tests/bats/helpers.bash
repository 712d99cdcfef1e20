# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every file here loads: the module, the kernel's log, waiting.

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-$PROJECT/build}
SELFTESTS=$BUILD/selftests
RINGLOG_KO=${RINGLOG_KO:-$BUILD/kmod/$(uname -r)/ringlog.ko}
DEVICE=/dev/stream
GROUP=/sys/fs/cgroup/ringlog-test

# fails COMMAND...: as `!` does not end a test.
fails() {
	if "$@"; then
		echo "did not fail: $*"
		return 1
	fi
}

# retry COMMAND...: until it succeeds, within a minute. For what comes at once
# if it comes at all.
retry() {
	local end=$((SECONDS + 60))
	until "$@"; do
		((SECONDS < end)) || {
			echo "never came true: $*"
			return 1
		}
		sleep 0.02
	done
}

is_loaded() {
	[[ -d /sys/module/ringlog ]]
}

unload_module() {
	! is_loaded || rmmod ringlog
}

# load_module [PARAMETER=VALUE]...
load_module() {
	unload_module || return
	insmod "$RINGLOG_KO" "$@" || {
		log_since_setup
		return 1
	}
	retry test -c "$DEVICE"
}

# refuses WORDS PARAMETER=VALUE...: the load fails, and the log says the words.
refuses() {
	local words=$1
	shift
	unload_module || return
	! insmod "$RINGLOG_KO" "$@" 2>/dev/null || {
		echo "loaded with $*"
		return 1
	}
	! is_loaded || return
	[[ ! -e $DEVICE ]] || return
	log_since_setup | grep -Eq "ringlog.*($words)" || {
		echo "nothing in the log of $words, for $*:"
		log_since_setup
		return 1
	}
}

# One field of INFO.
info() {
	"$SELFTESTS/inspect" "$1"
}

is_asleep() {
	local state
	state=$(sed 's/.*) //' "/proc/$1/stat") && [[ $state == S* ]]
}

# waits_in_call PID NUMBER: it sleeps in that system call.
waits_in_call() {
	local call
	is_asleep "$1" && read -r call _ <"/proc/$1/syscall" && [[ $call == "$2" ]]
}

holds() {
	grep -q -- "$1" "$2"
}

mark_log() {
	MARK="ringlog-test $BATS_TEST_NUMBER $$ $EPOCHREALTIME"
	echo "$MARK" >/dev/kmsg
}

# What the kernel said since the mark; all of it if the mark was pushed out.
log_since_setup() {
	dmesg | awk -v mark="$MARK" '
		{ line[n++] = $0 }
		index($0, mark) { from = n }
		END { for (i = from; i < n; i++) print line[i] }'
}

check_log() {
	! log_since_setup | "$PROJECT/tests/vm/complaints"
}

KMEMLEAK=/sys/kernel/debug/kmemleak

# What was leaked so far is nobody's here.
forget_leaks() {
	[[ ! -w $KMEMLEAK ]] || echo clear >"$KMEMLEAK"
}

# What kmemleak reports, but for what the kernel itself is known to leak: before 6.2
# __class_register() loses the name of a class that it cannot register.
reported_leaks() {
	awk '
		function flush() { if (object && !known) printf "%s", object; object = ""; known = 0 }
		/^unreferenced object/ { flush() }
		/__class_register/ { known = 1 }
		{ object = object $0 "\n" }
		END { flush() }' "$KMEMLEAK"
}

# in_group COMMAND...: in a control group of its own, to which all the kernel memory that it asks
# for is charged.
in_group() {
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$GROUP"
	(echo "$BASHPID" >"$GROUP/cgroup.procs" && exec "$@")
}

# Kernel memory that is charged to the group, in bytes: the rings' pages, per-CPU counters and
# what the module has of slabs are, whoever holds them now.
charged() {
	awk '$1 == "kernel" { print $2 }' "$GROUP/memory.stat"
}

# Some slab pages that are partly used, and what waits for a grace period, may be left.
little_is_charged() {
	echo 3 >/proc/sys/vm/drop_caches
	(($(charged) < 256 << 10))
}

# What in_group ran asked for has come back.
gives_back() {
	retry little_is_charged
	echo "# charged: $(charged)"
	rmdir "$GROUP"
}

# Nothing was leaked since forget_leaks, on a kernel that can tell. A module that is unloaded
# has no names any more, so whose it is cannot be seen: everything counts.
check_leaks() {
	[[ -w $KMEMLEAK ]] || return 0
	# kmemleak does not speak of objects younger than five seconds.
	sleep 5.5
	# The first scan may see a pointer in a register or a stack that is gone with the second.
	# They fail if kmemleak turned itself off, and then nothing is known.
	echo scan >"$KMEMLEAK" || return
	echo scan >"$KMEMLEAK" || return
	reported_leaks >"$BATS_TEST_TMPDIR/leaks"
	# So that nobody else finds them again.
	forget_leaks
	fails grep . "$BATS_TEST_TMPDIR/leaks"
}

setup() {
	[[ -r $RINGLOG_KO ]] || {
		echo "no module: $RINGLOG_KO"
		return 1
	}
	mark_log
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	local job
	for job in $(jobs -p); do
		kill -KILL "$job" 2>/dev/null || true
	done
	wait
	retry unload_module
	check_log
}
