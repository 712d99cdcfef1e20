// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzzer: rounds, of which each is a load of the module; in each, workers that run
 * programs. Every program has a number in its round and its worker, and with the seed those
 * say what it is; only where programs are made out of others that reached something new does
 * it depend on what was reached.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"
#include "kcov.h"
#include "kmsg.h"
#include "module.h"
#include "mutate.h"
#include "state.h"
#include "watch.h"

/* Programs that a process runs before another takes its place. */
#define PROGRAMS_A_CHILD	200
/* A worker's programs in a round. */
#define PROGRAMS_A_ROUND	150
#define PROGRESS_NS		(10 * 1000000000ULL)

static struct {
	const char *module;
	const char *out;
	const char *replay;
	uint64_t seconds;
	uint64_t round;
	uint64_t times;
	unsigned int workers;
} options = { .seconds = 60, .times = 200 };

static uint64_t started, deadline;

static void usage(void)
{
	fputs("usage: fuzz --module FILE [OPTION]...\n"
	      "  --time S       a minute unless told otherwise\n"
	      "  --seed N       random unless told otherwise\n"
	      "  --round N      begin with round N of the seed\n"
	      "  --workers N    two for each CPU, for they sleep a lot\n"
	      "  --out DIR      findings, corpus and coverage go there\n"
	      "  --replay FILE  run the program in FILE, --times N (200)\n", stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "module", 1, 0, 'm' }, { "time", 1, 0, 't' }, { "seed", 1, 0, 's' },
		{ "round", 1, 0, 'r' }, { "workers", 1, 0, 'w' }, { "out", 1, 0, 'o' },
		{ "replay", 1, 0, 'p' }, { "times", 1, 0, 'n' }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 'm':
			options.module = optarg;
			break;
		case 't':
			options.seconds = strtoull(optarg, NULL, 0);
			break;
		case 's':
			state->seed = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			options.round = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			options.workers = strtoul(optarg, NULL, 0);
			break;
		case 'o':
			options.out = optarg;
			break;
		case 'p':
			options.replay = optarg;
			break;
		case 'n':
			options.times = strtoull(optarg, NULL, 0);
			break;
		default:
			usage();
		}
	}
	if (!options.module || optind != argc)
		usage();
	if (!options.workers)
		options.workers = 2 * sysconf(_SC_NPROCESSORS_ONLN);
	if (options.workers > WORKERS_MAX)
		options.workers = WORKERS_MAX;
}

static bool time_is_up(void)
{
	return now_ns() > deadline;
}

/* --- programs ------------------------------------------------------------------------- */

/* Program @number of the worker in this round. */
static void choose(struct worker *worker, uint64_t number)
{
	struct rng rng = rng_derive(rng_derive(state->seed, state->round).state,
				    number * WORKERS_MAX + (worker - state->worker));
	uint32_t count = atomic_load(&state->corpus_count);
	uint32_t other;

	if (!count || rng_once_in(&rng, 3)) {
		program_make(&rng, &worker->program);
		return;
	}
	/* Half of them among the newest, which led furthest. */
	other = rng_below(&rng, count);
	worker->program = state->corpus[rng_once_in(&rng, 2) || count < 16 ?
					rng_below(&rng, count) : count - 1 - rng_below(&rng, 16)];
	program_mutate(&rng, &worker->program, &state->corpus[other]);
}

static bool next_program(struct worker *worker, const struct program *replayed)
{
	uint64_t number = atomic_fetch_add(&worker->next, 1);

	if (atomic_load(&state->stop) || time_is_up())
		return false;
	if (replayed) {
		worker->program = *replayed;
		return number < options.times;
	}
	choose(worker, number);
	return number < PROGRAMS_A_ROUND;
}

/* In the worker's child. Ends with 0 when there is more to do, with 1 when not. */
static void run_programs(struct worker *worker, const struct program *replayed, int kmsg)
{
	char line[300];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	executor_init(worker);
	for (int i = 0; i < PROGRAMS_A_CHILD; i++) {
		if (!next_program(worker, replayed))
			_exit(1);
		atomic_store(&worker->fresh, 0);
		atomic_store(&worker->running, true);
		if (!executor_run())
			_exit(1);
		atomic_fetch_add(&worker->programs, 1);
		if (atomic_load(&worker->fresh) && !replayed)
			corpus_add(&worker->program);
		if (kmsg_complains(kmsg, line, sizeof(line))) {
			finding("the kernel says: %s", line);
			_exit(1);
		}
		atomic_store(&worker->running, false);
	}
	_exit(0);
}

/* In the worker: children that run programs, until there is nothing more to do. */
static void work(struct worker *worker, const struct program *replayed)
{
	int status, kmsg = kmsg_open();
	pid_t child;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	do {
		atomic_store(&worker->dying, false);
		child = fork();
		if (child < 0) {
			perror("fork");
			_exit(2);
		}
		if (!child)
			run_programs(worker, replayed, kmsg);
		if (waitpid(child, &status, 0) != child)
			_exit(2);
		if (WIFSIGNALED(status) && atomic_load(&worker->dying))
			atomic_store(&worker->running, false);
		else if (WIFSIGNALED(status))
			finding("the process was killed by signal %d", WTERMSIG(status));
		else if (WEXITSTATUS(status) > 1)
			finding("the process ended with %d", WEXITSTATUS(status));
	} while (!atomic_load(&state->stop) &&
		 (WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
	_exit(0);
}

/* --- rounds --------------------------------------------------------------------------- */

static void totals(uint64_t *calls, uint64_t *programs)
{
	*calls = *programs = 0;
	for (unsigned int i = 0; i < options.workers; i++) {
		*calls += atomic_load(&state->worker[i].calls);
		*programs += atomic_load(&state->worker[i].programs);
	}
}

static void print_progress(const char *what)
{
	uint64_t calls, programs, ms = (now_ns() - started) / 1000000 + 1;

	totals(&calls, &programs);
	printf("%s %" PRIu64 " s, round %" PRIu64 ", %" PRIu64 " programs, %" PRIu64
	       " calls, %" PRIu64 " calls/s", what, ms / 1000, state->round, programs, calls,
	       calls * 1000 / ms);
	if (coverage_available())
		printf(", %u PCs, corpus %u", coverage_count(), atomic_load(&state->corpus_count));
	printf("\n");
	fflush(stdout);
}

static pid_t start(void (*run)(struct worker *worker, const struct program *replayed),
		   struct worker *worker, const struct program *replayed)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (!pid)
		run(worker, replayed);
	return pid;
}

static void watcher(struct worker *unused, const struct program *replayed)
{
	(void)unused;
	(void)replayed;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	watch(&state->round_over);
	_exit(0);
}

static void wait_for_workers(const pid_t *pids)
{
	static uint64_t next;
	unsigned int running;

	if (!next)
		next = started + PROGRESS_NS;
	do {
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
		running = 0;
		for (unsigned int i = 0; i < options.workers; i++)
			running += pids[i] && waitpid(pids[i], NULL, WNOHANG) == 0;
		if (now_ns() > next) {
			print_progress("...");
			next += PROGRESS_NS;
		}
	} while (running);
}

static bool reload(void)
{
	struct kcov kcov = { .fd = -1 };
	bool good;

	/* What was reached in leaving and coming counts too. */
	kcov_enable(&kcov);
	good = module_unload();
	kcov_collect(&kcov);
	kcov_reset(&kcov);
	if (!good)
		finding("the module does not unload: a reference was lost");
	else if (!module_load(options.module))
		finding("the module does not load");
	coverage_relocate();
	kcov_collect(&kcov);
	kcov_disable(&kcov);
	return !atomic_load(&state->found);
}

static void run_round(const struct program *replayed)
{
	pid_t pids[WORKERS_MAX] = {}, watching;

	if (!reload())
		return;
	/* Before anything else: it is what a guest that dies leaves behind. */
	printf("round %" PRIu64 " ", state->round);
	config_print(&config, stdout);
	fflush(stdout);
	state->round_over = 0;
	watching = start(watcher, NULL, NULL);
	for (unsigned int i = 0; i < options.workers; i++) {
		atomic_store(&state->worker[i].next, 0);
		atomic_store(&state->worker[i].running, false);
		pids[i] = start(work, &state->worker[i], replayed);
	}
	wait_for_workers(pids);
	state->round_over = 1;
	waitpid(watching, NULL, 0);
}

/* --- the end -------------------------------------------------------------------------- */

static FILE *create(const char *name)
{
	char path[512];
	FILE *file;

	if (!options.out)
		return NULL;
	snprintf(path, sizeof(path), "%s/%s", options.out, name);
	file = fopen(path, "w");
	if (!file)
		perror(path);
	return file;
}

static void print_program(const struct program *program, FILE *to)
{
	if (!to)
		return;
	config_print(&config, to);
	program_print(program, to);
}

static void tell_finding(void)
{
	char name[64];

	/* Whoever found it may still be writing it down. */
	for (int i = 0; i < 100 && !atomic_load(&state->told); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	printf("FINDING: %s\n", state->finding);
	for (unsigned int i = 0; i < options.workers; i++) {
		struct worker *worker = &state->worker[i];
		FILE *file;

		if (!atomic_load(&worker->running))
			continue;
		printf("--- worker %u ran\n", i);
		print_program(&worker->program, stdout);
		snprintf(name, sizeof(name), "finding-%u.prog", i);
		file = create(name);
		print_program(&worker->program, file);
		if (file)
			fclose(file);
	}
	printf("--- to repeat: SEED=%" PRIu64 " ROUND=%" PRIu64 ", or --replay finding-N.prog\n",
	       state->seed, state->round);
}

static void save(void)
{
	char path[512];

	if (!options.out || !coverage_available() || options.replay)
		return;
	snprintf(path, sizeof(path), "%s/coverage", options.out);
	if (!coverage_write(path))
		perror(path);
	snprintf(path, sizeof(path), "%s/corpus", options.out);
	mkdir(path, 0755);
	for (uint32_t i = 0; i < atomic_load(&state->corpus_count); i++) {
		char name[64];
		FILE *file;

		snprintf(name, sizeof(name), "corpus/%04u.prog", i);
		file = create(name);
		if (!file)
			return;
		program_print(&state->corpus[i], file);
		fclose(file);
	}
}

static void replay(void)
{
	static struct program program;
	FILE *file = fopen(options.replay, "r");

	if (!file || !config_parse(&config, file) || !program_parse(&program, file)) {
		fprintf(stderr, "fuzz: %s is no program with a configuration\n", options.replay);
		exit(2);
	}
	fclose(file);
	run_round(&program);
}

static void fuzz(void)
{
	for (state->round = options.round; !atomic_load(&state->stop) && !time_is_up();
	     state->round++) {
		struct rng rng = rng_derive(state->seed, state->round);

		config = config_make(&rng);
		run_round(NULL);
		if (atomic_load(&state->stop))
			break;
	}
}

int main(int argc, char **argv)
{
	state_init();
	state->seed = now_ns() % 1000000000 * 1000 + getpid() % 1000;
	parse(argc, argv);
	coverage_init(options.module);
	started = now_ns();
	deadline = started + options.seconds * 1000000000ULL;
	printf("fuzz: seed %" PRIu64 ", %u workers, %s\n", state->seed, options.workers,
	       coverage_available() ? "guided by KCOV" : "this kernel has no KCOV: random");
	fflush(stdout);
	if (options.replay)
		replay();
	else
		fuzz();
	/* A reference that was lost shows here. */
	if (!atomic_load(&state->found) && !reload())
		atomic_store(&state->found, true);
	print_progress("fuzz: done,");
	save();
	if (atomic_load(&state->found))
		tell_finding();
	return atomic_load(&state->found);
}
