/* SPDX-License-Identifier: GPL-2.0-only */
/* What has to be done for there to be what a file says. */
#ifndef PLAN_H
#define PLAN_H

#include "declaration.h"
#include "streams.h"

enum action { ACTION_ADD, ACTION_SET, ACTION_DELETE };

/**
 * struct step - one thing to be done
 * @action: to a stream
 * @declared: as it is to be; NULL if it is to be deleted
 * @current: as it is; NULL if it is to be made
 * @changes: RINGLOG_CTL_* of the settings that are to be set, or made with
 */
struct step {
	enum action				action;
	const struct declared			*declared;
	const struct ringlog_ctl_stream		*current;
	__u32					changes;
};

/* What is made comes first and what is deleted last: nothing is lost for nothing. */
struct plan {
	struct step	*steps;
	size_t		count;
};

/*
 * Compare. Settings that the file does not give stay as they are. With @prune,
 * streams that it does not name go, but for the default one. False, with words in
 * @fault, if something would have to change that is fixed for life; FAULT bytes.
 */
bool plan_make(struct plan *plan, const struct declaration *declaration,
	       const struct streams *streams, bool prune, char *fault);

void plan_free(struct plan *plan);

/* The name of a step's stream. */
const char *step_name(const struct step *step);

#endif /* PLAN_H */
