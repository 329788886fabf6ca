/* Tiles in memory, at the limit. */
#include "daemon/tile_cache.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

enum {
	BODY = 872,
	ITEM = BODY + TILE_CACHE_ITEM, /* 1000 */
	PLACES = 5
};

static bool
has(struct tile_cache *c, uint64_t n)
{
	const struct tile_id id = {.n = n, .width = 256};
	struct text body;

	if (!tile_cache_get(c, &id, &body))
		return false;
	ck_assert_uint_eq(body.len, BODY);
	for (size_t i = 0; i < body.len; i++)
		ck_assert_int_eq(body.at[i], (char)n);
	return true;
}

static void
put(struct tile_cache *c, uint64_t n)
{
	const struct tile_id id = {.n = n, .width = 256};
	char body[BODY];

	memset(body, (char)n, sizeof body);
	tile_cache_put(c, &id, text_span(body, sizeof body));
}

START_TEST(what_was_not_asked_for_longest_goes_first)
{
	struct tile_cache *c = tile_cache_new(PLACES * ITEM);

	for (uint64_t n = 0; n < PLACES; n++)
		put(c, n);
	ck_assert_uint_eq(tile_cache_bytes(c), PLACES * ITEM);
	ck_assert(has(c, 0)); /* now 1 is the oldest */
	put(c, PLACES);
	ck_assert_uint_eq(tile_cache_bytes(c), PLACES * ITEM);
	ck_assert(!has(c, 1));
	put(c, PLACES + 1);
	ck_assert(!has(c, 2));
	for (uint64_t n = 3; n <= PLACES + 1; n++)
		ck_assert(has(c, n));
	ck_assert(has(c, 0));
	put(c, PLACES + 2); /* asking went 3, 4, 5, 6, 0 */
	ck_assert(!has(c, 3));
	ck_assert(has(c, 0));
	tile_cache_free(&c);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(one_byte_over_the_limit_costs_a_place)
{
	struct tile_cache *c = tile_cache_new(PLACES * ITEM - 1);

	for (uint64_t n = 0; n < PLACES; n++)
		put(c, n);
	ck_assert_uint_eq(tile_cache_bytes(c), (PLACES - 1) * ITEM);
	ck_assert(!has(c, 0));
	ck_assert(has(c, 1));
	tile_cache_free(&c);
}
END_TEST

/* As many small ones go as a large one needs; one that can never fit pushes nobody out. */
START_TEST(a_large_one_takes_the_place_of_several)
{
	struct tile_cache *c = tile_cache_new(PLACES * ITEM);
	const struct tile_id large = {.entries = true, .n = 1, .width = 256};
	char *body = calloc(1, PLACES * ITEM);
	struct text got;

	ck_assert_ptr_nonnull(body);
	for (uint64_t n = 0; n < PLACES; n++)
		put(c, n);
	tile_cache_put(c, &large, text_span(body, PLACES * ITEM));
	ck_assert(!tile_cache_get(c, &large, &got));
	ck_assert_uint_eq(tile_cache_bytes(c), PLACES * ITEM);
	tile_cache_put(c, &large, text_span(body, 2 * ITEM));
	ck_assert(tile_cache_get(c, &large, &got));
	ck_assert_uint_eq(got.len, 2 * ITEM);
	ck_assert_uint_eq(tile_cache_bytes(c), (PLACES - 3) * ITEM + 2 * ITEM + TILE_CACHE_ITEM);
	ck_assert(!has(c, 2));
	ck_assert(has(c, 3));
	ck_assert(has(c, 4));
	tile_cache_free(&c);
	free(body);
}
END_TEST

/* At the limits of a daemon: bodies of 1 MiB are held and longer ones are not, in 16 MiB. */
START_TEST(a_loop_holds_16_mib_and_bodies_of_1_mib)
{
	struct tile_cache *c = tile_cache_new(TILE_CACHE_BYTES);
	struct tile_id id = {.entries = true, .width = 256};
	char *body = calloc(1, TILE_CACHE_BODY_MAX + 1);
	struct text got;

	ck_assert_ptr_nonnull(body);
	tile_cache_put(c, &id, text_span(body, TILE_CACHE_BODY_MAX + 1));
	ck_assert(!tile_cache_get(c, &id, &got));
	ck_assert_uint_eq(tile_cache_bytes(c), 0);
	for (id.n = 0; id.n < 40; id.n++) {
		tile_cache_put(c, &id, text_span(body, TILE_CACHE_BODY_MAX));
		ck_assert(tile_cache_get(c, &id, &got));
		ck_assert_uint_le(tile_cache_bytes(c), TILE_CACHE_BYTES);
	}
	ck_assert_uint_eq(
		tile_cache_bytes(c), 15 * (size_t)(TILE_CACHE_BODY_MAX + TILE_CACHE_ITEM));
	tile_cache_free(&c);
	free(body);
}
END_TEST

/* Each part of its name makes a tile another one. */
START_TEST(a_tile_is_found_by_its_whole_name)
{
	static const struct tile_id ids[] = {{.n = 7, .width = 256}, {.n = 7, .width = 255},
		{.level = 1, .n = 7, .width = 256}, {.entries = true, .n = 7, .width = 256},
		{.n = 8, .width = 256}};
	enum {
		IDS = sizeof ids / sizeof ids[0]
	};
	struct tile_cache *c = tile_cache_new(TILE_CACHE_BYTES);
	char body[IDS] = "abcde"; /* one each, and no NUL */
	struct text got;

	for (int i = 0; i < IDS; i++) {
		ck_assert(!tile_cache_get(c, &ids[i], &got));
		tile_cache_put(c, &ids[i], text_span(body + i, 1));
		tile_cache_put(c, &ids[i], text_of("again"));
	}
	for (int i = 0; i < IDS; i++) {
		ck_assert(tile_cache_get(c, &ids[i], &got));
		ck_assert_uint_eq(got.len, 1);
		ck_assert_int_eq(got.at[0], body[i]);
	}
	ck_assert_uint_eq(tile_cache_bytes(c), (size_t)IDS * (1 + TILE_CACHE_ITEM));
	tile_cache_free(&c);
}
END_TEST

SUITE(tile_cache, what_was_not_asked_for_longest_goes_first, one_byte_over_the_limit_costs_a_place,
	a_large_one_takes_the_place_of_several, a_loop_holds_16_mib_and_bodies_of_1_mib,
	a_tile_is_found_by_its_whole_name)
