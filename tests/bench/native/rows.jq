# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's rows as JSON; ns. "ratio" is ringlog's library to the plain ring in shared
# memory that spins too, percentile by percentile.

[inputs | split("\t")
 | {size: (.[0] | tonumber), system: .[1], receiver: .[2], p50: (.[3] | tonumber),
    p99: (.[4] | tonumber), p999: (.[5] | tonumber), max: (.[6] | tonumber)}] as $rows
| def of($size; $system): $rows[] | select(.size == $size and .system == $system);
{rows: $rows,
 ratio: [$rows[].size] | unique | map(. as $size
    | of($size; "ringlog") as $ours | of($size; "shared ring") as $theirs
    | {size: $size, p50: ($ours.p50 / $theirs.p50), p99: ($ours.p99 / $theirs.p99),
       p999: ($ours.p999 / $theirs.p999), limit: 1.2})}
