/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings as files have them. */
#ifndef SETTING_JSON_H
#define SETTING_JSON_H

#include "setting.h"

#include <json-c/json.h>

/* A number where it is clear what it counts, and otherwise what setting_text() writes. */
struct json_object *setting_json(const struct setting *setting, __u64 value);

#endif /* SETTING_JSON_H */
