/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes, threads and memory that they share. */
#ifndef RINGLOG_TEST_PROC_H
#define RINGLOG_TEST_PROC_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A bound on what should come at once, in ms: reached only by a hang. */
#define SOON_MS	30000

void *shared_memory(size_t bytes);

/* A child that runs @run and exits with 0 if no check in it failed. */
pid_t spawn(void (*run)(void *argument), void *argument);
void reap(pid_t pid);
void reap_killed(pid_t pid);
/* 0 or 1 as a check failed in it or not; -1: it does not end, and was killed. */
int reap_soon(pid_t pid);

pthread_t thread_start(void *(*run)(void *argument), void *argument);
void thread_join(pthread_t thread);

/*
 * Wait until the task has said that it is about to make the call under test
 * and then sleeps.
 */
void wait_asleep(pid_t task, const int *about_to);
/* The same, and until it sleeps in that system call. */
void wait_in_call(pid_t task, const int *about_to, long call);
void wait_until(const int *value, int wanted);
bool is_asleep(pid_t task);
void say(int *value, int what);
int heard(const int *value);

/* Signal handler that only interrupts. */
void catch_signal(int number, int flags);

uint64_t now_ns(int clock);
uint64_t random_next(uint64_t *state);

#endif
