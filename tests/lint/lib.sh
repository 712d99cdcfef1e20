# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the checks share. Sourced by tests/lint/run, which has set TREE: the tree to look at, the
# project's own or a copy with bugs planted in it. Checks run with TREE as working directory.

# The files of the tree below the paths given, or all. New files count although they are not
# committed yet, and ignored ones do not; a copy holds nothing else anyway. A tree that git does
# not want to read, for it is somebody else's, is taken as it lies there.
files() {
	if [[ -e .git ]] && git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "$@"
	else
		find . \( -path ./build -o -path ./.git \) -prune -o -type f -printf '%P\n' | below "$@"
	fi | while read -r file; do
		[[ ! -f $file ]] || echo "$file"
	done
}

# Those lines that name a file below one of the paths.
below() {
	local IFS='|'
	grep -E "^($*)" || (($? == 1))
}

# Files whose names match an extended regular expression; never none, for a check of nothing
# would always pass.
files_like() {
	local pattern=$1 found
	shift
	found=$(files "$@" | grep -E "$pattern") || die "no file like $pattern in ${*:-the tree}"
	printf '%s\n' "$found"
}

# xargs over all processors, N arguments at a time. What a program says is a finding and its
# status says the same, so only 125 and above count: it could not be run, or was killed.
spread() {
	local count=$1 status=0
	shift
	xargs -r -d '\n' -P "$(nproc)" -n "$count" "$@" 2>&1 || status=$?
	((status == 0 || status == 123)) || die "$1 ended with status $status"
}

have() {
	command -v "$1" >/dev/null || die "no $1; run: tests/vm/packages lint"
}

kernel_source() {
	"$ROOT/tests/vm/source" "${LINT_SOURCE:-6.1}"
}

# Of a plant: the check must print a line like this.
expect() {
	printf '%s\n' "$@"
}

# Of a plant: sed on a file, which must change it.
edit() {
	local file=$1 before
	shift
	before=$(<"$file")
	sed -i "$@" "$file"
	[[ $(<"$file") != "$before" ]] || die "the plant for $file finds nothing to change there"
}

# Of a plant: what stays of the copy, for a check that need not see all of it again.
keep() {
	local kept=$TREE.kept path
	mkdir "$kept"
	for path in "$@"; do
		cp -r --parents "$path" "$kept"
	done
	find . -mindepth 1 -delete
	cp -r "$kept/." .
	rm -r "$kept"
}
