/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory as processors see it: what the models share.
 *
 * Each processor has a store buffer. A store goes into it, and from it to memory at any time
 * later: "drain" does that. Stores to different words drain in any order, but
 *
 *	STORE_RELEASE	drains after every store that its processor made before it
 *	WMB		stores after it drain after the stores before it
 *	MB		waits until the buffer is empty
 *
 * A load takes the word from the own buffer if it is there, else from memory, so a load
 * overtakes the stores before it. LOCK is a read-modify-write with acquire and no more: it
 * waits for nothing in the own buffer but the lock's own word. UNLOCK is a store-release, so a
 * load may overtake that, too. The buffer holds one store to each word; a second one waits for
 * the first to drain.
 *
 * The model that includes this defines WORDS (at most 8) and CPUS, has a variable "me" in each
 * process, and puts DRAIN(cpu, word) into its process "drain" for each that can store.
 */
typedef buffer {
	byte pending;		/* a bit for each word that waits */
	byte before;		/* those that were there at the last WMB */
	byte value[WORDS];
	byte after[WORDS];	/* the words that have to drain before this one */
}

byte memory[WORDS];
buffer cpu[CPUS];

#define BIT(word)		(1 << (word))
#define PENDING(word)		(cpu[me].pending & BIT(word))
#define LOAD(word)		(PENDING(word) -> cpu[me].value[word] : memory[word])
#define MB			cpu[me].pending == 0

#define PUT(word, what, order)							\
	d_step {								\
		!PENDING(word);							\
		cpu[me].after[word] = (order);					\
		cpu[me].value[word] = (what);					\
		cpu[me].pending = cpu[me].pending | BIT(word)			\
	}

#define STORE(word, what)		PUT(word, what, cpu[me].before)
#define STORE_RELEASE(word, what)	PUT(word, what, cpu[me].pending)
#define WMB				cpu[me].before = cpu[me].pending

#define LOCK(word)	d_step { memory[word] == 0 && !PENDING(word); memory[word] = 1 }
#define UNLOCK(word)	STORE_RELEASE(word, 0)

inline forget(number, word)
{
	i = 0;
	do
	:: i < WORDS ->
		cpu[number].after[i] = cpu[number].after[i] & (255 - BIT(word));
		i++
	:: else -> break
	od;
	i = 0;
}

#define DRAIN(number, word)								\
	d_step {									\
		(cpu[number].pending & BIT(word)) && !cpu[number].after[word];		\
		memory[word] = cpu[number].value[word];					\
		cpu[number].value[word] = 0;						\
		cpu[number].pending = cpu[number].pending & (255 - BIT(word));		\
		cpu[number].before = cpu[number].before & (255 - BIT(word));		\
		forget(number, word)							\
	}
