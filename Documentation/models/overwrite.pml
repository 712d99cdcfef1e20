/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overwriting: does a reader that takes no lock ever believe a torn, an overwritten or a stale
 * record, and is what it counts as lost what it lost?
 *
 *	process, inline	in kmod
 *	writer		partition.c, ringlog_partition_append(); ring.c, ringlog_ring_retire(),
 *			ringlog_ring_expire(); ring.h, ringlog_ring_publish();
 *			retention.c, ringlog_partition_purge()
 *	look		ring.h, ringlog_ring_look(), ringlog_ring_overtaken()
 *	reader		reader.c, try_value(), deliver(), read_overtaken(), catch_up()
 *
 * The ring has SLOTS records, and a record two words: its header, which says its offset, and
 * its value. Position and offset of a record are the same number, which both words hold.
 *
 * Beside the writer's store buffer (memory.pml) the reader has a view of each word: what the
 * word was when its load was made, which may be long before the load's turn. "early" renews
 * any word of it at any time, in any order. A read barrier, and a load with acquire, renews all
 * of it: no later load was made before. The reader stores nothing that the writer reads.
 */
#define HEAD	0	/* ring->head */
#define TAIL	1	/* ring->tail */
#define LOCKED	2	/* partition->lock */
#define HEADER	3	/* of slots 0 and 1 */
#define VALUE	5	/* of slots 0 and 1 */
#define WORDS	7
#define CPUS	1
#define SLOTS	2

#include "memory.pml"

#define REACHED(what)	printf(what)

byte view[WORDS];

#define SEE(word)	view[word]
#define RENEW(word)	view[word] = memory[word]

inline renew_all()
{
	d_step {
		RENEW(HEAD);
		RENEW(TAIL);
		RENEW(HEADER);
		RENEW(HEADER + 1);
		RENEW(VALUE);
		RENEW(VALUE + 1)
	}
}

/* Records are numbered from 1, so that nothing looks like a word that was never written. */
proctype writer(byte me)
{
	byte head = 1, tail = 1;

	do
	:: head <= RECORDS ->
		atomic {
			LOCK(LOCKED);
			if
			:: head + 1 - tail > SLOTS ->
				tail = head + 1 - SLOTS;
				STORE(TAIL, tail)
			:: else
			fi;
#ifndef NO_RETIRE_A
			WMB;			/* LMM(retire:A) */
#endif
			skip
		}
		STORE(VALUE + head % SLOTS, head);
		STORE(HEADER + head % SLOTS, head);
		atomic {
			head++;
#ifndef NO_PUBLISH_A
			STORE_RELEASE(HEAD, head);	/* LMM(publish:A) */
#else
			STORE(HEAD, head);
#endif
			UNLOCK(LOCKED)
		}
	:: tail < head ->
		/* Age, or a purge if it goes on to head: retired, and not overwritten yet. */
		atomic {
			LOCK(LOCKED);
			tail++;
			STORE(TAIL, tail);
#ifndef NO_RETIRE_A
			WMB;			/* LMM(retire:A) */
#endif
			UNLOCK(LOCKED)
		}
	:: break
	od
}

/* ret: 1: a record; 0: nothing there; 2: overtaken */
inline look()
{
	if
	:: !have_head -> load_head()
	:: else
	fi;
	have_head = false;
	if
	:: head == position -> ret = 0
	:: head != position && SEE(TAIL) > position -> ret = 2
	:: else ->
		/* The header and the value; in whatever order, by "early". */
		offset = SEE(HEADER + position % SLOTS);
		value = SEE(VALUE + position % SLOTS);
#ifndef NO_LOOK_B
		renew_all();			/* LMM(look:B) */
#endif
		ret = (SEE(TAIL) > position -> 2 : 1);
		if
		:: ret == 2 && value != position -> REACHED("a torn record is thrown away")
		:: else
		fi
	fi
}

/* A load with acquire is as good as any later load at most. */
inline load_head()
{
	atomic {
		head = memory[HEAD];
		RENEW(HEAD)
#ifndef NO_LOOK_A
		; renew_all()			/* LMM(look:A) */
#endif
	}
}

proctype reader()
{
	byte position = 1, next = 1, head, offset, value, ret;
	byte delivered, lost;
	bool have_head;

	do
	:: look();
		if
		:: ret == 0 -> break
		:: ret == 1 ->
			assert(offset == position);
			assert(value == position);
			assert(position < memory[HEAD]);
			lost = lost + offset - next;
			next = offset + 1;
			position = offset + 1;
			delivered++;
			assert(delivered + lost == position - 1);
			if
			:: lost -> REACHED("a loss is counted")
			:: else
			fi;
		:: ret == 2 ->
			/*
			 * catch_up(). The next look's load of head may be made before this
			 * one of tail.
			 */
#ifdef NO_LOOK_C
			if
			:: load_head(); have_head = true
			:: true
			fi;
#endif
			position = SEE(TAIL);
			REACHED("the reader is overtaken");
#ifndef NO_LOOK_C
			renew_all()			/* LMM(look:C) */
#endif
		fi;
		atomic { offset = 0; value = 0; head = 0; ret = 0 }
	od
}

proctype early()
{
end_idle:
	do
	:: SEE(HEAD) != memory[HEAD] -> RENEW(HEAD)
	:: SEE(TAIL) != memory[TAIL] -> RENEW(TAIL)
	:: SEE(HEADER) != memory[HEADER] -> RENEW(HEADER)
	:: SEE(HEADER + 1) != memory[HEADER + 1] -> RENEW(HEADER + 1)
	:: SEE(VALUE) != memory[VALUE] -> RENEW(VALUE)
	:: SEE(VALUE + 1) != memory[VALUE + 1] -> RENEW(VALUE + 1)
	od
}

proctype drain()
{
	byte i;

end_idle:
	do
	:: DRAIN(0, HEAD)
	:: DRAIN(0, TAIL)
	:: DRAIN(0, LOCKED)
	:: DRAIN(0, HEADER)
	:: DRAIN(0, HEADER + 1)
	:: DRAIN(0, VALUE)
	:: DRAIN(0, VALUE + 1)
	od
}

init {
	atomic {
		memory[HEAD] = 1;
		memory[TAIL] = 1;
		view[HEAD] = 1;
		view[TAIL] = 1;
		run writer(0);
		run reader();
		run early();
		run drain()
	}
}
