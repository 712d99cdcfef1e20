// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The index is searched as the kernel does it, in kmod/ring.c: a binary search for the
 * last entry before what is sought, and then a walk over the records of one block. Both
 * are bounded whatever the index and the records say.
 */
#include "search.h"

#include <errno.h>

/* As often as the kernel tries, before it says that it is overwritten again and again. */
#define TRIES 64

/* The block that begins at or after @position. */
static __u64 block_after(const struct ringlog_window *window, __u64 position)
{
	return position / window->block + !!(position % window->block);
}

/* Load the entry of @block. Does it name a place from its block to @head? */
static bool load_entry(const struct ringlog_window *window, __u64 block, __u64 head,
		       struct ringlog_index_entry *copy)
{
	const struct ringlog_index_entry *entry =
		&window->index[block & (window->size / window->block - 1)];

	copy->position = load_once(&entry->position);
	copy->offset = load_once(&entry->offset);
	copy->timestamp = load_once(&entry->timestamp);
	return copy->position >= block * window->block && copy->position <= head &&
	       copy->position % RINGLOG_ALIGN == 0;
}

/*
 * Read the entry of @block, whose first byte is below @head. -EPIPE: it was overwritten;
 * -EBADMSG: it was not, and makes no sense.
 */
static int read_entry(const struct ringlog_window *window, __u64 block, __u64 head,
		      struct ringlog_index_entry *copy)
{
	bool sane = load_entry(window, block, head, copy);

	if (ringlog_window_overtaken(window, block * window->block))
		return -EPIPE;
	return sane ? 0 : -EBADMSG;
}

/**
 * ringlog_search_ahead - a record at least so many bytes ahead of the oldest one
 * @window: which
 * @bytes: how far ahead
 *
 * For a reader that is overtaken again and again.
 *
 * Return: its position, or tail's if there is none.
 */
__u64 ringlog_search_ahead(const struct ringlog_window *window, __u64 bytes)
{
	__u64 head = ringlog_window_head(window);
	__u64 tail = load_once(&window->published->tail);
	__u64 block = block_after(window, tail + bytes);
	struct ringlog_index_entry entry;

	if (tail > head || block * window->block >= head ||
	    read_entry(window, block, head, &entry))
		return ringlog_window_tail(window);
	return entry.position;
}

/* From the last entry before @head, which is not zero, over the records up to there. */
static int count_to(const struct ringlog_window *window, __u64 head, __u64 *offset)
{
	__u64 steps = window->block / RINGLOG_ALIGN;
	struct ringlog_index_entry at;

	if (!load_entry(window, (head - 1) / window->block, head, &at))
		return -EBADMSG;
	while (at.position < head) {
		const struct ringlog_record *record =
			(const void *)ringlog_window_at(window, at.position);

		if (!steps-- || load_once(&record->offset) != at.offset)
			return -EBADMSG;
		at.position += ringlog_footprint(load_once(&record->length));
		at.offset++;
	}
	*offset = at.offset;
	return at.position == head ? 0 : -EBADMSG;
}

/**
 * ringlog_search_end - the offset of the record that begins at head, or will
 * @window: which
 * @head: from ringlog_window_head()
 * @offset: out
 *
 * The next offset that is published runs ahead of head, by an append that is half done. So
 * this is counted from the last block before head: that is in the ring's memory, retained
 * or not, until others have written almost a ring.
 *
 * Return: 0; -EPIPE: they may have; -EBADMSG: damaged.
 */
int ringlog_search_end(const struct ringlog_window *window, __u64 head, __u64 *offset)
{
	/* Whoever appends half a ring on is clear of that block. */
	__u64 far = head ? window->size / 2 : 0;
	int ret = 0;

	/* Before the first record the first page knows: age has taken none. */
	if (head)
		ret = count_to(window, head, offset);
	else
		*offset = load_once(&window->kernel->expired_end);
	/* The fence in there is for what was read here, and before the look at head too. */
	if (ringlog_window_overtaken(window, head + far) ||
	    ringlog_window_head(window) - head > far)
		return -EPIPE;
	return ret;
}

/**
 * struct search - a search
 * @window: that it is in
 * @key: offset or time
 * @by_time: which
 * @head: as it was when the search began
 * @at: where it has got to
 * @known: @at.offset is known
 */
struct search {
	const struct ringlog_window	*window;
	__u64				key;
	bool				by_time;
	__u64				head;
	struct ringlog_target		at;
	bool				known;
};

/* The last entry from @search->at on that is not beyond what is sought. */
static int search_index(struct search *search)
{
	const struct ringlog_window *window = search->window;
	__u64 low = block_after(window, search->at.position);
	__u64 high = block_after(window, search->head);
	struct ringlog_index_entry entry;

	while (low < high) {
		__u64 middle = low + (high - low) / 2;
		int ret = read_entry(window, middle, search->head, &entry);

		if (ret)
			return ret;
		/* Another record before it can have the same time, but not the same offset. */
		if (search->by_time ? entry.timestamp < search->key : entry.offset <= search->key) {
			search->at = (struct ringlog_target){ entry.position, entry.offset };
			search->known = true;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return 0;
}

/* On from there, over the records that begin in a block, and one more. */
static int walk(struct search *search)
{
	__u64 steps = search->window->block / RINGLOG_ALIGN + 2;
	struct ringlog_header_copy header;
	int ret;

	while (search->at.position < search->head) {
		if (!steps--)
			return -EBADMSG;
		ret = ringlog_window_header(search->window, search->at.position, search->head,
					    &header);
		if (ret)
			return ret;
		search->at.offset = header.offset;
		if (search->by_time ? header.timestamp >= search->key :
				      header.offset >= search->key)
			return search->by_time || header.offset == search->key ? 0 : -ERANGE;
		search->at = (struct ringlog_target){ header.next, header.offset + 1 };
		search->known = true;
	}
	if (!search->known)
		return -EAGAIN;
	return search->by_time || search->at.offset == search->key ? 0 : -ERANGE;
}

/**
 * ringlog_search - find a record by offset or time
 * @window: which
 * @from: position of a record that is not after it; the oldest one's if it is gone
 * @key: offset, or CLOCK_MONOTONIC ns
 * @by_time: which of them
 * @target: out
 *
 * By offset: the record of that offset, or head for the next one. By time: the first
 * record of that time or later, or head.
 *
 * Return: 0; -ERANGE: the offset is not there; -EAGAIN: the ring is empty, and only
 * @target->position, which is head, says anything; -EPIPE: overwritten again and again;
 * -EBADMSG: damaged.
 */
int ringlog_search(const struct ringlog_window *window, __u64 from, __u64 key, bool by_time,
		   struct ringlog_target *target)
{
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES && ret == -EPIPE; tries++) {
		struct search search = { .window = window, .key = key, .by_time = by_time };
		__u64 tail = ringlog_window_tail(window);

		search.head = ringlog_window_head(window);
		search.at.position = tail > from ? tail : from;
		if (search.at.position > search.head ||
		    search.head - search.at.position > window->size) {
			/* Head is not below a tail that was read before it. */
			ret = ringlog_window_overtaken(window, search.at.position) ? -EPIPE :
										      -EBADMSG;
			continue;
		}
		ret = search_index(&search);
		if (!ret)
			ret = walk(&search);
		*target = search.at;
	}
	return ret;
}
