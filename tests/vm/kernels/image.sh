# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What is kept of the image package of a stock kernel. Sourced after apt.sh.

# Guests have virtio devices and nothing else: the drivers of real hardware are four fifths
# of the package.
UNUSED=(gpu media infiniband iio staging isdn usb hwmon mmc mtd net/ethernet net/wireless
	net/usb net/can scsi md ata input comedi power bluetooth)

# The kernel as QEMU can start it directly (PVH): unpacking it takes 4 seconds of every boot
# in an emulated machine, and next to nothing here. Where the packed part begins is found by
# its magic number; what follows it is not the packer's, hence no look at its status.
unpack_vmlinuz() {
	local magic offset
	local -a tool
	for magic in '\xfd7zXZ\x00' '\x28\xb5\x2f\xfd'; do
		if [[ $magic == *7zXZ* ]]; then tool=(xz -dcq); else tool=(zstd -dcq); fi
		while read -r offset; do
			{ tail -c "+$((offset + 1))" "$1" | "${tool[@]}"; } >"$2" 2>/dev/null || true
			[[ $(head -c 4 "$2" | tail -c 3) != ELF ]] || return 0
		done < <(LC_ALL=C grep -aobP "$magic" "$1" | cut -d: -f1)
	done
	# Slower to start, and right all the same.
	cp "$1" "$2"
}

# The packages of an image that lie in $1, with what a guest could need. Newer ones are in
# parts, with everything under /usr/lib.
unpack_image() {
	local dir=$1 kver=$2 deb driver boot
	local -a exclude=(--exclude=./usr/share "--exclude=*/kernel/sound")
	for driver in "${UNUSED[@]}"; do
		exclude+=("--exclude=*/kernel/drivers/$driver")
	done
	for deb in "$dir"/linux-{image,base,binary,modules}-*.deb; do
		[[ ! -e $deb ]] || unpack "$deb" "$dir" "${exclude[@]}"
	done
	if [[ -d $dir/usr/lib/modules ]]; then
		mv "$dir/usr/lib" "$dir/lib"
		boot=$dir/lib/modules/$kver
		unpack_vmlinuz "$boot/vmlinuz" "$dir/vmlinux"
		mv "$boot/config" "$dir/config"
		rm "$boot/vmlinuz"
	else
		unpack_vmlinuz "$dir/boot/vmlinuz-$kver" "$dir/vmlinux"
		mv "$dir/boot/config-$kver" "$dir/config"
	fi
	rm -rf "${dir:?}/boot" "${dir:?}/usr"
	/sbin/depmod -b "$dir" "$kver"
}
