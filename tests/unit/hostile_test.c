// SPDX-License-Identifier: GPL-2.0-only
/*
 * A window whose writer writes anything, at any time, while a consumer does all it can: it
 * ends, and looks at nothing outside, where guards lie.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "consumed.h"
#include "prng.h"
#include "tap.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define CALLS 300000
#else
#define CALLS 3000000
#endif

static struct mapped *mapped;
static bool done;

static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static uint64_t load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* Mostly a position in the ring, for else nothing much is looked at. */
static uint64_t word_like(struct prng *prng, uint64_t word)
{
	switch (prng_below(prng, 8)) {
	case 0:
		return prng_next(prng) << 40 | prng_next(prng);
	case 1:
		return 0ULL - prng_below(prng, 64);
	case 2:
		return word + prng_below(prng, 64);
	case 3:
		return word - prng_below(prng, 4 * MAPPED_RING);
	default:
		return word + prng_below(prng, MAPPED_RING) / 32 * 32;
	}
}

static void *write_anything(void *unused)
{
	struct prng prng = prng_seed(1);
	char *base = mapped_base(mapped);
	struct ringlog_published *published = (void *)(base + 4096);
	uint64_t *index = (void *)(base + 8192);
	uint64_t head = load((void *)&published->head), tail = load((void *)&published->tail);

	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		/* The two words of a record's header that say where it ends, or any other. */
		uint64_t *record = mapped_at(mapped, prng_below(&prng, MAPPED_RING) / 32 * 32);

		switch (prng_below(&prng, 8)) {
		case 0:
			store((void *)&published->head, word_like(&prng, head));
			break;
		case 1:
			store((void *)&published->tail, word_like(&prng, tail));
			break;
		case 2:
			store((void *)&published->head, head);
			store((void *)&published->tail, tail);
			break;
		case 3:
			store(index + prng_below(&prng, 64), word_like(&prng, tail));
			break;
		case 4:
			store(record, prng_below(&prng, 4) ? 32 + prng_below(&prng, 200) :
							     prng_next(&prng));
			break;
		case 5:
			store(record + 3, prng_once_in(&prng, 4) ? prng_next(&prng) << 16 : 1);
			break;
		default:
			store(record + prng_below(&prng, 3), word_like(&prng, tail));
		}
	}
	return unused;
}

static unsigned int seen[3];

static void count(int ret)
{
	seen[0] += ret == 1;
	seen[1] += ret == -EPIPE;
	seen[2] += ret == -EBADMSG;
	CHECK(ret == 1 || ret == 0 || ret == -EPIPE || ret == -EBADMSG || ret == -EMSGSIZE);
}

static void copy(const void *from, size_t bytes)
{
	static char buffer[2 * MAPPED_RING];

	if (from && CHECK(bytes <= sizeof(buffer)))
		mapped_copy(buffer, from, bytes);
}

static void look(struct ringlog_consumer *consumer)
{
	struct ringlog_view view;
	struct ringlog_peek peek;
	int ret = ringlog_peek(consumer, &peek);

	count(ret);
	if (ret != 1)
		return;
	copy(peek.value, peek.value_len);
	if (!ringlog_peek_content(&peek, &view)) {
		copy(view.content.key, view.content.key_len);
		copy(view.content.headers, view.content.headers_len);
		copy(view.content.value, view.content.value_len);
	}
	ret = ringlog_check(consumer);
	CHECK(ret == 0 || ret == -EPIPE);
	ret = ringlog_release(consumer);
	CHECK(ret == 0 || ret == -EPIPE);
}

static void seek(struct ringlog_consumer *consumer, struct prng *prng)
{
	struct ringlog_start start = { .from = (uint32_t)prng_below(prng, 5) };
	struct ringlog_place place;

	if (start.from >= RINGLOG_START_OFFSET)
		start.value = prng_below(prng, 1000);
	/* It may fail in any way. */
	ringlog_consumer_seek(consumer, 0, &start);
	CHECK(!ringlog_consumer_place(consumer, 0, &place));
}

static void call(struct ringlog_consumer *consumer, struct prng *prng)
{
	static const struct ringlog_patience none = { .min_records = 3 };
	static char buffer[MAPPED_RING];
	struct ringlog_view view;
	int ret;

	switch (prng_below(prng, 16)) {
	case 0:
		seek(consumer, prng);
		break;
	case 1:
		ret = ringlog_consumer_wait(consumer, &none);
		CHECK(ret == 0 || ret == -ETIMEDOUT);
		break;
	case 2 ... 4:
		count(ringlog_read(consumer, buffer, prng_below(prng, sizeof(buffer)), &view,
				   NULL));
		break;
	default:
		look(consumer);
	}
}

static void test_hostile(void)
{
	struct prng prng = prng_seed(2);
	struct ringlog_consumer *consumer;
	pthread_t writer;

	mapped = mapped_open(MAPPED_RING, 0);
	consumed_append(mapped, 1000);
	consumer = consumed_open(&mapped, 1, 0);
	CHECK(!pthread_create(&writer, NULL, write_anything, NULL));
	/* On until all has happened, should it be the only one to run for a while. */
	for (unsigned int i = 0; i < CALLS || !seen[0] || !seen[1] || !seen[2]; i++) {
		if (tap_failed())
			break;
		call(consumer, &prng);
	}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	CHECK(!pthread_join(writer, NULL));
	ringlog_consumer_close(consumer);
	mapped_close(mapped);
}

static const struct tap_test tests[] = {
	{ "hostile: a writer that writes anything", test_hostile },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
