#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The specification, by the kernel tree's own tools: tests/vm/source --ynl says where they are.

load helpers

SPEC=$PROJECT/Documentation/netlink/ringlog.yaml

need_ynl() {
	[[ -n ${YNL:-} ]] || {
		echo "YNL does not say where tools/net/ynl is"
		return 1
	}
}

drive() {
	need_ynl
	load_module ring_bytes=64K
	python3 -B "$BATS_TEST_DIRNAME/ynl.py" "$YNL" "$SPEC" "$1"
}

cli() {
	python3 -B "$YNL/tools/net/ynl/cli.py" --spec "$SPEC" \
		--schema "$YNL/Documentation/netlink/genetlink.yaml" --output-json "$@"
}

@test "ynl: every command" {
	drive commands
}

@test "ynl: every refusal, and whom it blames" {
	drive refusals
}

@test "ynl: every event" {
	drive events
}

@test "ynl: by its command line" {
	need_ynl
	load_module ring_bytes=64K
	cli --do stream-new --json '{"name": "orders", "partitions": 2, "ring-bytes": 65536}' >made
	jq -e '.name == "orders" and .partitions == 2' made
	cli --dump partition-get --json '{"stream": "orders"}' >listed
	jq -e 'map(.index) == [0, 1]' listed
	fails cli --do stream-delete --json '{"name": "default"}' >said
	grep -q "bad-attr': '.name'" said
	grep -q 'the default stream is there while the module is loaded' said
}

# The generator looks for the kernel's tree above the specification, and for ever if none is there.
make_tree() {
	mkdir -p tree/Documentation/netlink/specs
	: >tree/MAINTAINERS
	cp "$YNL"/Documentation/netlink/*.yaml tree/Documentation/netlink
	cp "$SPEC" tree/Documentation/netlink/specs
}

# numbers HEADER NAME...: what each of them is there.
numbers() {
	local header=$1 name
	shift
	{
		cat <<-END
			#include <stdio.h>
			#include "$header"
			static void put_text(const char *text) { puts(text); }
			static void put_number(long long number) { printf("%lld\n", number); }
			#define PUT(x) _Generic((x), char *: put_text, default: put_number)(x)
			int main(void) {
		END
		for name in "$@"; do
			printf 'printf("%s "); PUT(%s);\n' "$name" "$name"
		done
		echo "}"
	} >numbers.c
	gcc -I "$PROJECT/kmod/uapi" -o numbers numbers.c
	./numbers
}

# names HEADER...: its enumerators and macros, but for what guards it.
names() {
	gcc -fpreprocessed -dD -E -P "$@" | grep -v '^#include' | grep -v '#define _UAPI' |
		grep -oE '\b(__)?RINGLOG_[A-Z0-9_]+\b' | sort -u
}

@test "ynl: the header is what it would be if it were generated" {
	need_ynl
	make_tree
	python3 -B "$YNL/tools/net/ynl/ynl-gen-c.py" --mode uapi --header \
		--spec tree/Documentation/netlink/specs/ringlog.yaml >generated.h
	local header=$PROJECT/kmod/uapi/linux/ringlog_netlink.h
	local -a generated own
	mapfile -t generated < <(names generated.h)
	# Policies are those of the device's own header.
	mapfile -t own < <({
		names "$header"
		names "$PROJECT/kmod/uapi/linux/ringlog.h" | grep '^RINGLOG_POLICY_'
	} | sort -u)
	((${#own[@]} > 80))
	diff <(printf '%s\n' "${generated[@]}") <(printf '%s\n' "${own[@]}")
	numbers "$PWD/generated.h" "${generated[@]}" >wanted
	printf '#include <linux/ringlog.h>\n#include <linux/ringlog_netlink.h>\n' >own.h
	numbers "$PWD/own.h" "${own[@]}" >found
	diff wanted found
}
