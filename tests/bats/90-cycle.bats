#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Loading and unloading a thousand times leaves nothing behind.

load helpers

meminfo() {
	awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo
}

# Objects of the caches that kmalloc and the module use.
slab_objects() {
	awk '/^(kmalloc|ringlog)/ { print $1, $2 }' /proc/slabinfo
}

# A cache that grew by one object in most of $1 cycles was leaked into.
grown_caches() {
	awk -v cycles="$1" '
		FNR == NR { before[$1] = $2; next }
		$2 - before[$1] > cycles * 0.8 { print $1, before[$1], $2; found = 1 }
		END { exit !found }' slabs-before slabs-after
}

@test "cycle: 1,000 loads leave nothing behind" {
	local available kernel unreclaimable
	unload_module
	# The first ones fill caches that stay.
	"$SELFTESTS/cycle" "$RINGLOG_KO" 50 'ring_bytes=64K partitions=2'
	echo 3 >/proc/sys/vm/drop_caches
	available=$(meminfo MemAvailable)
	unreclaimable=$(meminfo SUnreclaim)
	kernel=$(meminfo VmallocUsed)
	slab_objects >slabs-before
	forget_leaks

	in_group "$SELFTESTS/cycle" "$RINGLOG_KO" 1000 'ring_bytes=64K partitions=2'

	[[ ! -e $DEVICE ]]
	fails is_loaded
	fails grep ringlog /proc/vmallocinfo
	fails grep ringlog /proc/slabinfo
	fails grep ringlog /proc/modules
	fails grep -w ringlog /proc/devices
	[[ ! -e /sys/class/ringlog ]]
	# A page a cycle would be 4 MiB.
	gives_back
	# What KASAN has set aside when it was freed counts as there; kmemleak knows better.
	if [[ -w $KMEMLEAK ]]; then
		check_leaks
		return
	fi
	echo 3 >/proc/sys/vm/drop_caches
	slab_objects >slabs-after
	fails grown_caches 1000
	# What is charged to nobody: the module's code, the kernel's part. Far more than the noise.
	echo "kB now, before: available $(meminfo MemAvailable) $available," \
		"slab $(meminfo SUnreclaim) $unreclaimable," \
		"vmalloc $(meminfo VmallocUsed) $kernel"
	(($(meminfo MemAvailable) > available - 32768))
	(($(meminfo SUnreclaim) < unreclaimable + 3072))
	(($(meminfo VmallocUsed) < kernel + 2048))
}

@test "cycle: loads that fail leave nothing behind" {
	local available
	unload_module
	available=$(meminfo MemAvailable)
	for _ in {1..30}; do
		refuses policy ring_bytes=4M policy=nonsense
		refuses memory_limit ring_bytes=4M memory_limit=1M
	done
	fails grep ringlog /proc/vmallocinfo
	[[ ! -e /sys/class/ringlog ]]
	(($(meminfo MemAvailable) > available - 65536))
}
