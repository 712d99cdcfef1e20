# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the scripts in this directory share. Sourced, never run.

# Without it an error inside $(...) goes unseen.
shopt -s inherit_errexit

# The project's root, without symbolic links: the guest sees the tree at this very path.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD=$ROOT/build

# Downloads and unpacked kernels. Safe to delete at any time.
# An account without a home (nobody, a CI user) still gets a place of its own.
if [[ -z ${CACHE:-} ]]; then
	if [[ -w ${HOME:-/nonexistent} ]]; then
		CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ringlog
	else
		CACHE=${TMPDIR:-/tmp}/ringlog-cache-$UID
	fi
fi
export ROOT BUILD CACHE

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Progress goes to stderr: stdout belongs to results, which callers capture.
note() {
	printf '==> %s\n' "$*" >&2
}

on_debian() {
	[[ -r /etc/debian_version ]] && command -v dpkg-query >/dev/null && command -v apt-get >/dev/null
}

# apt-get that asks nothing and says little. Its sandbox user could not write to a private
# cache, and there is nothing to protect here beyond the signature check, which stays on.
apt_quiet() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o APT::Sandbox::User=root \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@"
}
