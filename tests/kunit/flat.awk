# SPDX-License-Identifier: GPL-2.0-only
#
# The log of a kernel that ran KUnit tests, as plain TAP: one line for each test.
#
# -v suites=N: so many suites must have run. A suite that announces more tests than it tells
# of is a failure, and so is a log that ends within one. What a test said is shown if it
# failed. The status is 1 if anything failed. Whether the kernel complained is not looked at.

function result(good, what) {
	printf "%sok %d - %s\n", good ? "" : "not ", ++results, what
	bad += !good
}

function said(line) {
	if (++lines <= 40)
		words = words "# " line "\n"
}

function forget() {
	words = ""
	lines = 0
}

# Identifiers are read as words.
function readable(name) {
	gsub(/_/, " ", name)
	return name
}

function end_suite() {
	if (suite == "")
		return
	if (seen != planned || !planned)
		result(0, suite ": " seen + 0 " tests of " planned + 0 " came to an end")
	else if (suite_bad && !case_bad)
		result(0, suite ": the suite as a whole")
	printf "%s", words
	forget()
	suite = ""
}

# A console may have put a time in front, and ends lines as terminals like it.
{
	sub(/\r$/, "")
	sub(/^(<[0-9]+>)?\[ *[0-9]+\.[0-9]+\]( \[ *[TC][0-9]+\])? /, "")
}

/^    # Subtest: / {
	end_suite()
	suite = readable($3)
	sub(/^ringlog /, "", suite)
	count++
	seen = planned = case_bad = suite_bad = 0
	next
}

suite != "" && /^    1\.\.[0-9]+$/ {
	planned = substr($1, 4)
	next
}

suite != "" && /^    (not )?ok [0-9]+ / {
	good = $1 == "ok"
	line = $0
	sub(/^    (not )?ok [0-9]+ (- )?/, "", line)
	skip = ""
	if (match(line, / # SKIP.*/)) {
		skip = substr(line, RSTART)
		line = substr(line, 1, RSTART - 1)
	}
	seen++
	case_bad += !good
	result(good, suite ": " readable(line) skip)
	if (!good)
		printf "%s", words
	forget()
	next
}

# A suite's own result.
suite != "" && /^(not )?ok [0-9]+ / {
	suite_bad = $1 == "not"
	forget()
	end_suite()
	next
}

suite == "" && /^not ok [0-9]+ / {
	result(0, "suite " $0)
	next
}

suite == "" && /^1\.\.[0-9]+$/ {
	announced = substr($1, 4)
	next
}

suite != "" {
	sub(/^ *(# )?/, "")
	said($0)
}

END {
	end_suite()
	if (suites == "")
		suites = announced
	if (suites != count)
		result(0, "all: " count + 0 " suites of " suites + 0 " ran")
	print "1.." results + 0
	exit bad > 0 || !results
}
