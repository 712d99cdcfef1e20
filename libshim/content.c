// SPDX-License-Identifier: LGPL-2.1-or-later
/* The parts of a record in the ring, and of one that was copied out of it. */
#include "consumer-parts.h"

#include <errno.h>

#include "round.h"

/* The words of a header that say what is where, each read once. */
struct lengths {
	__u8	flags;
	size_t	key;
	size_t	headers;
};

static struct lengths lengths_of(const struct ringlog_record *record)
{
	return (struct lengths){
		.flags = load_once(&record->flags),
		.key = load_once(&record->key_len),
		.headers = load_once(&record->headers_len),
	};
}

static size_t skip(const struct lengths *lengths)
{
	return round_up(lengths->key, 8) + round_up(lengths->headers, 8);
}

/**
 * ringlog_reader_look - look at the record that a reader is at
 * @reader: as for ringlog_reader_look_fast()
 * @peek: out
 *
 * Return: false: it makes no sense.
 */
bool ringlog_reader_look(struct ringlog_reader *reader, struct ringlog_peek *peek)
{
	const struct ringlog_record *record = (const void *)reader->at;
	__u32 length = load_once(&record->length);
	const char *next = reader->at + ringlog_footprint(length);
	struct lengths lengths = lengths_of(record);
	size_t before = skip(&lengths);

	if (next > reader->head || before > length)
		return false;
	*peek = (struct ringlog_peek){
		.record = record,
		.value = (const char *)(record + 1) + before,
		.value_len = length - before,
		.partition = reader->partition,
	};
	reader->next = next;
	return true;
}

/*
 * Name the parts of the @length bytes at @body, the last @value_len of which are the value.
 * False: the header says that they are others.
 */
static bool split(const struct lengths *lengths, const char *body, size_t length,
		  size_t value_len, struct ringlog_content *content)
{
	size_t before = skip(lengths);
	bool has_key = lengths->flags & RINGLOG_RECORD_HAS_KEY;
	bool has_value = !(lengths->flags & RINGLOG_RECORD_NULL_VALUE);

	if (before + value_len != length || (lengths->key && !has_key) ||
	    (value_len && !has_value))
		return false;
	*content = (struct ringlog_content){
		.key = has_key ? body : NULL,
		.headers = body + round_up(lengths->key, 8),
		.value = has_value ? body + before : NULL,
		.key_len = lengths->key,
		.headers_len = lengths->headers,
		.value_len = value_len,
	};
	return true;
}

int ringlog_peek_content(const struct ringlog_peek *peek, struct ringlog_view *view)
{
	const struct ringlog_record *record = peek->record;
	const char *body = (const char *)(record + 1);
	struct lengths lengths = lengths_of(record);
	size_t length = (const char *)peek->value - body + peek->value_len;

	if (!split(&lengths, body, length, peek->value_len, &view->content))
		return -EPIPE;
	view->offset = load_once(&record->offset);
	view->timestamp = load_once(&record->timestamp);
	view->producer = load_once(&record->producer);
	return 0;
}

/* Copy what is peeked at, and only then say what it is. */
static int copy(struct ringlog_consumer *consumer, const struct ringlog_peek *peek,
		char *buffer, size_t size, struct ringlog_view *view)
{
	const struct ringlog_record *record = peek->record;
	const char *body = (const char *)(record + 1);
	size_t length = (const char *)peek->value - body + peek->value_len;
	struct lengths lengths = lengths_of(record);
	bool fits = length <= size;

	view->offset = load_once(&record->offset);
	view->timestamp = load_once(&record->timestamp);
	view->producer = load_once(&record->producer);
	if (fits)
		ringlog_copy(buffer, body, length);
	/* The second look at all of that; if it is lost, this counts it. */
	if (ringlog_check(consumer))
		return ringlog_release(consumer);
	if (!fits)
		return -EMSGSIZE;
	return split(&lengths, buffer, length, peek->value_len, &view->content) ? 1 : -EBADMSG;
}

int ringlog_read(struct ringlog_consumer *consumer, void *buffer, size_t size,
		 struct ringlog_view *view, __u32 *partition)
{
	struct ringlog_peek peek;
	int ret = ringlog_peek(consumer, &peek);

	if (ret != 1)
		return ret;
	ret = copy(consumer, &peek, buffer, size, view);
	if (ret != 1)
		return ret;
	if (partition)
		*partition = peek.partition;
	/* The copy is good, whatever happens to the record from now on. */
	ringlog_reader_pass(consumer->current, consumer->current->next);
	return 1;
}
