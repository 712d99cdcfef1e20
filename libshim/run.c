// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Walking over what a batch read returned. Headers are copied out before they
 * are looked at, so that the caller's buffer needs no alignment.
 */
#include "ringlog.h"
#include "round.h"

#include <errno.h>
#include <string.h>

void ringlog_runs_init(struct ringlog_runs *runs, const void *buffer, size_t bytes)
{
	runs->at = buffer;
	runs->left = bytes;
}

int ringlog_next_run(struct ringlog_runs *runs, struct ringlog_records *records)
{
	struct ringlog_run run;

	if (!runs->left)
		return 0;
	if (runs->left < sizeof(run))
		return -EBADMSG;
	memcpy(&run, runs->at, sizeof(run));
	if (run.bytes > runs->left - sizeof(run))
		return -EBADMSG;

	records->partition = run.partition;
	records->count = run.records;
	records->lost = run.lost;
	records->at = runs->at + sizeof(run);
	records->left = run.bytes;
	runs->at += sizeof(run) + run.bytes;
	runs->left -= sizeof(run) + run.bytes;
	return 1;
}

/* Find key, headers and value in the record.length bytes at @at. */
static int split(const struct ringlog_record *record, const char *at,
		 struct ringlog_content *content)
{
	size_t key = round_up(record->key_len, 8);
	size_t headers = round_up(record->headers_len, 8);

	if (key + headers > record->length)
		return -EBADMSG;
	content->key = record->flags & RINGLOG_RECORD_HAS_KEY ? at : NULL;
	content->key_len = record->key_len;
	content->headers = at + key;
	content->headers_len = record->headers_len;
	content->value = record->flags & RINGLOG_RECORD_NULL_VALUE ? NULL : at + key + headers;
	content->value_len = record->length - key - headers;
	if ((!content->key && content->key_len) || (!content->value && content->value_len))
		return -EBADMSG;
	return 0;
}

int ringlog_next_record(struct ringlog_records *records, struct ringlog_view *view)
{
	struct ringlog_record record;
	size_t total;

	/* The run's two counts must end together. */
	if (!records->count)
		return records->left ? -EBADMSG : 0;
	if (records->left < sizeof(record))
		return -EBADMSG;
	memcpy(&record, records->at, sizeof(record));
	total = round_up(sizeof(record) + (size_t)record.length, RINGLOG_ALIGN);
	if (total > records->left || record.type != RINGLOG_TYPE_DATA)
		return -EBADMSG;
	if (split(&record, records->at + sizeof(record), &view->content))
		return -EBADMSG;

	view->offset = record.offset;
	view->timestamp = record.timestamp;
	view->producer = record.producer;
	records->at += total;
	records->left -= total;
	records->count--;
	return 1;
}
