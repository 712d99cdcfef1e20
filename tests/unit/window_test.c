// SPDX-License-Identifier: GPL-2.0-only
/* libshim/window.c: what a window's first page may say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mapped.h"
#include "tap.h"
#include "window.h"

/**
 * struct change - of a word of a page that is right
 * @at: where it is in the page
 * @bytes: of it
 * @value: what it becomes
 */
struct change {
	size_t at;
	size_t bytes;
	uint64_t value;
};

/* 32 and 64 bits. */
#define WORD(field, value)	{ offsetof(struct ringlog_kernel_page, field), 4, (value) }
#define LONG(field, value)	{ offsetof(struct ringlog_kernel_page, field), 8, (value) }

/* Where things are, with a ring of MAPPED_RING: the index has a page, and more follows. */
#define DATA_AT		(3 * 4096ULL)
#define MAP_BYTES	(DATA_AT + 2 * MAPPED_RING)

static int with(const struct change *change)
{
	struct mapped *mapped = mapped_open(MAPPED_RING, 0);
	struct ringlog_window window;
	int ret;

	CHECK(mapped_bytes(mapped) == MAP_BYTES);
	memcpy((char *)mapped_base(mapped) + change->at, &change->value, change->bytes);
	ret = ringlog_window_init(&window, mapped_base(mapped), mapped_bytes(mapped));
	mapped_close(mapped);
	return ret;
}

/* Breaks when the geometry is anybody's but the page's. */
static void test_geometry(void)
{
	static const uint64_t sizes[] = { MAPPED_RING, 1 << 20 };

	for (unsigned int i = 0; i < 2; i++) {
		struct mapped *mapped = mapped_open(sizes[i], 7);
		const char *base = mapped_base(mapped);
		struct ringlog_window window;

		CHECK(!ringlog_window_init(&window, mapped_base(mapped), mapped_bytes(mapped)));
		CHECK(window.size == sizes[i]);
		CHECK(window.block == 4096);
		CHECK((const char *)window.published == base + 4096);
		CHECK((const char *)window.index == base + 8192);
		CHECK(window.data == mapped_at(mapped, 0));
		CHECK(window.incarnation == MAPPED_INCARNATION);
		CHECK(ringlog_window_at(&window, sizes[i] + 64) == window.data + 64);
		mapped_close(mapped);
	}
}

/* A block of another size, for nothing is a constant; and kernels that know more, or less. */
static void test_accepted(void)
{
	static const struct change changes[] = {
		LONG(data_at, DATA_AT),
		WORD(block, 8192),
		WORD(bytes, sizeof(struct ringlog_kernel_page) + 64),
		WORD(bytes, offsetof(struct ringlog_kernel_page, reserved)),
	};

	for (unsigned int i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		CHECK(with(&changes[i]) == 0);
}

/* Breaks when something of the page is believed that leads out of the mapping. */
static void test_refused(void)
{
	static const struct change changes[] = {
		WORD(bytes, 64),
		LONG(map_bytes, ~0ULL),
		LONG(map_bytes, MAP_BYTES + 1),
		LONG(ring_bytes, 0),
		LONG(ring_bytes, 3 * 4096),
		LONG(ring_bytes, 2 * MAPPED_RING),
		LONG(ring_bytes, 1ULL << 63),
		WORD(block, 0),
		WORD(block, 1),
		WORD(block, 16),
		WORD(block, 4095),
		WORD(block, 1U << 31),
		LONG(published_at, 4100),
		LONG(published_at, 1ULL << 40),
		LONG(published_at, MAP_BYTES - 32),
		LONG(published_at, ~31ULL),
		LONG(index_at, 8200),
		LONG(index_at, MAP_BYTES - 256),
		LONG(index_at, ~31ULL),
		LONG(data_at, DATA_AT + 8),
		LONG(data_at, DATA_AT + 32),
		LONG(data_at, ~31ULL),
	};

	for (unsigned int i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (!CHECK(with(&changes[i]) == -EPROTO))
			printf("# change %u\n", i);
}

/* Breaks when a mapping that is cut off, or begins oddly, is read. */
static void test_short(void)
{
	struct mapped *mapped = mapped_open(MAPPED_RING, 0);
	struct ringlog_window window;
	char *base = mapped_base(mapped);

	for (size_t bytes = 0; bytes < mapped_bytes(mapped); bytes += bytes < 512 ? 1 : 4096)
		CHECK(ringlog_window_init(&window, base, bytes) == -EPROTO);
	CHECK(ringlog_window_init(&window, base + 8, mapped_bytes(mapped) - 8) == -EPROTO);
	mapped_close(mapped);
}

static const struct tap_test tests[] = {
	{ "window: geometry", test_geometry },
	{ "window: what is accepted", test_accepted },
	{ "window: what is refused", test_refused },
	{ "window: too short", test_short },
};

int main(void)
{
	return tap_run(tests, sizeof(tests) / sizeof(*tests));
}
