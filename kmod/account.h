/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all streams together, and those of one uid, take of the machine.
 */
#ifndef RINGLOG_ACCOUNT_H
#define RINGLOG_ACCOUNT_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include "config.h"

/**
 * struct ringlog_limits - the most that streams may take; parameters of the module
 * @memory: bytes of all rings; zero: half of the machine's memory
 * @uid_memory: bytes of the rings of streams given to one uid; zero: as @memory
 * @streams: how many
 *
 * May change at any time, for streams that come later.
 */
struct ringlog_limits {
	u64 memory;
	u64 uid_memory;
	u32 streams;
};

extern struct ringlog_limits ringlog_limits;

int ringlog_account_charge(kuid_t uid, u64 bytes, struct ringlog_fault *fault);
void ringlog_account_uncharge(kuid_t uid, u64 bytes);

#endif /* RINGLOG_ACCOUNT_H */
