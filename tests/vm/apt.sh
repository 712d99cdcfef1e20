# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Packages of Debian that are fetched and unpacked into the cache and never installed.
# Sourced after lib.sh.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# A set of lists of its own, so that neither the sources nor the lists of the host change, and
# so that no root is needed. $1 names the set, each line of stdin is a source. What the host
# does after an update concerns the host's lists only.
make_private() {
	local dir=$CACHE/apt/$1
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	cat >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$dir/lists";
		Dir::Cache "$dir/cache";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
	END
}

apt_private() {
	local set=$1
	shift
	apt_quiet -c "$CACHE/apt/$set/apt.conf" "$@"
}

apt_cache_private() {
	local set=$1
	shift
	apt-cache -c "$CACHE/apt/$set/apt.conf" "$@"
}

codename() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# "URI suite" of the distribution's own sources on this host; third-party ones hold no kernels.
host_sources() {
	# shellcheck disable=SC2016 # apt's variables, not bash's
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v want="$(codename)" 'index($2, want) == 1 && $3 == "main" && !seen[$0]++ { print $1, $2 }'
}

# The mirror that this host uses for its own release.
host_mirror() {
	local mirror
	mirror=$(host_sources | awk -v want="$(codename)" '$2 == want { print $1; exit }')
	[[ -n $mirror ]] || die "found no Debian mirror in this machine's apt configuration"
	echo "$mirror"
}

# Lists of another suite, from the host's own mirror; read again when older than a day.
suite_lists() {
	local suite=$1 dir=$CACHE/apt/$1 mirror lock
	mirror=$(host_mirror)
	mkdir -p "$dir"
	exec {lock}>"$dir/lock"
	flock "$lock"
	make_private "$suite" <<<"deb [signed-by=$KEYRING] $mirror $suite main"
	if [[ -z $(find "$dir/stamp" -mmin -1440 2>/dev/null) ]]; then
		note "reading the package list of $suite"
		apt_private "$suite" update >&2 || die "could not read the package list of $suite"
		touch "$dir/stamp"
	fi
	exec {lock}>&-
}

# The host's own sources, with lists in the cache: for a machine without lists, or a user
# who may not update them.
host_lists() {
	host_sources | sed "s#.*#deb [signed-by=$KEYRING] & main#" | make_private host
	apt_private host update >&2
}

# Downloads into the current directory the first of the packages that is to be had, each named
# as NAME or NAME=VERSION: tries the host's lists first, which costs nothing.
download_host() {
	local spec
	for spec in "$@"; do
		apt_quiet download "$spec" >/dev/null 2>&1 && return
	done
	note "reading the package lists"
	host_lists || true
	for spec in "$@"; do
		apt_private host download "$spec" >/dev/null 2>&1 && return
	done
	return 1
}

# What a package of the suite depends on that begins with a prefix.
suite_depends() {
	apt_cache_private "$1" depends "$2" | awk -v p="$3" '$1 == "Depends:" && index($2, p) == 1 { print $2; exit }'
}

# $1 deb, $2 directory, then what tar is to leave out
unpack() {
	local deb=$1 dir=$2
	shift 2
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner "$@"
}

# Runs a function that fills a directory, and moves the result into place in one step, so
# that a process which dies half way leaves nothing that looks complete. In a process of its
# own, for bash does not stop at errors within a function whose caller looks at its status:
# a script that calls this runs "--fill FUNCTION ARGUMENT..." as that function.
into_place() {
	local final=$1 temp
	shift
	mkdir -p "${final%/*}"
	temp=$(mktemp -d "${final%/*}/.new.XXXXXX")
	chmod 755 "$temp"
	# shellcheck disable=SC2064 # the name as it is now
	trap "rm -rf '$temp'" EXIT
	"$0" --fill "$@" "$temp" || return
	rm -rf "$final"
	mv -T "$temp" "$final"
	trap - EXIT
}
