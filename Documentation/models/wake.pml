/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wake-up protocol: is every sleeper woken that has something to wake for?
 *
 *	process, inline	in kmod
 *	producer	partition.c, ringlog_partition_append(); ring.h, ringlog_ring_publish();
 *			sleepers.h, ringlog_sleepers_grown()
 *	wake_one	sleepers.c, wake_one()
 *	wake_some	sleepers.c, wake_some(), with WAKE_AT_ONCE 1
 *	rest		sleepers.c, wake_rest(), an irq_work
 *	killer		stream.c, ringlog_stream_kill(); partition.c, ringlog_partition_kill();
 *			sleepers.c, ringlog_sleepers_wake_all()
 *	arm		sleepers.c, ringlog_sleepers_arm()
 *	disarm		sleepers.c, ringlog_sleepers_disarm(), by handle.c's ringlog_handle_close()
 *	reader		reader.c, ringlog_read(); waiting.c, ringlog_sleep()
 *	waiter		waiting.c, sleep_for_enough(), enough(), arm_for_enough(),
 *			arm_for_growth()
 *	poller		waiting.c, ringlog_poll_read(), for one who takes the wakeup's word, as a
 *			multishot poll of io_uring does, and then drains the file
 *	mark_next	waiting.c, mark_next(), by ringlog_rearm() and ringlog_rearm_all()
 *
 * Records have one byte, so positions and offsets are the same numbers. There are two files,
 * each with one thread, and what they are is chosen by -D:
 *
 *	READERS=N	files 0..N-1 are readers
 *	WAITER		file 0 waits for WANT_RECORDS, WANT_BYTES
 *	POLLER		file 0 is polled
 *	SIGNAL		file 0's reader may get a signal when it sleeps, and then closes its file
 *	PRODUCERS=N	at most two, each of APPENDS records at most
 *	KILLER		the stream is killed at any time, or never
 *
 * What is wrong shows when nothing can go on any more: see "judge". Producers may stop after
 * any record, so a wakeup is not made up for by a later one in every run.
 *
 * -DNO_... takes something away: see "check".
 */
#define HEAD	0	/* ring->head */
#define NEXT	1	/* ring->next_offset */
#define WAKE_P	2	/* words->position */
#define WAKE_O	3	/* words->offset */
#define GONE	4	/* stream->gone */
#define FLOOR	5	/* partition->floor: zero when the stream is gone */
#define P_LOCK	6	/* partition->lock */
#define S_LOCK	7	/* sleepers->lock */
#define WORDS	8

/* Processors: files 0 and 1, producers 2 and 3. */
#define REST	4
#define KILL	5
#define CPUS	6

#include "memory.pml"

#define FILES	2
#define NEVER	99	/* RINGLOG_NEVER */
#define NONE	100	/* not in the tree; more than anything in it */
#define NOBODY	FILES
#define FAR	50	/* a ring's size more than a cursor's position */

#ifndef WANT_RECORDS
#define WANT_RECORDS	0
#endif
#ifndef WANT_BYTES
#define WANT_BYTES	0
#endif

/* Under sleepers->lock. */
byte by_position[FILES] = NONE;
byte by_offset[FILES] = NONE;

/* handle->queue and who is on it. The lock's sections are short, so it is no word of memory. */
bool queue_lock[FILES];
bool queued[FILES];
bool running[FILES] = true;	/* task state */
bool event[FILES];		/* a poller was called */

/* irq_work: pending */
bool rest_pending;

/* Of each file: its cursor; and for the judge, whether it sleeps and has taken its leave. */
byte position[FILES];
bool asleep[FILES];

#ifdef WAITER
#define NEXT_OFFSET LOAD(NEXT)
#else
#define NEXT_OFFSET 0	/* nobody wants one */
#endif
#ifdef KILLER
#define IS_GONE LOAD(GONE)
#else
#define IS_GONE false
#endif

#define LESS(a, b)	((a) < (b) -> (a) : (b))
#define FIRST_POSITION	LESS(by_position[0], by_position[1])
#define FIRST_OFFSET	LESS(by_offset[0], by_offset[1])
#define WORD(first)	((first) == NONE -> NEVER : (first))

/* The run has to come by here, or it shows nothing: see "check". */
#define REACHED(what)	printf(what)

#ifdef POLLER
#define WAKE(file)					\
	if						\
	:: file == 0 -> event[file] = true		\
	:: else -> queued[file] = false; running[file] = true \
	fi
#else
#define WAKE(file) queued[file] = false; running[file] = true
#endif

/* --- waking ------------------------------------------------------------------------- */

inline find_due(up_to, up_to_offset)
{
	if
	:: by_position[0] <= up_to && by_position[0] <= by_position[1] -> due = 0
	:: by_position[1] <= up_to && by_position[1] <= by_position[0] -> due = 1
	:: FIRST_POSITION > up_to && by_offset[0] <= up_to_offset && by_offset[0] <= by_offset[1] -> due = 0
	:: FIRST_POSITION > up_to && by_offset[1] <= up_to_offset && by_offset[1] <= by_offset[0] -> due = 1
	:: FIRST_POSITION > up_to && FIRST_OFFSET > up_to_offset -> due = NOBODY
	fi
}

/* What is there already may as well not be stored: the lock's last holder's stores have drained. */
#define SET_WORD(word, what)					\
	if							\
	:: memory[word] != (what) -> STORE(word, what)		\
	:: else							\
	fi

inline set_words()
{
	SET_WORD(WAKE_P, WORD(FIRST_POSITION));
	SET_WORD(WAKE_O, WORD(FIRST_OFFSET))
}

inline wake_one(reached, reached_offset)
{
	atomic {
		LOCK(S_LOCK);
		find_due(reached, reached_offset);
		if
		:: due == NOBODY ->
			more = false;
			UNLOCK(S_LOCK)
		:: else ->
			by_position[due] = NONE;
			by_offset[due] = NONE;
			set_words();
			more = FIRST_POSITION <= reached || FIRST_OFFSET <= reached_offset;
			!queue_lock[due];
			queue_lock[due] = true;
			UNLOCK(S_LOCK)
		fi
	}
	atomic {
		if
		:: due < NOBODY && queued[due] -> WAKE(due)
		:: else
		fi;
		if
		:: due < NOBODY -> queue_lock[due] = false
		:: else
		fi;
		due = NOBODY
	}
}

/* One now, the rest soon. */
inline wake_some(grown, grown_offset)
{
	wake_one(grown, grown_offset);
	if
	:: !more
	:: more ->
#ifndef NO_REST
		/* An atomic read-modify-write that returns a value is a full barrier. */
		atomic { MB; rest_pending = true; more = false };
#endif
		REACHED("a waker leaves somebody for the irq_work")
	fi
}

proctype rest(byte me)
{
	byte head, next, due = NOBODY;
	bool more;

end_idle:
	do
	:: atomic { rest_pending -> rest_pending = false };
		MB;
		head = LOAD(HEAD);
		next = NEXT_OFFSET;
		wake_some(head, next);
		atomic { head = 0; next = 0; more = false }
	od
}

proctype producer(byte me)
{
	byte head, appends, due = NOBODY;
	bool more;

	do
	:: appends < APPENDS ->
		atomic {
			LOCK(P_LOCK);
			head = LOAD(HEAD) + 1;
			if
			:: LOAD(FLOOR) ->
				STORE_RELEASE(HEAD, head);	/* LMM(publish:A) */
#ifdef WAITER
#ifndef NO_PUBLISH_B
				STORE_RELEASE(NEXT, head)	/* LMM(publish:B) */
#else
				STORE(NEXT, head)
#endif
#endif
			:: else ->
				head = 0
			fi;
			UNLOCK(P_LOCK);
			appends++
		}
		if
		:: !head -> break
		:: else
		fi;
#ifndef NO_GROWN_A
		MB;		/* LMM(grown:A) */
#endif
		if
		:: head >= LOAD(WAKE_P) -> wake_some(head, head)
		:: else ->
			if
			:: head >= LOAD(WAKE_O) -> wake_some(head, head)
			:: else
			fi
		fi;
		atomic { head = 0; more = false }
	:: atomic { true -> head = 0; appends = 0; break }
	od
}

#ifdef KILLER
proctype killer(byte me)
{
	byte due = NOBODY;
	bool more;

	if
	:: true
	:: goto done
	fi;
	STORE(GONE, 1);
	atomic {
		LOCK(P_LOCK);
		STORE(FLOOR, 0);
		UNLOCK(P_LOCK)
	}
#ifndef NO_KILL_A
	MB;			/* LMM(kill:A) */
#endif
#ifdef NO_KILL_LOCK
	/* What it must not do: look whether anybody sleeps without taking the lock. */
	if
	:: LOAD(WAKE_P) == NEVER && LOAD(WAKE_O) == NEVER -> goto done
	:: else
	fi;
#endif
	do
	:: wake_one(NEVER, NEVER);
		if
		:: more -> REACHED("two sleepers are killed")
		:: else -> break
		fi
	od;
done:
	skip
}
#endif

/* --- sleeping ----------------------------------------------------------------------- */

inline arm(file, at, offset)
{
	atomic {
		LOCK(S_LOCK);
		if
		:: (at) < NEVER && (at) < by_position[file] ->
			by_position[file] = (at);
			if
			:: by_position[file] < by_position[1 - file] -> STORE(WAKE_P, at)
			:: else
			fi
		:: else
		fi;
		if
		:: (offset) < NEVER && (offset) < by_offset[file] ->
			by_offset[file] = (offset);
			if
			:: by_offset[file] < by_offset[1 - file] -> STORE(WAKE_O, offset)
			:: else
			fi
		:: else
		fi;
		UNLOCK(S_LOCK)
	}
}

inline disarm(file)
{
	atomic {
		LOCK(S_LOCK);
		by_position[file] = NONE;
		by_offset[file] = NONE;
		set_words();
		UNLOCK(S_LOCK)
	}
}

/* Its full barrier is between the queue and the state, and the queue's lock follows. */
inline prepare_to_wait(file)
{
	atomic {
		MB && !queue_lock[file];
		queued[file] = true;
		running[file] = false
	}
}

inline finish_wait(file)
{
	atomic {
		running[file] = true;
		if
		:: queued[file] -> !queue_lock[file]; queued[file] = false
		:: else
		fi
	}
}

inline schedule(file)
{
	asleep[file] = true;
end_asleep:
	atomic { running[file] -> asleep[file] = false }
}

#if READERS > 0 || defined(READER1)
proctype reader(byte me)
{
	bool ready;

	do
#ifdef KILLER
	:: IS_GONE -> break
#endif
	:: !IS_GONE ->
		if
		:: LOAD(HEAD) > position[me] -> position[me] = LOAD(HEAD)
		:: else ->
			prepare_to_wait(me);
			arm(me, position[me] + 1, NEVER);
#ifndef NO_ARM_A_READ
			MB;	/* LMM(arm:A) */
#endif
			ready = LOAD(HEAD) > position[me];
#ifdef KILLER
			if
			:: ready
			:: else -> ready = IS_GONE
			fi;
#endif
			if
			:: ready -> REACHED("a reader finds what came while it armed")
#ifdef SIGNAL
			:: !ready && me == 0 ->
				finish_wait(me);
				disarm(me);
				REACHED("a signal");
				goto closed
#endif
			:: else ->
				schedule(me);
				REACHED("a reader is woken")
			fi;
			finish_wait(me)
		fi;
		ready = false
	od;
closed:
	skip
}
#endif

#ifdef WAITER
inline enough()
{
	/* The loads go in any order. */
	if
	:: next = LOAD(NEXT); head = LOAD(HEAD)
	:: head = LOAD(HEAD); next = LOAD(NEXT)
	fi;
	atomic { records = 0; bytes = 0 };
	if
	:: head > position[me] ->
		bytes = LOAD(HEAD) - position[me];
		records = (next > position[me] -> next - position[me] : 0)
	:: else
	fi;
	atomic { next = 0; head = 0 };
	done = (WANT_BYTES && bytes >= WANT_BYTES) || (WANT_RECORDS && records >= WANT_RECORDS);
	if
	:: !done -> done = IS_GONE
	:: else
	fi
}

#define SHARE(wanted, there)	((wanted) > (there) -> (wanted) - (there) : 1)

inline arm_for_enough()
{
	at = position[me] + FAR;
	offset = NEVER;
	if
	:: WANT_BYTES -> at = LOAD(HEAD) + SHARE(WANT_BYTES, bytes)
	:: else
	fi;
	if
	:: WANT_RECORDS -> offset = LOAD(NEXT) + SHARE(WANT_RECORDS, records)
	:: else
	fi;
	arm(me, at, offset)
}

inline arm_for_growth()
{
	at = LOAD(HEAD) + 1;
	offset = LOAD(NEXT) + 1;
	arm(me, at, offset)
}

proctype waiter(byte me)
{
	byte head, next, records, bytes, at, offset, had_records, had_bytes;
	bool done;

	enough();
	do
	:: done -> break
	:: !done ->
		prepare_to_wait(me);
		atomic { had_records = records; had_bytes = bytes }
		arm_for_enough();
#ifndef NO_ARM_A_WAIT
		MB;		/* LMM(arm:A) */
#endif
		enough();
#ifndef NO_MARK_AGAIN
		if
		:: !done && (records > had_records || bytes > had_bytes) ->
			arm_for_growth();
			MB;	/* LMM(arm:A) */
			enough();
			REACHED("a waiter marks again")
		:: else
		fi;
#endif
		if
		:: done -> REACHED("a waiter finds enough")
		:: else ->
			schedule(me);
			REACHED("a waiter is woken");
			enough()
		fi
	od;
	finish_wait(me);
	disarm(me)
}
#endif

#ifdef POLLER
/* wake_up_interruptible_poll() */
inline call_myself()
{
	atomic { !queue_lock[me]; event[me] = true }
}

/* waiting.c, mark_next() */
inline mark_next()
{
	at = position[me] + 1;
	arm(me, at, NEVER);
#ifndef NO_ARM_A_NEXT
	MB;			/* LMM(arm:A) */
#endif
	if
	:: LOAD(HEAD) > position[me] -> call_myself()
	:: else ->
#if defined(KILLER) && !defined(NO_TELL_GONE)
		if
		:: !LOAD(FLOOR) ->
			call_myself();
			REACHED("a read that found nothing tells that the stream is gone")
		:: else
		fi;
#endif
		skip
	fi;
	at = 0
}

proctype poller(byte me)
{
	byte head, at;

	atomic { !queue_lock[me]; queued[me] = true };
	head = LOAD(HEAD);
	at = (head > position[me] -> head : position[me]) + 1;
	arm(me, at, NEVER);
#ifndef NO_ARM_A_POLL
	MB;			/* LMM(arm:A) */
#endif
	if
	:: LOAD(HEAD) > position[me] -> event[me] = true
	:: else ->
		if
#ifdef KILLER
		:: IS_GONE -> event[me] = true
#endif
		:: else
		fi
	fi;
	do
	:: asleep[me] = true;
end_asleep:
		atomic { event[me] -> event[me] = false; asleep[me] = false; head = 0 }
		REACHED("a poller is called");
		/* Read until there is nothing left; each read looks whether the stream is gone. */
		do
#ifdef KILLER
		:: IS_GONE -> goto told
#endif
		:: !IS_GONE ->
			head = LOAD(HEAD);
			if
			:: head > position[me] ->
				position[me]++;
				if
				:: LOAD(HEAD) > position[me]
				:: else -> mark_next()
				fi
			:: else ->
#ifdef NO_TELL_GROWN
				if
				:: LOAD(HEAD) > position[me]
				:: else -> mark_next()
				fi;
#else
				mark_next();
#endif
				break
			fi
		od
	od;
told:
	skip
}
#endif

/* ------------------------------------------------------------------------------------ */

#define DRAIN_WORDS(number)							\
	:: DRAIN(number, WAKE_P)						\
	:: DRAIN(number, WAKE_O)						\
	:: DRAIN(number, S_LOCK)

#define DRAIN_PRODUCER(number)							\
	DRAIN_WORDS(number)							\
	:: DRAIN(number, HEAD)							\
	:: DRAIN(number, NEXT)							\
	:: DRAIN(number, P_LOCK)

proctype drain()
{
	byte i;

end_idle:
	do
	DRAIN_WORDS(0)
	DRAIN_WORDS(1)
	DRAIN_WORDS(REST)
	DRAIN_PRODUCER(2)
#if PRODUCERS > 1
	DRAIN_PRODUCER(3)
#endif
#ifdef KILLER
	DRAIN_WORDS(KILL)
	:: DRAIN(KILL, GONE)
	:: DRAIN(KILL, FLOOR)
	:: DRAIN(KILL, P_LOCK)
#endif
	od
}

/* Runs when nothing else can: nobody may sleep who has something to wake for. */
proctype judge()
{
	timeout;
	d_step {
		assert(memory[WAKE_P] == WORD(FIRST_POSITION));
		assert(memory[WAKE_O] == WORD(FIRST_OFFSET));
		assert(!asleep[0] || !memory[GONE]);
		assert(!asleep[1] || !memory[GONE]);
#ifdef WAITER
		assert(!asleep[0] || !WANT_BYTES || memory[HEAD] - position[0] < WANT_BYTES);
		assert(!asleep[0] || !WANT_RECORDS || memory[NEXT] - position[0] < WANT_RECORDS);
#else
		assert(!asleep[0] || memory[HEAD] == position[0]);
#endif
		assert(!asleep[1] || memory[HEAD] == position[1]);
	}
	if
	:: asleep[0] -> REACHED("a sleeper that nothing came for sleeps on")
	:: !asleep[0] -> REACHED("a file does not sleep")
	fi
}

init {
	atomic {
		memory[WAKE_P] = NEVER;
		memory[WAKE_O] = NEVER;
		memory[FLOOR] = 1;
#if READERS > 0
		run reader(0);
#endif
#if READERS > 1 || defined(READER1)
		run reader(1);
#endif
#ifdef WAITER
		run waiter(0);
#endif
#ifdef POLLER
		run poller(0);
#endif
		run producer(2);
#if PRODUCERS > 1
		run producer(3);
#endif
		run rest(REST);
#ifdef KILLER
		run killer(KILL);
#endif
		run drain();
		run judge()
	}
}
