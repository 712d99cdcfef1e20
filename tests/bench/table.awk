# SPDX-License-Identifier: GPL-2.0-only
# The benchmark's rows (case, bytes, readers, system, instructions) as a table for people.

BEGIN {
	FS = "\t"
	columns = split("ringlog pipe uds mq kmsg", column, " ")
	printf "%-42s", "instructions"
	for (i = 1; i <= columns; i++)
		printf "%10s", column[i]
	print ""
}

# Timed over many, a record has decimals.
function by_record(name) {
	return name ~ /^batch|^mmap_read/
}

# The floors have but one figure each, and what a copy takes is no case of its own.
$4 == "getppid" || $4 == "null" || $4 == "floor" || $4 == "pipe_page" { floors[++floor_count] = $4; floor[$4] = $5; next }
$1 ~ /_copy$/ { sub(/_copy$/, "", $1); copy[$1] = $5; next }

{
	row = $1 " " ($2 >= 1024 ? $2 / 1024 " KiB" : $2 " B")
	if ($1 ~ /fanout/)
		row = row ", " $3 ($3 == 1 ? " reader" : " readers")
	if (by_record($1))
		row = row " a record"
	if (!(row in seen)) {
		seen[row] = 1
		order[++rows] = row
		name[row] = $1
	}
	figure[row, $4] = $5
}

function print_row(row,	i) {
	printf "%-42s", row
	for (i = 1; i <= columns; i++)
		if ((row, column[i]) in figure)
			printf "%10.*f", by_record(name[row]) ? 1 : 0, figure[row, column[i]]
		else
			printf "%10s", "-"
	print ""
}

END {
	for (r = 1; r <= rows; r++) {
		print_row(order[r])
		# Only ringlog, the first column, has that.
		if (name[order[r]] in copy)
			printf "%-42s%10.1f\n", "  less the copy",
			       figure[order[r], "ringlog"] - copy[name[order[r]]]
	}
	title["null"] = "write to /dev/null"
	title["floor"] = "write handler that returns at once"
	title["pipe_page"] = "write to a pipe whose last page has room"
	printf "floors:"
	for (i = 1; i <= floor_count; i++)
		printf " %s %.0f%s", title[floors[i]] ? title[floors[i]] : floors[i], floor[floors[i]], i < floor_count ? "," : "\n"
}
