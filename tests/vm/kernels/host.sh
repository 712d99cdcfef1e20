# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A stock kernel of the host's own release: its headers are installed on this machine, and the
# image has to match them. Sourced after image.sh.

# What fill_host returns when the archive has no such image.
NOT_FOUND=3

host_kver() {
	local depends
	depends=$(dpkg-query -W -f '${Depends}' "$1" 2>/dev/null) || true
	[[ $depends =~ linux-headers-([^ ,]+) ]] || return 1
	echo "${BASH_REMATCH[1]}"
}

host_headers() {
	local meta=$1 job=build kver
	[[ $meta == *-rt-* ]] && job=build-rt
	"$ROOT/tests/vm/packages" "$job" >&2
	kver=$(host_kver "$meta") || die "$meta names no kernel"
	[[ -d /usr/src/linux-headers-$kver ]] || die "/usr/src/linux-headers-$kver is missing; run: apt-get install $meta"
	echo "$kver /usr/src/linux-headers-$kver"
}

# The archive keeps only the newest images: old headers then have no image to go with them.
refresh_headers() {
	local meta=$1 kver=$2
	((EUID == 0)) ||
		die "the archive has no image for the installed headers $kver any more; run: sudo apt-get update && sudo apt-get install $meta"
	note "the archive has no image for $kver any more: upgrading $meta"
	if ! { apt_quiet update && apt_quiet install -y --no-install-recommends "$meta"; } >&2; then
		die "could not upgrade $meta; is there a network?"
	fi
}

fill_host() {
	local kver=$1 headers=$2 dir=$3 version
	version=$(dpkg-query -W -f '${Version}' "linux-headers-$kver")
	note "fetching the kernel $kver"
	(cd "$dir" && download_host "linux-image-$kver=$version" "linux-image-$kver") || return "$NOT_FOUND"
	unpack_image "$dir" "$kver"
	rm -f "$dir"/*.deb
	echo "$kver" >"$dir/kver"
	echo "$headers" >"$dir/headers"
}

kernel_host() {
	local meta=$1 kver headers dir try status
	for try in 1 2; do
		read -r kver headers < <(host_headers "$meta")
		[[ -n ${kver:-} ]] || exit 1
		dir=$CACHE/kernels/$kver
		[[ -s $dir/headers ]] && break
		status=0
		# A subshell, for a failure here is not yet the end.
		(into_place "$dir" fill_host "$kver" "$headers") || status=$?
		((status == 0)) && break
		((try == 1 && status == NOT_FOUND)) || die "could not fetch the image of $kver; is there a network?"
		refresh_headers "$meta" "$kver"
	done
	echo "$dir"
}
