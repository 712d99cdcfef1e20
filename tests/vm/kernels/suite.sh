# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A stock kernel of another suite that is built for the same C library: image and headers live
# in the cache only. Sourced after image.sh.

suite_kver() {
	local suite=$1 meta=$2 package
	package=$(suite_depends "$suite" "$meta" linux-headers-)
	[[ -n $package ]] || die "$suite has no $meta"
	echo "${package#linux-headers-}"
}

# The headers are three packages that name each other by absolute paths and links.
relocate_headers() {
	local dir=$1 final=$2 link target
	grep -rlIE --include=Makefile '/usr/(src|lib)/linux-' "$dir/usr/src" "$dir/usr/lib" |
		xargs -r sed -i -E "s#(^|[^[:alnum:]_.\$)}-])(/usr/(src|lib)/linux-)#\\1$final\\2#g"
	while read -r link; do
		target=$(readlink "$link")
		case $target in
		/usr/* | /lib/*) ln -sfn "$final$target" "$link" ;;
		esac
	done < <(find "$dir/usr" -type l)
}

fill_suite() {
	local suite=$1 kver=$2 final=$3 dir=$4 headers=linux-headers-$2 common kbuild deb
	common=$(suite_depends "$suite" "$headers" linux-headers-)
	kbuild=$(suite_depends "$suite" "$headers" linux-kbuild-)
	note "fetching the kernel $kver and its headers"
	(cd "$dir" && apt_private "$suite" download "linux-image-$kver" "$headers" "$common" "$kbuild" >&2)
	unpack_image "$dir" "$kver"
	for deb in "$dir"/linux-headers-*.deb "$dir"/linux-kbuild-*.deb; do
		unpack "$deb" "$dir" --exclude=./lib/modules
	done
	rm -f "$dir"/*.deb
	relocate_headers "$dir" "$final"
	echo "$kver" >"$dir/kver"
	echo "$final/usr/src/$headers" >"$dir/headers"
}

kernel_suite() {
	local suite=$1 meta=$2 kver dir known=$CACHE/kernels/$1.$2.kver
	# What is in the cache is good enough: tests should not change under one's feet.
	if [[ -s $known && -s $CACHE/kernels/$(<"$known")/headers ]]; then
		echo "$CACHE/kernels/$(<"$known")"
		return
	fi
	suite_lists "$suite"
	kver=$(suite_kver "$suite" "$meta")
	dir=$CACHE/kernels/$kver
	[[ -s $dir/headers ]] || into_place "$dir" fill_suite "$suite" "$kver" "$dir" ||
		die "could not fetch the kernel $kver; is there a network?"
	echo "$kver" >"$known"
	echo "$dir"
}
