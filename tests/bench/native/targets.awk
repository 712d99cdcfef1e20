# SPDX-License-Identifier: GPL-2.0-only
# Whether the benchmark's rows meet the target: ringlog's library ties with a plain ring in
# shared memory. A target that is missed is told and no failure; a figure that is missing is one.

BEGIN { FS = "\t" }

{
	for (i = 1; i <= 3; i++)
		figure[$1, $2, i] = $(3 + i)
	sizes[$1]
}

function judge(bytes, i, limit,	ours, theirs, value) {
	if (!((bytes, "ringlog", i) in figure) || !((bytes, "shared ring", i) in figure)) {
		printf "NONE  %s of %d B / shared ring\n", name[i], bytes
		missing = 1
		return
	}
	ours = figure[bytes, "ringlog", i]
	theirs = figure[bytes, "shared ring", i]
	value = ours / theirs
	printf "%-5s %-58s %8.2f (at most %.2f)\n", value <= limit ? "PASS" : "FAIL",
	       name[i] " of " bytes " B, " ours " / shared ring, " theirs " ns", value, limit
}

END {
	split("p50 p99 p99.9", name, " ")
	print ""
	for (bytes = 64; bytes <= 1024; bytes *= 16)
		for (i = 1; i <= 3; i++)
			judge(bytes, i, 1.2)
	exit missing
}
