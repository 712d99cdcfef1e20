# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's rows (case, bytes, readers, system, instructions) as JSON. What a batch
# costs over the mere copy of its bytes goes into the batch's own row. Rows for people only
# stay out: what is no system of its own, and the second kind of round trip.

[inputs | split("\t")
 | {case: .[0], size: (.[1] | tonumber), readers: (.[2] | tonumber), system: .[3],
    insn: (.[4] | tonumber)}] as $all
| ($all | map(select(.case | endswith("_copy")) | {key: (.case | rtrimstr("_copy")), value: .insn})
   | from_entries) as $copy
| {rows: [$all[]
    | select(.case | endswith("_copy") or . == "roundtrip_asleep" | not)
    | select(.system | IN("ringlog", "pipe", "uds", "mq", "kmsg", "floor"))
    | if .system == "ringlog" and $copy[.case] then .over_copy = ((.insn - $copy[.case]) * 10 | round / 10) else . end
    | if .case | contains("fanout") then . else del(.readers) end]}
