/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Ringlog: partitioned ring logs in kernel memory. This file is the ABI and
 * its manual; a client can be written from it alone.
 *
 * A *stream* is a device node and a fixed number of *partitions*. A partition
 * is a ring in kernel memory that holds the newest *records*, in order. Each
 * record has an *offset*, its number in the partition: consecutive, 64 bits,
 * never used twice. Within the ring a record is found by its *position*, a
 * byte count that never wraps. /dev/stream is the default stream; the module's
 * parameters set it up. Others are /dev/streams/NAME, made and deleted by
 * generic netlink: see ringlog_netlink.h.
 *
 * An acknowledged record is visible in memory at once, survives the death of
 * any process, and is gone at reboot.
 *
 * A record is retained until it is overwritten (see RINGLOG_POLICY_*), until
 * the stream is purged, or until it is older than the stream's *age*, if it has
 * one. What is too old is not read, does not count as the oldest record, and
 * keeps no writer waiting, from that moment on. A reader that had not read a
 * record that is no longer retained has lost it, and is told so, to the record.
 *
 * open(2)
 *	O_RDONLY consumes, O_WRONLY produces, O_RDWR does both. A consumer
 *	starts attached to every partition, at the oldest record retained, in
 *	plain mode. Cursors belong to the open file: dup(2) and fork(2) share
 *	them. %ENOMEM: no memory for the cursors. %ENODEV: the stream is gone.
 *
 * write(2), writev(2), pwritev2(2) with offset -1
 *	One call appends one record, whole or not at all, and returns its size.
 *	Zero bytes append nothing and return 0. Partitions take turns, call by
 *	call; each open file begins one partition further than the last one.
 *	%RINGLOG_ATTACH_WRITES pins an open file to a partition.
 *	    %EMSGSIZE	larger than the stream's max_record
 *	    %EAGAIN	full, on a stream of %RINGLOG_POLICY_BLOCK, with
 *			O_NONBLOCK or RWF_NOWAIT; or another thread's write
 *			to this file is being staged, as below
 *	    %ENOBUFS	full, on a stream of %RINGLOG_POLICY_REJECT
 *	    %EFAULT	a part of the data cannot be read
 *	    %EINTR	a signal came while waiting for room; nothing was
 *			appended
 *	    %ENOMEM	no memory for the buffer that data is staged in when
 *			its pages keep vanishing
 *	    %ENODEV	the stream is gone
 *	A failed write appends nothing. pwrite(2) gives %ESPIPE.
 *
 * read(2), readv(2), preadv2(2) with offset -1
 *	Plain mode: one record's value a call, from the attached partitions in
 *	turn, in order within each. Keys and headers are not shown. A record
 *	with an empty value is passed over. Waits for a record unless
 *	O_NONBLOCK or RWF_NOWAIT. Asking for zero bytes returns 0.
 *	Batch mode (see %RINGLOG_ATTACH_BATCH): as many whole records as fit,
 *	as runs. A run is a struct ringlog_run and then that many records of
 *	one partition as they lie in the ring, each a struct ringlog_record.
 *	A call gives at most one run of each partition, and a run has at most
 *	a quarter of the ring and a little over 1 MiB of records, however
 *	large the buffer: read on for the rest.
 *	    %EMSGSIZE	the buffer is too small for the next record; the
 *			record stays. In batch mode a buffer of
 *			sizeof(struct ringlog_run) +
 *			sizeof(struct ringlog_record) + max_record bytes,
 *			rounded up to %RINGLOG_ALIGN, always does
 *	    %EPIPE	(plain mode) records were overwritten, purged or came of
 *			age before they were read. Told once: the next read goes
 *			on at the oldest record there is, or waits for one, and
 *			between two %EPIPE a record is always delivered.
 *			ringlog_info.lost has the exact count
 *	    %EAGAIN	with O_NONBLOCK or RWF_NOWAIT: nothing to read; nothing
 *			but empty values among the next 64 records; records were
 *			overwritten as often as they were tried; or another
 *			thread is reading this file. POLLIN tells whether there
 *			is something
 *	    %EINTR	a signal came while waiting
 *	    %EFAULT	the buffer cannot be written; the record stays
 *	    %EBADMSG	the partition's contents are damaged
 *	    %EBUSY	the file reads by mmap (%RINGLOG_ATTACH_MAPPED)
 *	    %ENODEV	the stream is gone
 *	pread(2) gives %ESPIPE.
 *
 * lseek(2)
 *	(0, SEEK_SET) goes to the oldest record of every attached partition,
 *	(0, SEEK_END) past the newest; both return 0. SEEK_CUR gives %ESPIPE,
 *	as does any lseek on a file that cannot read; the rest %EINVAL. What
 *	lseek passes over is not counted as lost. RINGLOG_IOC_ATTACH seeks
 *	finely. %EINTR: a signal came while another thread was reading this
 *	file. %ENODEV: the stream is gone.
 *
 * poll(2), select(2), epoll(7), level and edge triggered
 *	POLLIN	a read would not wait (a loss to be told counts)
 *	POLLOUT	a record of max_record bytes would not wait in the partition
 *		whose turn it is
 *	POLLPRI	records were overwritten, purged or came of age before they were
 *		read. Age and purges wake nobody for it: it shows when the file
 *		is polled, and with the next append
 *	POLLERR | POLLHUP	the stream is gone
 *
 * mmap(2)
 *	A partition's window: what is needed to read its records in place, with no
 *	call and no copy; see struct ringlog_kernel_page. The offset is
 *	RINGLOG_MAP_OFFSET(partition), the length ringlog_info.map_bytes, the
 *	protection PROT_READ, the flag MAP_SHARED. All of it is there when the call
 *	returns: no fault follows. It is not inherited by fork(2) (unless the caller
 *	asks for it with MADV_DOFORK), not dumped, cannot be made writable or
 *	executable, and is unmapped in one piece or not at all. A mapping is a
 *	reference to the open file: close(2) ends neither the stream's memory nor the
 *	file's gates while there is one, and nor does the stream's deletion.
 *	Whatever the ring's memory still holds is in it, that is, also records that
 *	are no longer retained, until others are written over them.
 *	The data is in the window twice, and so counts twice as resident.
 *	    %EACCES	the file cannot read, or PROT_WRITE was asked for
 *	    %EPERM	PROT_EXEC was asked for
 *	    %EINVAL	another offset or length, no such partition, MAP_PRIVATE,
 *			or a 32-bit caller
 *	    %EAGAIN	over the limit of locked memory, with mlockall(2)
 *	    %ENOMEM	no memory for the page tables
 *	    %EINTR	the caller is being killed
 *	    %ENODEV	the stream is gone
 *
 * io_uring(7)
 *	read and write, with poll, need no worker thread. As with pipes, a
 *	write that may not wait still faults its data in.
 *
 * ioctl(2)
 *	Structs grow at their end. The size in the request number says which
 *	version the caller knows: what it does not pass is zero, and bytes past
 *	what the kernel knows must be zero (%E2BIG). Every unknown flag, every
 *	reserved field that is not zero and every value out of range gives
 *	%EINVAL and changes nothing. The structs are the same for 32-bit
 *	callers. An unknown request gives %ENOTTY, a struct smaller than its
 *	first version %EINVAL, an unreadable one %EFAULT.
 */
#ifndef _UAPI_LINUX_RINGLOG_H
#define _UAPI_LINUX_RINGLOG_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Records begin at multiples of this, in the ring and in every buffer. */
#define RINGLOG_ALIGN		32
/* The sparse index has one entry for each block of this many ring bytes. */
#define RINGLOG_BLOCK		4096

/* ringlog_record.type; the rest is reserved */
#define RINGLOG_TYPE_DATA	1
#define RINGLOG_TYPE_PAD	2	/* reserved, never seen yet */

/* ringlog_record.flags */
#define RINGLOG_RECORD_HAS_KEY		(1 << 0)	/* a key, maybe an empty one */
#define RINGLOG_RECORD_NULL_VALUE	(1 << 1)	/* no value, which is not an empty one */

/**
 * struct ringlog_record - the header of every record
 * @length: bytes that follow this header: the key padded to 8, the headers
 *	padded to 8, then the value. The next record begins at the next
 *	multiple of %RINGLOG_ALIGN; padding bytes are zero. The value has
 *	@length - pad8(@key_len) - pad8(@headers_len) bytes.
 * @type: %RINGLOG_TYPE_DATA
 * @flags: RINGLOG_RECORD_*
 * @reserved: zero
 * @offset: the record's number in its partition
 * @timestamp: CLOCK_MONOTONIC of the append in ns; never goes back within a
 *	partition
 * @producer: the id that the kernel gave the appending open file
 * @key_len: bytes of the key, without padding
 * @headers_len: bytes of the user headers, without padding; the kernel does
 *	not look into them
 *
 * Host byte order.
 */
struct ringlog_record {
	__u32 length;
	__u8  type;
	__u8  flags;
	__u16 reserved;
	__u64 offset;
	__u64 timestamp;
	__u32 producer;
	__u16 key_len;
	__u16 headers_len;
};

/**
 * struct ringlog_run - what a batch read puts before the records of a partition
 * @bytes: of the records that follow, headers and padding included
 * @partition: where they come from
 * @records: how many follow
 * @reserved: zero
 * @lost: records of this partition that were gone before this reader got to
 *	them, between the last run and this one
 * @expired: of those, how many age would have taken in any case
 */
struct ringlog_run {
	__u32 bytes;
	__u32 partition;
	__u32 records;
	__u32 reserved;
	__u64 lost;
	__u64 expired;
};

/*
 * The window of a partition, as mmap(2) shows it:
 *
 *	| struct ringlog_kernel_page, a page
 *	| struct ringlog_published, a page
 *	| struct ringlog_index_entry, one for each block of the ring, whole pages
 *	| the ring's bytes, and the same bytes again: no record wraps
 *
 * The first page says where the others begin. To read the record at a position:
 *
 *	load-acquire @head; while position < head:
 *	    load @tail. If it is above position, the record is gone: see below
 *	    look at the record at data_at + position % ring_bytes. Each word of
 *		its header is read once into a local, and a length is checked
 *		against head - position before it is used
 *	    use or copy what it holds
 *	    acquire fence, load @tail again. If it is above position, all of
 *		the above was overwritten, and means nothing
 *	    position += sizeof(struct ringlog_record) + length, rounded up to
 *		RINGLOG_ALIGN
 *
 * Nothing is concluded before the second look, not even that a length makes no
 * sense. A reader that was overtaken goes on at @tail (load-acquire): the header
 * of the record there has its offset, if the second look finds @tail unmoved; the
 * difference to the offset that was expected next is what was lost. If tail is
 * head, nothing is there, and the next record's header will tell.
 *
 * Every store and load of these words is of a whole word. A reader that finds
 * nothing sleeps in RINGLOG_IOC_WAIT, or polls the file after a WAIT that looked
 * once; the kernel learns there where it is.
 */

/* ringlog_kernel_page.state */
#define RINGLOG_STATE_GONE	(1 << 0)	/* the stream was deleted */

/**
 * struct ringlog_wake_words - the lowest that any sleeper waits for
 * @position: a writer calls the kernel when head gets here
 * @offset: a writer calls the kernel when the next offset gets here
 *
 * All ones: nobody sleeps. Of no use to a reader.
 */
struct ringlog_wake_words {
	__u64 position;
	__u64 offset;
};

/**
 * struct ringlog_kernel_page - the first page of a window: the kernel's alone
 * @bytes: of this struct that this kernel fills in
 * @block: bytes of ring for each entry of the index
 * @map_bytes: of the window
 * @published_at: where struct ringlog_published is, in bytes from this page
 * @index_at: where the index is
 * @data_at: where the ring is, for the first time
 * @ring_bytes: a power of two
 * @incarnation: as in struct ringlog_info
 * @partition: its number
 * @max_record: as in struct ringlog_info
 * @state: RINGLOG_STATE_*; changes once
 * @room_wanted: not zero: a writer waits for gates, or looked for room and found
 *	it. A gating reader calls RINGLOG_IOC_WAIT, to say where it is; whether one
 *	waits still is for the kernel to tell, which ends the call early if so
 * @age_ns: records that are older are not to be delivered, and are lost to who
 *	had not read them; zero: records of any age are good. May change
 * @expired_end: of a loss, the records of lower offsets are those that age took
 * @reserved: zero
 * @wake: see there
 * @reserved2: zero
 *
 * All that is before @state stays as it is. Positions are taken modulo @ring_bytes.
 */
struct ringlog_kernel_page {
	__u32 bytes;
	__u32 block;
	__u64 map_bytes;
	__u64 published_at;
	__u64 index_at;
	__u64 data_at;
	__u64 ring_bytes;
	__u64 incarnation;
	__u32 partition;
	__u32 max_record;

	__u32 state;
	__u32 room_wanted;
	__u64 age_ns;
	__u64 expired_end;
	__u64 reserved[5];

	struct ringlog_wake_words wake;
	__u64 reserved2[6];
};

/**
 * struct ringlog_published - the ends of a ring
 * @tail: position of the oldest record; moves before a byte of what it passes
 *	changes, in the data or in the index, and never back
 * @reserved: zero
 * @head: position after the newest record; moves after all of the record is there
 * @next_offset: of the next record; moves before @head
 *
 * The first page is the kernel's and can be relied on. These words and all that
 * follows may one day be written by a process that was given the partition to
 * write: whatever they say, a reader looks at nothing outside the window.
 */
struct ringlog_published {
	__u64 tail;
	__u64 reserved[7];
	__u64 head;
	__u64 next_offset;
};

/**
 * struct ringlog_index_entry - where the records of a block begin
 * @position: of the first record that begins at or after the block's first byte
 * @offset: that record's
 * @timestamp: at most that record's, at least any earlier record's
 * @reserved: zero; keeps an entry within a cache line
 *
 * The block of positions q * RINGLOG_BLOCK and up has entry q modulo their number.
 * It is good if q * RINGLOG_BLOCK is at least @tail after it was read, and below
 * the @head that was read before. By binary search over them an offset or a time is
 * found without walking the records of more than a block.
 */
struct ringlog_index_entry {
	__u64 position;
	__u64 offset;
	__u64 timestamp;
	__u64 reserved;
};

/* For mmap(2): where the window of a partition begins */
#define RINGLOG_MAP_OFFSET(partition)	((__u64)(partition) << 32)

/* What happens to an append when the ring is full */
#define RINGLOG_POLICY_OVERWRITE	0	/* the oldest records go */
/* the writer waits for the slowest gate; with none, as overwrite */
#define RINGLOG_POLICY_BLOCK		1
/* %ENOBUFS; only what every gate has passed may go, with none nothing, but for age */
#define RINGLOG_POLICY_REJECT		2

/* For ringlog_info.partition, ringlog_attach.partition, ringlog_append.partition */
#define RINGLOG_PARTITION_ALL	0xffffffffU	/* every partition */
#define RINGLOG_PARTITION_TURN	0xffffffffU	/* the one whose turn it is */

/* ringlog_info.cursor_flags */
#define RINGLOG_CURSOR_ATTACHED	(1 << 0)	/* this file reads the partition */
#define RINGLOG_CURSOR_BATCH	(1 << 1)	/* read() gives runs */
#define RINGLOG_CURSOR_GATE	(1 << 2)	/* writers wait for this cursor */
#define RINGLOG_CURSOR_LAPPED	(1 << 3)	/* the next record is gone */
#define RINGLOG_CURSOR_MAPPED	(1 << 4)	/* where it is, is what WAIT was told last */

/**
 * struct ringlog_info - RINGLOG_IOC_INFO: a stream, a partition, a cursor
 * @partition: in: the partition that @head and what follows is about
 * @flags: in: zero
 * @incarnation: random number of this stream's life; saved offsets are only
 *	good together with it
 * @partitions: of the stream; fixed for life
 * @policy: RINGLOG_POLICY_*
 * @max_record: bytes; the largest ringlog_record.length, so the largest value
 *	of a record with neither key nor headers
 * @producer: this open file's id in ringlog_record.producer
 * @ring_bytes: size of each partition's ring
 * @records: appended to the stream since it was made
 * @bytes: what those records hold (the sum of ringlog_record.length)
 * @appends: calls that appended; a batch is one
 * @batches: of those, RINGLOG_IOC_APPEND calls
 * @wakeups: sleepers that appends woke
 * @wakeups_elided: appends that found nobody to wake
 * @waits: times a caller slept for records or for room
 * @lost_records: that readers of this stream were told they lost
 * @rejects: appends refused with %ENOBUFS
 * @head: position after the newest record
 * @tail: position of the oldest record retained
 * @next_offset: the offset that the next record will get
 * @oldest_offset: of the record at @tail; equal to @next_offset when empty
 * @oldest_timestamp: a lower bound of its timestamp, in ns
 * @cursor_position: where this file reads next; zero if it does not read
 * @cursor_offset: the offset that this file reads next
 * @lost: records of this partition that this file lost, to the last one: those
 *	already told and those gone since
 * @cursor_flags: RINGLOG_CURSOR_*
 * @reserved: zero
 * @expired_records: of @lost_records, those that age would have taken in any case
 * @expired: of @lost, those that age would have taken in any case
 * @age_ns: records are retained no longer than this; zero: for ever
 * @budget_ns: the stream's latency objective, or zero
 * @partitioner: RINGLOG_PARTITIONER_* of linux/ringlog_netlink.h: how producers
 *	are to choose partitions
 * @reserved2: zero
 * @map_bytes: of the window that mmap(2) gives of each partition
 *
 * The first version ended with @reserved. Of a mapped reader (see
 * %RINGLOG_ATTACH_MAPPED) @lost and @expired are what it has said itself.
 *
 * Errors: %EINVAL: no such partition. %EINTR: a signal came while another thread
 * was reading this file. %ENODEV: the stream is gone. The counters are read one
 * after the other while others append: each is exact, their sum is of no one
 * moment.
 */
struct ringlog_info {
	__u32 partition;
	__u32 flags;
	__u64 incarnation;
	__u32 partitions;
	__u32 policy;
	__u32 max_record;
	__u32 producer;
	__u64 ring_bytes;
	__u64 records;
	__u64 bytes;
	__u64 appends;
	__u64 batches;
	__u64 wakeups;
	__u64 wakeups_elided;
	__u64 waits;
	__u64 lost_records;
	__u64 rejects;
	__u64 head;
	__u64 tail;
	__u64 next_offset;
	__u64 oldest_offset;
	__u64 oldest_timestamp;
	__u64 cursor_position;
	__u64 cursor_offset;
	__u64 lost;
	__u32 cursor_flags;
	__u32 reserved;
	__u64 expired_records;
	__u64 expired;
	__u64 age_ns;
	__u64 budget_ns;
	__u32 partitioner;
	__u32 reserved2;
	__u64 map_bytes;
};

/* ringlog_attach.flags */
#define RINGLOG_ATTACH_REPLACE	(1 << 0)	/* let go of every other partition */
/* read() gives runs from now on; without it, values */
#define RINGLOG_ATTACH_BATCH	(1 << 1)
/* writers may not overwrite what this cursor has not passed */
#define RINGLOG_ATTACH_GATE	(1 << 2)
/* not about reading: appends go to this partition, or take turns again */
#define RINGLOG_ATTACH_WRITES	(1 << 3)
/* the reader keeps its cursors itself; see mmap(2) */
#define RINGLOG_ATTACH_MAPPED	(1 << 4)

/* ringlog_attach.start */
#define RINGLOG_START_OLDEST		0	/* the oldest record retained */
#define RINGLOG_START_NEWEST		1	/* after the newest */
/* the record of this offset, up to the one not yet written */
#define RINGLOG_START_OFFSET		2
/* the first appended at or after this CLOCK_MONOTONIC ns */
#define RINGLOG_START_MONOTONIC		3
/* the same by CLOCK_REALTIME, by the clocks' distance now */
#define RINGLOG_START_REALTIME		4

/**
 * struct ringlog_attach - RINGLOG_IOC_ATTACH: choose partitions and seek
 * @partition: to attach, or %RINGLOG_PARTITION_ALL
 * @flags: RINGLOG_ATTACH_*. The read mode is the file's, so the last call
 *	decides it; the gate is the partition's, so a call without
 *	%RINGLOG_ATTACH_GATE takes the gates of @partition away
 * @start: RINGLOG_START_*
 * @reserved: zero
 * @value: offset or ns, as @start says; zero with %RINGLOG_START_OLDEST and
 *	%RINGLOG_START_NEWEST
 * @incarnation: that the caller saved @value from, or zero if it does not care
 * @position: out: the cursor's position; zero with %RINGLOG_PARTITION_ALL
 * @offset: out: the offset read next; zero with %RINGLOG_PARTITION_ALL
 *
 * With %RINGLOG_ATTACH_WRITES, which goes with no other flag and with @start and
 * @value zero, the call leaves the cursors alone: from now on write(2), and
 * RINGLOG_IOC_APPEND to %RINGLOG_PARTITION_TURN, go to @partition, or take turns
 * again with %RINGLOG_PARTITION_ALL. It needs a file that can write (%EBADF).
 *
 * With %RINGLOG_ATTACH_MAPPED the file is for a reader that maps the partition's
 * window and finds its records there: read(2) gives %EBUSY, and the kernel knows of
 * its cursors what RINGLOG_IOC_WAIT is told. @position and @offset say where to
 * begin. It is of the whole file, so a call that changes it has
 * %RINGLOG_ATTACH_REPLACE or is for %RINGLOG_PARTITION_ALL, and it does not go with
 * %RINGLOG_ATTACH_BATCH. A gate of such a file moves when WAIT is told.
 *
 * A partition that is attached already is moved. What a seek passes over is
 * not counted as lost. A gate holds from the moment the call returns until the
 * partition is let go of or the open file is closed.
 *
 * Errors, none of which changes anything: %EBADF: the file cannot read.
 * %EINVAL: no such partition, an unknown flag or start, an offset for all
 * partitions at once, a @value where none is taken, or %RINGLOG_ATTACH_MAPPED as
 * above. %ERANGE: the offset is
 * older than the oldest record or beyond the next one. %EAGAIN: what was looked
 * at for a time or an offset was overwritten, again and again. %EBADMSG: the
 * partition's contents are damaged. %ESTALE: another incarnation. %EPERM: a gate
 * needs a file open for writing too, for who may stop the writers must be their
 * equal. %EOPNOTSUPP: a gate on a stream of %RINGLOG_POLICY_OVERWRITE. %EUSERS: the
 * partition has %RINGLOG_GATES_MAX gates. %ENOMEM: no memory for the gates.
 * %EINTR: a signal came while another thread was reading this file.
 * %ENODEV: the stream is gone.
 */
struct ringlog_attach {
	__u32 partition;
	__u32 flags;
	__u32 start;
	__u32 reserved;
	__u64 value;
	__u64 incarnation;
	__u64 position;
	__u64 offset;
};

#define RINGLOG_GATES_MAX	64

/**
 * struct ringlog_append - RINGLOG_IOC_APPEND: append a batch, all or nothing
 * @partition: that all of them go to, or %RINGLOG_PARTITION_TURN
 * @flags: zero
 * @records: address of the batch: records in the ring's own layout, each a
 *	struct ringlog_record followed by what its @length counts and padding
 *	up to the next multiple of %RINGLOG_ALIGN. The address itself needs no
 *	alignment
 * @bytes: of the batch; at most sizeof(struct ringlog_record) + max_record,
 *	for the longest append is the longest that others wait
 * @count: out: records appended
 * @first_offset: out: the first one's offset; the others' are consecutive
 * @appended_to: out: the partition
 * @reserved: zero
 *
 * Of each record the caller sets @length, @type, @flags, @key_len and
 * @headers_len; @reserved is zero. @offset, @timestamp and @producer are the
 * kernel's to write and are passed over, and padding is zeroed, so what a batch
 * read gave can be appended as it is. A record with %RINGLOG_RECORD_NULL_VALUE
 * has no value bytes; one without %RINGLOG_RECORD_HAS_KEY no key bytes.
 *
 * Waits as write(2) does, and gives the errors of write(2) and: %EBADF: the
 * file cannot write. %EINVAL: no such partition; @bytes is zero or is not what
 * the records add up to; a record whose fields contradict each other.
 * %EMSGSIZE: @bytes is too large, or there are more than %RINGLOG_BATCH_MAX
 * records.
 */
struct ringlog_append {
	__u32 partition;
	__u32 flags;
	__u64 records;
	__u32 bytes;
	__u32 count;
	__u64 first_offset;
	__u32 appended_to;
	__u32 reserved;
};

#define RINGLOG_BATCH_MAX	1024

/**
 * struct ringlog_mapped_cursor - where a mapped reader is; for RINGLOG_IOC_WAIT
 * @partition: that it is attached to
 * @reserved: zero
 * @position: of the record that it reads next; below 2^63
 * @offset: of that record
 * @lost: records that it has found lost since it said so last. Counted as far as
 *	that many were retired, or passed by, since then
 * @expired: of those, how many age would have taken in any case; at most @lost
 *
 * Compared with what the kernel knows, and never followed: what is not true makes
 * the caller wait too long or not long enough, and nobody else.
 */
struct ringlog_mapped_cursor {
	__u32 partition;
	__u32 reserved;
	__u64 position;
	__u64 offset;
	__u64 lost;
	__u64 expired;
};

/* ringlog_wait.timeout_ns: for ever */
#define RINGLOG_WAIT_FOREVER	(~(__u64)0)
/* ringlog_wait.spin_ns: at most a second */
#define RINGLOG_SPIN_MAX	1000000000ULL

/**
 * struct ringlog_wait - RINGLOG_IOC_WAIT: wait for enough to read
 * @min_records: return when so many records wait to be read
 * @min_bytes: return when so many bytes of ring wait to be read, headers and
 *	padding counted
 * @spin_ns: look again and again for so long before going to sleep; at most
 *	%RINGLOG_SPIN_MAX
 * @timeout_ns: give up after so long, the spin counted; zero looks once
 * @flags: zero
 * @reserved: zero
 * @records: out: records that wait to be read
 * @bytes: out: bytes of ring that wait to be read
 * @cursors: address of struct ringlog_mapped_cursor: where a mapped reader is now.
 *	poll(2) goes by it too from then on, and what the gates passed may go. Those
 *	not named are where they were. Zero on any other file
 * @cursor_count: of them, at most as many as the stream has partitions
 * @reserved2: zero
 *
 * The first version ended with @bytes.
 *
 * Over all attached partitions the sums count. With both minima set, the first
 * one reached ends the wait; with both zero, one record does. A wait for more
 * than the rings can hold ends when a cursor is lapped. What is gone does not
 * count. With a gate, it ends
 * early when a writer waits for room. @records and @bytes are also set when the
 * call fails with %ETIMEDOUT or %EAGAIN.
 *
 * Errors: %EBADF: the file cannot read. %ETIMEDOUT: not enough came in time.
 * %EAGAIN: not enough is there, with O_NONBLOCK. %EINTR: a signal came; the
 * call is not restarted, for the time already spent is not known to it.
 * %EINVAL: a spin too long; cursors on a file that is not mapped, too many of them,
 * of a partition that is not attached, or that say what cannot be. %EFAULT: the
 * cursors cannot be read. %ENODEV: the stream is gone. What the cursors say has been
 * taken up with every other outcome. They wait for other threads' calls on the same
 * file, whatever the timeout.
 */
struct ringlog_wait {
	__u64 min_records;
	__u64 min_bytes;
	__u64 spin_ns;
	__u64 timeout_ns;
	__u32 flags;
	__u32 reserved;
	__u64 records;
	__u64 bytes;
	__u64 cursors;
	__u32 cursor_count;
	__u32 reserved2;
};

#define RINGLOG_IOC_MAGIC	0xb7
#define RINGLOG_IOC_INFO	_IOWR(RINGLOG_IOC_MAGIC, 0x00, struct ringlog_info)
#define RINGLOG_IOC_ATTACH	_IOWR(RINGLOG_IOC_MAGIC, 0x01, struct ringlog_attach)
#define RINGLOG_IOC_APPEND	_IOWR(RINGLOG_IOC_MAGIC, 0x02, struct ringlog_append)
#define RINGLOG_IOC_WAIT	_IOWR(RINGLOG_IOC_MAGIC, 0x03, struct ringlog_wait)

#endif /* _UAPI_LINUX_RINGLOG_H */
