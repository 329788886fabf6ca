/* The sampler, exactly: every choice that small words allow is enumerated, so nothing rests on
 * statistics; then a chi-square with a fixed seed over real streams.  Each kind has a control: a
 * sampler known to be wrong, which the same test must catch. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/must.h"
#include "lib/draw/order.h"
#include "tests/support/suite.h"

enum {
	SMALL = 7, /* 7! = 5040 orders */
	FACTORIAL = 5040,
	WORD_BITS = 8,
	WORD_COUNT = 256
};

/* Words given beforehand; asks beyond them are counted and answered with 0, which every n
 * accepts. */
struct given {
	struct words words;
	uint32_t at[2 * SMALL];
	size_t count, taken;
};

static uint32_t
given_next(struct words *w)
{
	struct given *g = (struct given *)w;

	return g->taken < g->count ? g->at[g->taken++] : (g->taken++, 0);
}

static unsigned
bits_of(uint32_t n)
{
	unsigned bits = 0;

	while ((n - 1) >> bits != 0)
		bits++;
	return bits;
}

/* How often each value is the answer to an accepted first word. */
static bool
is_even(uint32_t n, uint32_t (*sample)(struct words *w, uint32_t n))
{
	uint32_t count[WORD_COUNT] = {0};

	for (uint32_t word = 0; word < WORD_COUNT; word++) {
		struct given g = {{given_next, WORD_BITS, 0}, {word}, 1, 0};
		uint32_t v = sample(&g.words, n);

		must(v < n);
		if (g.taken <= 1)
			count[v]++;
	}
	for (uint32_t v = 1; v < n; v++)
		if (count[v] != count[0])
			return false;
	return count[0] > 0;
}

static uint32_t
modulo(struct words *w, uint32_t n)
{
	return w->next(w) % n;
}

START_TEST(uniform_gives_every_value_equally_often_over_all_8_bit_words)
{
	for (uint32_t n = 1; n <= WORD_COUNT; n++)
		ck_assert_msg(is_even(n, stream_uniform), "n = %u", n);
}
END_TEST

START_TEST(control_a_remainder_is_not_even_and_is_caught)
{
	for (uint32_t n = 1; n <= WORD_COUNT; n++)
		ck_assert_msg(is_even(n, modulo) == ((n & (n - 1)) == 0), "n = %u", n);
}
END_TEST

/* The word that makes uniform(n) answer `choice`. */
static uint32_t
word_for(uint32_t choice, uint32_t n)
{
	return choice << (32 - bits_of(n)) % 32;
}

static size_t
rank_of(const uint32_t *items, size_t n)
{
	size_t rank = 0;

	for (size_t i = 0; i < n; i++) {
		size_t smaller = 0;

		for (size_t j = i + 1; j < n; j++)
			smaller += items[j] < items[i];
		rank = rank * (n - i) + smaller;
	}
	return rank;
}

/* Wrong on purpose: every place is swapped with any place. */
static void
naive_shuffle(struct words *w, uint32_t *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = stream_uniform(w, (uint32_t)n);
		uint32_t kept = items[i];

		items[i] = items[j];
		items[j] = kept;
	}
}

/* Runs over all vectors of choices; bound(i) choices at step i. */
static bool
orders_are_even(size_t n, bool naive)
{
	static uint32_t count[FACTORIAL];
	uint32_t choice[SMALL] = {0};
	size_t steps = naive ? n : n - 1, orders = 1, i;

	for (i = 2; i <= n; i++)
		orders *= i;
	memset(count, 0, sizeof count);
	for (;;) {
		struct given g = {{given_next, 32, 0}, {0}, 0, 0};
		uint32_t items[SMALL];

		for (i = 0; i < n; i++)
			items[i] = (uint32_t)i;
		for (i = 0; i < steps; i++) {
			uint32_t bound = (uint32_t)(naive ? n : n - i);

			g.at[g.count++] = word_for(choice[i], bound);
		}
		(naive ? naive_shuffle : order_shuffle)(&g.words, items, n);
		must(g.taken == g.count);
		count[rank_of(items, n)]++;
		for (i = 0; i < steps && ++choice[i] == (naive ? n : n - i); i++)
			choice[i] = 0;
		if (i == steps)
			break;
	}
	for (i = 1; i < orders; i++)
		if (count[i] != count[0])
			return false;
	return count[0] > 0 && (naive || count[0] == 1);
}

START_TEST(shuffle_gives_each_order_exactly_once_over_all_choices)
{
	for (size_t n = 2; n <= SMALL; n++)
		ck_assert_msg(orders_are_even(n, false), "n = %zu", n);
}
END_TEST

START_TEST(control_the_naive_shuffle_is_not_even_and_is_caught)
{
	for (size_t n = 3; n <= 6; n++)
		ck_assert_msg(!orders_are_even(n, true), "n = %zu", n);
}
END_TEST

/* The definition, without a tree: the first whose cumulative weight exceeds r. */
static size_t
weighted_step(uint64_t *weights, size_t n, uint64_t r)
{
	for (size_t i = 0; i < n; i++) {
		if (r < weights[i]) {
			weights[i] = 0;
			return i;
		}
		r -= weights[i];
	}
	must_fail(__FILE__, __LINE__, "r beyond the sum");
}

/* Words that make the choices of a vector, given what the weights left at each step are. */
struct weighted_case {
	struct candidate at[4];
	uint64_t choice[4], bound[4];
	size_t n;
};

static void
weighted_expect(struct weighted_case *c, struct given *ret_words, uint32_t *ret_items)
{
	uint64_t weights[4], left = 0;

	*ret_words = (struct given){{given_next, 32, 0}, {0}, 0, 0};
	for (size_t i = 0; i < c->n; i++)
		left += weights[i] = c->at[i].weight;
	for (size_t i = 0; i < c->n; i++) {
		c->bound[i] = left;
		if (left > 1)
			ret_words->at[ret_words->count++] =
				word_for((uint32_t)c->choice[i], (uint32_t)left);
		ret_items[i] = (uint32_t)weighted_step(weights, c->n, c->choice[i]);
		left -= c->at[ret_items[i]].weight;
	}
}

START_TEST(weighted_order_follows_the_definition_over_all_choices)
{
	static const uint32_t weights[][4] = {
		{1, 2, 3, 0}, {3, 1, 1, 2}, {5, 1, 2, 4}, {1, 1, 1, 1}};

	for (size_t k = 0; k < sizeof weights / sizeof weights[0]; k++) {
		struct weighted_case c = {.n = weights[k][3] == 0 ? 3 : 4};
		/* Every bound is at most 12: this is a multiple of any three of them. */
		const uint64_t share = UINT64_C(27720) * 27720 * 27720;
		uint64_t total = 0, first[4] = {0}, sum = 0;
		size_t i;

		for (i = 0; i < c.n; i++) {
			c.at[i].weight = weights[k][i];
			sum += weights[k][i];
		}
		for (;;) {
			uint32_t want[4], got[4];
			uint64_t paths = 1;
			struct given g;
			struct arena a;

			arena_init(&a, 4096);
			weighted_expect(&c, &g, want);
			order_weighted(&a, &g.words, c.at, c.n, got);
			arena_reset(&a);
			ck_assert_mem_eq(got, want, c.n * sizeof got[0]);
			ck_assert_uint_eq(g.taken, g.count);
			/* Weighs each path so that every first choice has the same weight. */
			for (i = 1; i < c.n; i++)
				paths *= c.bound[i];
			first[got[0]] += share / paths;
			total += share / paths;
			/* The last step's bound depends on the steps before it. */
			for (i = c.n; i-- > 0;) {
				if (++c.choice[i] < c.bound[i])
					break;
				c.choice[i] = 0;
				if (i == 0)
					goto done;
			}
		}
	done:
		for (i = 0; i < c.n; i++)
			ck_assert_uint_eq(first[i] * sum, total * c.at[i].weight);
	}
}
END_TEST

static struct hash
seed_number(uint64_t run, uint32_t i)
{
	uint8_t bytes[12];

	memcpy(bytes, &run, 8);
	memcpy(bytes + 8, &i, 4);
	return hash_of(bytes, sizeof bytes);
}

/* Large lists: the tree against the definition, weights from the seed. */
START_TEST(weighted_order_follows_the_definition_on_long_lists)
{
	enum {
		LONG = 300
	};
	const uint64_t run = 20240601;

	printf("seed %llu\n", (unsigned long long)run);
	for (uint32_t k = 0; k < 40; k++) {
		size_t n = 1 + seed_number(run, k).at[0] * (LONG - 1) / 255;
		struct candidate at[LONG] = {0};
		uint64_t weights[LONG], left = 0;
		struct hash seed = seed_number(run, 1000 + k);
		struct stream s;
		uint32_t got[LONG];
		struct arena a;

		for (size_t i = 0; i < n; i++) {
			struct hash h = seed_number(run, (uint32_t)(5000 + k * LONG + i));

			at[i].weight = 1u + (h.at[0] < 20 ? h.at[1] * 20000u : h.at[1] % 100u);
			left += weights[i] = at[i].weight;
		}
		arena_init(&a, 1 << 16);
		stream_init(&s, &seed, (struct text){0});
		order_weighted(&a, &s.words, at, n, got);
		stream_init(&s, &seed, (struct text){0});
		for (size_t i = 0; i < n; i++) {
			uint32_t r = stream_uniform(&s.words, (uint32_t)left);
			size_t want = weighted_step(weights, n, r);

			ck_assert_uint_eq(got[i], want);
			left -= at[want].weight;
		}
		arena_reset(&a);
	}
}
END_TEST

/* Chi-square of the 120 orders of five over many streams: 119 degrees of freedom, so beyond 210
 * has a chance below one in a million. */
static double
chi_square(uint64_t run, void (*shuffle)(struct words *w, uint32_t *items, size_t n))
{
	enum {
		N = 5,
		ORDERS = 120,
		RUNS = 60000
	};
	uint32_t count[ORDERS] = {0};
	double sum = 0, want = (double)RUNS / ORDERS;

	for (uint32_t k = 0; k < RUNS; k++) {
		struct hash seed = seed_number(run, k);
		uint32_t items[N] = {0, 1, 2, 3, 4};
		struct stream s;

		stream_init(&s, &seed, (struct text){0});
		shuffle(&s.words, items, N);
		count[rank_of(items, N)]++;
	}
	for (size_t i = 0; i < ORDERS; i++)
		sum += (count[i] - want) * (count[i] - want) / want;
	return sum;
}

START_TEST(orders_from_real_streams_pass_a_chi_square_that_the_naive_shuffle_fails)
{
	const uint64_t run = 20240602;
	double fair = chi_square(run, order_shuffle), naive = chi_square(run, naive_shuffle);

	printf("seed %llu: chi-square %.1f, of the naive shuffle %.1f\n", (unsigned long long)run,
		fair, naive);
	ck_assert(fair < 210);
	ck_assert(naive > 210);
}
END_TEST

START_TEST(a_stratum_gives_what_it_has_and_everyone_is_placed_once)
{
	const uint64_t run = 20240603;

	printf("seed %llu\n", (unsigned long long)run);
	for (uint32_t k = 0; k < 300; k++) {
		struct quota quotas[2] = {{text_of("a"), 3}, {text_of("b"), 2}};
		struct freeze f = {.winners = 6, .quotas = quotas, .quotas_count = 2};
		struct hash h = seed_number(run, k), seed = seed_number(run, 1000 + k);
		size_t n = 6 + h.at[0] % 10, has[2] = {0};
		struct candidate at[16] = {0};
		struct candidates c = {.at = at, .count = n};
		uint32_t items[16];
		bool seen[16] = {false};
		struct arena a;

		for (size_t i = 0; i < n; i++) {
			unsigned s = h.at[1 + i] % 5;

			at[i].weight = 1;
			if (s < 2) {
				at[i].stratum = quotas[s].stratum;
				has[s]++;
			}
		}
		arena_init(&a, 1 << 16);
		order_of(&a, &f, &c, &seed, items);
		arena_reset(&a);
		has[0] = has[0] > 3 ? 3 : has[0];
		has[1] = has[1] > 2 ? 2 : has[1];
		for (size_t i = 0; i < n; i++) {
			ck_assert(items[i] < n && !seen[items[i]]);
			seen[items[i]] = true;
			if (i < has[0])
				ck_assert(text_is(at[items[i]].stratum, "a"));
			else if (i < has[0] + has[1])
				ck_assert(text_is(at[items[i]].stratum, "b"));
		}
	}
}
END_TEST

SUITE(draw, uniform_gives_every_value_equally_often_over_all_8_bit_words,
	control_a_remainder_is_not_even_and_is_caught,
	shuffle_gives_each_order_exactly_once_over_all_choices,
	control_the_naive_shuffle_is_not_even_and_is_caught,
	weighted_order_follows_the_definition_over_all_choices,
	weighted_order_follows_the_definition_on_long_lists,
	orders_from_real_streams_pass_a_chi_square_that_the_naive_shuffle_fails,
	a_stratum_gives_what_it_has_and_everyone_is_placed_once)
