/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a stream could not be opened, appended to or read, in plain words. */
#ifndef STREAM_WORDS_H
#define STREAM_WORDS_H

/* @error is negative, from ringlog_producer_open() or ringlog_consumer_open(). */
const char *open_words(int error);

const char *append_words(int error);
const char *read_words(int error);

#endif /* STREAM_WORDS_H */
