# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel of our own, built from a Debian source: what reports mistakes is in none of the stock
# ones. Sourced after apt.sh.

# The build directory stays, for modules are built against it, and for a change of the
# configuration then costs a part of the time.
own_build_dir() {
	echo "$CACHE/build/$1"
}

# What the fragment asks for and did not get is a mistake in it.
own_config() {
	local source=$1 out=$2 line name
	make -s -C "$source" O="$out" KCONFIG_ALLCONFIG="$out/fragment" allnoconfig >&2
	while IFS= read -r line; do
		name=${line%%=*}
		if [[ $line == *=n ]]; then
			! grep -q "^$name=" "$out/.config" || die "the configuration has $name, which is not wanted"
		else
			grep -qxF -- "$line" "$out/.config" || die "the configuration has no $line"
		fi
	done < <(grep -h '^CONFIG_' "$out/fragment")
}

# How a module is made to feel what the kernel leaves to those who ask for it, for make.
own_flags() {
	cat <<-END
		KCOV_INSTRUMENT=y
		UBSAN_SANITIZE=y
		KCFLAGS=-g
	END
}

build_own() {
	local version=$1 config=$2 source out log
	"$ROOT/tests/vm/packages" kernel >&2
	source=$("$ROOT/tests/vm/source" "$version")
	out=$(own_build_dir "$config")
	log=$out/build.log
	mkdir -p "$out"
	note "building the kernel '$config' from the source of $version: 5 to 10 minutes"
	cat "$ROOT/tests/vm/config/guest" "$ROOT/tests/vm/config/$config" >"$out/fragment"
	own_config "$source" "$out"
	if ! make -s -C "$source" O="$out" -j "$(nproc)" bzImage modules >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "the kernel '$config' does not build; see $log"
	fi
	own_flags >"$out/module-flags"
}

fill_own() {
	local config=$1 dir=$2 out kver
	out=$(own_build_dir "$config")
	kver=$(make -s -C "$out" kernelrelease)
	# Packed: what QEMU could start directly begins with code that KASAN breaks.
	cp "$out/arch/x86/boot/bzImage" "$dir/vmlinux"
	cp "$out/.config" "$dir/config"
	make -s -C "$out" INSTALL_MOD_PATH="$dir" modules_install >&2
	rm -f "$dir/lib/modules/$kver"/{build,source}
	echo "$kver" >"$dir/kver"
	echo "$out" >"$dir/headers"
	own_key "$config" >"$dir/key"
}

# A kernel in the cache is good as long as it is configured as is asked for.
own_key() {
	cat "$ROOT/tests/vm/config/guest" "$ROOT/tests/vm/config/$1" | sha256sum
}

kernel_own() {
	local version=$1 config=$2 dir=$CACHE/kernels/$2
	if [[ ! -s $dir/key || $(<"$dir/key") != $(own_key "$config") ]]; then
		# In a process of its own, so that an error ends it.
		"$0" --fill build_own "$version" "$config"
		into_place "$dir" fill_own "$config"
	fi
	echo "$dir"
}
