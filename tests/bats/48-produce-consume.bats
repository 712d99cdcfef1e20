#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# ringlog produce and ringlog consume: what goes in comes out, and what was lost is told.

load helpers
load tool

# make_stream [OPTION]...: of one partition and 1M unless told otherwise.
make_stream() {
	load_module || return
	ringlog stream add orders "$@"
}

# consumes TEXT [OPTION]...: that is what is consumed.
consumes() {
	local wanted=$1
	shift
	ringlog consume orders "$@" >consumed || {
		echo "consume ended with $?"
		return 1
	}
	[[ $(<consumed) == "$wanted" ]] || {
		echo "not '$wanted' but:"
		cat consumed
		return 1
	}
}

# exits STATUS COMMAND...: its words are in the file stderr.
exits() {
	local wanted=$1 status=0
	shift
	"$@" 2>stderr || status=$?
	[[ $status == "$wanted" ]] || {
		echo "not $wanted but $status: $*"
		cat stderr
		return 1
	}
}

# refused WORDS ARGUMENT...: the tool fails, with one line on stderr that has the words (an extended
# regular expression), and nothing on stdout. misused: the same, because it is not understood.
refused() {
	local words=$1
	shift
	exits "${wanted:-1}" ringlog "$@" >stdout || return
	if [[ -s stdout || $(wc -l <stderr) != 1 ]] || ! grep -Eq -- "^ringlog: .*($words)" stderr; then
		echo "not '$words': ringlog $*"
		cat stdout stderr
		return 1
	fi
}

misused() {
	wanted=2 refused "$@"
}

same() {
	[[ $(sha256sum <"$1") == "$(sha256sum <"$2")" ]]
}

oldest() {
	ringlog -j partition list orders | jq '.[0].oldest_offset'
}

next_offset() {
	ringlog -j partition list orders | jq '.[0].next_offset'
}

retained() {
	[[ $(member orders retained) == "$1" ]]
}

opened() {
	[[ $(member orders open_files) == 1 ]]
}

# Of all losses that the file tells.
lost() {
	sed -nE 's/^ringlog: consume: partition [0-9]+: lost ([0-9]+) record.*/\1/p' "$1" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

@test "produce: lines" {
	make_stream
	printf 'one\n\ntwo words\nlast' | silent ringlog produce orders
	consumes $'one\n\ntwo words\nlast'
	[[ $(next_offset) == 4 ]]
}

@test "produce: nothing" {
	make_stream
	silent ringlog produce orders </dev/null
	[[ $(next_offset) == 0 ]]
	consumes ''
}

@test "produce: the default stream, and a path" {
	load_module
	echo a | silent ringlog produce default
	echo b | silent ringlog produce "$DEVICE"
	[[ $(ringlog consume default) == $'a\nb' ]]
	[[ $(ringlog consume "$DEVICE") == $'a\nb' ]]
}

@test "produce: files one after the other" {
	make_stream
	printf 'a\nb' >first
	printf 'c\n' >second
	echo stdin | silent ringlog produce orders first - second
	consumes $'a\nb\nstdin\nc'
	exits 1 ringlog produce orders second none
	grep -x 'ringlog: produce: none: No such file or directory' stderr
	[[ $(next_offset) == 5 ]]
	exits 1 ringlog produce orders .
	grep -x 'ringlog: produce: .: Is a directory' stderr
}

@test "produce: zero bytes between records" {
	make_stream
	printf 'a\nb\0\0c' | silent ringlog produce orders -0
	[[ $(next_offset) == 3 ]]
	ringlog consume orders -0 | od -An -c | tr -s ' ' >dump
	[[ $(<dump) == ' a \n b \0 \0 c \0' ]]
}

@test "produce: records after their lengths" {
	make_stream
	printf '\3\0\0\0a\nb\0\0\0\0\1\0\0\0\0' | silent ringlog produce orders --length
	[[ $(ringlog consume orders --format '%S:%s;' | tr '\0\n' 'ZN') == '3:aNb;0:;1:Z;' ]]
	printf '\1\0\0\0x\5\0\0\0abc' >input
	exits 1 ringlog produce orders --length input
	grep -x 'ringlog: produce: the input ends within record 2, which is to have 5 bytes' stderr
	[[ $(next_offset) == 4 ]]
	printf '\1\0\0\0y\5\0' >input
	exits 1 ringlog produce orders --length input
	grep -x 'ringlog: produce: the input ends within the length of record 2' stderr
	[[ $(next_offset) == 5 ]]
	printf '\377\377\377\377abc' >input
	exits 1 ringlog produce orders --length input
	grep 'record 1 has 4294967295 bytes; max_record of orders is 65536' stderr
}

@test "produce: each file a record" {
	make_stream
	head -c 50000 /dev/urandom >blob
	: >empty
	silent ringlog produce orders --file blob empty
	[[ $(ringlog consume orders --format '%S\n') == $'50000\n0' ]]
	ringlog consume orders --format raw >back
	same blob back
	ringlog consume orders -n 1 --format hex >digits
	[[ $(od -An -v -tx1 blob | tr -d ' \n') == "$(<digits)" ]]
	silent ringlog produce orders --file <blob
	ringlog consume orders --from 2 --format raw >back
	same blob back
}

@test "produce: too long a record" {
	make_stream --max-record 1K
	{
		echo before
		head -c 1025 /dev/zero | tr '\0' x
		printf '\nafter\n'
	} >file
	exits 1 ringlog produce orders file
	[[ $(<stderr) == 'ringlog: produce: record 2 has 1025 bytes; max_record of orders is 1024' ]]
	consumes before
	# With its key, padded to 8 bytes.
	{
		printf 'k='
		head -c 1017 /dev/zero | tr '\0' x
	} >file
	exits 1 ringlog produce orders -K = file
	grep 'record 1 has 1025 bytes' stderr
	head -c 1024 /dev/zero | silent ringlog produce orders --file
	head -c 2000000 /dev/zero >file
	exits 1 ringlog produce orders --file file
	grep 'record 1 has 2000000 bytes' stderr
	exits 1 ringlog produce orders file
	grep -E 'record 1 has more than [0-9]+ bytes' stderr
	[[ $(next_offset) == 2 ]]
}

@test "produce: a line is not held back" {
	make_stream
	mkfifo pipe
	"$RINGLOG" produce orders <pipe &
	exec 7>pipe
	printf 'one\ntwo\nthr' >&7
	retry retained 2
	consumes $'one\ntwo'
	printf 'ee\n' >&7
	retry retained 3
	exec 7>&-
	wait $!
	consumes $'one\ntwo\nthree'
}

@test "produce: SIGINT sends what was read whole" {
	local signal pid
	make_stream
	mkfifo pipe
	for signal in INT TERM; do
		"$RINGLOG" produce orders -v <pipe 2>stderr &
		pid=$!
		exec 7>pipe
		printf 'whole\nnot wh' >&7
		retry retained 1
		retry is_asleep $pid
		kill "-$signal" $pid
		wait $pid
		exec 7>&-
		grep -E '^produced 1 record, 5 bytes in ' stderr
		consumes whole
		ringlog stream purge orders
	done
}

@test "produce: a large file" {
	make_stream --ring 16M
	seq 1 100000 >file
	silent ringlog produce orders file
	ringlog consume orders >back
	same file back
	[[ $(next_offset) == 100000 ]]
	# In batches: many records a call.
	(($(member orders counters.appends) < 1000))
	ringlog stream purge orders
	seq 1 100000 | silent ringlog produce orders
	ringlog consume orders | cat >back
	same file back
	[[ $(next_offset) == 200000 ]]
}

@test "produce: long lines of all lengths" {
	make_stream --ring 16M
	awk 'BEGIN { for (i = 0; i < 600; i++) { s = s "xyz0123456789"; print i % 7 ? s : "" } }' >file
	silent ringlog produce orders file
	ringlog consume orders >back
	same file back
}

@test "produce: a partition" {
	make_stream --partitions 4
	seq 3 | silent ringlog produce orders -p 2
	[[ $(ringlog consume orders --format '%p:%o:%s ') == '2:0:1 2:1:2 2:2:3 ' ]]
	refused 'produce: orders has no partition 4, but 4 from 0' produce orders -p 4 </dev/null
}

@test "produce: partitions by key" {
	make_stream --partitions 4 --partitioner key
	# Their hashes leave 0, 1, 2 and 3.
	printf '%s\n' 21=a 4=b foobar=c abc=d 21=e | silent ringlog produce orders -K =
	[[ $(ringlog consume orders -p 0 --format '%k%s ') == '21a 21e ' ]]
	[[ $(ringlog consume orders -p 1 --format '%k%s ') == '4b ' ]]
	[[ $(ringlog consume orders -p 2 --format '%k%s ') == 'foobarc ' ]]
	[[ $(ringlog consume orders -p 3 --format '%k%s ') == 'abcd ' ]]
	ringlog stream set orders --partitioner turn
	printf '%s\n' x x x x | silent ringlog produce orders -k 21
	[[ $(ringlog -j partition list orders | jq -c 'map(.next_offset)') == '[3,2,2,2]' ]]
}

@test "produce: partitions in turn without a key" {
	make_stream --partitions 4
	seq 8 | silent ringlog produce orders
	[[ $(ringlog -j partition list orders | jq -c 'map(.next_offset)') == '[2,2,2,2]' ]]
	[[ $(ringlog consume orders | sort -n) == "$(seq 8)" ]]
}

@test "produce: keys" {
	make_stream
	printf 'a::b::c\nnone\n::empty\nall::\n' | silent ringlog produce orders -K ::
	[[ $(ringlog consume orders --format '%K:%k:%S:%s ') == \
		'1:a:4:b::c -1::4:none 0::5:empty 3:all:0: ' ]]
	printf 'k\tv\n' | silent ringlog produce orders -K '\t'
	echo v | silent ringlog produce orders -k 'the key'
	[[ $(ringlog consume orders --from 4 --format '%k=%s ') == 'k=v the key=v ' ]]
}

@test "produce: headers" {
	make_stream
	printf 'a\nb\n' | silent ringlog produce orders -H trace=1 -H none -H empty= -H trace=a=b
	[[ $(ringlog consume orders -n 1 --format '%h') == 'trace=1,none,empty=,trace=a=b' ]]
	[[ $(ringlog consume orders -n 1 --format json | jq -c .headers) == \
		'[{"name":"trace","value":"1"},{"name":"none","value":null},{"name":"empty","value":""},{"name":"trace","value":"a=b"}]' ]]
}

@test "produce: no value instead of an empty one" {
	make_stream
	printf 'a\n\n' | silent ringlog produce orders -Z
	[[ $(ringlog consume orders --format '%S ') == '1 -1 ' ]]
	[[ $(ringlog consume orders --json | jq -c .value) == $'"a"\nnull' ]]
}

@test "produce: a count" {
	make_stream
	seq 10 >file
	silent ringlog produce orders -c 3 file file
	consumes $'1\n2\n3'
	silent ringlog produce orders -c 0 file
	[[ $(next_offset) == 3 ]]
}

@test "produce: a rate" {
	local rate start took
	make_stream
	for rate in 20 20/s; do
		start=${EPOCHREALTIME/[.,]/}
		seq 100 | silent ringlog produce orders -X $rate -c 10
		took=$((${EPOCHREALTIME/[.,]/} - start))
		# The first is due at once, the tenth 9/20 s later.
		((took >= 450000))
	done
	[[ $(next_offset) == 20 ]]
}

@test "produce: SIGINT ends a wait for the rate" {
	local pid
	make_stream
	seq 100 >file
	"$RINGLOG" produce orders -X 1 file &
	pid=$!
	retry retained 1
	kill -INT $pid
	wait $pid
	(($(next_offset) < 100))
}

@test "produce: a stream that is full" {
	local fit
	make_stream --ring 64K --policy reject
	yes 0123456789 | head -n 5000 >file
	exits 1 ringlog produce orders file
	[[ $(<stderr) == 'ringlog: produce: orders: record '*' was not sent, nor what follows it: the partition is full, and the stream rejects what it has no room for' ]]
	fit=$(sed -E 's/.*record ([0-9]+) was.*/\1/' stderr)
	# 64 bytes each.
	[[ $fit == 1025 ]]
	[[ $(next_offset) == $((fit - 1)) ]]
	ringlog consume orders >back
	same back <(head -n $((fit - 1)) file)
}

# hold_writers: a gate at the oldest record, until a line comes from the standard input; then it
# reads all there is. To be run in the background.
hold_writers() {
	exec python3 - /dev/streams/orders 3<&0 <<-'END'
		import fcntl, os, struct, sys
		fd = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
		attach = struct.pack("=4I4Q", 0xffffffff, 1 << 2, 0, 0, 0, 0, 0, 0)
		fcntl.ioctl(fd, 3 << 30 | len(attach) << 16 | 0xb7 << 8 | 1, attach)
		open("held", "w").close()
		os.read(3, 1)
		while True:
		    try:
		        os.read(fd, 65536)
		    except BlockingIOError:
		        pass
	END
}

blocked() {
	is_asleep "$1" && [[ $(member orders waiters) == 1 ]]
}

@test "produce: waits for room" {
	local pid status=0
	make_stream --ring 64K --policy block
	mkfifo go
	hold_writers <go &
	exec 7>go
	retry test -e held
	seq 2000 >file
	"$RINGLOG" produce orders file 2>stderr &
	pid=$!
	retry blocked $pid
	kill -INT $pid
	wait $pid || status=$?
	[[ $status == 1 ]]
	grep -E 'record [0-9]+ was not sent, nor what follows it: interrupted while waiting for room' stderr
	[[ $(sed -E 's/.*record ([0-9]+) was.*/\1/' stderr) == $(($(next_offset) + 1)) ]]
	"$RINGLOG" produce orders file &
	pid=$!
	retry blocked $pid
	# A signal that asks for nothing.
	kill -STOP $pid
	kill -CONT $pid
	retry blocked $pid
	echo >&7
	wait $pid
	[[ $(ringlog consume orders --from -1) == 2000 ]]
}

@test "produce: a stream that is deleted" {
	local pid status=0
	make_stream
	mkfifo pipe
	"$RINGLOG" produce orders <pipe 2>stderr &
	pid=$!
	exec 7>pipe
	echo a >&7
	retry retained 1
	ringlog stream del orders
	echo b >&7
	wait $pid || status=$?
	exec 7>&-
	[[ $status == 1 ]]
	grep 'record 2 was not sent, nor what follows it: the stream was deleted' stderr
}

@test "produce: what it does not understand" {
	local bad
	load_module
	misused 'produce: needs STREAM' produce
	misused 'only one of -0, --length and --file' produce default -0 --length
	misused 'only one of -0, --length and --file' produce default --file -0
	misused 'only one of --key and --key-separator' produce default -k a -K b
	misused '--key-separator needs a text' produce default -K ''
	misused '--key-separator needs a text' produce default -K '\q'
	misused '--header needs NAME' produce default -H ''
	misused '--header needs NAME' produce default -H =v
	misused '--partition needs a number' produce default -p 4294967295
	for bad in '' -1 1x; do
		misused '--partition needs a number' produce default -p "$bad"
		misused '--count needs a number' produce default -c "$bad"
	done
	for bad in '' 0 1/m /s 1000000001; do
		misused '--rate needs a number' produce default -X "$bad"
	done
	refused 'produce: nosuch: there is no such stream' produce nosuch
	refused 'produce: a b: no stream can have this name' produce 'a b'
	refused 'produce: /dev/null: this is no stream' produce /dev/null
	refused 'consume: nosuch: there is no such stream' consume nosuch
	refused 'consume: ..: no stream can have this name' consume ..
	refused 'consume: /dev/zero: this is no stream' consume /dev/zero
}

@test "produce and consume: what is not allowed" {
	make_stream --mode 0600
	exits 1 setpriv --reuid=65534 --clear-groups "$RINGLOG" consume orders
	grep -x 'ringlog: consume: orders: Permission denied' stderr
	exits 1 setpriv --reuid=65534 --clear-groups "$RINGLOG" produce orders </dev/null
	grep -x 'ringlog: produce: orders: Permission denied' stderr
}

@test "produce and consume: what went through" {
	make_stream
	printf 'ab\ncd\n' | ringlog produce orders -v 2>stderr
	grep -Ex 'produced 2 records, 4 bytes in [0-9.]+[num]?s, [0-9]+/s' stderr
	ringlog consume orders -v 2>stderr >consumed
	grep -Ex 'consumed 2 records, 4 bytes in [0-9.]+[num]?s, [0-9]+/s' stderr
}

@test "consume: some of the partitions" {
	make_stream --partitions 4
	local i
	for i in 0 1 2 3; do
		echo "$i" | ringlog produce orders -p "$i"
	done
	[[ $(ringlog consume orders | sort) == "$(seq 0 3)" ]]
	consumes 2 -p 2
	[[ $(ringlog consume orders -p 3 --partition 1 -p 3 | sort) == $'1\n3' ]]
	refused 'consume: orders has no partition 4, but 4 from 0' consume orders -p 0 -p 4
}

@test "consume: from where" {
	local before
	make_stream
	seq 0 9 | ringlog produce orders
	consumes "$(seq 0 9)" --from oldest
	consumes '' --from newest
	consumes "$(seq 7 9)" --from 7
	consumes '' --from 10
	consumes "$(seq 8 9)" --from -2
	consumes "$(seq 0 9)" --from -1000
	consumes '' --from -0
	refused 'partition 0 of orders has no offset 11: it has from 0 to 10' consume orders --from 11
	ringlog stream purge orders
	echo 10 | ringlog produce orders
	refused 'partition 0 of orders has no offset 9: it has from 10 to 11' consume orders --from 9
	consumes 10 --from -5
	# A number is an offset, with a unit it is a time.
	refused 'has no offset 0' consume orders --from 0
	consumes '' --from 0s
	consumes 10 --from 1h
	before=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
	echo 11 | ringlog produce orders
	consumes 11 --from "$before"
	consumes $'10\n11' --from 2001-02-03
	consumes $'10\n11' --from @981158400
	consumes '' --from 2100-01-01T00:00
	consumes '' --from "@$(($(date +%s) + 1000))"
}

@test "consume: the last of each partition" {
	make_stream --partitions 2
	seq 10 | ringlog produce orders -p 0
	seq 11 12 | ringlog produce orders -p 1
	[[ $(ringlog consume orders --from -3 | sort -n) == $'8\n9\n10\n11\n12' ]]
}

@test "consume: a count" {
	make_stream --partitions 2
	seq 10 | ringlog produce orders
	[[ $(ringlog consume orders -n 3 | wc -l) == 3 ]]
	consumes '' -n 0
}

@test "consume: ends where the stream did when it began" {
	make_stream --ring 16M
	seq 100 | ringlog produce orders
	yes | "$RINGLOG" produce orders -X 2000 &
	retry fails retained 100
	exits 0 timeout 60 "$RINGLOG" consume orders >consumed
	(($(wc -l <consumed) > 100))
}

@test "consume: follows" {
	local pid
	make_stream --partitions 2
	echo old | ringlog produce orders
	"$RINGLOG" consume orders -f >followed &
	pid=$!
	retry holds old followed
	echo new | ringlog produce orders
	retry holds new followed
	retry is_asleep $pid
	kill -INT $pid
	wait $pid
	[[ $(<followed) == $'old\nnew' ]]
	"$RINGLOG" consume orders -f --from newest -n 1 >followed &
	pid=$!
	retry opened
	until ! kill -0 $pid 2>/dev/null; do
		echo newest | ringlog produce orders
	done
	wait $pid
	[[ $(<followed) == newest ]]
}

@test "consume: its reader leaves" {
	local status
	make_stream
	seq 1000 | ringlog produce orders
	"$RINGLOG" consume orders -f 2>stderr | head -n 3 >three
	status=${PIPESTATUS[0]}
	[[ $status == 0 && ! -s stderr ]]
	[[ $(<three) == $'1\n2\n3' ]]
	exits 1 ringlog consume orders >/dev/full
	[[ $(<stderr) == 'ringlog: consume: output: No space left on device' ]]
}

@test "consume: formats" {
	make_stream
	printf 'k=value\n' | ringlog produce orders -K = -H a=b
	consumes 'k=value' --format '%k=%s\n'
	consumes '0 0 5 1 a=b % \ ' --format '%p %o %S %K %h %% \\ '
	consumes '76616c7565' --format hex
	[[ $(ringlog consume orders --format raw | od -An -c | tr -d ' ') == value ]]
	[[ $(ringlog consume orders --format '\x41\x7a\t\0\r\n' | od -An -tx1) == ' 41 7a 09 00 0d 0a' ]]
	[[ $(ringlog consume orders --format %t) =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\.[0-9]{6}[+-][0-9]{4}$ ]]
	[[ $(ringlog consume orders --format %T) =~ ^[0-9]+$ ]]
}

@test "consume: the time is that of the append" {
	local before after shown
	make_stream
	before=$(date +%s)
	echo a | ringlog produce orders
	after=$(date +%s)
	shown=$(date -d "$(ringlog consume orders --format %t)" +%s)
	((before - 1 <= shown && shown <= after + 1))
}

@test "consume: JSON" {
	make_stream
	printf 'key=\303\244"\n' | ringlog produce orders -K = -H h=1
	printf '\377\n\300\200\nx\0y\n' | ringlog produce orders
	ringlog consume orders --format json >records
	[[ $(wc -l <records) == 4 ]]
	[[ $(jq -s -c 'map([.partition, .offset, .key])' records) == \
		'[[0,0,"key"],[0,1,null],[0,2,null],[0,3,null]]' ]]
	[[ $(jq -s -r '.[0].value' records) == 'ä"' ]]
	[[ $(jq -s -c '.[0].headers' records) == '[{"name":"h","value":"1"}]' ]]
	[[ $(jq -s -c '.[1].headers' records) == '[]' ]]
	[[ $(jq -s -r '.[1].value_base64' records) == '/w==' ]]
	[[ $(jq -s -r '.[2].value_base64' records) == 'wIA=' ]]
	[[ $(jq -s -c '.[1] | has("value")' records) == false ]]
	[[ $(jq -s '.[3].value == "x\u0000y"' records) == true ]]
	[[ $(jq -s 'map(.timestamp) | . == sort and .[0] > 0' records) == true ]]
	[[ $(jq -s -r '.[0].realtime' records) =~ ^20[0-9]{2}-[0-9T:.-]+[+-][0-9]{4}$ ]]
	ringlog -j consume orders >again
	[[ $(jq -c 'del(.realtime)' again) == "$(jq -c 'del(.realtime)' records)" ]]
}

@test "consume: what it does not understand" {
	local bad
	load_module
	misused 'consume: needs STREAM' consume
	misused 'consume: takes STREAM' consume default other
	for bad in '' x -1 4294967295; do
		misused '--partition needs a number' consume default -p "$bad"
	done
	# The others are in tests/unit.
	for bad in '' yesterday -x 5x @x 2026-02-30 18446744073709551616; do
		misused '--from needs' consume default --from "$bad"
	done
	for bad in '' Raw '%q' '\q' plain; do
		misused '--format needs' consume default --format "$bad"
	done
	misused 'only one of -0, --format and --json' consume default -0 --format raw
	misused 'only one of -0, --format and --json' -j consume default --format raw
	misused '--count needs a number' consume default -n all
	misused 'no such option: --bogus' consume default --bogus
}

@test "consume: goes on where it left off" {
	make_stream --partitions 2
	seq 5 | ringlog produce orders -p 0
	echo x | ringlog produce orders -p 1
	[[ $(ringlog consume orders --state state | wc -l) == 6 ]]
	jq -e --arg is "$(member orders incarnation)" '.incarnation == $is' state
	[[ $(jq -c .offsets state) == '{"0":5,"1":1}' ]]
	consumes '' --state state
	seq 6 7 | ringlog produce orders -p 0
	# --from is for those that the file does not know.
	consumes $'6\n7' --state state --from oldest
	seq 8 9 | ringlog produce orders -p 0
	consumes 8 --state state -n 1
	[[ $(jq -c .offsets state) == '{"0":8,"1":1}' ]]
	echo y | ringlog produce orders -p 1
	# What is not read now is remembered nevertheless.
	consumes y --state state -p 1
	[[ $(jq -c .offsets state) == '{"0":8,"1":2}' ]]
	[[ $(echo state*) == state ]]
}

@test "consume: a file that begins with the newest" {
	make_stream
	seq 5 | ringlog produce orders
	consumes '' --state state --from newest
	[[ $(jq -c .offsets state) == '{"0":5}' ]]
	seq 6 7 | ringlog produce orders
	consumes $'6\n7' --state state --from newest
}

@test "consume: another stream of the same name" {
	make_stream
	seq 5 | ringlog produce orders
	consumes "$(seq 5)" --state state
	ringlog stream del orders
	ringlog stream add orders
	seq 10 19 | ringlog produce orders
	exits 0 ringlog consume orders --state state >consumed
	[[ $(<consumed) == "$(seq 10 19)" ]]
	[[ $(<stderr) == 'ringlog: consume: orders is another stream than that of state: beginning at oldest' ]]
	consumes '' --state state
	ringlog stream del orders
	ringlog stream add orders
	echo a | ringlog produce orders
	exits 0 ringlog consume orders --state state --from newest >consumed
	[[ ! -s consumed ]]
	grep 'beginning at newest' stderr
	jq -e --arg is "$(member orders incarnation)" '.incarnation == $is and .offsets == {"0": 1}' state
}

@test "consume: a file that is none, or cannot be written" {
	make_stream
	echo a | ringlog produce orders
	for text in '' '{}' '[]' '{"incarnation":"1","offsets":{}}' 'x' \
		'{"incarnation":"0123456789abcdef","offsets":{"0":-1}}' \
		'{"incarnation":"0123456789abcdef","offsets":{"a":1}}'; do
		echo "$text" >state
		refused 'consume: state: this is no file of --state' consume orders --state state
		[[ $(<state) == "$text" ]]
	done
	exits 1 ringlog consume orders --state none/state >consumed
	grep -x 'ringlog: consume: none/state: No such file or directory' stderr
	echo "{\"incarnation\":\"$(member orders incarnation)\",\"offsets\":{\"0\":2}}" >state
	refused 'partition 0 has no offset 2 yet: the next one is' consume orders --state state
}

@test "consume: what the file says is gone" {
	local gone
	make_stream --ring 64K --partitions 2
	seq 5 | ringlog produce orders -p 0
	consumes "$(seq 5)" --state state
	seq 5 | ringlog produce orders -p 1
	seq 5000 | ringlog produce orders -p 0
	gone=$(($(oldest) - 5))
	((gone > 0))
	exits 3 ringlog consume orders --state state >consumed
	[[ $(<stderr) == "ringlog: consume: partition 0: lost $gone records: offset 5, which state says, is no longer retained" ]]
	[[ $(wc -l <consumed) == $((5 + 5000 - gone)) ]]
	[[ $(jq -c .offsets state) == '{"0":5005,"1":5}' ]]
	consumes '' --state state
	# All of it.
	seq 3 | ringlog produce orders -p 1
	ringlog stream purge orders
	exits 3 ringlog consume orders --state state
	[[ $(<stderr) == 'ringlog: consume: partition 1: lost 3 records: offset 5, which state says, is no longer retained' ]]
}

# At least so many records were appended.
reached() {
	(($(next_offset) >= $1))
}

told_more_than() {
	(($(wc -l <told) > $1))
}

@test "consume: losses are exact" {
	local pid producer written end status=0
	make_stream --ring 64K
	mkfifo pipe
	exec 7<>pipe
	"$RINGLOG" consume orders -f --format '%o\n' --state state >pipe 2>told &
	pid=$!
	# It has begun once it waits in poll(2).
	retry waits_in_call $pid 7
	# They go on while the consumer comes back, so that it is overtaken again and again.
	yes 'a record that takes some of the ring' | "$RINGLOG" produce orders &
	producer=$!
	# More than the pipe and the consumer hold, and then more than the ring: it waits in write(2).
	retry reached 100000
	cat <&7 >out &
	retry told_more_than 2
	kill -INT $producer
	wait $producer
	end=$(next_offset)
	retry holds "^$((end - 1))\$" out
	retry is_asleep $pid
	kill -INT $pid
	wait $pid || status=$?
	[[ $status == 3 ]]
	written=$(wc -l <out)
	# In order and none twice, and all the others were told, each once.
	sort -n -u -c out
	[[ $((written + $(lost told))) == "$end" ]]
	[[ $(jq -c .offsets state) == "{\"0\":$end}" ]]
}

@test "consume: losses are exact to an end" {
	local producer status before after
	make_stream --ring 64K
	yes 'a record that takes some of the ring' | "$RINGLOG" produce orders &
	producer=$!
	retry reached 10000
	ringlog consume orders -n 1 --state state >/dev/null 2>told || [[ $? == 3 ]]
	for _ in {1..20}; do
		before=$(jq '.offsets["0"]' state) status=0
		ringlog consume orders -n 10000 --format '%o\n' --state state >out 2>told ||
			status=$?
		[[ $status == 0 || $status == 3 ]]
		after=$(jq '.offsets["0"]' state)
		[[ $(($(wc -l <out) + $(lost told))) == $((after - before)) ]]
		[[ ! -s out || $(tail -n 1 out) -lt $after ]]
	done
	kill -INT $producer
	wait $producer
}

@test "consume: a purge is a loss to who follows" {
	local pid status=0
	make_stream
	"$RINGLOG" consume orders -f >followed 2>told &
	pid=$!
	echo first | ringlog produce orders
	retry holds first followed
	retry is_asleep $pid
	kill -STOP $pid
	seq 7 | ringlog produce orders
	ringlog stream purge orders
	echo last | ringlog produce orders
	kill -CONT $pid
	retry holds last followed
	retry is_asleep $pid
	kill -TERM $pid
	wait $pid || status=$?
	[[ $status == 3 ]]
	[[ $(<told) == 'ringlog: consume: partition 0: lost 7 records' ]]
	[[ $(<followed) == $'first\nlast' ]]
}

# What is too old is not there for who comes now.
is_over() {
	[[ ! $(ringlog consume orders 2>&1) ]]
}

@test "consume: what age took" {
	local pid status=0
	make_stream --age 20ms
	"$RINGLOG" consume orders -f --state state >followed 2>told &
	pid=$!
	# It has begun once it sleeps, with the stream mapped.
	retry opened
	retry is_asleep $pid
	retry grep -q ringlog "/proc/$pid/maps"
	kill -STOP $pid
	seq 9 | ringlog produce orders
	retry is_over
	kill -CONT $pid
	retry holds lost told
	retry is_asleep $pid
	kill -INT $pid
	wait $pid || status=$?
	[[ $status == 3 ]]
	[[ $(<told) == 'ringlog: consume: partition 0: lost 9 records (9 of them expired)' ]]
	[[ $(jq -c .offsets state) == '{"0":9}' ]]
	[[ ! -s followed ]]
}

@test "consume: the state of what was not written is not remembered" {
	make_stream --ring 16M
	seq 100000 | ringlog produce orders
	"$RINGLOG" consume orders --state state | head -n 1 >one
	[[ $(<one) == 1 ]]
	(($(jq '.offsets["0"]' state) < 100000))
	ringlog consume orders --state state | tail -n 1 >one
	[[ $(<one) == 100000 ]]
}

@test "consume: remembers while it follows" {
	local pid
	make_stream
	seq 3 | ringlog produce orders
	"$RINGLOG" consume orders -f --state state >followed &
	pid=$!
	retry holds '"0":3' state
	kill -KILL $pid
	wait $pid || true
	echo 4 | ringlog produce orders
	consumes 4 --state state
}

@test "consume: the stream is deleted" {
	local pid status=0
	make_stream
	echo a | ringlog produce orders
	"$RINGLOG" consume orders -f --state state >followed 2>stderr &
	pid=$!
	retry holds a followed
	retry is_asleep $pid
	ringlog stream del orders
	wait $pid || status=$?
	[[ $status == 1 ]]
	[[ $(<stderr) == 'ringlog: consume: orders: the stream was deleted' ]]
	[[ $(jq -c .offsets state) == '{"0":1}' ]]
}

@test "produce and consume: any bytes in pieces" {
	make_stream --ring 16M
	# Of lengths from 0 to 4095, each after its length.
	head -c 1500000 /dev/urandom >random
	python3 - <<'END'
import struct
data, at, size = open("random", "rb").read(), 0, 0
with open("pieces", "wb") as out:
    while at < len(data):
        piece = data[at:at + size]
        out.write(struct.pack("<I", len(piece)) + piece)
        at, size = at + len(piece), (size * 5 + 1237) % 4096
END
	silent ringlog produce orders --length pieces
	ringlog consume orders --format raw >back
	same random back
}

@test "consume: nobody takes the output" {
	local pid status=0
	make_stream --ring 16M
	seq 100000 | ringlog produce orders
	mkfifo pipe
	exec 7<>pipe
	"$RINGLOG" consume orders --state state >pipe 2>stderr &
	pid=$!
	retry waits_in_call $pid 1
	kill -INT $pid
	wait $pid || status=$?
	exec 7>&-
	[[ $status == 1 ]]
	grep -x 'ringlog: consume: output: not all of it was taken in time' stderr
	# The rest comes with the next run.
	(($(jq '.offsets["0"]' state) < 100000))
	[[ $(ringlog consume orders --state state | tail -n 1) == 100000 ]]
}

@test "produce and consume: completion" {
	make_stream
	# shellcheck source=/dev/null
	. "$PROJECT/tools/completions/ringlog"
	completes() {
		COMP_WORDS=("$RINGLOG" "${@:2}") COMP_CWORD=$(($# - 1))
		_ringlog
		[[ "${COMPREPLY[*]}" == "$1" ]] || {
			echo "completed ${*:2} to: ${COMPREPLY[*]}"
			return 1
		}
	}
	: >input-file
	completes orders produce o
	completes input-file produce orders inp
	completes orders produce -k a o
	completes orders produce --key a o
	completes orders produce -0p 3 o
	completes input-file produce -k a orders inp
	completes input-file produce orders -k a inp
	completes '' produce -k o
	completes orders consume -n 3 --from = oldest --state file o
	completes '' consume orders -n o
	completes orders stream purge -p 2 o
	completes input-file apply -n inp
}
