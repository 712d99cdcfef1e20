# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the tests of the ringlog tool share.

RINGLOG=$BUILD/bin/ringlog

ringlog() {
	"$RINGLOG" "$@"
}

# member STREAM NAME: of what is shown of a stream.
member() {
	ringlog -j stream show "$1" | jq -r ".$2"
}

# All that does not change by itself.
settings() {
	ringlog -j stream list | jq -S 'map(del(.open_files, .waiters, .used, .retained, .counters))'
}

# declines STATUS WORDS ARGUMENT...: the tool fails with that status, one line on stderr that
# has the words (an extended regular expression), nothing on stdout, and changes nothing.
declines() {
	local wanted=$1 words=$2 status=0 before after
	shift 2
	before=$(settings)
	ringlog "$@" >stdout 2>stderr || status=$?
	after=$(settings)
	if [[ $status != "$wanted" || -s stdout || $(wc -l <stderr) != 1 || $before != "$after" ]] ||
		! grep -Eq -- "^ringlog: .*($words)" stderr; then
		echo "not declined with $wanted and '$words' but $status: ringlog $*"
		cat stdout stderr
		diff <(echo "$before") <(echo "$after")
		return 1
	fi
}

# silent COMMAND...: it succeeds without a word.
silent() {
	"$@" >stdout 2>stderr || {
		cat stderr
		return 1
	}
	fails grep . stdout stderr
}

# One record a line.
append() {
	grep --line-buffered . >"$1"
}
