// SPDX-License-Identifier: GPL-2.0-only
/* Starts everybody, looks on, ends the stream of records, and judges. */
#include "audit.h"
#include "options.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A line of text is sent whole unless it is longer than this. */
#define LONGEST_LINE	8192
/* Between the fixed rate and flat out: time for what is on its way to arrive. */
#define REST_NS		(NS_PER_SEC / 2)
/* Who needs so much longer than planned is stuck. */
#define PATIENCE_SEC	60
/* Of an input of more lines only the first are sent: the account of them takes memory. */
#define LINES_MAX	1000000

struct family {
	pid_t	producers[PRODUCERS];
	pid_t	readers[READERS];
};

static struct ringlog_info info_of(int fd, unsigned int partition)
{
	struct ringlog_info info = { .partition = partition };

	if (ioctl(fd, RINGLOG_IOC_INFO, &info) < 0)
		err(EXIT_FAILURE, "information on partition %u", partition);
	return info;
}

static void look_at_stream(struct plan *plan, int fd)
{
	struct ringlog_info info = info_of(fd, 0);

	if (info.partitions > PARTITIONS_MAX)
		errx(EXIT_FAILURE, "%u partitions: more than this program can follow",
		     info.partitions);
	plan->incarnation = info.incarnation;
	plan->partitions = info.partitions;
	plan->policy = info.policy;
	plan->max_record = info.max_record;
	plan->ring_bytes = info.ring_bytes;
	plan->appended_before = info.records;
	for (unsigned int i = 0; i < plan->partitions; i++)
		plan->first_offset[i] = info_of(fd, i).next_offset;
}

static void load_sources(struct plan *plan)
{
	__u32 longest = plan->max_record < LONGEST_LINE ? plan->max_record : LONGEST_LINE;

	source_from_kernel_log(&plan->kernel_log, longest);
	source_from_file(&plan->text, plan->input, longest);
	if (plan->text.count > LINES_MAX) {
		printf("input:  its first %d lines only\n", LINES_MAX);
		plan->text.count = LINES_MAX;
	}
	/* So that all of the input is sent. */
	if (plan->flat < plan->text.count)
		plan->flat = plan->text.count;
}

static void make_shared(struct demo *demo)
{
	const struct plan *plan = &demo->plan;
	__u64 records = plan->paced + plan->flat + plan->kernel_log.count;

	demo->shared = shared_memory(sizeof(*demo->shared));
	for (unsigned int i = 0; i < PARTITIONS_MAX; i++)
		demo->shared->end_offset[i] = ~0ULL;
	ledger_init(&demo->sent, plan->partitions, records);
	for (int i = 0; i < READERS; i++)
		ledger_init(&demo->received[i], plan->partitions, records);
	write_log_init(&demo->written, plan->partitions - 1, plan->kernel_log.count);
}

/* In the child: no child outlives the parent, nor is named like it. */
static void become(const char *name, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, name);
	/* The timer may be 50 us late by default, to save power. */
	prctl(PR_SET_TIMERSLACK, 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	program_invocation_short_name = (char *)name;
}

static pid_t start(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	return pid;
}

static void start_readers(struct demo *demo, struct family *family)
{
	pid_t parent = getpid();
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		err(EXIT_FAILURE, "pipe");
	for (int i = 0; i < READERS; i++) {
		family->readers[i] = start();
		if (family->readers[i])
			continue;
		become(reader_kinds[i].name, parent);
		close(ready[0]);
		exit(reader_main(demo, i, ready[1]));
	}
	close(ready[1]);
	for (int i = 0; i < READERS; i++)
		if (read(ready[0], &byte, 1) != 1)
			errx(EXIT_FAILURE, "a reader did not start");
	close(ready[0]);
}

static void start_producers(struct demo *demo, struct family *family)
{
	pid_t parent = getpid();
	int go[2];

	if (pipe(go) < 0)
		err(EXIT_FAILURE, "pipe");
	for (int i = 0; i < PRODUCERS; i++) {
		family->producers[i] = start();
		if (family->producers[i])
			continue;
		become(i < FEEDERS ? "feeder" : "kernel-log", parent);
		close(go[1]);
		exit(i < FEEDERS ? feeder_main(demo, i, go[0]) : kernel_log_main(demo, go[0]));
	}
	close(go[0]);
	/* In a while: they have memory to make present first. */
	demo->shared->start_time = clock_now() + NS_PER_SEC;
	demo->shared->flat_time = demo->shared->start_time + REST_NS +
				  (__u64)(demo->plan.seconds * NS_PER_SEC);
	close(go[1]);
}

/* Takes @pid off the list; whether all in it are done. */
static bool cross_out(pid_t *pids, int count, pid_t pid)
{
	bool done = true;

	for (int i = 0; i < count; i++) {
		if (pids[i] == pid)
			pids[i] = 0;
		done &= !pids[i];
	}
	return done;
}

/* Children go with their parent, so leaving is enough. */
static void reap(struct family *family)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSIGNALED(status))
			errx(EXIT_FAILURE, "a process was ended: %s", strsignal(WTERMSIG(status)));
		if (WEXITSTATUS(status))
			errx(EXIT_FAILURE, "a process failed, so there is no result");
		cross_out(family->producers, PRODUCERS, pid);
		cross_out(family->readers, READERS, pid);
	}
}

/* Until all of @pids have ended, showing progress each second. */
static void wait_for(struct demo *demo, struct family *family, pid_t *pids, int count,
		     int patience)
{
	struct timespec second = { .tv_sec = 1 };
	__u64 next = clock_now() + NS_PER_SEC;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		reap(family);
		if (cross_out(pids, count, 0))
			return;
		sigtimedwait(&child, NULL, &second);
		if (clock_now() < next)
			continue;
		next += NS_PER_SEC;
		if (demo->shared->start_time + NS_PER_SEC / 2 < clock_now())
			report_progress(demo);
		if (!--patience)
			errx(EXIT_FAILURE, "%s are stuck",
			     pids == family->readers ? "readers" : "senders");
	}
}

/*
 * Readers wait for records, so what ends them is a record: one more in each
 * partition, known by its offset, which is written down before it is sent.
 */
static void end_partitions(struct demo *demo, int fd)
{
	static const char text[] = "end of the demo\n";

	for (unsigned int i = 0; i < demo->plan.partitions; i++) {
		struct ringlog_content content = { .value = text, .value_len = strlen(text) };
		struct ringlog_batch batch;
		char buffer[128];
		int result;

		demo->shared->end_offset[i] = info_of(fd, i).next_offset;
		ringlog_batch_init(&batch, buffer, sizeof(buffer));
		ringlog_batch_add(&batch, &content);
		result = ringlog_batch_append(&batch, fd, i, NULL, NULL);
		if (result < 0)
			errx(EXIT_FAILURE, "append to partition %u: %s", i, strerror(-result));
	}
}

static void work(struct demo *demo, int fd)
{
	struct family family;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	start_readers(demo, &family);
	start_producers(demo, &family);
	wait_for(demo, &family, family.producers, PRODUCERS,
		 demo->plan.seconds + PATIENCE_SEC);
	end_partitions(demo, fd);
	wait_for(demo, &family, family.readers, READERS, PATIENCE_SEC);
	report_progress(demo);
}

int main(int argc, char **argv)
{
	static struct demo demo;
	static struct audit audit;
	__u64 appended;
	int fd;

	options_parse(&demo.plan, argc, argv);
	fd = open(demo.plan.device, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		err(EXIT_FAILURE, "%s", demo.plan.device);
	look_at_stream(&demo.plan, fd);
	load_sources(&demo.plan);
	make_shared(&demo);
	report_plan(&demo.plan);
	work(&demo, fd);

	appended = info_of(fd, 0).records - demo.plan.appended_before - demo.plan.partitions;
	audit_run(&audit, &demo, appended);
	report_audit(&audit, &demo);
	report_summary(&audit, &demo);
	return audit.faults ? EXIT_FAILURE : EXIT_SUCCESS;
}
