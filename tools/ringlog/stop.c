// SPDX-License-Identifier: GPL-2.0-only
/* Being asked to end by SIGINT or SIGTERM. */
#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked;

/*
 * A call that was about to sleep when the signal came sleeps nevertheless. So there is another
 * one every second, until the program ends: none of its calls outlasts two of them.
 */
static void ask(int signal)
{
	(void)signal;
	asked = 1;
	alarm(1);
}

void stop_on_signals(void)
{
	/* Without SA_RESTART. */
	struct sigaction action = { .sa_handler = ask };
	static const int signals[] = { SIGINT, SIGTERM, SIGALRM };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&action.sa_mask, signals[i]);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool stopped(void)
{
	return asked;
}
