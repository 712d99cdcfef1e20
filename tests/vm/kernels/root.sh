# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A stock kernel of a newer release's backports. The programs that come with its headers want
# that release's C library and compiler, so they live in a root of their own, in which
# tests/vm/kbuild builds. Sourced after suite.sh.

fill_root() {
	local release=$1 kver=$2 final=$3 dir=$4 mirror
	mirror=$(host_mirror)
	note "fetching the kernel $kver, and a root of $release to build for it"
	(cd "$dir" && apt_private "$release-backports" download "linux-base-$kver" \
		"linux-binary-$kver" "linux-modules-$kver" >&2)
	unpack_image "$dir" "$kver"
	rm -f "$dir"/*.deb
	mmdebstrap --quiet --variant=apt --include="make,binutils,linux-headers-$kver" \
		"$release" "$dir/root" \
		"deb [signed-by=$KEYRING] $mirror $release main" \
		"deb [signed-by=$KEYRING] $mirror $release-backports main" >&2
	rm -rf "$dir"/root/var/cache/apt "$dir"/root/var/lib/apt/lists
	echo "$kver" >"$dir/kver"
	echo "$final/root/usr/src/linux-headers-$kver" >"$dir/headers"
}

kernel_root() {
	local release=$1 meta=$2 suite=$1-backports kver dir known=$CACHE/kernels/$1.$2.kver
	if [[ -s $known && -s $CACHE/kernels/$(<"$known")/headers ]]; then
		echo "$CACHE/kernels/$(<"$known")"
		return
	fi
	"$ROOT/tests/vm/packages" root >&2
	suite_lists "$suite"
	kver=$(suite_kver "$suite" "$meta")
	dir=$CACHE/kernels/$kver
	[[ -s $dir/headers ]] || into_place "$dir" fill_root "$release" "$kver" "$dir" ||
		die "could not fetch the kernel $kver and what builds for it; is there a network?"
	echo "$kver" >"$known"
	echo "$dir"
}
