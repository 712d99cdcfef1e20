# SPDX-License-Identifier: GPL-2.0-only
# Whether the benchmark's rows meet the targets. A target that is missed is told and no
# failure; a figure that is missing is one.

BEGIN { FS = "\t" }

{ figure[$1, $2, $3, $4] = $5 }

# A target without its figures says so, and is neither met nor missed.
function get(name, bytes, readers, who) {
	if (!((name, bytes, readers, who) in figure)) {
		missing = unknown = 1
		return 1
	}
	return figure[name, bytes, readers, who]
}

function judge(what, value, limit, digits) {
	if (unknown)
		printf "NONE  %-58s\n", what
	else
		printf "%-5s %-58s %8.*f (at most %.*f)\n", value <= limit ? "PASS" : "SHORT",
		       what, digits, value, digits, limit
	unknown = 0
}

function ratio(what, ours, theirs, limit) {
	judge(what, ours / theirs, limit, 3)
}

END {
	print ""
	ratio("append 64 B / pipe write",
	      get("append", 64, 1, "ringlog"), get("append", 64, 1, "pipe"), 0.85)
	judge("append 64 B - write handler that returns at once",
	      get("append", 64, 1, "ringlog") - get("append", 64, 1, "floor"), 350, 0)
	ratio("read 64 B / pipe read", get("read", 64, 1, "ringlog"), get("read", 64, 1, "pipe"), 0.80)
	judge("batch append, a record, less the copy",
	      get("batch_append", 64, 1, "ringlog") - get("batch_append_copy", 64, 1, "ringlog"), 150, 1)
	judge("batch read, a record, less the copy",
	      get("batch_read", 64, 1, "ringlog") - get("batch_read_copy", 64, 1, "ringlog"), 80, 1)
	ratio("round trip / pipe", get("roundtrip", 64, 1, "ringlog"), get("roundtrip", 64, 1, "pipe"), 0.92)
	ratio("fanout of 16 KiB to 16 readers / 16 pipes",
	      get("fanout", 16384, 16, "ringlog"), get("fanout", 16384, 16, "pipe"), 0.45)
	judge("mapped read 64 B, peek and release",
	      get("mmap_read", 64, 1, "ringlog"), 40, 1)
	ratio("mapped fanout of 16 KiB to 16, each line read / 16 pipes",
	      get("mmap_fanout", 16384, 16, "ringlog"), get("fanout", 16384, 16, "pipe"), 0.05)
	ratio("mapped fanout of 16 KiB to 16, by reference / 16 pipes",
	      get("mmap_fanout_reference", 16384, 16, "ringlog"),
	      get("fanout", 16384, 16, "pipe"), 0.05)
	for (bytes = 64; bytes <= 16384; bytes *= 16)
		ratio("append of " bytes " B after the first lap / before",
		      get("append_lapping", bytes, 1, "ringlog"), get("append", bytes, 1, "ringlog"), 1.10)
	exit missing
}
