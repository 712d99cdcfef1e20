// SPDX-License-Identifier: GPL-2.0-only
/* tools/ringlog: what a file is read as, and what has to be done for it. */
#include "declaration.h"
#include "plan.h"
#include "setting.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char fault[FAULT];

static bool parse(struct declaration *declaration, const char *text)
{
	fault[0] = 0;
	return declaration_parse(declaration, text, strlen(text), fault);
}

/* The file is refused, with these words and one line of them. */
static bool refused(const char *text, const char *words)
{
	struct declaration declaration;

	if (parse(&declaration, text)) {
		declaration_free(&declaration);
		printf("# taken: %s\n", text);
		return false;
	}
	if (strstr(fault, words) && !strchr(fault, '\n'))
		return true;
	printf("# said: %s\n", fault);
	return false;
}

static void test_file(void)
{
	struct declaration declaration;
	const struct ringlog_ctl_config *config;

	if (!CHECK(parse(&declaration, "// of the shop\n{\"streams\": [ /* one */\n"
			 "{\"name\": \"orders\", \"partitions\": 4, \"ring\": \"64K\",\n"
			 "\"policy\": \"block\", \"max_record\": 4096, \"age\": \"1h\",\n"
			 "\"budget\": 0, \"partitioner\": \"turn\",\n"
			 "\"node\": 1, \"owner\": \"1000:1001\", \"mode\": \"0640\",\n"
			 "\"first_offsets\": {\"0\": 7, \"3\": 4611686018427387903}},\n"
			 "{\"name\": \"b\"}]}\n// end")))
		return;
	if (!CHECK(declaration.count == 2))
		return;
	config = &declaration.streams[0].config;
	CHECK(!strcmp(config->name, "orders"));
	CHECK(config->has == (RINGLOG_CTL_PARTITIONS | RINGLOG_CTL_RING_BYTES |
			      RINGLOG_CTL_POLICY | RINGLOG_CTL_MAX_RECORD | RINGLOG_CTL_AGE |
			      RINGLOG_CTL_BUDGET | RINGLOG_CTL_PARTITIONER |
			      RINGLOG_CTL_NUMA_NODE | RINGLOG_CTL_UID | RINGLOG_CTL_GID |
			      RINGLOG_CTL_MODE));
	CHECK(config->partitions == 4 && config->ring_bytes == 65536 && config->max_record == 4096);
	CHECK(config->policy == RINGLOG_POLICY_BLOCK);
	CHECK(config->age == 3600000000000ULL && config->budget == 0);
	CHECK(config->partitioner == RINGLOG_PARTITIONER_TURN && config->numa_node == 1);
	CHECK(config->uid == 1000 && config->gid == 1001 && config->mode == 0640);
	CHECK(config->first_offsets_count == 2 && config->first_offsets[1].partition == 3 &&
	      config->first_offsets[1].offset == (1ULL << 62) - 1);
	CHECK(declaration.streams[1].config.has == 0);
	declaration_free(&declaration);
}

static void test_syntax(void)
{
	CHECK(refused("", "empty"));
	CHECK(refused("\n", "one object"));
	CHECK(refused("{\"streams\": [", "too early"));
	CHECK(refused("{\"streams\": []}]", "bracket"));
	CHECK(refused("{\"streams\": []}\n]", "line 2"));
	CHECK(refused("{\"streams\": []} {}", "line 1"));
	CHECK(refused("{\"streams\": []}, {}", "one object"));
	CHECK(refused("{\"streams\": [\n\n{\"name\": x}]}", "line 3"));
	CHECK(refused("{\"streams\": []} /* open", "too early"));
	CHECK(refused("[]", "an object"));
	CHECK(refused("{}", "streams: is missing"));
	CHECK(refused("{\"streams\": 3}", "streams: needs to be an array"));
	CHECK(refused("{\"streams\": null}", "streams: is missing"));
	CHECK(refused("{\"streams\": [], \"groups\": []}", "groups: "));
	CHECK(refused("{\"streams\": [null]}", "streams[0]: needs"));
	CHECK(refused("{\"streams\": [{\"name\": \"\xff\"}]}", "utf-8"));
}

/* A file with no zero at its end, and one that has one in it. */
static void test_length(void)
{
	static const char text[] = "{\"streams\": []}\0{";
	struct declaration declaration;

	CHECK(declaration_parse(&declaration, text, 15, fault) && declaration.count == 0);
	declaration_free(&declaration);
	CHECK(!declaration_parse(&declaration, text, 17, fault));
}

#define STREAM(members)	"{\"streams\": [{\"name\": \"a\"}, {\"name\": \"b\", " members "}]}"

static void test_places(void)
{
	CHECK(refused(STREAM("\"polcy\": 1"), "streams[1].polcy: no such setting"));
	CHECK(refused("{\"streams\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
		      "streams[1].name: a is there twice"));
	CHECK(refused("{\"streams\": [{\"age\": \"1h\"}]}", "streams[0].name: is missing"));
	CHECK(refused("{\"streams\": [{\"name\": 5}]}", "streams[0].name: "));
	CHECK(refused(STREAM("\"group\": \"no such group\""), "streams[1].group: "));
}

static void test_values(void)
{
	CHECK(refused(STREAM("\"partitions\": 0"), "streams[1].partitions: 0"));
	CHECK(refused(STREAM("\"partitions\": 1025"), "streams[1].partitions: 1025"));
	CHECK(refused(STREAM("\"partitions\": -1"), "needs a number, not -1"));
	CHECK(refused(STREAM("\"partitions\": 1.5"), "needs a number, not 1.5"));
	CHECK(refused(STREAM("\"partitions\": true"), "needs a number, not true"));
	CHECK(refused(STREAM("\"partitions\": null"), "needs a number, not null"));
	CHECK(refused(STREAM("\"partitions\": [1]"), "needs a number"));
	CHECK(refused(STREAM("\"partitions\": 4294967297"), "too large"));
	CHECK(refused(STREAM("\"ring\": \"3M\""), "streams[1].ring: "));
	CHECK(refused(STREAM("\"ring\": \"32K\""), "streams[1].ring: "));
	CHECK(refused(STREAM("\"ring\": \"2G\""), "streams[1].ring: "));
	CHECK(refused(STREAM("\"ring\": 0"), "streams[1].ring: "));
	CHECK(refused(STREAM("\"max_record\": 100"), "streams[1].max_record: "));
	CHECK(refused(STREAM("\"max_record\": \"256K\""), "streams[1].max_record: "));
	CHECK(refused(STREAM("\"ring\": \"64K\", \"max_record\": \"16K\""),
		      "streams[1].max_record: "));
	CHECK(refused(STREAM("\"age\": 3600"), "streams[1].age: needs a time"));
	CHECK(refused(STREAM("\"age\": \"999us\""), "streams[1].age: "));
	CHECK(refused(STREAM("\"mode\": 640"), "streams[1].mode: needs"));
	CHECK(refused(STREAM("\"mode\": \"0700\""), "streams[1].mode: "));
	CHECK(refused(STREAM("\"mode\": \"0\""), "streams[1].mode: "));
	CHECK(refused(STREAM("\"policy\": \"Block\""), "overwrite, block or reject"));
	CHECK(refused(STREAM("\"policy\": 1"), "overwrite, block or reject"));
	CHECK(refused(STREAM("\"first_offsets\": {\"1\": 5}"), "no partition 1 of 1"));
	CHECK(refused(STREAM("\"first_offsets\": {\"x\": 5}"), "'x'"));
	CHECK(refused(STREAM("\"first_offsets\": {\"0\": 4611686018427387904}"), "2^62"));
	CHECK(refused(STREAM("\"first_offsets\": {\"0\": -1}"), "2^62"));
	CHECK(refused(STREAM("\"first_offsets\": [1]"), "an object"));
}

static void test_names(void)
{
	char text[200], name[66];
	struct declaration declaration;

	CHECK(refused("{\"streams\": [{\"name\": \"\"}]}", "streams[0].name: "));
	CHECK(refused("{\"streams\": [{\"name\": \"a/b\"}]}", "streams[0].name: "));
	CHECK(refused("{\"streams\": [{\"name\": \"..\"}]}", "streams[0].name: "));
	memset(name, 'x', sizeof(name));
	name[64] = 0;
	snprintf(text, sizeof(text), "{\"streams\": [{\"name\": \"%s\"}]}", name);
	CHECK(refused(text, "longer than 63"));
	snprintf(text, sizeof(text), "{\"streams\": [{\"name\": \"%s\"}]}", name + 1);
	if (CHECK(parse(&declaration, text)))
		declaration_free(&declaration);
}

/* Those that are there. */
static void add_stream(struct streams *streams, const char *name, __u64 age)
{
	struct ringlog_ctl_stream stream = {
		.incarnation = 1,
		.partitions = 2,
		.ring_bytes = 1 << 20,
		.age = age,
		.partitioner = RINGLOG_PARTITIONER_KEY,
		.numa_node = -1,
		.mode = 0600,
	};

	snprintf(stream.name, sizeof(stream.name), "%s", name);
	CHECK(streams_add(streams, &stream));
}

static void some_streams(struct streams *streams)
{
	*streams = (struct streams) { };
	add_stream(streams, "old", 0);
	add_stream(streams, "default", 0);
	add_stream(streams, "orders", 3600000000000ULL);
	streams_sort(streams);
}

/* The plan for a file as text: "+a ~b -c", with the settings that change. */
static const char *plan_of(const char *file, bool prune)
{
	static char text[256];
	struct declaration declaration;
	struct streams streams;
	struct plan plan;
	int used = 0;

	some_streams(&streams);
	text[0] = 0;
	if (!CHECK(parse(&declaration, file)))
		return fault;
	if (plan_make(&plan, &declaration, &streams, prune, fault)) {
		for (size_t i = 0; i < plan.count; i++)
			used += snprintf(text + used, sizeof(text) - used, "%s%c%s/%x",
					 i ? " " : "", "+~-"[plan.steps[i].action],
					 step_name(&plan.steps[i]), plan.steps[i].changes);
		plan_free(&plan);
	} else {
		snprintf(text, sizeof(text), "%.255s", fault);
	}
	declaration_free(&declaration);
	free(streams.all);
	return text;
}

static void test_plan(void)
{
	CHECK(!strcmp(plan_of("{\"streams\": []}", false), ""));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"new\"}]}", false), "+new/0"));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"orders\"}]}", false), ""));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"orders\", \"age\": \"60m\",\n"
			      "\"partitions\": 2, \"mode\": \"600\", \"policy\": \"overwrite\"}]}",
			      false), ""));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"orders\", \"age\": \"2h\"}]}", false),
		      "~orders/20"));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"old\", \"age\": \"2h\",\n"
			      "\"partitioner\": \"turn\"}, {\"name\": \"new\",\n"
			      "\"age\": \"1s\"}]}", false),
		      "~old/a0 +new/20"));
}

/* First offsets of a stream that has records by now say nothing of it. */
static void test_plan_first_offsets(void)
{
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"orders\",\n"
			      "\"first_offsets\": {\"0\": 99}}]}", false), ""));
}

static void test_plan_fixed(void)
{
	CHECK(strstr(plan_of("{\"streams\": [{\"name\": \"new\"}, {\"name\": \"orders\",\n"
			     "\"partitions\": 3}]}", false),
		     "streams[1].partitions: 3, but stream orders has 2"));
	CHECK(strstr(plan_of("{\"streams\": [{\"name\": \"orders\", \"ring\": \"2M\"}]}", false),
		     "streams[0].ring: 2M, but stream orders has 1M"));
	CHECK(strstr(plan_of("{\"streams\": [{\"name\": \"orders\", \"node\": 0}]}", false),
		     "streams[0].node: 0, but stream orders has any"));
	CHECK(strstr(plan_of("{\"streams\": [{\"name\": \"default\", \"policy\": \"block\"}]}",
			     false), "parameter of the module"));
}

static void test_plan_prune(void)
{
	CHECK(!strcmp(plan_of("{\"streams\": []}", true), "-old/0 -orders/0"));
	CHECK(!strcmp(plan_of("{\"streams\": [{\"name\": \"orders\"}, {\"name\": \"a\"}]}", true),
		      "+a/0 -old/0"));
}

/* What save writes of a value is taken for the same value. */
static void test_settings(void)
{
	static const __u64 values[] = { 0, 1, 2, 1000, 65536, 0640, 1 << 20, 3600000000000ULL };
	struct ringlog_ctl_config config;
	char text[SETTING_TEXT];

	for (unsigned int i = 0; i < settings_count; i++) {
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			config = (struct ringlog_ctl_config) { };
			setting_text(&settings[i], values[j], text);
			if (setting_parse(&settings[i], text, &config))
				continue;
			CHECK(config.has == settings[i].bit);
			CHECK(setting_of_config(&settings[i], &config) == values[j]);
		}
	}
	config = (struct ringlog_ctl_config) { };
	CHECK(setting_parse(&settings[0], "4294967296", &config) == -ERANGE && !config.has);
}

static const struct tap_test tests[] = {
	{ "apply: a file with everything", test_file },
	{ "apply: what is no such file", test_syntax },
	{ "apply: a file ends where it does", test_length },
	{ "apply: mistakes are told with their places", test_places },
	{ "apply: values that are wrong", test_values },
	{ "apply: names that are wrong", test_names },
	{ "apply: what has to be done", test_plan },
	{ "apply: first offsets are for new streams", test_plan_first_offsets },
	{ "apply: what is fixed for life", test_plan_fixed },
	{ "apply: pruning spares the default stream", test_plan_prune },
	{ "setting: written as it is parsed", test_settings },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
