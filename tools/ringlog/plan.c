// SPDX-License-Identifier: GPL-2.0-only
/* What has to be done for there to be what a file says. */
#include "plan.h"
#include "setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one that is made by loading the module. */
#define DEFAULT_NAME	"default"

static const char default_remedy[] =
	"is a parameter of the module: load it anew, or leave it out";
static const char other_remedy[] =
	"is fixed for life: delete the stream and its records first, or choose another name";

const char *step_name(const struct step *step)
{
	return step->declared ? step->declared->name : step->current->name;
}

static bool is_default(const char *name)
{
	return !strcmp(name, DEFAULT_NAME);
}

static void refuse(char *fault, size_t stream, const struct setting *setting,
		   const struct declared *declared, const struct ringlog_ctl_stream *current)
{
	char wanted[SETTING_TEXT], there[SETTING_TEXT];
	const char *remedy = is_default(current->name) ? default_remedy : other_remedy;

	setting_text(setting, setting_of_config(setting, &declared->config), wanted);
	setting_text(setting, setting_of_stream(setting, current), there);
	snprintf(fault, FAULT, "streams[%zu].%s: %s, but stream %s has %s, which %s", stream,
		 setting->key, wanted, current->name, there, remedy);
}

/* False if it cannot be done. */
static bool compare(const struct declared *declared, const struct ringlog_ctl_stream *current,
		    __u32 *changes, const struct setting **fixed)
{
	*changes = 0;
	for (unsigned int i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings[i];

		if (!(declared->config.has & setting->bit) ||
		    setting_of_config(setting, &declared->config) ==
		    setting_of_stream(setting, current))
			continue;
		*changes |= setting->bit;
		if (setting->fixed) {
			*fixed = setting;
			return false;
		}
	}
	return true;
}

static void add_step(struct plan *plan, const struct step *step)
{
	plan->steps[plan->count++] = *step;
}

static bool plan_for_declared(struct plan *plan, const struct declaration *declaration,
			      const struct streams *streams, char *fault)
{
	for (size_t i = 0; i < declaration->count; i++) {
		const struct declared *declared = &declaration->streams[i];
		const struct setting *fixed = NULL;
		struct step step = {
			.action = ACTION_ADD,
			.declared = declared,
			.current = streams_find(streams, declared->name),
			.changes = declared->config.has,
		};

		if (step.current) {
			step.action = ACTION_SET;
			if (!compare(declared, step.current, &step.changes, &fixed)) {
				refuse(fault, i, fixed, declared, step.current);
				return false;
			}
		}
		if (!step.current || step.changes)
			add_step(plan, &step);
	}
	return true;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Sorted names, for there may be thousands on both sides. */
static const char **names_of(const struct declaration *declaration)
{
	const char **names = calloc(declaration->count + 1, sizeof(*names));

	for (size_t i = 0; names && i < declaration->count; i++)
		names[i] = declaration->streams[i].name;
	if (names && declaration->count)
		qsort(names, declaration->count, sizeof(*names), by_name);
	return names;
}

static bool plan_for_others(struct plan *plan, const struct declaration *declaration,
			    const struct streams *streams)
{
	const char **names = names_of(declaration);

	if (!names)
		return false;
	for (size_t i = 0; i < streams->count; i++) {
		const char *name = streams->all[i].name;
		struct step step = { .action = ACTION_DELETE, .current = &streams->all[i] };

		if (!is_default(name) && !bsearch(&name, names, declaration->count, sizeof(name),
						  by_name))
			add_step(plan, &step);
	}
	free(names);
	return true;
}

bool plan_make(struct plan *plan, const struct declaration *declaration,
	       const struct streams *streams, bool prune, char *fault)
{
	bool good;

	*plan = (struct plan) {
		.steps = calloc(declaration->count + streams->count + 1, sizeof(*plan->steps)),
	};
	if (!plan->steps) {
		snprintf(fault, FAULT, "no memory");
		return false;
	}
	good = plan_for_declared(plan, declaration, streams, fault);
	if (good && prune && !plan_for_others(plan, declaration, streams)) {
		snprintf(fault, FAULT, "no memory");
		good = false;
	}
	if (!good)
		plan_free(plan);
	return good;
}

void plan_free(struct plan *plan)
{
	free(plan->steps);
	*plan = (struct plan) { };
}
