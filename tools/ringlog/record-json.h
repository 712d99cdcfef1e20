/* SPDX-License-Identifier: GPL-2.0-only */
/* A record as JSON. */
#ifndef RECORD_JSON_H
#define RECORD_JSON_H

#include "ringlog.h"

#include <json-c/json.h>

/**
 * struct shown - a record that is to be shown
 * @view: of it
 * @partition: that it is from
 * @realtime: of its append, in ns; by the clocks' distance now
 */
struct shown {
	struct ringlog_view	view;
	__u32			partition;
	__u64			realtime;
};

/* What is no text in UTF-8 is in base64, under the name with _base64. NULL: no memory. */
struct json_object *record_json(const struct shown *shown);

#endif /* RECORD_JSON_H */
