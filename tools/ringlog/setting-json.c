// SPDX-License-Identifier: GPL-2.0-only
/* Settings as files have them. */
#include "setting-json.h"

struct json_object *setting_json(const struct setting *setting, __u64 value)
{
	char text[SETTING_TEXT];

	if (setting->kind == SETTING_NUMBER || setting->kind == SETTING_NODE)
		return json_object_new_uint64(value);
	return json_object_new_string(setting_text(setting, value, text));
}
